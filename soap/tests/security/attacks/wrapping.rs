//! Signature wrapping: what was signed is moved to where it is verified and not read, and something else stands where it stood.

use soap::security::{Cause, LIB_BAS};

use super::{Attack, check};
use crate::forge::{element, insert, replace, swap, text};
use crate::messages::request;

/// A part, as its start tag begins, and what of it the attacker wants to say instead.
const PARTS: [(&str, &str, &str); 8] = [
    ("<soap:Body ", "<t:Number>48<", "<t:Number>49<"),
    ("<wsu:Timestamp ", "2026-11-26T12:05", "2026-11-26T12:06"),
    ("<wsa:Action ", "tally:1/Tally<", "tally:1/Tellies<"),
    ("<wsa:MessageID ", "000001<", "000009<"),
    ("<wsa:To ", "/Tally/1<", "/Tally/1/<"),
    ("<wsa:ReplyTo ", "anonymous<", "none<"),
    ("<sbf:Framework ", "version=\"2.0\"", "version=\"1.0\""),
    ("<saml2:Assertion ", ">90000098<", ">90000097<"),
];

pub(super) fn run() {
    let control = request(&LIB_BAS);
    let attacks = PARTS.into_iter().flat_map(|part| variants(&control, part));
    check(&control, &attacks.collect::<Vec<_>>());
}

/// The eight classical ways (Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be", 2012), for parts of a message.
fn variants(message: &str, (start, what, with): (&str, &str, &str)) -> Vec<Attack> {
    let original = text(message, start).to_owned();
    let forged = swap(&original, what, with);
    let (in_header, is_body, is_token) = (
        start.starts_with("<wsa:") || start.starts_with("<sbf:"),
        start.starts_with("<soap:Body"),
        start.starts_with("<saml2:"),
    );
    let renamed = rename(&forged);
    // With the namespaces that the part may inherit.
    let attributes = |tag: &str, end: &str| {
        let (_, after) = message.split_once(tag).expect("the tag");
        after[..after.find(end).expect("its end")].to_owned()
    };
    let inherited = attributes("<soap:Header", ">");
    let namespaces = inherited.clone() + &attributes("<wsse:Security", " soap:");
    let wrapper = |inside: &str| format!("<x:W xmlns:x=\"urn:x\"{namespaces}>{inside}</x:W>");
    let named = |number: usize| format!("wrapping {number} of {start}");
    // The token is looked for by its position, and its id is not that of any part that is signed.
    let moved = Cause::ReferenceTarget;
    let nested = {
        let end = renamed.rfind("</").expect("an end tag");
        [&renamed[..end], &original, &renamed[end..]].concat()
    };
    // A block that holds a text holds no element.
    let is_text = ["<wsa:Action ", "<wsa:MessageID ", "<wsa:To "].contains(&start);
    let second = match (in_header, is_body) {
        (true, _) => Cause::RepeatedHeader,
        (_, true) => Cause::Envelope,
        _ => Cause::Structure,
    };
    let replaced = |with: &str| replace(message, start, with);
    let body = "<soap:Body ";
    let header_end = "</soap:Header>";
    let mut attacks = vec![
        Attack::new(
            named(1),
            insert(&replaced(&renamed), header_end, &wrapper(&original)),
            moved,
        ),
        Attack::new(
            named(2),
            swap(
                &replaced(&renamed),
                &format!("<soap:Header{inherited}>"),
                &format!("<soap:Header{inherited}>{}", wrapper(&original)),
            ),
            moved,
        ),
        Attack::new(
            named(3),
            insert(&replaced(&renamed), "</soap:Envelope>", &wrapper(&original)),
            Cause::Envelope,
        ),
        Attack::new(
            named(4),
            replaced(&nested),
            if is_text { Cause::Structure } else { moved },
        ),
        Attack::new(
            named(5),
            insert(&replaced(&forged), header_end, &wrapper(&original)),
            Cause::DuplicateId,
        ),
        Attack::new(
            named(6),
            in_object(&replaced(&renamed), &original),
            Cause::Structure,
        ),
        Attack::new(
            named(7),
            insert(&replaced(&renamed), "</wsse:Security>", &wrapper(&original)),
            Cause::Structure,
        ),
        Attack::new(named(8), replaced(&format!("{renamed}{original}")), second),
        Attack::new(
            format!("{} the other way round", named(8)),
            replaced(&format!("{original}{renamed}")),
            second,
        ),
    ];
    if !is_body {
        // Where the body decodes to something that no one looks at.
        let range = element(message, body);
        let start_tag = message[range.start..].find('>').expect("a tag");
        let inside = range.start + start_tag + 1;
        let mut wrapped = message.to_owned();
        wrapped.insert_str(inside, &wrapper(&original));
        attacks.push(Attack::new(
            format!("{start} into the body"),
            replace(&wrapped, start, &renamed),
            if is_token || in_header || start.starts_with("<wsu:") {
                moved
            } else {
                Cause::Digest
            },
        ));
    }
    attacks
}

/// With another id.
fn rename(element: &str) -> String {
    for mark in ["wsu:Id=\"", " ID=\""] {
        if let Some(at) = element.find(mark) {
            let mut renamed = element.to_owned();
            renamed.insert_str(at + mark.len(), "other-");
            return renamed;
        }
    }
    panic!("no id in {element}")
}

/// With an Object in the message's signature.
fn in_object(message: &str, inside: &str) -> String {
    let at = message.rfind("</ds:Signature>").expect("a signature");
    let mut with = message.to_owned();
    with.insert_str(at, &format!("<ds:Object>{inside}</ds:Object>"));
    with
}
