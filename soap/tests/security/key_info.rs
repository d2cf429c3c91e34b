//! The ways in which a signature names the certificate that it is made with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use soap::security::{
    Addressing, Cause, Certificate, CertificateRules, Hint, LIB_BAS, MessageSigner, Profile,
    Refusal, Rules, SignerRules, Trust, Verifier, WS_TRUST,
};

use crate::forge::{replace, sign, swap, text};
use crate::messages::{ACTION, ENDPOINT, REQUEST_ID, envelope, request};
use crate::pki::{now, pki};

/// A message by certificate, without the certificate, and with this instead of its KeyInfo.
fn message(profile: &'static Profile, key_info: &str) -> String {
    let addressing = Addressing::request(ACTION, REQUEST_ID, ENDPOINT);
    let signer = MessageSigner::new(profile, pki().caller.key());
    let signed = signer
        .sign(&envelope(profile), &addressing, None, now())
        .expect("signed");
    let start = signed.rfind("<ds:Signature ").expect("a signature");
    let led = text(&signed[start..], "<ds:Reference URI=\"#certificate-").to_owned();
    let bare = replace(&signed, "<wsse:BinarySecurityToken ", "");
    let bare = swap(&bare, &led, "");
    let start = bare.rfind("<ds:Signature ").expect("a signature");
    let (before, signature) = bare.split_at(start);
    let key_info = format!("<ds:KeyInfo>{key_info}</ds:KeyInfo>");
    let signature = replace(signature, "<ds:KeyInfo>", &key_info);
    sign(&format!("{before}{signature}"), &pki().caller.key())
}

fn verify(profile: &'static Profile, trust: Trust, key_info: &str) -> Result<Certificate, Refusal> {
    let rules = CertificateRules {
        trust,
        organisations: Vec::new(),
    };
    let verifier = Verifier::new(Rules::new(profile, SignerRules::Certificate(rules)));
    let message = message(profile, key_info);
    let verified = verifier.verify_request(message.as_bytes(), None, now());
    verified.map(|verified| verified.authority().certificate.clone())
}

fn refused(profile: &'static Profile, trust: Trust, key_info: &str) -> (Cause, Option<Hint>) {
    let refusal = verify(profile, trust, key_info).expect_err(key_info);
    (refusal.cause(), refusal.hint())
}

fn octets(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks(2);
    let octet = |pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16);
    digits.map(|pair| octet(pair).expect("digits")).collect()
}

fn reference(inside: &str) -> String {
    format!("<wsse:SecurityTokenReference>{inside}</wsse:SecurityTokenReference>")
}

fn thumbprint(certificate: &Certificate) -> String {
    let digest = STANDARD.encode(octets(&certificate.sha1_thumbprint()));
    reference(&format!(
        "<wsse:KeyIdentifier ValueType=\"http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1\">{digest}</wsse:KeyIdentifier>"
    ))
}

fn serial_number(number: &str) -> String {
    reference(&format!(
        "<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>CN=Test Root</ds:X509IssuerName>\
         <ds:X509SerialNumber>{number}</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>"
    ))
}

fn inline(certificate: &Certificate) -> String {
    let der = STANDARD.encode(certificate.der());
    format!("<ds:X509Data><ds:X509Certificate>{der}</ds:X509Certificate></ds:X509Data>")
}

fn pinned() -> Trust {
    let trust = Trust::new().with_signer(pki().other.certificate.clone());
    trust.with_signer(pki().caller.certificate.clone())
}

#[test]
fn a_certificate_that_is_known_is_told_by_its_thumbprint_or_serial_number() {
    let caller = &pki().caller.certificate;
    for named in [thumbprint(caller), serial_number("1"), serial_number("01")] {
        for profile in [&LIB_BAS, &WS_TRUST] {
            assert_eq!(verify(profile, pinned(), &named).as_ref(), Ok(caller));
            // An authority that vouches for it has not said which certificate is meant.
            let refusal = refused(profile, pki().trust(), &named);
            assert_eq!(refusal, (Cause::UnknownIssuer, None));
        }
    }
    // Those of others are believed, and did not sign.
    for named in [thumbprint(&pki().other.certificate), serial_number("2")] {
        assert_eq!(refused(&LIB_BAS, pinned(), &named).0, Cause::Signature);
    }
    let both = pinned().with_signer(caller.clone());
    let refusal = refused(&LIB_BAS, both, &serial_number("1"));
    assert_eq!(refusal, (Cause::UnknownIssuer, None), "two of one number");
    for faulty in ["", "one", "-1", &"1".repeat(80)] {
        let refusal = refused(&LIB_BAS, pinned(), &serial_number(faulty));
        assert_eq!(refusal, (Cause::KeyInfo, Some(Hint::About("X509Data"))));
    }
}

#[test]
fn a_certificate_in_the_key_info_is_for_requests_for_tokens_alone() {
    let (caller, other) = (&pki().caller.certificate, &pki().other.certificate);
    for trust in [pinned, || pki().trust()] {
        let verified = verify(&WS_TRUST, trust(), &inline(caller));
        assert_eq!(verified.as_ref(), Ok(caller));
        let refusal = refused(&WS_TRUST, trust(), &inline(other));
        assert_eq!(refusal.0, Cause::Signature);
        let refusal = refused(&LIB_BAS, trust(), &inline(caller));
        assert_eq!(refusal, (Cause::KeyInfo, Some(Hint::About("X509Data"))));
    }
    let stranger = crate::pki::Pki::new();
    let refusal = refused(&WS_TRUST, pinned(), &inline(&stranger.caller.certificate));
    assert_eq!(refusal.0, Cause::UnknownIssuer);
    let two = inline(caller).repeat(2);
    let refusal = refused(&WS_TRUST, pinned(), &two);
    assert_eq!(refusal, (Cause::KeyInfo, Some(Hint::About("X509Data"))));
}

/// What is told of a KeyInfo that is not taken.
#[test]
fn other_ways_are_named() {
    for (key_info, named) in [
        ("<ds:KeyName>caller</ds:KeyName>", Some("KeyName")),
        ("<ds:KeyValue></ds:KeyValue>", Some("KeyValue")),
        (
            &*reference("<wsse:Embedded></wsse:Embedded>"),
            Some("Embedded"),
        ),
        ("<x:Key xmlns:x=\"urn:x\"></x:Key>", None),
    ] {
        let refusal = refused(&WS_TRUST, pinned(), key_info);
        assert_eq!(refusal, (Cause::KeyInfo, named.map(Hint::About)));
    }
}

/// A message by token is signed with the key of its token, whatever else is named.
#[test]
fn a_message_by_token_names_its_token() {
    let control = request(&LIB_BAS);
    let start = control.rfind("<ds:Signature ").expect("a signature");
    let (before, signature) = control.split_at(start);
    for named in [thumbprint(&pki().caller.certificate), serial_number("1")] {
        let key_info = format!("<ds:KeyInfo>{named}</ds:KeyInfo>");
        let signature = replace(signature, "<ds:KeyInfo>", &key_info);
        let message = sign(&format!("{before}{signature}"), &pki().caller.key());
        let verifier = crate::messages::request_verifier(&LIB_BAS);
        let refusal = verifier.verify_request(message.as_bytes(), None, now());
        assert_eq!(refusal.expect_err("refused").cause(), Cause::HolderOfKey);
    }
}
