//! Signing messages: the header blocks of the profile are put into an envelope, and all of it is signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::canonical::{Canonicaliser, Form};
use super::layout::{Envelope, Layout, Place};
use super::vocabulary::{
    ACTION, ANONYMOUS, BASE64, EXC_C14N, MESSAGE_ID, RELATES_TO, REPLY_TO, SAML_ID, SAML_V2,
    SB_PROFILE, SBF, STR_TRANSFORM, TO, WSA, WSSE, WSSE11, WSU, X509_V3,
};
use super::written::{Unsignable, Written};
use super::{IssuedToken, Part, Profile, SigningKey, TimeFormat};
use crate::xml::{Limits, Name, Tree};

/// Signs messages of one sender.
#[derive(Debug)]
pub struct MessageSigner {
    profile: &'static Profile,
    key: SigningKey,
}

/// What the header of a message says. What is not given is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addressing {
    /// What is asked for: the action of the operation.
    pub action: Option<String>,
    /// The message's own id, an absolute URI that no other message has: `urn:uuid:` and a random UUID.
    pub message_id: Option<String>,
    /// The address of the endpoint.
    pub to: Option<String>,
    /// Whether the answer is to come back on the same connection: said in requests.
    pub reply_to_anonymous: bool,
    /// The id of the request that the message answers.
    pub relates_to: Option<String>,
}

impl Addressing {
    /// That of a request.
    pub fn request(action: &str, message_id: &str, to: &str) -> Self {
        Self {
            action: Some(action.to_owned()),
            message_id: Some(message_id.to_owned()),
            to: Some(to.to_owned()),
            reply_to_anonymous: true,
            relates_to: None,
        }
    }

    /// That of the answer to the request with the id `relates_to`.
    pub fn response(action: &str, message_id: &str, relates_to: &str) -> Self {
        Self {
            action: Some(action.to_owned()),
            message_id: Some(message_id.to_owned()),
            to: Some(ANONYMOUS.to_owned()),
            reply_to_anonymous: false,
            relates_to: Some(relates_to.to_owned()),
        }
    }
}

impl MessageSigner {
    /// A signer with this key, by this profile.
    pub fn new(profile: &'static Profile, key: SigningKey) -> Self {
        Self { profile, key }
    }

    /// The key.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The profile.
    pub fn profile(&self) -> &'static Profile {
        self.profile
    }

    /// Signs an envelope at `time`: with the key that `token` is bound to, or, without a token, by the certificate, which is
    /// put into the message.
    ///
    /// # Errors
    /// The message cannot be signed.
    pub fn sign(
        &self,
        envelope: &str,
        addressing: &Addressing,
        token: Option<&IssuedToken>,
        time: DateTime<Utc>,
    ) -> Result<String, Unsignable> {
        if token.is_some_and(|token| token.token().holder.key() != self.key.certificate().key()) {
            return Err(Unsignable::HolderOfKey);
        }
        let unsigned = self.assemble(envelope, addressing, token, time)?;
        self.sign_assembled(unsigned, token)
    }

    /// Puts all but the signature into the envelope.
    fn assemble(
        &self,
        envelope: &str,
        addressing: &Addressing,
        token: Option<&IssuedToken>,
        time: DateTime<Utc>,
    ) -> Result<String, Unsignable> {
        let tree = Tree::read(envelope.as_bytes(), &Limits::of_any_length());
        let tree = tree.map_err(|violations| Unsignable::Message(violations.into()))?;
        let found = Envelope::find(&tree, self.profile.version).map_err(Unsignable::Message)?;
        let root = tree.root();
        let soap = tree.element(root).raw;
        let soap = soap.strip_suffix("Envelope").unwrap_or_default();
        let header = tree.children(root).find(|id| *id != found.body);
        // A header of our own declares what most blocks use, once.
        let mut open = Written(format!("<{soap}Header"));
        if header.is_none() {
            open.declare(WSA.prefix(), WSA.uri());
            open.declare(WSU.prefix(), WSU.uri());
        }
        open.push(">");
        let blocks = self.header(soap, addressing, token, time, header.is_none())?;

        let message = tree.message();
        let body = tree.range(found.body);
        let close = format!("</{soap}Header>");
        let (before, after) =
            match header.map(|header| (tree.element(header).raw, tree.range(header))) {
                None => (message[..body.start].to_owned() + &open.0, close),
                Some((raw, header)) => match message[header.clone()].strip_suffix("/>") {
                    Some(start) => (
                        format!("{}{start}>", &message[..header.start]),
                        format!("</{raw}>{}", &message[header.end..body.start]),
                    ),
                    None => {
                        let end = message[..header.end].rfind('<').unwrap_or(header.end);
                        (
                            message[..end].to_owned(),
                            message[end..body.start].to_owned(),
                        )
                    }
                },
            };
        let name = 1 + tree.element(found.body).raw.len();
        let (tag, rest) = message[body.start..].split_at(name);
        let mut id = Written::default();
        // A body that is passed on may have its id and its prefixes already.
        if tree.attribute(found.body, WSU.uri(), "Id").is_none() {
            let mut declared = tree.declarations(found.body);
            let taken = declared.any(|id| tree.declaration(id).prefix == WSU.prefix());
            let prefix = if taken { "wsuid" } else { WSU.prefix() };
            id.declare(prefix, WSU.uri());
            id.attribute(&format!("{prefix}:Id"), &Ids::of(addressing).id("body"))?;
        }
        Ok([&before, &*blocks, &after, tag, &id.0, rest].concat())
    }

    /// The header blocks. `declared` says whether the header declares the namespaces of addressing and of ids.
    fn header(
        &self,
        soap: &str,
        addressing: &Addressing,
        token: Option<&IssuedToken>,
        time: DateTime<Utc>,
        declared: bool,
    ) -> Result<String, Unsignable> {
        let ids = Ids::of(addressing);
        let mut out = Written::default();
        if self.profile.framework {
            framework(&mut out, &ids, declared)?;
        }
        for (name, id, value) in [
            (ACTION, "action", &addressing.action),
            (MESSAGE_ID, "message", &addressing.message_id),
            (RELATES_TO, "relates", &addressing.relates_to),
            (TO, "to", &addressing.to),
        ] {
            if let Some(value) = value {
                block(&mut out, name, declared, &ids.id(id), |out| out.text(value))?;
            }
        }
        if addressing.reply_to_anonymous {
            block(&mut out, REPLY_TO, declared, &ids.id("reply"), |out| {
                out.element("wsa:Address", ANONYMOUS)
            })?;
        }
        out.push("<wsse:Security");
        out.declare(WSSE.prefix(), WSSE.uri());
        if token.is_some() {
            out.declare("wsse11", WSSE11);
        }
        declare_ids(&mut out, declared);
        out.attribute(&format!("{soap}mustUnderstand"), "1")?;
        out.push(">");
        if token.is_none() {
            self.certificate(&mut out, &ids)?;
        }
        self.timestamp(&mut out, &ids, time)?;
        if let Some(token) = token {
            out.push(token.text());
            token_reference(&mut out, &token.token().id, Some(&ids.id("token")))?;
        }
        out.push("</wsse:Security>");
        Ok(out.0)
    }

    /// `wsse:BinarySecurityToken`, by which the receiver knows the key where no token tells it.
    fn certificate(&self, out: &mut Written, ids: &Ids) -> Result<(), Unsignable> {
        out.push("<wsse:BinarySecurityToken");
        out.attribute("EncodingType", BASE64)?;
        out.attribute("ValueType", X509_V3)?;
        out.attribute("wsu:Id", &ids.id("certificate"))?;
        out.push(">");
        out.0
            .push_str(&STANDARD.encode(self.key.certificate().der()));
        out.push("</wsse:BinarySecurityToken>");
        Ok(())
    }

    /// `wsu:Timestamp`: from `time` on, for as long as the profile has it.
    fn timestamp(
        &self,
        out: &mut Written,
        ids: &Ids,
        time: DateTime<Utc>,
    ) -> Result<(), Unsignable> {
        out.push("<wsu:Timestamp");
        out.attribute("wsu:Id", &ids.id("timestamp"))?;
        let end = time + TimeDelta::seconds(self.profile.lifetime.into());
        let (created, expires) = (self.time(time), self.time(end));
        out.push(&format!(
            "><wsu:Created>{created}</wsu:Created><wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>"
        ));
        Ok(())
    }

    fn time(&self, time: DateTime<Utc>) -> String {
        let format = match self.profile.times {
            TimeFormat::Seconds => SecondsFormat::Secs,
            TimeFormat::Milliseconds => SecondsFormat::Millis,
        };
        time.to_rfc3339_opts(format, true)
    }

    /// Signs all parts of a message that has everything but the signature.
    fn sign_assembled(
        &self,
        unsigned: String,
        token: Option<&IssuedToken>,
    ) -> Result<String, Unsignable> {
        let tree = Tree::read(unsigned.as_bytes(), &Limits::of_any_length());
        let tree = tree.map_err(|violations| Unsignable::Message(violations.into()))?;
        let envelope = Envelope::find(&tree, self.profile.version).map_err(Unsignable::Message)?;
        let (security, parts) = Layout::unsigned(&tree, &envelope).map_err(Unsignable::Message)?;
        let mut references = Written::default();
        let mut canonicaliser = Canonicaliser::default();
        // The token is signed by way of the SecurityTokenReference; by its own id it would be no more so.
        let signed = parts.iter().filter(|place| place.part != Part::Token);
        for place in signed {
            reference(&mut references, &tree, &parts, place, &mut canonicaliser)?;
        }
        let mut key_info = Written::default();
        match token {
            Some(token) => token_reference(&mut key_info, &token.token().id, None)?,
            None => certificate_reference(&mut key_info, &parts)?,
        }
        let mut signature = Written::default();
        signature.signature(&self.key, &references, &key_info)?;
        let at = tree.range(security).end - "</wsse:Security>".len();
        drop(tree);
        let mut signed = unsigned;
        signed.insert_str(at, &signature.0);
        Ok(signed)
    }
}

/// Ids of the parts of one message, by the end of its own id: no other has them, whatever its payload says.
struct Ids(String);

impl Ids {
    fn of(addressing: &Addressing) -> Self {
        let id = addressing
            .message_id
            .as_ref()
            .or(addressing.relates_to.as_ref());
        let id = id.map_or("", String::as_str);
        let plain: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
        Self(plain[plain.len().saturating_sub(UNIQUE)..].to_owned())
    }

    fn id(&self, part: &str) -> String {
        format!("{part}-{}", self.0)
    }
}

/// Characters of a message's id that its parts' ids have: of a random UUID they are 32 bits, which no payload hits upon. They are
/// written, digested and read twice for each part.
const UNIQUE: usize = 8;

/// Declares the namespace of ids, where the header does not.
fn declare_ids(out: &mut Written, declared: bool) {
    if !declared {
        out.declare(WSU.prefix(), WSU.uri());
    }
}

/// `sbf:Framework`.
fn framework(out: &mut Written, ids: &Ids, declared: bool) -> Result<(), Unsignable> {
    out.push("<sbf:Framework");
    out.declare(SBF.prefix(), SBF.uri());
    out.declare("sbfprofile", SB_PROFILE);
    declare_ids(out, declared);
    out.attribute("version", "2.0")?;
    out.attribute("wsu:Id", &ids.id("framework"))?;
    out.attribute("sbfprofile:profile", "urn:liberty:sb:profile:basic")?;
    out.push("></sbf:Framework>");
    Ok(())
}

/// A header block of WS-Addressing.
fn block(
    out: &mut Written,
    name: Name,
    declared: bool,
    id: &str,
    content: impl FnOnce(&mut Written) -> Result<(), Unsignable>,
) -> Result<(), Unsignable> {
    out.push(&format!("<wsa:{}", name.local()));
    if !declared {
        out.declare(WSA.prefix(), WSA.uri());
        out.declare(WSU.prefix(), WSU.uri());
    }
    out.attribute("wsu:Id", id)?;
    out.push(">");
    content(out)?;
    out.push(&format!("</wsa:{}>", name.local()));
    Ok(())
}

/// A SecurityTokenReference to an assertion.
fn token_reference(out: &mut Written, token: &str, id: Option<&str>) -> Result<(), Unsignable> {
    out.push("<wsse:SecurityTokenReference");
    out.attribute("wsse11:TokenType", SAML_V2)?;
    if let Some(id) = id {
        out.attribute("wsu:Id", id)?;
    }
    out.push("><wsse:KeyIdentifier");
    out.attribute("ValueType", SAML_ID)?;
    out.push(">");
    out.text(token)?;
    out.push("</wsse:KeyIdentifier></wsse:SecurityTokenReference>");
    Ok(())
}

/// A SecurityTokenReference to the certificate in the message.
fn certificate_reference(out: &mut Written, parts: &[Place<'_>]) -> Result<(), Unsignable> {
    let certificate = parts
        .iter()
        .find(|place| place.part == Part::BinarySecurityToken);
    let id = certificate.and_then(|place| place.id).unwrap_or_default();
    out.push("<wsse:SecurityTokenReference><wsse:Reference");
    out.attribute("URI", &format!("#{id}"))?;
    out.attribute("ValueType", X509_V3)?;
    out.push("></wsse:Reference></wsse:SecurityTokenReference>");
    Ok(())
}

/// A Reference to a part that has an id; there is nothing to say of one that has none.
fn reference(
    out: &mut Written,
    tree: &Tree<'_>,
    parts: &[Place<'_>],
    place: &Place<'_>,
    canonicaliser: &mut Canonicaliser,
) -> Result<(), Unsignable> {
    let Some(id) = place.id else {
        return Ok(());
    };
    let (apex, form, transform) = if place.part == Part::ReferencedToken {
        let token = parts.iter().find(|place| place.part == Part::Token);
        let form = Form {
            inclusive: vec![String::new()],
            bare_apex: true,
        };
        let transform = format!(
            "<ds:Transform Algorithm=\"{STR_TRANSFORM}\"><wsse:TransformationParameters xmlns:wsse=\"{}\">\
             <ds:CanonicalizationMethod Algorithm=\"{EXC_C14N}\"></ds:CanonicalizationMethod>\
             </wsse:TransformationParameters></ds:Transform>",
            WSSE.uri()
        );
        (token.unwrap_or(place).element, form, transform)
    } else {
        let transform = format!("<ds:Transform Algorithm=\"{EXC_C14N}\"></ds:Transform>");
        (place.element, Form::default(), transform)
    };
    // What no receiver of ours would take is not sent either.
    let octets = canonicaliser.form(tree, apex, None, &form);
    let octets = octets.ok_or(Unsignable::Value("a value with a comment in it"))?;
    out.reference(id, &transform, octets)
}
