//! Where a role gets its tokens: the security token service, asked with signed requests.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use hyper::Uri;
use soap::security::{
    Addressing, Body, CertificateRules, IssuedToken, Response, Rules, SignerRules, TokenFault,
    TokenRequest, TokenResponse, TokenRules, Trust, Verified, Verifier, WS_TRUST,
};
use soap::{OperationFacts, Request, Transport};
use uuid::Uuid;

use super::{Purpose, TokenCache, TokenError};
use crate::config::{Limits, Tokens};
use crate::http::Client;
use crate::outgoing::Connect;
use crate::routing::Cvr;
use crate::secured::{Made, Pair, now};
use crate::tls::{Credentials, Dialer};

/// Gets tokens in the name of one party; clones share those that are kept.
#[derive(Clone)]
pub struct TokenSource {
    desk: Arc<Desk>,
    cache: TokenCache,
}

/// How the service is asked.
struct Desk {
    settings: Tokens,
    credentials: Credentials,
    client: Client<Dialer>,
    pair: Pair,
}

/// A token is not used for the last seconds of its life: a call takes some.
const REST: TimeDelta = TimeDelta::seconds(30);

/// What is asked for, to the transport.
const ISSUE: OperationFacts = OperationFacts {
    name: "Issue",
    action: TokenRequest::ACTION,
    answer_action: TokenResponse::ACTION,
    fault_action: TokenFault::ACTION,
    inputs: &[],
    outputs: None,
    headers: &[],
};

impl TokenSource {
    /// Asks the service in `settings`, in the name of `credentials`.
    pub fn new(settings: &Tokens, credentials: &Credentials, limits: Limits) -> Self {
        let tokens = settings.clone();
        let pair = Pair::new(credentials.clone(), &settings.signers, move |current| {
            let signer = CertificateRules {
                trust: tokens.signers.trust(current.trust()),
                organisations: Vec::new(),
            };
            let mut rules = Rules::new(&WS_TRUST, SignerRules::Certificate(signer));
            rules.skew = tokens.skew;
            rules.limits = limits.reading();
            Made {
                signer: Arc::clone(current.trust_signer()),
                verifier: Verifier::new(rules),
            }
        });
        let desk = Desk {
            settings: settings.clone(),
            credentials: credentials.clone(),
            // The service knows its callers by their signatures and asks for no certificate in TLS.
            client: Client::over(Dialer::anonymous(credentials.clone()), limits),
            pair,
        };
        Self {
            desk: Arc::new(desk),
            cache: TokenCache::new(),
        }
    }

    /// A token for calling the service with the entity id `audience` on behalf of `municipality`, with the certificate that is in
    /// force.
    ///
    /// # Errors
    /// The security token service handed none out.
    pub async fn token(
        &self,
        municipality: Cvr,
        audience: &str,
    ) -> Result<IssuedToken, TokenError> {
        let purpose = Purpose {
            municipality,
            audience: audience.to_owned(),
            holder: self.desk.credentials.current().certificate().clone(),
        };
        let asking = Arc::clone(&self.desk).ask(purpose.clone());
        self.cache.token(purpose, now(), asking).await
    }

    /// Whose tokens are believed.
    pub(crate) fn trust(&self) -> Trust {
        self.desk.trust()
    }
}

impl Desk {
    /// Whose tokens, and whose answers, are believed.
    fn trust(&self) -> Trust {
        let current = self.credentials.current();
        self.settings.signers.trust(current.trust())
    }

    /// Asks for a token, and says until when to keep it.
    async fn ask(
        self: Arc<Self>,
        purpose: Purpose,
    ) -> Result<(IssuedToken, DateTime<Utc>), TokenError> {
        let municipality = purpose.municipality.to_string().parse();
        let request = TokenRequest {
            context: Some(format!("urn:uuid:{}", Uuid::new_v4())),
            applies_to: purpose.audience.clone(),
            municipality: municipality.map_err(TokenError::unmade)?,
            holder: purpose.holder.clone(),
        };
        let answer = self.exchange(&request).await?;
        self.check(&answer, &request)?;
        let token = answer.token;
        let until = token.token().not_on_or_after - self.settings.skew - REST;
        Ok((token, until))
    }

    async fn exchange(&self, request: &TokenRequest) -> Result<TokenResponse, TokenError> {
        let url: &Uri = &self.settings.sts;
        let made = self.pair.current();
        let id = format!("urn:uuid:{}", Uuid::new_v4());
        let addressing = Addressing::request(TokenRequest::ACTION, &id, &url.to_string());
        let body = request.write().map_err(TokenError::unmade)?;
        let body = made.signer.sign(&body, &addressing, None, now());
        let request = Request {
            operation: &ISSUE,
            version: WS_TRUST.version,
            body: body.map_err(TokenError::unmade)?,
        };
        let reply = self.client.to(url).send(request).await?;
        match made.verifier.verify_response(&reply.body, &id, now()) {
            Ok(Response::Verified(answer)) => {
                let answers = answer.answers(&ISSUE);
                answers.map_err(|refusal| TokenError::disbelieved(&refusal))?;
                issued(&answer)
            }
            // Whoever sent it is known by TLS alone, which is enough to say why there is no token.
            Ok(Response::UnverifiedFault(fault)) => Err(TokenFault::read_unverified(&fault)
                .map_or_else(
                    |refusal| TokenError::disbelieved(&refusal),
                    |fault| TokenError::refused(&fault),
                )),
            Err(refusal) => Err(TokenError::disbelieved(&refusal)),
        }
    }

    /// Whether the answer is one to the request, and its token one to be believed.
    fn check(&self, answer: &TokenResponse, request: &TokenRequest) -> Result<(), TokenError> {
        let token = answer.token.token();
        let other =
            |said: &Option<String>, asked| said.as_deref().is_some_and(|said| said != asked);
        let context = request.context.as_deref().unwrap_or_default();
        if other(&answer.context, context) {
            return Err(TokenError::other("request"));
        }
        if other(&answer.applies_to, &request.applies_to) {
            return Err(TokenError::other("service"));
        }
        if token.municipality != request.municipality {
            return Err(TokenError::other("municipality"));
        }
        if token.holder != request.holder {
            return Err(TokenError::other("certificate"));
        }
        let rules = TokenRules {
            issuer: self.settings.issuer.clone(),
            trust: self.trust(),
            audience: request.applies_to.clone(),
            holders: None,
            privilege: None,
        };
        let believed = answer.token.verify(&rules, now(), self.settings.skew);
        believed.map_err(|refusal| TokenError::disbelieved(&refusal))
    }
}

/// The answer, if it is no fault.
fn issued(body: &Verified<Body<'_>>) -> Result<TokenResponse, TokenError> {
    let disbelieved = |refusal| TokenError::disbelieved(&refusal);
    match TokenFault::read(body).map_err(disbelieved)? {
        Some(fault) => Err(TokenError::refused(&fault)),
        None => TokenResponse::read(body).map_err(disbelieved),
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource")
            .field("settings", &self.desk.settings)
            .field("cache", &self.cache)
            .finish()
    }
}
