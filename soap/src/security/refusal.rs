//! Why a message was not believed: for the log in full, for its sender in general words, never with a value out of it.

mod hint;

use std::fmt;

pub use self::hint::Hint;
use super::trust::TrustError;
use super::vocabulary::{ONLY_ANONYMOUS, SBF};
use crate::fault::{Fault, FaultCode, FaultDetail};
use crate::value::QName;
use crate::xml::{Name, Violations};

/// A message that was not believed, and why.
///
/// `Display` is for logs and people who look for the cause; [`peer_text`](Self::peer_text) is what the sender may read.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal(Box<Reasons>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Reasons {
    cause: Cause,
    part: Option<Part>,
    hint: Option<Hint>,
    violations: Option<Violations>,
}

/// A part of a message that can be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The body.
    Body,
    /// `wsu:Timestamp`.
    Timestamp,
    /// A header block that the profile knows.
    Header(Name),
    /// Another header block, by its place in the header, from 1.
    OtherHeader(usize),
    /// The assertion, signed through the reference to it.
    ReferencedToken,
    /// The assertion, signed by its own id.
    Token,
    /// The assertion, signed by its issuer.
    IssuedToken,
    /// The sender's certificate.
    BinarySecurityToken,
    /// Another element of the security header, by its place there, from 1.
    OtherSecurity(usize),
}

macro_rules! causes {
    ($($variant:ident $id:literal $class:ident $english:literal $danish:literal)*) => {
        /// Why a message was not believed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Cause {
            $(#[doc = $english] $variant,)*
        }

        impl Cause {
            /// All causes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable id.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            const fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }

            /// In English.
            pub const fn english(self) -> &'static str {
                match self { $(Self::$variant => $english,)* }
            }

            /// In Danish.
            pub const fn danish(self) -> &'static str {
                match self { $(Self::$variant => $danish,)* }
            }
        }
    };
}

/// What the sender is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// The message is not put together as the profile says.
    Form,
    /// An algorithm or transform is not taken.
    Algorithm,
    /// A signature, digest or key does not hold.
    Check,
    /// The token or certificate is not accepted.
    Token,
    /// A time is past or not yet come, or the message has been here before.
    Time,
    /// The message is not for this receiver or not an answer to this request.
    Addressing,
    /// The answer is to go where this receiver sends none.
    Reply,
}

causes! {
    Malformed "malformed" Form
        "the message is malformed or passes a limit"
        "beskeden er ikke velformet eller overskrider en grænse"
    Envelope "envelope" Form
        "the message is no envelope of the version of SOAP that the profile has"
        "beskeden er ikke en envelope i den version af SOAP, som profilen har"
    Structure "structure" Form
        "an element stands where the profile has no place for it, or is missing"
        "et element står, hvor profilen ikke har plads til det, eller mangler"
    Comment "comment" Form
        "a comment stands in the middle of a value or in the security header"
        "der står en kommentar midt i en værdi eller i sikkerhedsheaderen"
    Instruction "processing-instruction" Form
        "the message holds a processing instruction"
        "beskeden indeholder en processing instruction"
    NotSigned "not-signed" Form
        "the message is not signed"
        "beskeden er ikke signeret"
    MissingHeader "missing-header" Form
        "a header block that the profile demands is missing"
        "en headerblok, som profilen kræver, mangler"
    MessageId "message-id" Form
        "the MessageID is neither an absolute IRI nor a UUID"
        "MessageID er hverken en absolut IRI eller en UUID"
    MissingFramework "missing-framework" Form
        "the Framework header of Liberty Basic SOAP Binding is missing"
        "Framework-headeren fra Liberty Basic SOAP Binding mangler"
    FrameworkVersion "framework-version" Form
        "the Framework header names another version or profile"
        "Framework-headeren angiver en anden version eller profil"
    UnexpectedFramework "unexpected-framework" Form
        "the profile has no Framework header and the message does"
        "profilen har ingen Framework-header, men det har beskeden"
    RepeatedHeader "repeated-header" Form
        "a header block stands twice"
        "en headerblok står to gange"
    DuplicateId "duplicate-id" Form
        "two elements have the same id"
        "to elementer har samme id"
    TooManyReferences "too-many-references" Form
        "the signature has more references than are taken"
        "signaturen har flere referencer, end der tages imod"
    NoReferences "no-references" Form
        "the signature has no reference"
        "signaturen har ingen reference"
    ExternalReference "external-reference" Form
        "a reference leads out of the message, or to all of it"
        "en reference fører ud af beskeden eller til hele beskeden"
    ReferenceTarget "reference-target" Form
        "a reference leads to no element that may be signed where it stands"
        "en reference fører ikke til et element, der må signeres, hvor det står"
    NotCovered "not-covered" Form
        "a part that must be signed is not"
        "en del, der skal være signeret, er det ikke"
    Algorithm "algorithm" Algorithm
        "an algorithm is not taken"
        "en algoritme accepteres ikke"
    Canonicalisation "canonicalisation" Algorithm
        "the canonicalisation is not the exclusive one without comments"
        "kanoniseringen er ikke den eksklusive uden kommentarer"
    Transform "transform" Algorithm
        "a transform is none that the profile has for this part"
        "en transform er ikke blandt dem, som profilen har for denne del"
    KeyInfo "key-info" Check
        "the signature's KeyInfo does not refer to the token or certificate of the message"
        "signaturens KeyInfo henviser ikke til beskedens token eller certifikat"
    Certificate "certificate" Check
        "a certificate cannot be read"
        "et certifikat kan ikke læses"
    Signature "signature" Check
        "the signature does not verify with the signer's key"
        "signaturen kan ikke verificeres med underskriverens nøgle"
    TokenSignature "token-signature" Check
        "the token's signature does not verify with its issuer's key"
        "tokenets signatur kan ikke verificeres med udstederens nøgle"
    Digest "digest" Check
        "a digest is not that of the part"
        "en digest passer ikke til den pågældende del"
    HolderOfKey "holder-of-key" Check
        "the message is not signed with the key that the token is bound to"
        "beskeden er ikke signeret med den nøgle, som tokenet er bundet til"
    UnknownIssuer "signer-not-trusted" Token
        "no trusted authority vouches for the signer's certificate"
        "ingen betroet udsteder står inde for underskriverens certifikat"
    SignerExpired "signer-expired" Token
        "the signer's certificate has expired"
        "underskriverens certifikat er udløbet"
    SignerNotYetValid "signer-not-yet-valid" Token
        "the signer's certificate is not valid yet"
        "underskriverens certifikat er endnu ikke gyldigt"
    SignerRevoked "signer-revoked" Token
        "the signer's certificate has been revoked"
        "underskriverens certifikat er spærret"
    SignerUsage "signer-key-usage" Token
        "the signer's certificate is not one to sign messages with"
        "underskriverens certifikat må ikke bruges til at signere med"
    NoRevocationList "no-revocation-list" Token
        "there is no current revocation list for the signer's certificate"
        "der er ingen gyldig spærreliste for underskriverens certifikat"
    SignerNotAccepted "signer-not-accepted" Token
        "the signer's certificate is not that of an accepted organisation"
        "underskriverens certifikat tilhører ikke en accepteret organisation"
    SignerPersonal "signer-personal" Token
        "the signer's certificate is a person's, who does not speak for an organisation"
        "underskriverens certifikat tilhører en person, som ikke taler for en organisation"
    TokenMissing "token-missing" Token
        "the message carries no token"
        "beskeden har intet token"
    TokenUnexpected "token-unexpected" Token
        "the message carries a token where none is taken"
        "beskeden har et token, hvor der ikke tages imod et"
    TokenStructure "token-structure" Token
        "the token is not put together as the profile says"
        "tokenet er ikke opbygget, som profilen siger"
    TokenConfirmation "token-confirmation" Token
        "the token is not bound to a key of its holder (holder-of-key)"
        "tokenet er ikke bundet til en nøgle hos indehaveren (holder-of-key)"
    TokenKeyInfo "token-key-info" Token
        "the KeyInfo of the token's signature does not hold its issuer's certificate"
        "KeyInfo i tokenets signatur indeholder ikke udstederens certifikat"
    TokenIssuer "token-issuer" Token
        "the token is not issued by the one that is trusted to"
        "tokenet er ikke udstedt af den betroede udsteder"
    TokenAudience "token-audience" Token
        "the token is for another audience"
        "tokenet er til en anden modtager (Audience)"
    TokenRecipient "token-recipient" Token
        "the token is confirmed for another recipient"
        "tokenet er bekræftet for en anden modtager (Recipient)"
    TokenExpired "token-expired" Time
        "the token has expired"
        "tokenet er udløbet"
    TokenNotYetValid "token-not-yet-valid" Time
        "the token is not valid yet"
        "tokenet er endnu ikke gyldigt"
    Municipality "municipality" Token
        "the token does not name one municipality by its CVR number"
        "tokenet angiver ikke én kommune ved dens CVR-nummer"
    PrivilegeScope "privilege-scope" Token
        "a privilege is for another organisation than the token"
        "en rettighed gælder en anden organisation end tokenet"
    Privilege "privilege" Token
        "the token lacks a privilege that is demanded"
        "tokenet mangler en rettighed, der kræves"
    TimestampMissing "timestamp-missing" Form
        "the timestamp is missing"
        "tidsstemplet mangler"
    Timestamp "timestamp" Form
        "the timestamp cannot be read as when the message was made and until when it holds"
        "tidsstemplet kan ikke læses som, hvornår beskeden er lavet, og til hvornår den gælder"
    TimestampReversed "timestamp-reversed" Form
        "the timestamp ends no later than it begins"
        "tidsstemplet slutter ikke senere, end det begynder"
    TimestampLife "timestamp-life" Form
        "the timestamp holds longer than is taken"
        "tidsstemplet gælder længere, end der tages imod"
    MessageExpired "message-expired" Time
        "the message has expired"
        "beskeden er udløbet"
    MessageFromFuture "message-from-the-future" Time
        "the message was made in the future"
        "beskeden er lavet i fremtiden"
    Replay "replay" Time
        "the message has been here before"
        "beskeden er modtaget før"
    To "to" Addressing
        "the message is addressed to another endpoint"
        "beskeden er adresseret til et andet endpoint"
    Action "action" Addressing
        "the signed action is not that of the call"
        "den signerede action er ikke kaldets"
    ReplyTo "reply-to" Reply
        "the answer, or a fault, is to be sent elsewhere than back to whoever asks"
        "svaret eller en fejl skal sendes et andet sted hen end tilbage til den, der spørger"
    RelatesTo "relates-to" Addressing
        "the message is no answer to the request"
        "beskeden er ikke svar på forespørgslen"
}

impl Refusal {
    pub(super) fn new(cause: Cause) -> Self {
        Self(Box::new(Reasons {
            cause,
            part: None,
            hint: None,
            violations: None,
        }))
    }

    /// An element that is missing or stands where it should not.
    pub(super) fn structure(about: &'static str) -> Self {
        Self::new(Cause::Structure).with_hint(Hint::About(about))
    }

    /// The same, said of the token.
    pub(super) fn of_token(mut self) -> Self {
        if self.0.cause == Cause::Structure {
            self.0.cause = Cause::TokenStructure;
        }
        self
    }

    pub(super) fn token_structure(about: &'static str) -> Self {
        Self::new(Cause::TokenStructure).with_hint(Hint::About(about))
    }

    pub(super) fn with_part(mut self, part: Part) -> Self {
        self.0.part = Some(part);
        self
    }

    pub(super) fn with_hint(mut self, hint: impl Into<Option<Hint>>) -> Self {
        self.0.hint = hint.into();
        self
    }

    /// What is wrong, as a member of a closed list.
    pub fn cause(&self) -> Cause {
        self.0.cause
    }

    /// The stable id of the cause.
    pub fn id(&self) -> &'static str {
        self.0.cause.id()
    }

    /// The part of the message that it is about.
    pub fn part(&self) -> Option<Part> {
        self.0.part
    }

    /// What a look at the neighbourhood brought.
    pub fn hint(&self) -> Option<Hint> {
        self.0.hint
    }

    /// What is wrong with the message as XML, where that is why.
    pub fn violations(&self) -> Option<&Violations> {
        self.0.violations.as_ref()
    }

    /// In Danish, as full as `Display` is in English.
    pub fn danish(&self) -> String {
        let mut text = self.cause().danish().to_owned();
        if let Some(part) = self.part() {
            text.push_str(&format!(" ({part})"));
        }
        if let Some(hint) = self.hint() {
            text.push_str(": ");
            text.push_str(&hint.danish());
        }
        text
    }

    /// What the sender may read: what kind of trouble it is and the id, which the log explains.
    pub fn peer_text(&self) -> String {
        let kind = match self.cause().class() {
            Class::Form => "the message does not follow the security profile",
            Class::Algorithm => "the message uses an algorithm that is not accepted",
            Class::Check => "the message's signature could not be verified",
            Class::Token => "the message's token or certificate is not accepted",
            Class::Time => "the message or its token is too old, too new or a repeat",
            Class::Addressing => "the message is not for this receiver",
            Class::Reply => "answers and faults go back on the connection of the request alone",
        };
        format!("{kind} ({})", self.id())
    }

    /// Whether sending the same message again may help: only where a revocation list was missing.
    pub fn retry(&self) -> bool {
        self.cause() == Cause::NoRevocationList
    }

    /// The fault that tells the sender (Liberty Basic SOAP Binding, sections 2.3 and 3.5; Web Services Addressing 1.0 - SOAP Binding,
    /// section 6.4).
    pub fn fault<D: FaultDetail>(&self) -> Fault<D> {
        let framework = || QName::from(SBF.name("FrameworkVersionMismatch"));
        let code = match self.cause() {
            Cause::MissingFramework | Cause::FrameworkVersion => FaultCode::Other(framework()),
            Cause::ReplyTo => FaultCode::ClientCodes(ONLY_ANONYMOUS),
            Cause::NoRevocationList => FaultCode::Server,
            _ => FaultCode::Client,
        };
        Fault::new(code, self.peer_text())
    }
}

impl From<Cause> for Refusal {
    fn from(cause: Cause) -> Self {
        Self::new(cause)
    }
}

impl From<Violations> for Refusal {
    fn from(violations: Violations) -> Self {
        let mut refusal = Self::new(Cause::Malformed);
        refusal.0.violations = Some(violations);
        refusal
    }
}

impl From<TrustError> for Refusal {
    fn from(error: TrustError) -> Self {
        Self::new(match error {
            TrustError::UnknownIssuer | TrustError::Unsound => Cause::UnknownIssuer,
            TrustError::Expired => Cause::SignerExpired,
            TrustError::NotYetValid => Cause::SignerNotYetValid,
            TrustError::Revoked => Cause::SignerRevoked,
            TrustError::KeyUsage => Cause::SignerUsage,
            TrustError::NoRevocationList => Cause::NoRevocationList,
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cause().english())?;
        if let Some(part) = self.part() {
            write!(f, " ({part})")?;
        }
        if let Some(hint) = self.hint() {
            write!(f, ": {hint}")?;
        }
        match self.violations() {
            Some(violations) => write!(f, ": {violations}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body => f.write_str("Body"),
            Self::Timestamp => f.write_str("Timestamp"),
            Self::Header(name) => name.fmt(f),
            Self::OtherHeader(place) => write!(f, "header block {place}"),
            Self::ReferencedToken => f.write_str("Assertion by STR-Transform"),
            Self::Token => f.write_str("Assertion by its id"),
            Self::IssuedToken => f.write_str("Assertion by its issuer"),
            Self::BinarySecurityToken => f.write_str("BinarySecurityToken"),
            Self::OtherSecurity(place) => write!(f, "element {place} of the security header"),
        }
    }
}
