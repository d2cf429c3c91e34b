//! The tokens that callers carry: SAML 2.0 assertions, bound to the caller's key, with the attributes of KOMBIT's profile.

mod issue;
mod issued;
mod privileges;

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

pub use self::issued::IssuedToken;
pub use self::privileges::PrivilegeGroup;
use super::canonical::Canonicaliser;
use super::fields::{Fields, attribute, base64, instant, text};
use super::signature::{Signature, Transform};
use super::vocabulary::{DS, SAML};
use super::{Cause, Certificate, Cvr, Hint, Part, Refusal, Trust};
use crate::xml::{ElementId, Name, Tree};

/// A token: what its issuer says of the caller. Nothing of it is to be believed before it is verified.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id, which the message refers to it by.
    pub id: String,
    /// The entity id of the issuer.
    pub issuer: String,
    /// When it was issued.
    pub issued: DateTime<Utc>,
    /// The certificate of the caller, with whose key the message must be signed.
    pub holder: Certificate,
    /// The entity id of the service that it is confirmed for.
    pub recipient: String,
    /// The entity ids of the services that it is for.
    pub audiences: Vec<String>,
    /// From when it holds.
    pub not_before: Option<DateTime<Utc>>,
    /// Until when it holds, that instant excluded.
    pub not_on_or_after: DateTime<Utc>,
    /// The municipality on whose behalf the caller acts.
    pub municipality: Cvr,
    /// What the caller may do.
    pub privileges: Vec<PrivilegeGroup>,
}

/// What a token must be for it to be believed.
#[derive(Debug)]
pub struct TokenRules {
    /// The entity id of the one issuer.
    pub issuer: String,
    /// The certificates that the issuer signs with.
    pub trust: Trust,
    /// Our own entity id, for which the token must have been issued.
    pub audience: String,
    /// Whose certificates the callers must have; none leaves that to the issuer, who vouches for them.
    pub holders: Option<Trust>,
    /// A privilege that the token must have; none demands none.
    pub privilege: Option<String>,
}

const ASSERTION: Name = SAML.name("Assertion");
const ATTRIBUTE: Name = SAML.name("Attribute");
const ATTRIBUTE_VALUE: Name = SAML.name("AttributeValue");
const SUBJECT: Name = SAML.name("Subject");
const CONFIRMATION: Name = SAML.name("SubjectConfirmation");
const CONFIRMATION_DATA: Name = SAML.name("SubjectConfirmationData");
const CONDITIONS: Name = SAML.name("Conditions");
const AUDIENCE_RESTRICTION: Name = SAML.name("AudienceRestriction");
const HOLDER_OF_KEY: &str = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key";
pub(super) const MUNICIPALITY: &str = "dk:gov:saml:attribute:CvrNumberIdentifier";
const PRIVILEGES: &str = "dk:gov:saml:attribute:Privileges_intermediate";

/// A token as it stands in a message.
pub(super) struct ReadToken<'t> {
    pub(super) token: Token,
    /// The holder's certificate as it is written.
    pub(super) holder: Cow<'t, str>,
    element: ElementId,
    signature_element: ElementId,
    signature: Signature<'t>,
}

impl<'t> ReadToken<'t> {
    /// Reads the assertion `id`.
    ///
    /// # Errors
    /// It is not put together as the profile says.
    pub(super) fn read(tree: &'t Tree<'_>, id: ElementId) -> Result<Self, Refusal> {
        Self::read_with(tree, id, |_| None)
    }

    /// The same; `known` has the certificates of holders that need not be read again, by how they are written.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub(super) fn read_with(
        tree: &'t Tree<'_>,
        id: ElementId,
        known: impl FnOnce(&str) -> Option<Certificate>,
    ) -> Result<Self, Refusal> {
        Self::assertion(tree, id, known).map_err(Refusal::of_token)
    }

    fn assertion(
        tree: &'t Tree<'_>,
        element: ElementId,
        known: impl FnOnce(&str) -> Option<Certificate>,
    ) -> Result<Self, Refusal> {
        if attribute(tree, element, "Version")? != "2.0" {
            return Err(Refusal::structure("Version"));
        }
        let id = attribute(tree, element, "ID")?.to_owned();
        let issued = moment(attribute(tree, element, "IssueInstant")?, "IssueInstant")?;
        let mut fields = Fields::of(tree, element, ASSERTION);
        let issuer = text(
            tree,
            fields.required(SAML.name("Issuer"))?,
            SAML.name("Issuer"),
        )?;
        let signature_element = fields.required(DS.name("Signature"))?;
        let confirmation = Confirmation::read(tree, fields.required(SUBJECT)?)?;
        let conditions = Conditions::read(tree, fields.required(CONDITIONS)?)?;
        let mut attributes = Attributes::default();
        while let Some(statement) = fields.any() {
            match tree.name(statement) {
                (uri, "AttributeStatement") if uri == SAML.uri() => {
                    attributes.read(tree, statement)?;
                }
                (uri, "AuthnStatement") if uri == SAML.uri() => {}
                _ => return Err(Refusal::structure("Assertion")),
            }
        }
        fields.end()?;
        let municipality = attributes.municipality.ok_or(Cause::Municipality)?;
        for group in &attributes.privileges {
            if group.scope != municipality {
                return Err(Cause::PrivilegeScope.into());
            }
        }
        Ok(Self {
            token: Token {
                id,
                issuer: issuer.into_owned(),
                issued,
                holder: match known(&confirmation.holder) {
                    Some(holder) => holder,
                    None => certificate(&base64(&confirmation.holder, X509_CERTIFICATE)?)?,
                },
                recipient: confirmation.recipient,
                audiences: conditions.audiences,
                not_before: conditions.not_before.max(confirmation.not_before),
                not_on_or_after: conditions.not_on_or_after.min(confirmation.not_on_or_after),
                municipality,
                privileges: attributes.privileges,
            },
            holder: confirmation.holder,
            element,
            signature_element,
            signature: Signature::read(tree, signature_element)?,
        })
    }

    /// The certificate that the issuer signed with.
    ///
    /// # Errors
    /// There is none, and the rules have not one alone.
    pub(super) fn signer(&self, tree: &Tree<'_>, trust: &Trust) -> Result<Certificate, Refusal> {
        match (self.signature.key_info, trust.signers()) {
            (Some(key_info), signers) => {
                let der = issuer_certificate(tree, key_info)?;
                let known = signers.iter().find(|known| known.der() == der).cloned();
                known.map_or_else(|| certificate(&der), Ok)
            }
            (None, [one]) => Ok(one.clone()),
            (None, _) => Err(Cause::TokenKeyInfo.into()),
        }
    }

    /// Verifies the issuer's signature with the key of `signer`.
    ///
    /// # Errors
    /// It is not one over the whole assertion, or does not hold.
    pub(super) fn verify(
        &self,
        tree: &Tree<'_>,
        signer: &Certificate,
        canonicaliser: &mut Canonicaliser,
    ) -> Result<(), Refusal> {
        let [reference] = &self.signature.references[..] else {
            return Err(Refusal::token_structure("Reference"));
        };
        if reference.id != self.token.id {
            return Err(Refusal::new(Cause::ReferenceTarget).with_part(Part::IssuedToken));
        }
        if !matches!(reference.transform, Transform::Enveloped(_)) {
            return Err(Refusal::new(Cause::Transform).with_part(Part::IssuedToken));
        }
        if !self.signature.verifies(tree, signer.key(), canonicaliser) {
            return Err(Cause::TokenSignature.into());
        }
        let without = Some(self.signature_element);
        reference
            .check(tree, self.element, without, canonicaliser)
            .map_err(|refusal| refusal.with_part(Part::IssuedToken))
    }
}

impl ReadToken<'_> {
    /// The same for people: with what made the signature fail, where that can be told.
    pub(super) fn look(
        &self,
        tree: &Tree<'_>,
        signer: &Certificate,
        canonicaliser: &mut Canonicaliser,
    ) -> Result<(), Refusal> {
        let verified = self.verify(tree, signer, canonicaliser);
        verified.map_err(|refusal| match refusal.cause() {
            Cause::TokenSignature => {
                refusal.with_hint(self.signature.neighbour(tree, signer.key()))
            }
            _ => refusal,
        })
    }
}

impl Token {
    /// Whether it holds at `time`, for this receiver.
    ///
    /// # Errors
    /// What stands against it, each in turn.
    pub(super) fn check(
        &self,
        rules: &TokenRules,
        time: DateTime<Utc>,
        skew: TimeDelta,
    ) -> impl Iterator<Item = Result<(), Refusal>> {
        let same = |expected: &str, found: &str, cause| {
            if expected == found {
                return Ok(());
            }
            Err(Refusal::new(cause).with_hint(Hint::between(expected, found)))
        };
        let audience = match &self.audiences[..] {
            audiences if audiences.contains(&rules.audience) => Ok(()),
            audiences => {
                let mut audiences = audiences.iter();
                let hint = audiences.find_map(|found| Hint::between(&rules.audience, found));
                Err(Refusal::new(Cause::TokenAudience).with_hint(hint))
            }
        };
        let held = |privilege: &String| {
            let mut all = self.privileges.iter().flat_map(|group| &group.privileges);
            all.any(|held| held == privilege)
        };
        let privileged = rules.privilege.as_ref().is_none_or(held);
        [
            same(&rules.issuer, &self.issuer, Cause::TokenIssuer),
            audience,
            same(&rules.audience, &self.recipient, Cause::TokenRecipient),
            self.begun(time, skew),
            self.holds(time, skew),
            if privileged {
                Ok(())
            } else {
                Err(Cause::Privilege.into())
            },
        ]
        .into_iter()
    }

    fn begun(&self, time: DateTime<Utc>, skew: TimeDelta) -> Result<(), Refusal> {
        let begins = self.not_before.unwrap_or(self.issued).max(self.issued);
        if begins <= time + skew {
            return Ok(());
        }
        let missing = (begins - time - skew).num_seconds() + 1;
        Err(Refusal::new(Cause::TokenNotYetValid).with_hint(Hint::Seconds(missing)))
    }

    fn holds(&self, time: DateTime<Utc>, skew: TimeDelta) -> Result<(), Refusal> {
        if time - skew < self.not_on_or_after {
            return Ok(());
        }
        let missing = (time - skew - self.not_on_or_after).num_seconds() + 1;
        Err(Refusal::new(Cause::TokenExpired).with_hint(Hint::Seconds(missing)))
    }
}

/// Names the token by what is no secret of it.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("issuer", &self.issuer)
            .field("municipality", &self.municipality)
            .field("not_on_or_after", &self.not_on_or_after)
            .finish_non_exhaustive()
    }
}

struct Confirmation<'t> {
    holder: Cow<'t, str>,
    recipient: String,
    not_before: Option<DateTime<Utc>>,
    not_on_or_after: DateTime<Utc>,
}

impl<'t> Confirmation<'t> {
    /// Reads a Subject that is confirmed in one way: by holding the key of a certificate.
    fn read(tree: &'t Tree<'_>, subject: ElementId) -> Result<Self, Refusal> {
        let mut fields = Fields::of(tree, subject, SUBJECT);
        let _ = fields.optional(SAML.name("NameID"));
        let confirmation = fields.required(CONFIRMATION)?;
        fields.end()?;
        let method = attribute(tree, confirmation, "Method")?;
        if method != HOLDER_OF_KEY {
            return Err(not_holder_of_key(method));
        }
        let mut fields = Fields::of(tree, confirmation, CONFIRMATION);
        let _ = fields.optional(SAML.name("NameID"));
        let data = fields.required(CONFIRMATION_DATA)?;
        fields.end()?;
        let mut fields = Fields::of(tree, data, CONFIRMATION_DATA);
        let key_info = fields.required(DS.name("KeyInfo"))?;
        fields.end()?;
        let end = attribute(tree, data, "NotOnOrAfter")?;
        Ok(Self {
            holder: x509_certificate(tree, key_info)?,
            recipient: attribute(tree, data, "Recipient")?.to_owned(),
            not_before: optional_moment(tree, data, "NotBefore")?,
            not_on_or_after: moment(end, "NotOnOrAfter")?,
        })
    }
}

struct Conditions {
    audiences: Vec<String>,
    not_before: Option<DateTime<Utc>>,
    not_on_or_after: DateTime<Utc>,
}

impl Conditions {
    /// A condition that is not known makes a token invalid (SAML 2.0 Core, section 2.5.1.1).
    fn read(tree: &Tree<'_>, id: ElementId) -> Result<Self, Refusal> {
        let mut fields = Fields::of(tree, id, CONDITIONS);
        let restriction = fields.required(AUDIENCE_RESTRICTION)?;
        fields.end()?;
        let mut fields = Fields::of(tree, restriction, AUDIENCE_RESTRICTION);
        let mut audiences = Vec::new();
        let name = SAML.name("Audience");
        while let Some(audience) = fields.optional(name) {
            audiences.push(text(tree, audience, name)?.into_owned());
        }
        fields.end()?;
        let end = attribute(tree, id, "NotOnOrAfter")?;
        Ok(Self {
            audiences,
            not_before: optional_moment(tree, id, "NotBefore")?,
            not_on_or_after: moment(end, "NotOnOrAfter")?,
        })
    }
}

#[derive(Default)]
struct Attributes {
    municipality: Option<Cvr>,
    privileges: Vec<PrivilegeGroup>,
    privileges_seen: bool,
}

impl Attributes {
    fn read(&mut self, tree: &Tree<'_>, statement: ElementId) -> Result<(), Refusal> {
        let mut fields = Fields::of(tree, statement, SAML.name("AttributeStatement"));
        while let Some(id) = fields.optional(ATTRIBUTE) {
            match attribute(tree, id, "Name")? {
                MUNICIPALITY => {
                    let refused = || Refusal::new(Cause::Municipality);
                    let value = single_value(tree, id).map_err(|_| refused())?;
                    let cvr = value.parse().map_err(|_| refused())?;
                    if self.municipality.replace(cvr).is_some() {
                        return Err(refused());
                    }
                }
                PRIVILEGES => {
                    if std::mem::replace(&mut self.privileges_seen, true) {
                        return Err(Refusal::structure("Privileges_intermediate"));
                    }
                    let value = single_value(tree, id)?;
                    self.privileges = privileges::read(&base64(&value, ATTRIBUTE_VALUE)?)?;
                }
                _ => {}
            }
        }
        fields.end()
    }
}

fn single_value(tree: &Tree<'_>, attribute: ElementId) -> Result<String, Refusal> {
    let mut fields = Fields::of(tree, attribute, ATTRIBUTE);
    let value = fields.required(ATTRIBUTE_VALUE)?;
    fields.end()?;
    text(tree, value, ATTRIBUTE_VALUE).map(Cow::into_owned)
}

const X509_CERTIFICATE: Name = DS.name("X509Certificate");
pub(super) const X509_DATA: Name = DS.name("X509Data");

/// The one certificate that a KeyInfo holds, and nothing else with it.
pub(super) fn x509_data(tree: &Tree<'_>, key_info: ElementId) -> Result<Vec<u8>, Refusal> {
    base64(&x509_certificate(tree, key_info)?, X509_CERTIFICATE)
}

/// The same as it is written.
fn x509_certificate<'t>(tree: &'t Tree<'_>, key_info: ElementId) -> Result<Cow<'t, str>, Refusal> {
    let mut fields = Fields::of(tree, key_info, DS.name("KeyInfo"));
    let data = fields.required(X509_DATA)?;
    fields.end()?;
    let mut fields = Fields::of(tree, data, X509_DATA);
    let certificate = fields.required(X509_CERTIFICATE)?;
    fields.end()?;
    text(tree, certificate, X509_CERTIFICATE)
}

/// The certificate of the issuer in the KeyInfo of its signature: the first of the one X509Data, where those of authorities above
/// it, and other names of the same key, may follow (XML Signature 1.1, section 4.5.4). KeyInfo is not signed: it only tells which
/// certificate must be the trusted one whose key verifies.
fn issuer_certificate(tree: &Tree<'_>, key_info: ElementId) -> Result<Vec<u8>, Refusal> {
    let read = || {
        let mut fields = Fields::of(tree, key_info, DS.name("KeyInfo"));
        let data = fields.required(X509_DATA)?;
        fields.end()?;
        let mut fields = Fields::of(tree, data, X509_DATA);
        let mut first = None;
        while let Some(id) = fields.any() {
            let is = tree.is(id, DS.uri(), X509_CERTIFICATE.local());
            first = first.or(is.then_some(id));
        }
        fields.end()?;
        let first = first.ok_or_else(|| Refusal::structure(X509_CERTIFICATE.local()))?;
        base64(&text(tree, first, X509_CERTIFICATE)?, X509_CERTIFICATE)
    };
    read().map_err(|_| {
        let hint = other_reference(tree, key_info);
        Refusal::new(Cause::TokenKeyInfo).with_hint(hint)
    })
}

/// By what a token is confirmed instead (SAML 2.0 Profiles, section 3).
#[cold]
fn not_holder_of_key(method: &str) -> Refusal {
    let hint = match method {
        "urn:oasis:names:tc:SAML:2.0:cm:bearer" => Some(Hint::About("bearer")),
        "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches" => Some(Hint::About("sender-vouches")),
        _ => None,
    };
    Refusal::new(Cause::TokenConfirmation).with_hint(hint)
}

/// What is found in a KeyInfo that is not taken there.
pub(super) fn other_reference(tree: &Tree<'_>, key_info: ElementId) -> Option<Hint> {
    const OTHERS: [&str; 9] = [
        "X509Data",
        "X509SKI",
        "X509SubjectName",
        "KeyValue",
        "KeyName",
        "RetrievalMethod",
        "EncryptedKey",
        "Embedded",
        "DerivedKeyToken",
    ];
    let inside = tree.elements_in(key_info).map(|id| tree.name(id).1);
    let mut found = inside.filter_map(|local| OTHERS.into_iter().find(|other| *other == local));
    let first = found.next()?;
    // What it holds says more than that it holds something.
    let inner = (first == X509_DATA.local()).then(|| found.next()).flatten();
    Some(Hint::About(inner.unwrap_or(first)))
}

pub(super) fn certificate(der: &[u8]) -> Result<Certificate, Refusal> {
    Certificate::from_der(der).map_err(|_| Refusal::new(Cause::Certificate))
}

fn moment(text: &str, about: &'static str) -> Result<DateTime<Utc>, Refusal> {
    instant(text).ok_or_else(|| Refusal::structure(about))
}

fn optional_moment(
    tree: &Tree<'_>,
    id: ElementId,
    local: &'static str,
) -> Result<Option<DateTime<Utc>>, Refusal> {
    let value = tree.attribute(id, "", local);
    value.map(|value| moment(value, local)).transpose()
}
