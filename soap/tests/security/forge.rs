//! What an attacker can do: cut messages apart, put them together again, and sign what comes out with a key of their own.
//!
//! Our own messages are written in canonical form but for namespaces that a part inherits, which makes a canonicaliser of a
//! few lines enough here, one that shares nothing with the one that is tested.

use std::ops::Range;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use soap::security::SigningKey;

/// Where the first element whose start tag begins with `start` stands.
#[track_caller]
pub(crate) fn element(message: &str, start: &str) -> Range<usize> {
    let begin = message
        .find(start)
        .unwrap_or_else(|| panic!("no {start} in {message}"));
    let name = start[1..].split([' ', '>', '/']).next().expect("a name");
    let tag_end = begin + message[begin..].find('>').expect("the end of the tag");
    if message.as_bytes()[tag_end - 1] == b'/' {
        return begin..tag_end + 1;
    }
    let close = format!("</{name}>");
    let end = message[begin..].find(&close).expect("the end tag");
    begin..begin + end + close.len()
}

/// The text of that element.
#[track_caller]
pub(crate) fn text<'m>(message: &'m str, start: &str) -> &'m str {
    &message[element(message, start)]
}

/// The message with `with` instead of the one element whose start tag begins with `start`.
#[track_caller]
pub(crate) fn replace(message: &str, start: &str, with: &str) -> String {
    let range = element(message, start);
    [&message[..range.start], with, &message[range.end..]].concat()
}

/// The message with `with` instead of `what`, which must be there.
#[track_caller]
pub(crate) fn swap(message: &str, what: &str, with: &str) -> String {
    assert!(message.contains(what), "no {what} in {message}");
    message.replacen(what, with, 1)
}

/// The message with `what` put before the first `mark`.
#[track_caller]
pub(crate) fn insert(message: &str, mark: &str, what: &str) -> String {
    swap(message, mark, &format!("{what}{mark}"))
}

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const WSA: &str = "http://www.w3.org/2005/08/addressing";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// The canonical form of a part of one of our messages: what its own tag uses is declared on it.
fn canonical(part: &str, soap: &str) -> String {
    let end = part.find('>').expect("a tag");
    let empty = part[..end].ends_with('/');
    let tag = part[1..end].trim_end_matches('/');
    let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut attributes: Vec<&str> = Vec::new();
    let mut rest = rest.trim();
    while let Some(quote) = rest.find('"') {
        let close = quote + 1 + rest[quote + 1..].find('"').expect("a quote");
        attributes.push(&rest[..=close]);
        rest = rest[close + 1..].trim();
    }
    let (mut declared, own): (Vec<&str>, Vec<&str>) = attributes
        .into_iter()
        .partition(|attribute| attribute.starts_with("xmlns"));
    let known = [
        ("soap", format!("xmlns:soap=\"{soap}\"")),
        ("wsa", format!("xmlns:wsa=\"{WSA}\"")),
        ("wsu", format!("xmlns:wsu=\"{WSU}\"")),
        ("wsse", format!("xmlns:wsse=\"{WSSE}\"")),
        ("ds", format!("xmlns:ds=\"{DS}\"")),
        ("saml2", format!("xmlns:saml2=\"{SAML}\"")),
    ];
    for (prefix, declaration) in &known {
        let used = |name: &str| name.starts_with(&format!("{prefix}:"));
        let there = declared
            .iter()
            .any(|held| held.starts_with(&format!("xmlns:{prefix}=")));
        if (used(name) || own.iter().any(|attribute| used(attribute))) && !there {
            declared.push(declaration);
        }
    }
    declared.sort_unstable();
    let mut out = format!("<{name}");
    for attribute in declared.iter().chain(&own) {
        out.push(' ');
        out.push_str(attribute);
    }
    out.push('>');
    if empty {
        return format!("{out}</{name}>");
    }
    out + &part[end + 1..]
}

/// The message with all digests of its own signature made anew, and the signature with them.
pub(crate) fn sign(message: &str, key: &SigningKey) -> String {
    let soap = message.split('"').nth(1).expect("a namespace").to_owned();
    let start = message.rfind("<ds:Signature ").expect("a signature");
    let (before, signature) = message.split_at(start);
    let mut pieces = signature.split("<ds:Reference ");
    let mut signed = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        signed.push_str("<ds:Reference ");
        signed.push_str(&with_digest(before, message, piece, &soap));
    }
    before.to_owned() + &with_value(&signed, key)
}

fn with_digest(before: &str, message: &str, reference: &str, soap: &str) -> String {
    let id = reference
        .split('#')
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let octets = id.filter(|id| !id.is_empty()).and_then(|id| {
        let reference_by_token = reference.contains("#STR-Transform");
        if reference_by_token {
            let part = canonical(text(before, "<saml2:Assertion "), soap);
            return Some(part.replacen(' ', " xmlns=\"\" ", 1));
        }
        let marks = [format!("wsu:Id=\"{id}\""), format!(" ID=\"{id}\"")];
        let at = marks.iter().find_map(|mark| message.find(mark))?;
        let begin = message[..at].rfind('<')?;
        let range = element(&message[begin..], &message[begin..at]);
        Some(canonical(&message[begin..][range], soap))
    });
    match (octets, reference.find("<ds:DigestValue>")) {
        (Some(octets), Some(_)) => {
            let value = STANDARD.encode(digest(&SHA256, octets.as_bytes()));
            replace(
                reference,
                "<ds:DigestValue>",
                &format!("<ds:DigestValue>{value}</ds:DigestValue>"),
            )
        }
        _ => reference.to_owned(),
    }
}

fn with_value(signature: &str, key: &SigningKey) -> String {
    let signed_info = canonical(text(signature, "<ds:SignedInfo>"), "");
    let value = STANDARD.encode(key.sign(signed_info.as_bytes()).expect("signed"));
    replace(
        signature,
        "<ds:SignatureValue>",
        &format!("<ds:SignatureValue>{value}</ds:SignatureValue>"),
    )
}

/// The assertion with its own signature made anew.
pub(crate) fn sign_token(assertion: &str, key: &SigningKey) -> String {
    let range = element(assertion, "<ds:Signature ");
    let without = [&assertion[..range.start], &assertion[range.end..]].concat();
    let value = STANDARD.encode(digest(&SHA256, canonical(&without, "").as_bytes()));
    let signature = replace(
        &assertion[range.clone()],
        "<ds:DigestValue>",
        &format!("<ds:DigestValue>{value}</ds:DigestValue>"),
    );
    let signature = with_value(&signature, key);
    [
        &assertion[..range.start],
        &signature,
        &assertion[range.end..],
    ]
    .concat()
}
