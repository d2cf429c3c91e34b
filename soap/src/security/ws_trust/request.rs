//! `RequestSecurityToken`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{
    AUTH, CLAIMS_DIALECT, ISSUE, KEY_TYPE, PUBLIC_KEY, REQUEST_TYPE, TOKEN_TYPE, WST, applies_to,
    child, is, required, write_applies_to, write_kind,
};
use crate::envelope;
use crate::operation::Version;
use crate::security::fields::{attribute, base64, text};
use crate::security::token::{MUNICIPALITY, certificate};
use crate::security::vocabulary::{BASE64, SAML_V2, WSSE, X509_V3};
use crate::security::{Body, Cause, Certificate, Cvr, Refusal, Verified};
use crate::xml::{Attribute, ElementId, Name, Tree, Unwritable, Writer};

/// A request for a token that is bound to the key of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    /// What tells the request from all others: it comes back in the answer.
    pub context: Option<String>,
    /// The entity id of the service that the token is for.
    pub applies_to: String,
    /// The municipality on whose behalf the caller will act.
    pub municipality: Cvr,
    /// The certificate of the caller, to whose key the token will be bound.
    pub holder: Certificate,
}

const REQUEST: Name = WST.name("RequestSecurityToken");
const CLAIMS: Name = WST.name("Claims");
const USE_KEY: Name = WST.name("UseKey");
const CLAIM_TYPE: Name = AUTH.name("ClaimType");
const VALUE: Name = AUTH.name("Value");
const TOKEN: Name = WSSE.name("BinarySecurityToken");

impl TokenRequest {
    /// The action of a request.
    pub const ACTION: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue";

    /// The message, to be signed by [`WS_TRUST`](crate::security::WS_TRUST).
    ///
    /// # Errors
    /// A value cannot be written.
    pub fn write(&self) -> Result<String, Unwritable> {
        envelope::write(Version::Soap12, &(), |writer| self.write_body(writer))
    }

    fn write_body(&self, writer: &mut Writer) {
        let request = writer.start(REQUEST);
        writer.optional_attribute(Attribute::unqualified("Context"), self.context.as_ref());
        write_kind(writer);
        write_applies_to(writer, &self.applies_to);
        let claims = writer.start(CLAIMS);
        writer.attribute(
            Attribute::unqualified("Dialect"),
            &CLAIMS_DIALECT.to_owned(),
        );
        let claim = writer.start(CLAIM_TYPE);
        writer.attribute(Attribute::unqualified("Uri"), &MUNICIPALITY.to_owned());
        writer.attribute(Attribute::unqualified("Optional"), &false);
        writer.required(AUTH.element("Value"), &self.municipality.to_string());
        writer.end(claim);
        writer.end(claims);
        let use_key = writer.start(USE_KEY);
        let token = writer.start(TOKEN);
        writer.attribute(Attribute::unqualified("ValueType"), &X509_V3.to_owned());
        writer.attribute(Attribute::unqualified("EncodingType"), &BASE64.to_owned());
        writer.text(&STANDARD.encode(self.holder.der()));
        writer.end(token);
        writer.end(use_key);
        writer.end(request);
    }

    /// Reads the one request in a body.
    ///
    /// # Errors
    /// It is another one, or is not put together as the profile says.
    pub fn read(body: &Verified<Body<'_>>) -> Result<Self, Refusal> {
        let body = body.get();
        let tree = Tree::read(body.message(), body.limits())?;
        let element = body.element(&tree).ok_or(Cause::Envelope)?;
        Self::of(&tree, element)
    }

    /// Reads the request in the element Body.
    pub(in crate::security) fn of(tree: &Tree<'_>, body: ElementId) -> Result<Self, Refusal> {
        let request = required(tree, body, REQUEST)?;
        is(tree, request, TOKEN_TYPE, SAML_V2)?;
        required(tree, request, REQUEST_TYPE)?;
        is(tree, request, REQUEST_TYPE, ISSUE)?;
        is(tree, request, KEY_TYPE, PUBLIC_KEY)?;
        let context = tree.attribute(request, "", "Context").map(str::to_owned);
        let applies_to = applies_to(tree, request)?;
        let use_key = required(tree, request, USE_KEY)?;
        let holder = required(tree, use_key, TOKEN)?;
        if attribute(tree, holder, "ValueType")? != X509_V3 {
            return Err(Refusal::structure("ValueType"));
        }
        let holder = base64(&text(tree, holder, TOKEN)?, TOKEN)?;
        Ok(Self {
            context,
            applies_to: applies_to.ok_or_else(|| Refusal::structure("AppliesTo"))?,
            municipality: municipality(tree, request)?,
            holder: certificate(&holder)?,
        })
    }
}

/// The one claim: for whom the caller wants to act.
fn municipality(tree: &Tree<'_>, request: ElementId) -> Result<Cvr, Refusal> {
    let refused = || Refusal::new(Cause::Municipality);
    let claims = child(tree, request, CLAIMS)?.ok_or_else(refused)?;
    let claim = child(tree, claims, CLAIM_TYPE)?.ok_or_else(refused)?;
    if attribute(tree, claim, "Uri")? != MUNICIPALITY {
        return Err(refused());
    }
    let value = required(tree, claim, VALUE)?;
    text(tree, value, VALUE)?.parse().map_err(|_| refused())
}
