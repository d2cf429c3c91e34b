//! Signatures that say less than they seem to: parts left out, references that lead elsewhere, weak algorithms, transforms, keys
//! of someone else. The attacker holds a key and a token that are good, and signs the message anew.

use soap::security::{Cause, LIB_BAS};

use super::{Attack, check};
use crate::forge::{insert, replace, sign, swap, text};
use crate::messages::{MUNICIPALITY, request};
use crate::pki::pki;

const EXC: &str =
    "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>";
const UNIQUE: &str = "00000001";

pub(super) fn run() {
    let key = pki().caller.key();
    let control = sign(&request(&LIB_BAS), &key);
    assert_eq!(
        control,
        request(&LIB_BAS),
        "the forger makes what the signer makes"
    );
    let start = control.rfind("<ds:Signature ").expect("a signature");
    let (before, signature) = control.split_at(start);
    let anew = |name: &str, signature: String, cause| {
        Attack::new(name, sign(&format!("{before}{signature}"), &key), cause)
    };
    let mut attacks = Vec::new();
    coverage(signature, &anew, &mut attacks);
    references(signature, &anew, &mut attacks);
    algorithms(signature, &anew, &mut attacks);
    transforms(signature, &anew, &mut attacks);
    key_info(signature, &anew, &mut attacks);
    plain(&control, &mut attacks);
    check(&control, &attacks);
}

type Anew<'a> = dyn Fn(&str, String, Cause) -> Attack + 'a;

/// Where the reference to this part stands.
pub(super) fn reference(signature: &str, part: &str) -> String {
    let start = format!("<ds:Reference URI=\"#{part}");
    text(signature, &start).to_owned()
}

fn coverage(signature: &str, anew: &Anew<'_>, attacks: &mut Vec<Attack>) {
    for part in [
        "body",
        "timestamp",
        "action",
        "message",
        "to",
        "reply",
        "framework",
        "token",
    ] {
        let without = swap(signature, &reference(signature, part), "");
        attacks.push(anew(
            &format!("{part} not signed"),
            without,
            Cause::NotCovered,
        ));
    }
    let at = signature.find("<ds:Reference ").expect("a reference");
    let end = signature.rfind("</ds:Reference>").expect("a reference") + "</ds:Reference>".len();
    let none = [&signature[..at], &signature[end..]].concat();
    attacks.push(anew("no reference", none, Cause::NoReferences));
    let one = [
        &signature[..at],
        &reference(signature, "body"),
        &signature[end..],
    ]
    .concat();
    attacks.push(anew("the body alone", one, Cause::NotCovered));
}

fn references(signature: &str, anew: &Anew<'_>, attacks: &mut Vec<Attack>) {
    let body = reference(signature, "body");
    let mut to = |uri: &str, cause| {
        let led = swap(&body, &format!("URI=\"#body-{UNIQUE}\""), uri);
        attacks.push(anew(
            &format!("a reference with {uri}"),
            swap(signature, &body, &led),
            cause,
        ));
    };
    to("URI=\"\"", Cause::ExternalReference);
    to("Id=\"none\"", Cause::ExternalReference);
    to("URI=\"#\"", Cause::ExternalReference);
    to(
        "URI=\"http://attacker.example/body\"",
        Cause::ExternalReference,
    );
    to("URI=\"file:///etc/passwd\"", Cause::ExternalReference);
    to("URI=\"cid:attachment\"", Cause::ExternalReference);
    to(&format!("URI=\"body-{UNIQUE}\""), Cause::ExternalReference);
    to("URI=\"#xpointer(/)\"", Cause::ExternalReference);
    to(
        &format!("URI=\"#xpointer(id('body-{UNIQUE}'))\""),
        Cause::ExternalReference,
    );
    to("URI=\"#nowhere\"", Cause::ReferenceTarget);
    to(&format!("URI=\"#BODY-{UNIQUE}\""), Cause::ReferenceTarget);
    for (name, copies, cause) in [
        ("twenty-five references", 25, Cause::TooManyReferences),
        ("a thousand references", 1000, Cause::TooManyReferences),
    ] {
        let many = swap(signature, &body, &body.repeat(copies));
        attacks.push(anew(name, many, cause));
    }
}

fn algorithms(signature: &str, anew: &Anew<'_>, attacks: &mut Vec<Attack>) {
    let sha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    for (uri, cause) in [
        (
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            Cause::Algorithm,
        ),
        (
            "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
            Cause::Algorithm,
        ),
        (
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            Cause::Algorithm,
        ),
        (
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            Cause::Algorithm,
        ),
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
            Cause::Algorithm,
        ),
        (
            "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
            Cause::Algorithm,
        ),
        ("urn:none", Cause::Algorithm),
        ("", Cause::Algorithm),
        // Others that are taken, but not what was done.
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
            Cause::Signature,
        ),
        (
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            Cause::Signature,
        ),
    ] {
        attacks.push(anew(
            &format!("signed by {uri}"),
            swap(signature, sha256, uri),
            cause,
        ));
    }
    let truncated = swap(
        signature,
        "</ds:SignatureMethod>",
        "<ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>",
    );
    attacks.push(anew("a truncated signature", truncated, Cause::Structure));
    let sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    for (uri, cause) in [
        ("http://www.w3.org/2000/09/xmldsig#sha1", Cause::Algorithm),
        (
            "http://www.w3.org/2001/04/xmldsig-more#md5",
            Cause::Algorithm,
        ),
        (
            "http://www.w3.org/2001/04/xmlenc#ripemd160",
            Cause::Algorithm,
        ),
        ("urn:none", Cause::Algorithm),
        ("http://www.w3.org/2001/04/xmlenc#sha512", Cause::Digest),
    ] {
        attacks.push(anew(
            &format!("digested by {uri}"),
            swap(signature, sha256, uri),
            cause,
        ));
    }
    for uri in [
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        "urn:none",
    ] {
        let exc = "CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"";
        let other = format!("CanonicalizationMethod Algorithm=\"{uri}\"");
        let changed = swap(signature, exc, &other);
        attacks.push(anew(
            &format!("canonicalised by {uri}"),
            changed,
            Cause::Canonicalisation,
        ));
    }
    let prefixes = format!(
        "<ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{}\"/></ds:CanonicalizationMethod>",
        "p ".repeat(1000)
    );
    let many = swap(signature, "</ds:CanonicalizationMethod>", &prefixes);
    attacks.push(anew("a thousand prefixes", many, Cause::Structure));
}

fn transforms(signature: &str, anew: &Anew<'_>, attacks: &mut Vec<Attack>) {
    let body = reference(signature, "body");
    let mut with = |name: &str, transforms: &str, cause| {
        let led = swap(&body, EXC, transforms);
        attacks.push(anew(name, swap(signature, &body, &led), cause));
    };
    let transform = |uri: &str, inside: &str| {
        format!("<ds:Transform Algorithm=\"{uri}\">{inside}</ds:Transform>")
    };
    for uri in [
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/2000/09/xmldsig#base64",
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform",
        "http://www.w3.org/2002/07/decrypt#XML",
        "urn:none",
    ] {
        with(
            &format!("transform {uri}"),
            &transform(uri, ""),
            Cause::Transform,
        );
    }
    let xslt = "<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\"></xsl:stylesheet>";
    with(
        "XSLT",
        &transform("http://www.w3.org/TR/1999/REC-xslt-19991116", xslt),
        Cause::Transform,
    );
    let xpath = "<ds:XPath>not(ancestor-or-self::t:Number)</ds:XPath>";
    with(
        "XPath",
        &transform("http://www.w3.org/TR/1999/REC-xpath-19991116", xpath),
        Cause::Transform,
    );
    let filter = "<f:XPath xmlns:f=\"http://www.w3.org/2002/06/xmldsig-filter2\" Filter=\"subtract\">//t:Number</f:XPath>";
    with(
        "XPath Filter 2.0",
        &transform("http://www.w3.org/2002/06/xmldsig-filter2", filter),
        Cause::Transform,
    );
    with(
        "XPath before",
        &format!(
            "{}{EXC}",
            transform("http://www.w3.org/TR/1999/REC-xpath-19991116", xpath)
        ),
        Cause::Transform,
    );
    with("twice", &format!("{EXC}{EXC}"), Cause::Transform);
    with("none", "", Cause::Structure);
    let enveloped = transform("http://www.w3.org/2000/09/xmldsig#enveloped-signature", "");
    with(
        "enveloped, of the body",
        &format!("{enveloped}{EXC}"),
        Cause::Transform,
    );
    with("a thousand", &EXC.repeat(1000), Cause::Transform);
    let token = reference(signature, "token");
    let by_token = text(&token, "<ds:Transform ").to_owned();
    with("STR-Transform, of the body", &by_token, Cause::Transform);
    let exclusive = "Method Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"";
    let inclusive = "Method Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"";
    let changed = swap(signature, &token, &swap(&token, exclusive, inclusive));
    attacks.push(anew(
        "STR-Transform, inclusive",
        changed,
        Cause::Canonicalisation,
    ));
    let parameters = text(&token, "<wsse:TransformationParameters ").to_owned();
    let changed = swap(signature, &token, &swap(&token, &parameters, ""));
    attacks.push(anew(
        "STR-Transform without parameters",
        changed,
        Cause::Structure,
    ));
    // The reference itself instead of the token: another token could be put in its place.
    let changed = swap(signature, &token, &swap(&token, &by_token, EXC));
    attacks.push(anew(
        "the reference to the token alone",
        changed,
        Cause::Transform,
    ));
    let none = swap(&body, &format!("<ds:Transforms>{EXC}</ds:Transforms>"), "");
    attacks.push(anew(
        "no transforms",
        swap(signature, &body, &none),
        Cause::Transform,
    ));
}

fn key_info(signature: &str, anew: &Anew<'_>, attacks: &mut Vec<Attack>) {
    use base64::Engine as _;
    let other = base64::engine::general_purpose::STANDARD.encode(pki().other.certificate.der());
    let own = text(signature, "<ds:KeyInfo>");
    let reference = text(own, "<wsse:SecurityTokenReference ");
    let x509 =
        format!("<ds:X509Data><ds:X509Certificate>{other}</ds:X509Certificate></ds:X509Data>");
    let mut with = |name: &str, key_info: String, cause| {
        attacks.push(anew(
            name,
            replace(signature, "<ds:KeyInfo>", &key_info),
            cause,
        ));
    };
    let holds = |inside: &str| format!("<ds:KeyInfo>{inside}</ds:KeyInfo>");
    let value = "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>";
    let retrieval = "<ds:RetrievalMethod URI=\"http://attacker.example/key\"></ds:RetrievalMethod>";
    with("no KeyInfo", String::new(), Cause::KeyInfo);
    with("KeyValue", holds(value), Cause::KeyInfo);
    with("RetrievalMethod", holds(retrieval), Cause::KeyInfo);
    with(
        "KeyName",
        holds("<ds:KeyName>caller</ds:KeyName>"),
        Cause::KeyInfo,
    );
    with("another certificate inline", holds(&x509), Cause::KeyInfo);
    with(
        "another certificate beside",
        holds(&format!("{reference}{x509}")),
        Cause::KeyInfo,
    );
    with(
        "another certificate before",
        holds(&format!("{x509}{reference}")),
        Cause::KeyInfo,
    );
    with(
        "two references",
        holds(&format!("{reference}{reference}")),
        Cause::KeyInfo,
    );
    let embedded = format!(
        "<wsse:SecurityTokenReference><wsse:Embedded>{x509}</wsse:Embedded></wsse:SecurityTokenReference>"
    );
    with("an embedded certificate", holds(&embedded), Cause::KeyInfo);
    let outside = "<wsse:SecurityTokenReference><wsse:Reference URI=\"http://attacker.example/key\"></wsse:Reference></wsse:SecurityTokenReference>";
    with("a key elsewhere", holds(outside), Cause::KeyInfo);
    let body = format!(
        "<wsse:SecurityTokenReference><wsse:Reference URI=\"#body-{UNIQUE}\"></wsse:Reference></wsse:SecurityTokenReference>"
    );
    with("a key in the body", holds(&body), Cause::HolderOfKey);
    with(
        "another token's key",
        holds(&swap(reference, "_0000", "_1111")),
        Cause::HolderOfKey,
    );
    with(
        "a comment in the token's id",
        holds(&swap(reference, "_0000", "_00<!-- -->00")),
        Cause::Comment,
    );
}

/// Without a key of their own.
fn plain(control: &str, attacks: &mut Vec<Attack>) {
    let other = pki().other.key();
    attacks.push(Attack::new(
        "signed with another key",
        sign(control, &other),
        Cause::Signature,
    ));
    let value = text(
        &control[control.rfind("<ds:Signature ").expect("a signature")..],
        "<ds:SignatureValue>",
    );
    attacks.push(Attack::new(
        "an empty signature",
        swap(control, value, "<ds:SignatureValue></ds:SignatureValue>"),
        Cause::Signature,
    ));
    attacks.push(Attack::new(
        "a signature that is no base64",
        swap(control, value, "<ds:SignatureValue>?</ds:SignatureValue>"),
        Cause::Structure,
    ));
    attacks.push(Attack::new(
        "a token's signature as the message's",
        swap(
            control,
            value,
            text(text(control, "<saml2:Assertion "), "<ds:SignatureValue>"),
        ),
        Cause::Signature,
    ));
    attacks.push(Attack::new(
        "no signature",
        {
            let start = control.rfind("<ds:Signature ").expect("a signature");
            let end =
                control.rfind("</ds:Signature>").expect("a signature") + "</ds:Signature>".len();
            [&control[..start], &control[end..]].concat()
        },
        Cause::NotSigned,
    ));
    let security = text(control, "<wsse:Security ").to_owned();
    attacks.push(Attack::new(
        "no security header",
        swap(control, &security, ""),
        Cause::NotSigned,
    ));
    attacks.push(Attack::new(
        "two security headers",
        swap(control, &security, &security.repeat(2)),
        Cause::RepeatedHeader,
    ));
    let signature = &security[security.rfind("<ds:Signature ").expect("a signature")
        ..security.len() - "</wsse:Security>".len()];
    attacks.push(Attack::new(
        "two signatures",
        swap(control, signature, &signature.repeat(2)),
        Cause::Structure,
    ));
    attacks.push(Attack::new(
        "a security header for another",
        swap(
            control,
            "soap:mustUnderstand=\"1\"",
            "soap:mustUnderstand=\"1\" soap:actor=\"urn:other\"",
        ),
        Cause::Structure,
    ));
    attacks.push(Attack::new(
        "another body",
        swap(control, ">48<", ">49<"),
        Cause::Digest,
    ));
    attacks.push(Attack::new(
        "another municipality",
        swap(control, &format!(">{MUNICIPALITY}<"), ">90000097<"),
        Cause::PrivilegeScope,
    ));
    attacks.push(Attack::new(
        "an encrypted body",
        insert(
            &swap(control, text(control, "<t:Week "), ""),
            "</soap:Body>",
            "<e:EncryptedData xmlns:e=\"http://www.w3.org/2001/04/xmlenc#\"/>",
        ),
        Cause::Digest,
    ));
}
