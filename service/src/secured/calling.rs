//! The client's side: a request is signed, with a token where the endpoint wants one, and its answer is verified.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use hyper::Uri;
use soap::security::{
    Addressing, CertificateRules, Cvr as Organisation, LIB_BAS, Refusal, Response, Rules,
    SignerRules, Verifier,
};
use soap::{Limits, Reply, Request, Transport, TransportError, Version};
use uuid::Uuid;

use super::{Made, Pair, now};
use crate::config::{self, Tokens};
use crate::endpoint::Endpoint;
use crate::http::{Client, HttpTransport};
use crate::outgoing::{Connect, Destination};
use crate::policy;
use crate::routing::Cvr;
use crate::tls::{Credentials, Dialer};
use crate::tokens::TokenSource;

/// Calls endpoints over TLS as their contracts demand: by certificate alone, or by token.
#[derive(Clone, Debug)]
pub struct Caller {
    client: Client<Dialer>,
    tokens: Option<Arc<TokenCalls>>,
}

/// What calls by token are made with.
#[derive(Debug)]
struct TokenCalls {
    settings: Tokens,
    source: TokenSource,
    pair: Pair,
    /// Whether they are made where a certificate would do.
    preferred: bool,
}

impl Caller {
    /// Calls by certificate, and by nothing else.
    pub fn by_certificate(credentials: Credentials, limits: config::Limits) -> Self {
        Self {
            client: Client::over(Dialer::new(credentials), limits),
            tokens: None,
        }
    }

    /// Calls by token too, where the contract demands it, or takes it and tokens are `preferred`. Answers must be signed by one of
    /// `partners`.
    pub fn by_token(
        credentials: Credentials,
        limits: config::Limits,
        tokens: &Tokens,
        partners: &BTreeSet<Cvr>,
        preferred: bool,
    ) -> Self {
        let organisations: Vec<Organisation> = partners
            .iter()
            .filter_map(|partner| partner.to_string().parse().ok())
            .collect();
        let skew = tokens.skew;
        let pair = Pair::new(credentials.clone(), &tokens.signers, move |current| {
            let signer = CertificateRules {
                trust: current.trust(),
                organisations: organisations.clone(),
            };
            let mut rules = Rules::new(&LIB_BAS, SignerRules::Certificate(signer));
            rules.skew = skew;
            rules.limits = limits.reading();
            Made {
                signer: Arc::clone(current.signer()),
                verifier: Verifier::new(rules),
            }
        });
        let calls = TokenCalls {
            settings: tokens.clone(),
            source: TokenSource::new(tokens, &credentials, limits),
            pair,
            preferred,
        };
        Self {
            client: Client::over(Dialer::new(credentials), limits),
            tokens: Some(Arc::new(calls)),
        }
    }
}

impl Connect for Caller {
    type Transport = Call;

    fn to(&self, url: &Uri) -> Call {
        Call::ByCertificate(Box::new(self.client.to(url)))
    }

    fn reach(&self, destination: Destination<'_>) -> Call {
        let Destination {
            endpoint,
            url,
            municipality,
            ..
        } = destination;
        let http = self.client.reach(destination);
        let certificate_does = policy::takes_certificates(endpoint) || endpoint == Endpoint::Intake;
        let tokens = self.tokens.as_ref();
        match tokens.filter(|calls| !certificate_does || calls.preferred) {
            Some(calls) if policy::signed_parts(endpoint).is_some() => {
                Call::ByToken(Box::new(TokenTransport {
                    inner: http,
                    calls: Arc::clone(calls),
                    to: url.to_string(),
                    municipality,
                    audience: calls.settings.entity_id(endpoint).to_owned(),
                }))
            }
            _ => Call::ByCertificate(Box::new(http)),
        }
    }
}

/// The way of one call.
#[derive(Debug)]
pub enum Call {
    /// TLS alone.
    ByCertificate(Box<HttpTransport<Dialer>>),
    /// A signed message.
    ByToken(Box<TokenTransport>),
}

impl Transport for Call {
    async fn send(&self, request: Request<'_>) -> Result<Reply, TransportError> {
        match self {
            Self::ByCertificate(transport) => transport.send(request).await,
            Self::ByToken(transport) => transport.send(request).await,
        }
    }

    fn limits(&self) -> Limits {
        match self {
            Self::ByCertificate(transport) => transport.limits(),
            Self::ByToken(transport) => transport.limits(),
        }
    }
}

/// A transport whose requests are signed with a token, which is fetched first, and whose answers are believed only if they are signed
/// too.
#[derive(Debug)]
pub struct TokenTransport {
    inner: HttpTransport<Dialer>,
    calls: Arc<TokenCalls>,
    to: String,
    municipality: Cvr,
    audience: String,
}

impl Transport for TokenTransport {
    async fn send(&self, request: Request<'_>) -> Result<Reply, TransportError> {
        let (started, time) = (Instant::now(), self.inner.time());
        let token = self.calls.source.token(self.municipality, &self.audience);
        let token = tokio::time::timeout(time, token).await.map_err(|_| {
            let text = format!("was not called: there was no token for it within {time:?}");
            TransportError::passing(text)
        })??;
        let made = self.calls.pair.current();
        let operation = request.operation;
        let id = format!("urn:uuid:{}", Uuid::new_v4());
        let addressing = Addressing::request(request.operation.action, &id, &self.to);
        let body = made
            .signer
            .sign(&request.body, &addressing, Some(&token), now());
        let body = body.map_err(|error| {
            TransportError::lasting(format!("cannot be sent a signed message: {error}"))
        })?;
        // The other side is to answer in what is left: whoever waits for it does not wait for longer because of a token.
        let left = time.saturating_sub(started.elapsed());
        let signed = Request { body, ..request };
        let reply = self.inner.send_within(left, signed).await?;
        match made.verifier.verify_response(&reply.body, &id, now()) {
            Ok(Response::Verified(answer)) => {
                answer
                    .answers(operation)
                    .map_err(|refusal| disbelieved(&refusal))?;
                Ok(answer.reply())
            }
            // Whoever sent it is known by TLS alone, which is enough to try again or not to.
            Ok(Response::UnverifiedFault(fault)) => Ok(fault.reply()),
            Err(refusal) => Err(disbelieved(&refusal)),
        }
    }

    fn version(&self) -> Version {
        LIB_BAS.version
    }

    fn limits(&self) -> Limits {
        self.inner.limits()
    }
}

fn disbelieved(refusal: &Refusal) -> TransportError {
    TransportError::passing(format!(
        "answered with a message that is not to be believed: {refusal}"
    ))
}
