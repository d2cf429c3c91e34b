//! `RequestSecurityTokenResponseCollection`.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{WST, applies_to, child, required, write_applies_to, write_kind};
use crate::envelope;
use crate::operation::Version;
use crate::security::fields::{instant, text};
use crate::security::vocabulary::{SAML, SAML_ID, SAML_V2, WSSE, WSSE11, WSU};
use crate::security::{Body, Cause, IssuedToken, Refusal, Verified};
use crate::xml::{Attribute, ElementId, Limits, Name, Namespace, Tree, Unwritable, Writer};

/// The answer to a [`TokenRequest`](super::TokenRequest): the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenResponse {
    /// The context of the request.
    pub context: Option<String>,
    /// What the token is for, as the request said it.
    pub applies_to: Option<String>,
    /// From when and until when the service says that the token holds; what counts is what the token says.
    pub lifetime: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The token.
    pub token: IssuedToken,
}

const COLLECTION: Name = WST.name("RequestSecurityTokenResponseCollection");
const RESPONSE: Name = WST.name("RequestSecurityTokenResponse");
const REQUESTED: Name = WST.name("RequestedSecurityToken");
const LIFETIME: Name = WST.name("Lifetime");
const CREATED: Name = WSU.name("Created");
const EXPIRES: Name = WSU.name("Expires");
const TOKEN_TYPE: Attribute = Namespace::new(WSSE11, "wsse11").attribute("TokenType");
const ASSERTION: Name = SAML.name("Assertion");

impl TokenResponse {
    /// The action of an answer.
    pub const ACTION: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RSTRC/IssueFinal";

    /// The message, to be signed by [`WS_TRUST`](crate::security::WS_TRUST).
    ///
    /// # Errors
    /// A value cannot be written.
    pub fn write(&self) -> Result<String, Unwritable> {
        envelope::write(Version::Soap12, &(), |writer| self.write_body(writer))
    }

    fn write_body(&self, writer: &mut Writer) {
        let collection = writer.start(COLLECTION);
        let response = writer.start(RESPONSE);
        writer.optional_attribute(Attribute::unqualified("Context"), self.context.as_ref());
        if let Some((created, expires)) = self.lifetime {
            let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
            let lifetime = writer.start(LIFETIME);
            writer.required(WSU.element("Created"), &time(created));
            writer.required(WSU.element("Expires"), &time(expires));
            writer.end(lifetime);
        }
        if let Some(address) = &self.applies_to {
            write_applies_to(writer, address);
        }
        let requested = writer.start(REQUESTED);
        writer.verbatim(self.token.text());
        writer.end(requested);
        for local in ["RequestedAttachedReference", "RequestedUnattachedReference"] {
            let reference = writer.start(WST.name(local));
            self.write_reference(writer);
            writer.end(reference);
        }
        write_kind(writer);
        writer.end(response);
        writer.end(collection);
    }

    /// How the token is referred to, in the message that it stands in and in others.
    fn write_reference(&self, writer: &mut Writer) {
        let reference = writer.start(WSSE.name("SecurityTokenReference"));
        writer.attribute(TOKEN_TYPE, &SAML_V2.to_owned());
        let identifier = writer.start(WSSE.name("KeyIdentifier"));
        writer.attribute(Attribute::unqualified("ValueType"), &SAML_ID.to_owned());
        writer.text(&self.token.token().id);
        writer.end(identifier);
        writer.end(reference);
    }

    /// Reads the one answer in a body.
    ///
    /// # Errors
    /// There is none or another one, or the token in it is not put together as the profile says.
    pub fn read(body: &Verified<Body<'_>>) -> Result<Self, Refusal> {
        let body = body.get();
        let tree = Tree::read(body.message(), body.limits())?;
        let element = body.element(&tree).ok_or(Cause::Envelope)?;
        Self::of(&tree, element, body.limits())
    }

    /// Reads the answer in the element Body.
    pub(in crate::security) fn of(
        tree: &Tree<'_>,
        body: ElementId,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        let collection = required(tree, body, COLLECTION)?;
        Self::alone(tree, collection, limits)
    }

    /// Reads the one RequestSecurityTokenResponse inside `parent`.
    pub(in crate::security) fn alone(
        tree: &Tree<'_>,
        parent: ElementId,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        let response = required(tree, parent, RESPONSE)?;
        let requested = required(tree, response, REQUESTED)?;
        let assertion = required(tree, requested, ASSERTION).map_err(Refusal::of_token)?;
        let lifetime = child(tree, response, LIFETIME)?;
        Ok(Self {
            context: tree.attribute(response, "", "Context").map(str::to_owned),
            applies_to: applies_to(tree, response)?,
            lifetime: lifetime.map(|id| read_lifetime(tree, id)).transpose()?,
            token: IssuedToken::of(tree, assertion, limits)?,
        })
    }

    /// The assertion that the one answer in the element Body hands out, in a collection or alone.
    pub(in crate::security) fn assertion(tree: &Tree<'_>, body: ElementId) -> Option<ElementId> {
        let find = |parent, name| child(tree, parent, name).ok().flatten();
        let parent = find(body, COLLECTION).unwrap_or(body);
        let requested = find(find(parent, RESPONSE)?, REQUESTED)?;
        find(requested, ASSERTION)
    }
}

fn read_lifetime(
    tree: &Tree<'_>,
    id: ElementId,
) -> Result<(DateTime<Utc>, DateTime<Utc>), Refusal> {
    let read = |name: Name| {
        let value = text(tree, required(tree, id, name)?, name)?;
        instant(&value).ok_or_else(|| Refusal::structure("Lifetime"))
    };
    Ok((read(CREATED)?, read(EXPIRES)?))
}
