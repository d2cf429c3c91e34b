//! The methods that messages and tokens are signed by, in both directions.

use soap::security::{
    Addressing, Cause, CertificateRules, IssuedToken, LIB_BAS, MessageSigner, Response, Rules,
    SignatureMethod, SignerRules, SigningKey, Token, TokenRules, Trust, Verifier,
};

use crate::messages::{ACTION, ENDPOINT, REQUEST_ID, RESPONSE_ID, envelope, token, token_rules};
use crate::pki::{Identity, now, pki};

/// Who signs how, and what the signature says of it.
fn signers() -> [(&'static Identity, SignatureMethod, &'static str); 3] {
    const MORE: [&str; 3] = [
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    ];
    let pki = pki();
    [
        (&pki.caller, SignatureMethod::RsaSha256, MORE[0]),
        (&pki.caller, SignatureMethod::RsaSha512, MORE[1]),
        (&pki.elliptic, SignatureMethod::EcdsaSha256, MORE[2]),
    ]
}

fn key(identity: &Identity, method: SignatureMethod) -> SigningKey {
    identity.key().with_method(method).expect("its method")
}

/// What tells who may be believed: a token of `issuer`.
fn verifier(issuer: &Identity) -> Verifier {
    let rules = TokenRules {
        trust: Trust::new().with_signer(issuer.certificate.clone()),
        ..token_rules()
    };
    Verifier::new(Rules::new(&LIB_BAS, SignerRules::Token(rules)))
}

#[test]
fn requests_and_their_tokens_are_signed_by_each_method() {
    for (holder, method, uri) in signers() {
        for (issuer, issuing, issued_by) in signers() {
            let said = Token {
                holder: holder.certificate.clone(),
                ..token()
            };
            let token = IssuedToken::issue(&said, &key(issuer, issuing)).expect("a token");
            assert!(token.text().contains(issued_by), "{issued_by}");
            let signer = MessageSigner::new(&LIB_BAS, key(holder, method));
            let addressing = Addressing::request(ACTION, REQUEST_ID, ENDPOINT);
            let signed = signer.sign(&envelope(&LIB_BAS), &addressing, Some(&token), now());
            let signed = signed.expect("signed");
            let own = signed.rfind("<ds:SignatureMethod").expect("a method");
            assert!(signed[own..].contains(uri), "{uri}");
            let verify = |message: &str| {
                let verified = verifier(issuer).verify_request(message.as_bytes(), None, now());
                verified.map(|_| ()).map_err(|refusal| refusal.cause())
            };
            assert_eq!(verify(&signed), Ok(()), "{uri} by {issued_by}");
            let changed = signed.replace(">48<", ">49<");
            assert_eq!(verify(&changed), Err(Cause::Digest), "{uri} by {issued_by}");
            // The value of another message, by the same key and method.
            let other = Addressing::request(ACTION, RESPONSE_ID, ENDPOINT);
            let other = signer.sign(&envelope(&LIB_BAS), &other, Some(&token), now());
            let (value, other) = (value(&signed), other.expect("signed"));
            let moved = other.replace(self::value(&other), value);
            assert_eq!(
                verify(&moved),
                Err(Cause::Signature),
                "{uri} by {issued_by}"
            );
        }
    }
}

/// The value of the message's own signature, which stands last.
fn value(message: &str) -> &str {
    let (_, rest) = message.rsplit_once("<ds:SignatureValue>").expect("a value");
    rest.split('<').next().unwrap_or_default()
}

#[test]
fn answers_are_signed_by_each_method() {
    for (identity, method, uri) in signers() {
        let signer = MessageSigner::new(&LIB_BAS, key(identity, method));
        let addressing = Addressing::response(ACTION, RESPONSE_ID, REQUEST_ID);
        let signed = signer.sign(&envelope(&LIB_BAS), &addressing, None, now());
        let signed = signed.expect("signed");
        assert!(signed.contains(uri), "{uri}");
        let rules = CertificateRules {
            trust: pki().trust(),
            organisations: identity.certificate.cvr().into_iter().collect(),
        };
        let verifier = Verifier::new(Rules::new(&LIB_BAS, SignerRules::Certificate(rules)));
        let verify = |message: &str| {
            let verified = verifier.verify_response(message.as_bytes(), REQUEST_ID, now());
            match verified.map_err(|refusal| refusal.cause())? {
                Response::Verified(_) => Ok(()),
                Response::UnverifiedFault(_) => Err(Cause::NotSigned),
            }
        };
        assert_eq!(verify(&signed), Ok(()), "{uri}");
        let changed = signed.replace(">48<", ">49<");
        assert_eq!(verify(&changed), Err(Cause::Digest), "{uri}");
    }
}
