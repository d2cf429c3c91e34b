//! The kinds of work that are measured.

use std::hint::black_box;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use chrono::TimeDelta;
use soap::security::{
    Addressing, IssuedToken, LIB_BAS, MessageSigner, Rules, SignerRules, Token, TokenRules, Trust,
    Verifier,
};

use crate::pki::{now, pki};

/// A kind of work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// A message whose token is not kept, so that both signatures are verified; its issuer and its holder are known.
    Verify,
    /// A message whose token is kept.
    VerifyKnown,
    /// Signing the same message.
    Sign,
    /// Verifying one RSA signature of 32 octets, key and all.
    RsaVerify,
    /// The same with a key that has been taken in before, as the verifier has them.
    RsaVerifyParsed,
    /// Making one.
    RsaSign,
}

impl Work {
    pub(crate) const ALL: [Self; 6] = [
        Self::Verify,
        Self::VerifyKnown,
        Self::Sign,
        Self::RsaVerify,
        Self::RsaVerifyParsed,
        Self::RsaSign,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::VerifyKnown => "verify-known",
            Self::Sign => "sign",
            Self::RsaVerify => "rsa-verify",
            Self::RsaVerifyParsed => "rsa-verify-parsed",
            Self::RsaSign => "rsa-sign",
        }
    }
}

/// What the work is done with.
pub(crate) struct Bench {
    envelope: String,
    message: String,
    token: IssuedToken,
    signer: MessageSigner,
    addressing: Addressing,
    known: Verifier,
    /// Keeps no token.
    forgetful: Verifier,
    bare: KeyPair,
    bare_public: Vec<u8>,
    bare_parsed: ParsedPublicKey,
    bare_signature: Vec<u8>,
}

const ACTION: &str = "urn:example:tally:1/Tally";
const ENTITY: &str = "http://entityid.example/service/tally/1";
const ISSUER: &str = "https://saml.example";
const PROBE: [u8; 32] = [7; 32];

impl Bench {
    pub(crate) fn new() -> Self {
        let token = Token {
            id: "_00000000-0000-4000-8000-0000000000aa".to_owned(),
            issuer: ISSUER.to_owned(),
            issued: now(),
            holder: pki().caller.certificate.clone(),
            recipient: ENTITY.to_owned(),
            audiences: vec![ENTITY.to_owned()],
            not_before: Some(now()),
            not_on_or_after: now() + TimeDelta::hours(8),
            municipality: "90000098".parse().expect("a CVR number"),
            // The promise is made for a token of 5.4 KB in a message of 10.6 KB. Ours come near that with nothing in them that
            // need not be there.
            privileges: Vec::new(),
        };
        let token = IssuedToken::issue(&token, &pki().token_service.key()).expect("a token");
        let envelope = "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
             <t:Week xmlns:t=\"urn:example:tally:1\"><t:Number>48</t:Number></t:Week></soap:Body></soap:Envelope>"
            .to_owned();
        let signer = MessageSigner::new(&LIB_BAS, pki().caller.key());
        let id = "urn:uuid:00000000-0000-4000-8000-000000000001";
        let addressing = Addressing {
            reply_to_anonymous: false,
            ..Addressing::request(ACTION, id, "https://localhost/service/Tally/1")
        };
        let message = signer
            .sign(&envelope, &addressing, Some(&token), now())
            .expect("signed");
        let bare = KeyPair::from_pkcs8(&pki().caller.pkcs8).expect("a key");
        let bare_public = aws_lc_rs::signature::KeyPair::public_key(&bare)
            .as_ref()
            .to_vec();
        let bare_parsed = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &bare_public)
            .parse()
            .expect("a key");
        let mut bench = Self {
            envelope,
            message,
            token,
            signer,
            addressing,
            known: verifier(4096),
            forgetful: verifier(0),
            bare_public,
            bare_parsed,
            bare,
            bare_signature: Vec::new(),
        };
        bench.bare_signature = bench.rsa_sign();
        bench.run(Work::VerifyKnown, 1);
        bench.run(Work::Verify, 1);
        bench
    }

    /// Octets of the message and of its token.
    pub(crate) fn sizes(&self) -> (usize, usize) {
        (self.message.len(), self.token.text().len())
    }

    pub(crate) fn run(&self, work: Work, times: usize) {
        for _ in 0..times {
            match work {
                Work::Verify => {
                    black_box(self.forgetful.verify_request(
                        self.message.as_bytes(),
                        Some(ACTION),
                        now(),
                    ))
                    .expect("verified");
                }
                Work::VerifyKnown => {
                    black_box(self.known.verify_request(
                        self.message.as_bytes(),
                        Some(ACTION),
                        now(),
                    ))
                    .expect("verified");
                }
                Work::Sign => {
                    black_box(self.signer.sign(
                        &self.envelope,
                        &self.addressing,
                        Some(&self.token),
                        now(),
                    ))
                    .expect("signed");
                }
                Work::RsaVerify => {
                    let key =
                        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.bare_public);
                    key.verify(black_box(&PROBE), &self.bare_signature)
                        .expect("verified");
                }
                Work::RsaVerifyParsed => {
                    self.bare_parsed
                        .verify_sig(black_box(&PROBE), &self.bare_signature)
                        .expect("verified");
                }
                Work::RsaSign => {
                    black_box(self.rsa_sign());
                }
            }
        }
    }

    fn rsa_sign(&self) -> Vec<u8> {
        let mut signature = vec![0; self.bare.public_modulus_len()];
        let random = SystemRandom::new();
        self.bare
            .sign(
                &RSA_PKCS1_SHA256,
                &random,
                black_box(&PROBE),
                &mut signature,
            )
            .expect("signed");
        signature
    }
}

fn verifier(known_tokens: usize) -> Verifier {
    let trust = Trust::new().with_signer(pki().token_service.certificate.clone());
    let rules = Rules::new(
        &LIB_BAS,
        SignerRules::Token(TokenRules {
            issuer: ISSUER.to_owned(),
            trust,
            audience: ENTITY.to_owned(),
            holders: None,
            privilege: None,
        }),
    );
    Verifier::new(Rules {
        known_tokens,
        ..rules
    })
}
