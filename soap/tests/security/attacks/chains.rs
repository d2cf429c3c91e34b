//! What stands in the KeyInfo of a token's signature, which no one signs: beside the issuer's certificate, before it, instead of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use soap::security::{Cause, Certificate, LIB_BAS};

use super::{Attack, check};
use crate::forge::{sign, sign_token, swap, text};
use crate::messages::{issue, request, token};
use crate::pki::{Identity, pki};

fn holding(certificates: &[&Certificate]) -> String {
    let element = |certificate: &&Certificate| {
        let der = STANDARD.encode(certificate.der());
        format!("<ds:X509Certificate>{der}</ds:X509Certificate>")
    };
    let all: String = certificates.iter().map(element).collect();
    format!("<ds:X509Data>{all}</ds:X509Data>")
}

pub(super) fn run() {
    let good = issue(&token()).text().to_owned();
    let first = request(&LIB_BAS);
    let own = text(text(&good, "<ds:Signature "), "<ds:KeyInfo>").to_owned();
    let with = |key_info: &str, issuer: &Identity| {
        let key_info = format!("<ds:KeyInfo>{key_info}</ds:KeyInfo>");
        let token = sign_token(&swap(&good, &own, &key_info), &issuer.key());
        sign(&swap(&first, &good, &token), &pki().caller.key())
    };
    let (issuer, caller) = (&pki().token_service, &pki().caller);
    let (ours, theirs, root) = (&issuer.certificate, &caller.certificate, &pki().root);
    let chain = holding(&[ours, root]);
    let named = swap(
        &chain,
        "<ds:X509Data>",
        "<ds:X509Data><ds:X509SubjectName>CN=token service</ds:X509SubjectName>",
    );
    let value = "<ds:KeyValue></ds:KeyValue>";
    let elsewhere = "<ds:RetrievalMethod URI=\"http://localhost/key\"></ds:RetrievalMethod>";
    let attacks = [
        (
            "the caller's certificate before the issuer's",
            with(&holding(&[theirs, ours]), caller),
            Cause::UnknownIssuer,
        ),
        (
            "the same, signed by the issuer",
            with(&holding(&[theirs, ours]), issuer),
            Cause::UnknownIssuer,
        ),
        (
            "the caller's certificate behind the issuer's",
            with(&holding(&[ours, theirs]), caller),
            Cause::TokenSignature,
        ),
        (
            "a chain from its root down",
            with(&holding(&[root, ours]), issuer),
            Cause::SignerUsage,
        ),
        (
            "the issuer's certificate by the names of another's",
            with(&swap(&named, "token service", "caller"), caller),
            Cause::TokenSignature,
        ),
        (
            "two chains",
            with(&[holding(&[theirs]), chain.clone()].concat(), caller),
            Cause::TokenKeyInfo,
        ),
        (
            "a key before the chain",
            with(&[value, &chain].concat(), caller),
            Cause::TokenKeyInfo,
        ),
        (
            "a key behind the chain",
            with(&[&chain, value].concat(), caller),
            Cause::TokenKeyInfo,
        ),
        (
            "a key elsewhere beside the chain",
            with(&[&chain, elsewhere].concat(), issuer),
            Cause::TokenKeyInfo,
        ),
        (
            "an empty chain",
            with(&holding(&[]), issuer),
            Cause::TokenKeyInfo,
        ),
        (
            "a certificate of another vocabulary",
            with(
                &chain.replace("ds:X509Certificate>", "saml2:X509Certificate>"),
                issuer,
            ),
            Cause::TokenKeyInfo,
        ),
        (
            "a chain with text in it",
            with(&swap(&chain, "</ds:X509Data>", "…</ds:X509Data>"), issuer),
            Cause::TokenKeyInfo,
        ),
    ];
    let attacks: Vec<Attack> = attacks
        .into_iter()
        .map(|(name, message, cause)| Attack::new(name, message, cause))
        .collect();
    check(&with(&chain, issuer), &attacks);
    check(&with(&named, issuer), &attacks);
}
