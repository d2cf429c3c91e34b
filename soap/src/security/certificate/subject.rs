//! Whom the subject of a certificate names: an organisation, which its holder speaks for, or a person.

use std::fmt;

use x509_parser::asn1_rs::{Any, Oid, Tag};
use x509_parser::oid_registry as oid;
use x509_parser::prelude::X509Name;

use super::CertificateError;
use crate::discreet::plain;
use crate::security::Cvr;

/// What kind of holder a certificate has, by the kinds of OCES.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HolderKind {
    /// A function of an organisation (OCES2, FOCES): `CVR:…-FID:…` in serialNumber.
    Function,
    /// An organisation (OCES2, VOCES): `CVR:…-UID:…`.
    Company,
    /// An organisation or one of its systems (OCES3): `UI:DK-O:…`, or no serialNumber beside the organizationIdentifier and no
    /// name of a person.
    Organisation,
    /// Somebody employed by an organisation: `CVR:…-RID:…` (OCES2, MOCES) or `UI:DK-E:…` (OCES3).
    Employee,
    /// Somebody: `PID:…` (OCES2, POCES), `UI:DK-P:…` (OCES3), or whoever has a given name, a surname or a pseudonym.
    Person,
    /// None of these.
    Unknown,
}

impl HolderKind {
    /// Whether the holder speaks for the organisation that the subject names.
    pub const fn speaks_for_organisation(self) -> bool {
        matches!(self, Self::Function | Self::Company | Self::Organisation)
    }

    /// Whether the holder is a person, whatever organisation the subject names beside.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::Employee | Self::Person)
    }

    /// The kind of a subject that names two: the one that proves less.
    const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Person, _) | (_, Self::Person) => Self::Person,
            (Self::Employee, _) | (_, Self::Employee) => Self::Employee,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (first, _) => first,
        }
    }
}

/// For people, with the generation of OCES where it has several.
impl fmt::Display for HolderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Function => "a function of an organisation (OCES2, FOCES)",
            Self::Company => "an organisation (OCES2, VOCES)",
            Self::Organisation => "an organisation or one of its systems (OCES3)",
            Self::Employee => "an employee (MOCES)",
            Self::Person => "a person (POCES)",
            Self::Unknown => "of no kind that OCES has for organisations",
        })
    }
}

/// Who is named.
pub(super) struct Holder {
    pub(super) kind: HolderKind,
    /// The one CVR number in the subject, whoever the holder is.
    pub(super) cvr: Option<Cvr>,
}

/// The attribute organizationIdentifier (ITU-T X.520), which x509-parser has no name for.
const ORGANIZATION_IDENTIFIER: &str = "2.5.4.97";

/// surname, givenName and pseudonym: what an organisation has none of (ETSI EN 319 412-2, section 4.2.4).
const NAMES_OF_PEOPLE: [&str; 3] = ["2.5.4.4", "2.5.4.42", "2.5.4.65"];

impl Holder {
    /// Reads who is named.
    ///
    /// # Errors
    /// The subject names two different CVR numbers.
    pub(super) fn of(subject: &X509Name<'_>) -> Result<Self, CertificateError> {
        let mut numbers = Vec::new();
        let mut kind: Option<HolderKind> = None;
        let mut has_identifier = false;
        for attribute in subject.iter_attributes() {
            let value = text(attribute.attr_value()).unwrap_or_default();
            let id = attribute.attr_type();
            let named = if *id == oid::OID_X509_SERIALNUMBER {
                let (its, number) = of_serial_number(&value);
                numbers.extend(number);
                Some(its)
            } else if NAMES_OF_PEOPLE.contains(&id.to_id_string().as_str()) {
                Some(HolderKind::Person)
            } else {
                if id.to_id_string() == ORGANIZATION_IDENTIFIER {
                    let number = value.strip_prefix("NTRDK-");
                    numbers.extend(number.and_then(|cvr| cvr.parse::<Cvr>().ok()));
                    has_identifier = true;
                }
                None
            };
            kind = match (kind, named) {
                (Some(kind), Some(named)) => Some(kind.or(named)),
                (kind, named) => kind.or(named),
            };
        }
        if numbers.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(CertificateError::TwoCvrNumbers);
        }
        let without = match has_identifier {
            true => HolderKind::Organisation,
            false => HolderKind::Unknown,
        };
        Ok(Self {
            kind: kind.unwrap_or(without),
            cvr: numbers.first().copied(),
        })
    }
}

/// What a serialNumber says: in OCES2 `CVR:`, eight digits, a dash, the kind and the holder's number in the organisation; in OCES3
/// `UI:DK-`, the kind and an id.
fn of_serial_number(value: &str) -> (HolderKind, Option<Cvr>) {
    let unknown = (HolderKind::Unknown, None);
    if let Some(holder) = value.strip_prefix("UI:DK-") {
        let kind = match holder.split(':').next() {
            Some("O") => HolderKind::Organisation,
            Some("E") => HolderKind::Employee,
            Some("P") => HolderKind::Person,
            _ => HolderKind::Unknown,
        };
        return (kind, None);
    }
    if value.starts_with("PID:") {
        return (HolderKind::Person, None);
    }
    let oces2 = value.strip_prefix("CVR:");
    let Some((cvr, holder)) = oces2.and_then(|rest| rest.split_once('-')) else {
        return unknown;
    };
    let kinds = [
        ("FID:", HolderKind::Function),
        ("UID:", HolderKind::Company),
        ("RID:", HolderKind::Employee),
    ];
    let found = kinds
        .iter()
        .find_map(|(prefix, kind)| Some((holder.strip_prefix(prefix)?, *kind)));
    let plain =
        |number: &str| !number.is_empty() && number.bytes().all(|o| o.is_ascii_alphanumeric());
    match (found, cvr.parse()) {
        (Some((number, kind)), Ok(cvr)) if plain(number) => (kind, Some(cvr)),
        _ => unknown,
    }
}

/// The text of an attribute, in any of the string types of X.520.
fn text(value: &Any<'_>) -> Option<String> {
    match value.tag() {
        Tag::Utf8String
        | Tag::PrintableString
        | Tag::Ia5String
        | Tag::NumericString
        | Tag::VisibleString => String::from_utf8(value.data.to_vec()).ok(),
        // Latin-1, as everyone has written it.
        Tag::T61String => Some(value.data.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let (pairs, rest) = value.data.as_chunks();
            let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
            rest.is_empty()
                .then(|| char::decode_utf16(units).collect::<Result<_, _>>().ok())
                .flatten()
        }
        _ => None,
    }
}

/// A name for people, without characters that could play tricks in a log.
pub(super) fn shown(name: &X509Name<'_>) -> String {
    let mut shown = String::new();
    for set in name.iter() {
        for (index, attribute) in set.iter().enumerate() {
            if !shown.is_empty() {
                shown.push_str(if index == 0 { ", " } else { " + " });
            }
            shown.push_str(&label(attribute.attr_type()));
            shown.push('=');
            let value = text(attribute.attr_value()).unwrap_or_else(|| "?".to_owned());
            shown.extend(plain(&value).take(MOST_SHOWN));
        }
    }
    shown
}

/// Characters of one value that are shown.
const MOST_SHOWN: usize = 200;

fn label(kind: &Oid<'_>) -> String {
    let id = kind.to_id_string();
    let label = match id.as_str() {
        "2.5.4.3" => "CN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        ORGANIZATION_IDENTIFIER => "organizationIdentifier",
        "1.2.840.113549.1.9.1" => "emailAddress",
        _ => return id,
    };
    label.to_owned()
}
