//! `xs:hexBinary` and `xs:base64Binary`.

use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Bounded, Value, WhiteSpace, built_in, lexical_text};
use crate::xml::{Name, Rule, Scope, Text};

/// Octets in hexadecimal (XML Schema Part 2, section 3.2.15). Letter case is kept; new values are in upper case.
#[derive(Clone, Debug)]
pub struct HexBinary {
    octets: Vec<u8>,
    /// What was read, where it differs from the canonical form.
    written: Option<Box<str>>,
}

impl HexBinary {
    /// These octets.
    pub const fn new(octets: Vec<u8>) -> Self {
        Self {
            octets,
            written: None,
        }
    }

    /// The octets.
    pub fn as_slice(&self) -> &[u8] {
        &self.octets
    }

    /// The octets.
    pub fn into_vec(self) -> Vec<u8> {
        self.octets
    }
}

impl Value for HexBinary {
    const TYPE: Option<Name> = built_in("xs:hexBinary");
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        let (pairs, rest) = lexical.as_bytes().as_chunks::<2>();
        let octet = |[high, low]: &[u8; 2]| Some(hex_digit(*high)? << 4 | hex_digit(*low)?);
        let octets = pairs
            .iter()
            .map(octet)
            .collect::<Option<Vec<u8>>>()
            .filter(|_| rest.is_empty());
        let octets = octets.ok_or(Rule::lexical("xs:hexBinary"))?;
        let written = lexical
            .bytes()
            .any(|digit| digit.is_ascii_lowercase())
            .then(|| lexical.into());
        Ok(Self { octets, written })
    }

    fn write(&self, text: &mut Text<'_>) {
        if let Some(written) = &self.written {
            return text.push(written);
        }
        for octet in &self.octets {
            text.push(&format!("{octet:02X}"));
        }
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

pub(super) const fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

impl PartialEq for HexBinary {
    fn eq(&self, other: &Self) -> bool {
        self.octets == other.octets
    }
}

impl Eq for HexBinary {}

impl std::hash::Hash for HexBinary {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.octets.hash(state);
    }
}

/// Octets in base 64 (XML Schema Part 2, section 3.2.16). White space inside is taken and not kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Base64Binary(Vec<u8>);

impl Base64Binary {
    /// These octets.
    pub const fn new(octets: Vec<u8>) -> Self {
        Self(octets)
    }

    /// The octets.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// The octets.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl Value for Base64Binary {
    const TYPE: Option<Name> = built_in("xs:base64Binary");
    const WHITE_SPACE: WhiteSpace = WhiteSpace::Collapse;

    fn parse(lexical: &str, _scope: &Scope<'_>) -> Result<Self, Rule> {
        let decoded = if lexical.contains(' ') {
            STANDARD.decode(lexical.replace(' ', ""))
        } else {
            STANDARD.decode(lexical)
        };
        decoded
            .map(Self)
            .map_err(|_| Rule::lexical("xs:base64Binary"))
    }

    fn write(&self, text: &mut Text<'_>) {
        text.push(&STANDARD.encode(&self.0));
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

/// What both have in common: octets.
macro_rules! octets {
    ($($type:ident),+) => {$(
        impl Bounded for $type {
            fn length(&self) -> Option<usize> {
                Some(self.as_slice().len())
            }

            fn compare(&self, other: &Self) -> Option<Ordering> {
                (self == other).then_some(Ordering::Equal)
            }
        }

        impl From<Vec<u8>> for $type {
            fn from(octets: Vec<u8>) -> Self {
                Self::new(octets)
            }
        }

        impl AsRef<[u8]> for $type {
            fn as_ref(&self) -> &[u8] {
                self.as_slice()
            }
        }

        lexical_text!($type);
    )+};
}

octets!(HexBinary, Base64Binary);

#[cfg(test)]
mod tests {
    use super::super::from_lexical;
    use super::*;

    #[track_caller]
    fn check_hex(text: &str, octets: Option<&[u8]>) {
        let parsed = from_lexical::<HexBinary>(text).ok();
        assert_eq!(parsed.as_ref().map(HexBinary::as_slice), octets, "{text:?}");
        if let Some(hex) = parsed {
            assert_eq!(hex.to_string(), text);
        }
    }

    #[test]
    fn hexadecimal() {
        check_hex("", Some(b""));
        check_hex("0FB7", Some(&[0x0F, 0xB7]));
        check_hex("0fb7", Some(&[0x0F, 0xB7]));
        check_hex("0Fb7", Some(&[0x0F, 0xB7]));
        check_hex("0FB", None);
        check_hex("0G", None);
        check_hex("0F B7", None);
        check_hex("æ", None);
        assert_eq!(HexBinary::new(vec![0x0F]).to_string(), "0F");
    }

    #[track_caller]
    fn check_base64(text: &str, octets: Option<&[u8]>) {
        let parsed = from_lexical::<Base64Binary>(text).ok();
        assert_eq!(
            parsed.as_ref().map(Base64Binary::as_slice),
            octets,
            "{text:?}"
        );
    }

    #[test]
    fn base_64() {
        check_base64("", Some(b""));
        check_base64("Zm9v", Some(b"foo"));
        check_base64(" Zm\n9v YQ==", Some(b"fooa"));
        check_base64("Z g = =", Some(b"f"));
        check_base64("Zg", None);
        check_base64("Zh==", None);
        check_base64("Zm9v=", None);
        check_base64("Zm9_", None);
        check_base64("====", None);
    }
}
