//! Issuing tokens: what a security token service does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};

use super::{HOLDER_OF_KEY, IssuedToken, MUNICIPALITY, PRIVILEGES, Token, privileges};
use crate::security::canonical::{Canonicaliser, Form};
use crate::security::vocabulary::{DS, ENVELOPED, EXC_C14N, SAML};
use crate::security::written::{Unsignable, Written};
use crate::security::{Refusal, SigningKey};
use crate::xml::{Limits, Tree, XSI_NAMESPACE};

impl IssuedToken {
    /// Issues a token that says what `token` says, signed with the issuer's key.
    ///
    /// # Errors
    /// A value cannot be written, or the key does not sign.
    pub fn issue(token: &Token, issuer: &SigningKey) -> Result<Self, Unsignable> {
        let (before, after) = (opening(token)?, rest(token)?);
        let unsigned = format!("{before}{after}");
        let tree = Tree::read(unsigned.as_bytes(), &Limits::of_any_length());
        let tree = tree.map_err(|violations| Unsignable::Message(Refusal::from(violations)))?;
        let mut canonicaliser = Canonicaliser::default();
        let octets = canonicaliser.form(&tree, tree.root(), None, &Form::default());
        let octets = octets.ok_or(Unsignable::Value("a value with a comment in it"))?;
        let transforms = format!(
            "<ds:Transform Algorithm=\"{ENVELOPED}\"></ds:Transform><ds:Transform Algorithm=\"{EXC_C14N}\"></ds:Transform>"
        );
        let mut references = Written::default();
        references.reference(&token.id, &transforms, octets)?;
        let mut key_info = Written::default();
        x509_data(&mut key_info, issuer.certificate().der());
        let mut signed = Written(before);
        signed.signature(issuer, &references, &key_info)?;
        signed.push(&after);
        Self::read(&signed.0).map_err(Unsignable::Message)
    }
}

/// Up to where the signature stands.
fn opening(token: &Token) -> Result<String, Unsignable> {
    let mut out = Written::default();
    out.push("<saml2:Assertion");
    out.declare(SAML.prefix(), SAML.uri());
    out.attribute("ID", &token.id)?;
    out.attribute("IssueInstant", &time(token.issued))?;
    out.attribute("Version", "2.0")?;
    out.push("><saml2:Issuer");
    out.attribute("Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:entity")?;
    out.push(">");
    out.text(&token.issuer)?;
    out.push("</saml2:Issuer>");
    Ok(out.0)
}

/// From where the signature stands.
fn rest(token: &Token) -> Result<String, Unsignable> {
    let mut out = Written::default();
    out.push("<saml2:Subject><saml2:NameID");
    out.attribute(
        "Format",
        "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName",
    )?;
    out.push(">");
    out.text(token.holder.subject())?;
    out.push("</saml2:NameID><saml2:SubjectConfirmation");
    out.attribute("Method", HOLDER_OF_KEY)?;
    out.push("><saml2:SubjectConfirmationData");
    out.declare("xsi", XSI_NAMESPACE);
    let begin = time(token.not_before.unwrap_or(token.issued));
    let end = time(token.not_on_or_after);
    out.attribute("NotBefore", &begin)?;
    out.attribute("NotOnOrAfter", &end)?;
    out.attribute("Recipient", &token.recipient)?;
    out.attribute("xsi:type", "saml2:KeyInfoConfirmationDataType")?;
    out.push("><ds:KeyInfo");
    out.declare(DS.prefix(), DS.uri());
    out.push(">");
    x509_data(&mut out, token.holder.der());
    out.push(
        "</ds:KeyInfo></saml2:SubjectConfirmationData></saml2:SubjectConfirmation></saml2:Subject>",
    );
    out.push("<saml2:Conditions");
    out.attribute("NotBefore", &begin)?;
    out.attribute("NotOnOrAfter", &end)?;
    out.push("><saml2:AudienceRestriction>");
    for audience in &token.audiences {
        out.element("saml2:Audience", audience)?;
    }
    out.push("</saml2:AudienceRestriction></saml2:Conditions><saml2:AttributeStatement>");
    attribute(&mut out, MUNICIPALITY, token.municipality.as_str())?;
    attribute(&mut out, "dk:gov:saml:attribute:AssuranceLevel", "3")?;
    attribute(&mut out, "dk:gov:saml:attribute:SpecVer", "DK-SAML-2.0")?;
    attribute(&mut out, "dk:gov:saml:attribute:KombitSpecVer", "1.0")?;
    let list = privileges::write(&token.privileges)?;
    attribute(&mut out, PRIVILEGES, &STANDARD.encode(list))?;
    out.push("</saml2:AttributeStatement><saml2:AuthnStatement");
    out.attribute("AuthnInstant", &time(token.issued))?;
    out.push("><saml2:AuthnContext>");
    let class = "urn:oasis:names:tc:SAML:2.0:ac:classes:X509";
    out.element("saml2:AuthnContextClassRef", class)?;
    out.push("</saml2:AuthnContext></saml2:AuthnStatement></saml2:Assertion>");
    Ok(out.0)
}

fn attribute(out: &mut Written, name: &str, value: &str) -> Result<(), Unsignable> {
    out.push("<saml2:Attribute");
    out.attribute("Name", name)?;
    out.attribute(
        "NameFormat",
        "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
    )?;
    out.push(">");
    out.element("saml2:AttributeValue", value)?;
    out.push("</saml2:Attribute>");
    Ok(())
}

fn x509_data(out: &mut Written, der: &[u8]) {
    out.push("<ds:X509Data><ds:X509Certificate>");
    out.push(&STANDARD.encode(der));
    out.push("</ds:X509Certificate></ds:X509Data>");
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
