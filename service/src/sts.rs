//! A small security token service of our own, for development and tests: who asks with a signed request gets what was granted.
//!
//! WS-Trust 1.3 over SOAP 1.2, with the shapes and the fault codes of the municipalities' common one. Requests that have been here
//! before are remembered in memory alone, so that another instance, or this one after a restart, takes one again: what a repeat
//! brings is a token that only its holder can use.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, StatusCode};
use soap::security::{
    Addressing, Authority, Cause, Certificate, CertificateRules, Cvr, IssuedToken, MemoryReplays,
    NotTakenOnce, PrivilegeGroup, Rules, SignerRules, SigningKey, Token, TokenFault, TokenRequest,
    TokenResponse, Verifier, WS_TRUST,
};
use soap::{Fault, Undeclared, Version};
use uuid::Uuid;

use crate::config::{Limits, Tokens};
use crate::http::{self, Respond};
use crate::routing::Agreements;
use crate::secured::{Made, Pair, now};
use crate::tls::Credentials;

/// Whom the service hands tokens to, and in whose name.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The entity ids: the issuer's and the services'.
    pub tokens: Tokens,
    /// Which organisation may have tokens for which endpoint and municipality.
    pub agreements: Agreements,
}

/// The service, on a listener of its own.
pub struct SecurityTokenService {
    granted: Granted,
    pair: Pair,
    replays: MemoryReplays,
    limits: Limits,
}

/// Said while there is no room to remember another request in.
const BUSY: &str =
    "Whether the request has been here before cannot be found out now: try again later.";

/// How long a token holds, as those of the common service do.
const HOLDS: TimeDelta = TimeDelta::hours(8);

impl SecurityTokenService {
    /// A service that signs with `credentials`, and believes requests that their callers' authorities vouch for.
    pub fn new(granted: Granted, credentials: Credentials, limits: Limits) -> Self {
        let skew = granted.tokens.skew;
        let pair = Pair::new(credentials, &granted.tokens.signers, move |current| {
            let signer = CertificateRules {
                trust: current.trust(),
                organisations: Vec::new(),
            };
            let mut rules = Rules::new(&WS_TRUST, SignerRules::Certificate(signer));
            rules.skew = skew;
            rules.limits = limits.reading();
            Made {
                signer: Arc::clone(current.trust_signer()),
                verifier: Verifier::new(rules),
            }
        });
        Self {
            granted,
            pair,
            replays: MemoryReplays::new(10_000),
            limits,
        }
    }

    /// Answers one message from `peer` with an envelope, and says whether it is a fault. The log says who asked, whatever came of it.
    async fn answer(&self, message: &[u8], peer: SocketAddr) -> (String, bool) {
        let unsigned = |fault: Fault<Undeclared>| (fault.write(Version::Soap12), true);
        let made = self.pair.current();
        let time = now();
        let request = match made.verifier.verify_request(message, None, time) {
            Ok(request) => request.once(&self.replays, time).await,
            Err(refusal) => Err(NotTakenOnce::Repeat(refusal)),
        };
        let request = match request {
            Ok(request) => request,
            Err(NotTakenOnce::Repeat(refusal)) => {
                let cause = refusal.id();
                tracing::warn!(%peer, cause, %refusal, "a request for a token is not to be believed");
                return unsigned(fault(number(refusal.cause()), &refusal.peer_text()));
            }
            Err(NotTakenOnce::Store(full)) => {
                tracing::error!(%peer, %full, "a request for a token is not taken");
                return unsigned(fault(100, BUSY));
            }
        };
        let authority = request.authority();
        let holder = authority.certificate.attribution();
        let answer = match TokenRequest::read(&request) {
            Ok(asked) => {
                let (asker, key) = (&authority.certificate, made.signer.key());
                self.granted.issue(&asked, asker, key, time)
            }
            Err(refusal) => Err(fault(103, &format!("The request is malformed: {refusal}"))),
        };
        match &answer {
            Ok(answer) => {
                let token = answer.token.token();
                let (service, municipality) = (&*token.recipient, token.municipality);
                tracing::info!(%peer, holder, service, %municipality, "a token is handed out");
            }
            Err(fault) => tracing::warn!(%peer, holder, %fault, "no token is handed out"),
        }
        let written = answer.and_then(|answer| {
            let unwritten = |_| fault(100, "The answer could not be written.");
            Ok((answer.write().map_err(unwritten)?, false))
        });
        let (answer, is_fault) = written.unwrap_or_else(unsigned);
        let action = if is_fault {
            TokenFault::ACTION
        } else {
            TokenResponse::ACTION
        };
        match signed(&answer, action, authority, &made, time) {
            Some(signed) => (signed, is_fault),
            None => unsigned(fault(100, "The answer could not be signed.")),
        }
    }
}

impl Respond for SecurityTokenService {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn respond(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Full<Bytes>> {
        if request.uri().path() != self.granted.tokens.sts.path() {
            return http::soap12(StatusCode::NOT_FOUND, String::new());
        }
        if request.method() != Method::POST {
            return http::soap12(StatusCode::METHOD_NOT_ALLOWED, String::new());
        }
        let (head, body) = request.into_parts();
        if http::check_media_type(&head.headers, Version::Soap12).is_err() {
            return http::soap12(StatusCode::UNSUPPORTED_MEDIA_TYPE, String::new());
        }
        let Ok(message) = http::whole(body, self.limits.message_bytes).await else {
            return http::soap12(StatusCode::PAYLOAD_TOO_LARGE, String::new());
        };
        let (answer, is_fault) = self.answer(&message, peer).await;
        let status = if is_fault {
            StatusCode::INTERNAL_SERVER_ERROR
        } else {
            StatusCode::OK
        };
        http::soap12(status, answer)
    }
}

/// The answer with that action, signed, in the shape that an answer to `authority` has.
fn signed(
    answer: &str,
    action: &str,
    authority: &Authority,
    made: &Made,
    time: DateTime<Utc>,
) -> Option<String> {
    let id = format!("urn:uuid:{}", Uuid::new_v4());
    let request = authority.message_id.as_deref()?;
    let addressing = Addressing::response(action, &id, request);
    made.signer.sign(answer, &addressing, None, time).ok()
}

/// The code for a request that is not to be believed. The interface description (3.7) has none for signatures and times: what is wrong
/// with the request is 103, and 101 that its caller is none that is known.
const fn number(cause: Cause) -> u16 {
    match cause {
        Cause::UnknownIssuer
        | Cause::SignerExpired
        | Cause::SignerNotYetValid
        | Cause::SignerRevoked
        | Cause::SignerUsage
        | Cause::SignerNotAccepted
        | Cause::SignerPersonal => 101,
        Cause::NoRevocationList => 100,
        _ => 103,
    }
}

/// A fault with a code of the interface description (3.7). What is nobody's mistake but ours is 100.
fn fault(code: u16, text: &str) -> Fault<Undeclared> {
    let reason = format!("{code}: {text}");
    if code == 100 {
        Fault::server(reason)
    } else {
        Fault::client(reason)
    }
}

impl Granted {
    /// The answer to `request`, which `asker` has signed; its token is signed with `key`.
    fn issue(
        &self,
        request: &TokenRequest,
        asker: &Certificate,
        key: &SigningKey,
        time: DateTime<Utc>,
    ) -> Result<TokenResponse, Fault<Undeclared>> {
        if request.holder != *asker {
            let text = "UseKey is not the certificate that signs the request.";
            return Err(fault(103, text));
        }
        let token = self.token(request, time)?;
        let issued = IssuedToken::issue(&token, key)
            .map_err(|_| fault(100, "The token could not be signed."))?;
        Ok(TokenResponse {
            context: request.context.clone(),
            applies_to: Some(request.applies_to.clone()),
            lifetime: Some((token.issued, token.not_on_or_after)),
            token: issued,
        })
    }

    /// What the token says, if it is granted.
    fn token(
        &self,
        request: &TokenRequest,
        time: DateTime<Utc>,
    ) -> Result<Token, Fault<Undeclared>> {
        let Self { tokens, agreements } = self;
        let service = &request.applies_to;
        let endpoint = tokens
            .endpoint(service)
            .ok_or_else(|| fault(101, "The service in AppliesTo is not known."))?;
        let number = |cvr: Cvr| cvr.as_str().parse().ok();
        let (caller, municipality) = (
            request.holder.cvr().and_then(number),
            number(request.municipality),
        );
        let allowed = caller
            .zip(municipality)
            .is_some_and(|(caller, municipality)| agreements.allow(endpoint, caller, municipality));
        if !allowed {
            let text = "The caller has no agreement for the service and the municipality.";
            return Err(fault(101, text));
        }
        Ok(Token {
            id: format!("_{}", Uuid::new_v4()),
            issuer: tokens.issuer.clone(),
            issued: time,
            holder: request.holder.clone(),
            recipient: service.clone(),
            audiences: vec![service.clone()],
            not_before: Some(time),
            not_on_or_after: time + HOLDS,
            municipality: request.municipality,
            privileges: tokens
                .privilege(endpoint)
                .map(|privilege| PrivilegeGroup {
                    scope: request.municipality,
                    privileges: vec![privilege.to_owned()],
                    constraints: Vec::new(),
                })
                .into_iter()
                .collect(),
        })
    }
}

impl fmt::Debug for SecurityTokenService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecurityTokenService")
            .field(&self.granted)
            .finish()
    }
}

#[cfg(test)]
mod tests;
