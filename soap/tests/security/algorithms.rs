//! The methods that messages and tokens are signed by, in both directions.

use soap::security::{
    Addressing, Cause, Certificate, CertificateError, CertificateRules, IssuedToken, LIB_BAS,
    MessageSigner, Response, Rules, SignatureMethod, SignerRules, SigningKey, Token, TokenRules,
    Trust, Verifier,
};

use crate::messages::{ACTION, ENDPOINT, REQUEST_ID, RESPONSE_ID, envelope, token, token_rules};
use crate::pki::{Identity, now, pki};

/// Who signs how, and what the signature says of it.
fn signers() -> [(&'static Identity, SignatureMethod, &'static str); 5] {
    let pki = pki();
    let [p256, p384, p521] = &pki.elliptic;
    [
        (
            &pki.caller,
            SignatureMethod::RsaSha256,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        ),
        (
            &pki.caller,
            SignatureMethod::RsaSha512,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        ),
        (
            p256,
            SignatureMethod::EcdsaSha256,
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        ),
        (
            p384,
            SignatureMethod::EcdsaSha384,
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        ),
        (
            p521,
            SignatureMethod::EcdsaSha512,
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        ),
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

/// A key of one kind does not sign by the method of another, and does not verify what claims to be.
#[test]
fn a_method_is_that_of_one_kind_of_key() {
    for (identity, own, _) in signers() {
        for (other, method, uri) in signers() {
            let taken = identity.key().with_method(method);
            let same = own == method || identity.certificate == other.certificate;
            assert_eq!(taken.is_ok(), same, "{own:?} {method:?}");
            let octets = other.key().with_method(method).expect("its method");
            let signature = octets.sign(b"octets").expect("signed");
            let verifies = identity
                .certificate
                .key()
                .verifies(method, b"octets", &signature);
            assert_eq!(verifies, identity.certificate == other.certificate, "{uri}");
        }
    }
}

/// Keys for RSASSA-PSS alone sign by no method that the profiles have.
#[test]
fn a_key_for_pss_alone_is_refused_by_name() {
    // OCES3 certificates are signed by PSS, and have keys for whatever RSA is used for; this one is made of such a one.
    const RSA: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
    let mut der = pki().caller.certificate.der().to_vec();
    let at = der.windows(RSA.len()).position(|octets| octets == RSA);
    der[at.expect("the algorithm of the key") + RSA.len() - 1] = 0x0A;
    let error = Certificate::from_der(&der).expect_err("a key that is not taken");
    assert_eq!(error, CertificateError::PssKey);
    assert_eq!(error.id(), "certificate-key-pss");
    assert!(error.to_string().contains("RSASSA-PSS"), "{error}");
}
