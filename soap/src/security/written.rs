//! XML that is written to be signed: signatures are made over its canonical form, so it is written in that.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::vocabulary::{DS, EXC_C14N};
use super::{DigestMethod, KeyError, Refusal, SigningKey};
use crate::xml::is_xml_char;

/// Why a message or a token could not be signed; always on our side.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsignable {
    /// The message is no envelope of the profile's version, or is signed already.
    Message(Refusal),
    /// A value that XML cannot carry.
    Value(&'static str),
    /// The token is bound to another key.
    HolderOfKey,
    /// The key.
    Key(KeyError),
}

/// The text of elements.
#[derive(Default)]
pub(super) struct Written(pub(super) String);

impl Written {
    pub(super) fn push(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    /// `xmlns:prefix`, or `xmlns` for the empty prefix. Declarations come first, by their prefixes.
    pub(super) fn declare(&mut self, prefix: &str, uri: &str) {
        let colon = if prefix.is_empty() { "" } else { ":" };
        self.push(&format!(" xmlns{colon}{prefix}=\"{uri}\""));
    }

    /// Attributes come by namespace, then name.
    pub(super) fn attribute(&mut self, name: &str, value: &str) -> Result<(), Unsignable> {
        if !value
            .chars()
            .all(|c| is_xml_char(c) && !matches!(c, '\t' | '\n' | '\r'))
        {
            return Err(Unsignable::Value("an attribute"));
        }
        let value = value
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;");
        self.push(&format!(" {name}=\"{value}\""));
        Ok(())
    }

    pub(super) fn text(&mut self, value: &str) -> Result<(), Unsignable> {
        if !value.chars().all(|c| is_xml_char(c) && c != '\r') {
            return Err(Unsignable::Value("a text"));
        }
        let value = value
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        self.push(&value);
        Ok(())
    }

    /// An element without attributes that holds a text.
    pub(super) fn element(&mut self, name: &str, value: &str) -> Result<(), Unsignable> {
        self.push(&format!("<{name}>"));
        self.text(value)?;
        self.push(&format!("</{name}>"));
        Ok(())
    }

    /// A Reference to the element `id`, whose canonical form is `octets`.
    pub(super) fn reference(
        &mut self,
        id: &str,
        transforms: &str,
        octets: &str,
    ) -> Result<(), Unsignable> {
        let method = DigestMethod::Sha256;
        let digest = STANDARD.encode(method.digest(octets.as_bytes()));
        self.push("<ds:Reference");
        self.attribute("URI", &format!("#{id}"))?;
        self.push(&format!(
            "><ds:Transforms>{transforms}</ds:Transforms><ds:DigestMethod Algorithm=\"{}\"></ds:DigestMethod>\
             <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>",
            method.uri()
        ));
        Ok(())
    }

    /// A Signature with these references, and what its KeyInfo holds.
    pub(super) fn signature(
        &mut self,
        key: &SigningKey,
        references: &Self,
        key_info: &Self,
    ) -> Result<(), Unsignable> {
        let namespace = DS.uri();
        let inside = format!(
            "<ds:CanonicalizationMethod Algorithm=\"{EXC_C14N}\"></ds:CanonicalizationMethod>\
             <ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod>{}</ds:SignedInfo>",
            key.method().uri(),
            references.0
        );
        // Canonical, it declares its namespace itself.
        let signed_info = format!("<ds:SignedInfo xmlns:ds=\"{namespace}\">{inside}");
        let value = key.sign(signed_info.as_bytes()).map_err(Unsignable::Key)?;
        self.push(&format!(
            "<ds:Signature xmlns:ds=\"{namespace}\"><ds:SignedInfo>{inside}<ds:SignatureValue>{}</ds:SignatureValue>\
             <ds:KeyInfo>{}</ds:KeyInfo></ds:Signature>",
            STANDARD.encode(value),
            key_info.0
        ));
        Ok(())
    }
}

impl fmt::Display for Unsignable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(refusal) => write!(f, "the message cannot be signed: {refusal}"),
            Self::Value(what) => write!(f, "{what} cannot be written as it has to be signed"),
            Self::HolderOfKey => f.write_str("the token is bound to another key"),
            Self::Key(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Unsignable {}
