//! What keys and signed tokens are referred to by (WSS SOAP Message Security 1.1.1, section 7; X.509 Token Profile 1.1.1, section
//! 3.2).

use std::borrow::Cow;

use super::super::certificate::hexadecimal;
use super::super::fields::{Fields, attribute, base64, text};
use super::super::token::{X509_DATA, other_reference, x509_data};
use super::super::vocabulary::{DS, SAML_ID, THUMBPRINT, WSSE, X509_SKI, X509_V3};
use super::super::{Cause, Certificate, Profile, Refusal};
use crate::xml::{ElementId, Name, Tree};

/// What a SecurityTokenReference refers to.
pub(super) enum Referred<'t> {
    /// An assertion by its id.
    Token(Cow<'t, str>),
    /// A BinarySecurityToken by its id.
    Certificate(&'t str),
    /// A certificate that the receiver must know already.
    Known(KnownBy),
    /// A certificate in the KeyInfo itself.
    Inline(Vec<u8>),
}

/// What tells one of the certificates that are known.
pub(super) enum KnownBy {
    /// The subject key identifier.
    KeyIdentifier(Vec<u8>),
    /// The SHA-1 digest of its octets.
    Thumbprint(Vec<u8>),
    /// Its serial number, whose octets these are; names of issuers are written in too many ways to be compared.
    SerialNumber(Vec<u8>),
}

impl KnownBy {
    /// Whether it is this one. It tells nothing of whether the certificate is believed.
    pub(super) fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::KeyIdentifier(identifier) => {
                certificate.subject_key_identifier() == Some(identifier.as_slice())
            }
            Self::Thumbprint(digest) => certificate.sha1_thumbprint() == hexadecimal(digest),
            Self::SerialNumber(octets) => {
                let zeros = |digits: &str| digits.trim_start_matches('0').to_owned();
                zeros(certificate.serial()) == zeros(&hexadecimal(octets))
            }
        }
    }
}

/// What a KeyInfo refers to.
///
/// # Errors
/// It is none of what `profile` has; what it is instead is told where it is known.
pub(super) fn key_reference<'t>(
    tree: &'t Tree<'_>,
    key_info: ElementId,
    profile: &Profile,
) -> Result<Referred<'t>, Refusal> {
    let read = || {
        let mut fields = Fields::of(tree, key_info, DS.name("KeyInfo"));
        if profile.certificate_in_key_info && fields.next_is(X509_DATA) {
            return x509_data(tree, key_info).map(Referred::Inline);
        }
        let reference = fields.required(WSSE.name("SecurityTokenReference"))?;
        fields.end()?;
        token_reference(tree, reference)
    };
    read().map_err(|_| Refusal::new(Cause::KeyInfo).with_hint(other_reference(tree, key_info)))
}

pub(super) fn token_reference<'t>(
    tree: &'t Tree<'_>,
    id: ElementId,
) -> Result<Referred<'t>, Refusal> {
    const KEY_IDENTIFIER: Name = WSSE.name("KeyIdentifier");
    let refused = || Refusal::new(Cause::KeyInfo);
    let mut fields = Fields::of(tree, id, WSSE.name("SecurityTokenReference"));
    let identifier = fields.optional(KEY_IDENTIFIER);
    let reference = fields.optional(WSSE.name("Reference"));
    let data = fields.optional(X509_DATA);
    fields.end()?;
    match (identifier, reference, data) {
        (Some(identifier), None, None) => {
            let value = text(tree, identifier, KEY_IDENTIFIER)?;
            let octets = || base64(&value, KEY_IDENTIFIER);
            match attribute(tree, identifier, "ValueType")? {
                SAML_ID => Ok(Referred::Token(value)),
                X509_SKI => Ok(Referred::Known(KnownBy::KeyIdentifier(octets()?))),
                THUMBPRINT => Ok(Referred::Known(KnownBy::Thumbprint(octets()?))),
                _ => Err(refused()),
            }
        }
        (None, None, Some(data)) => {
            let octets = serial_number(tree, data)?;
            Ok(Referred::Known(KnownBy::SerialNumber(octets)))
        }
        (None, Some(reference), None) => {
            let target = attribute(tree, reference, "URI")?.strip_prefix('#');
            let target = target.ok_or_else(refused)?;
            match tree.attribute(reference, "", "ValueType") {
                Some(X509_V3) | None => Ok(Referred::Certificate(target)),
                Some(_) => Err(refused()),
            }
        }
        _ => Err(refused()),
    }
}

/// The serial number in the one X509IssuerSerial of an X509Data.
fn serial_number(tree: &Tree<'_>, data: ElementId) -> Result<Vec<u8>, Refusal> {
    const ISSUER_SERIAL: Name = DS.name("X509IssuerSerial");
    const NUMBER: Name = DS.name("X509SerialNumber");
    let mut fields = Fields::of(tree, data, X509_DATA);
    let inside = fields.required(ISSUER_SERIAL)?;
    fields.end()?;
    let mut fields = Fields::of(tree, inside, ISSUER_SERIAL);
    fields.required(DS.name("X509IssuerName"))?;
    let number = text(tree, fields.required(NUMBER)?, NUMBER)?;
    fields.end()?;
    octets_of(&number).ok_or_else(|| Refusal::structure(NUMBER.local()))
}

/// The octets of a number in decimal digits, the highest first.
fn octets_of(digits: &str) -> Option<Vec<u8>> {
    // A serial number has no more than 20 octets (RFC 5280, section 4.1.2.2).
    const MOST_DIGITS: usize = 49;
    if digits.is_empty() || digits.len() > MOST_DIGITS {
        return None;
    }
    let mut octets: Vec<u8> = Vec::new();
    for digit in digits.chars() {
        let mut carry = digit.to_digit(10)?;
        for octet in &mut octets {
            let grown = u32::from(*octet) * 10 + carry;
            *octet = grown as u8;
            carry = grown >> 8;
        }
        if carry > 0 {
            octets.push(carry as u8);
        }
    }
    octets.reverse();
    Some(octets)
}

pub(super) fn binary_security_token(tree: &Tree<'_>, id: ElementId) -> Result<Vec<u8>, Refusal> {
    const NAME: Name = WSSE.name("BinarySecurityToken");
    if attribute(tree, id, "ValueType")? != X509_V3 {
        return Err(Refusal::structure("ValueType"));
    }
    base64(&text(tree, id, NAME)?, NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octets() {
        let check = |digits: &str, octets: Option<&[u8]>| {
            assert_eq!(octets_of(digits).as_deref(), octets, "{digits:?}");
        };
        check("1", Some(&[1]));
        check("255", Some(&[255]));
        check("256", Some(&[1, 0]));
        check("1193046", Some(&[0x12, 0x34, 0x56]));
        check("0", Some(&[]));
        check("", None);
        check("-1", None);
        check("0x12", None);
        check(&"9".repeat(50), None);
        assert_eq!(
            octets_of(&"9".repeat(49)).map(|octets| octets.len()),
            Some(21)
        );
    }
}
