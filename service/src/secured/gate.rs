//! The server's side: a signed request is verified before it is decoded, and its answer is signed.

use std::fmt;
use std::sync::Arc;

use soap::Answer;
use soap::security::{
    Addressing, Body, Cause, NotTakenOnce, Refusal, Unsignable, Verified, Verifier,
};
use uuid::Uuid;

use super::{Made, Pair, Taken, now, request_rules};
use crate::call::{Context, Proof};
use crate::config::{Limits, Tokens};
use crate::endpoint::Endpoint;
use crate::policy;
use crate::tls::Credentials;

/// Lets signed requests in at one endpoint.
pub(crate) struct Gate {
    pair: Pair,
    taken: Taken,
    /// Whether a request without a signature may be one by certificate.
    by_certificate: bool,
}

/// A request that was let in.
pub(crate) struct Entered<'a> {
    pub(crate) request: Verified<Body<'a>>,
    made: Arc<Made>,
}

/// Why a request was not let in.
pub(crate) enum Kept {
    /// It is not to be believed.
    Out(Refusal),
    /// Whether it has been here before could not be found out.
    Waiting,
}

impl Gate {
    /// A gate at `endpoint`; none where its contract wants no signed messages.
    pub(crate) fn at(
        endpoint: Endpoint,
        tokens: &Tokens,
        credentials: &Credentials,
        taken: &Taken,
        limits: Limits,
    ) -> Option<Self> {
        policy::signed_parts(endpoint)?;
        let (tokens, signers) = (tokens.clone(), &tokens.signers);
        let pair = Pair::new(credentials.clone(), signers, move |current| Made {
            signer: Arc::clone(current.signer()),
            verifier: Verifier::new(request_rules(&tokens, endpoint, limits, current)),
        });
        Some(Self {
            pair,
            taken: taken.clone(),
            by_certificate: policy::takes_certificates(endpoint),
        })
    }

    /// Verifies `message`; `None` if it is not signed and need not be.
    ///
    /// # Errors
    /// It is not to be believed, or has been here before.
    pub(crate) async fn enter<'a>(
        &self,
        message: &'a [u8],
        action: Option<&str>,
    ) -> Result<Option<Entered<'a>>, Kept> {
        let made = self.pair.current();
        let request = match made.verifier.verify_request(message, action, now()) {
            Ok(request) => request,
            Err(refusal) if refusal.cause() == Cause::NotSigned && self.by_certificate => {
                return Ok(None);
            }
            Err(refusal) => return Err(Kept::Out(refusal)),
        };
        match request.once(&self.taken, now()).await {
            Ok(request) => Ok(Some(Entered { request, made })),
            Err(NotTakenOnce::Repeat(refusal)) => Err(Kept::Out(refusal)),
            Err(NotTakenOnce::Store(_)) => Err(Kept::Waiting),
        }
    }
}

impl Entered<'_> {
    /// Notes in `context` what the token of the request proves.
    pub(crate) fn prove(&self, context: &Context) {
        let authority = self.request.authority();
        let municipality = authority.municipality();
        let municipality = municipality.and_then(|number| number.as_str().parse().ok());
        if let Some(municipality) = municipality {
            let holder = authority.certificate.clone();
            context.note_proof(Proof {
                municipality,
                holder,
            });
        }
    }

    /// Signs the answer to the request.
    ///
    /// # Errors
    /// The answer cannot be signed.
    pub(crate) fn sign(&self, answer: &Answer) -> Result<String, Unsignable> {
        let authority = self.request.authority();
        let request = authority.message_id.as_deref().unwrap_or_default();
        let id = format!("urn:uuid:{}", Uuid::new_v4());
        let addressing = Addressing::response(answer.action, &id, request);
        self.made
            .signer
            .sign(&answer.body, &addressing, None, now())
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("pair", &self.pair)
            .finish_non_exhaustive()
    }
}
