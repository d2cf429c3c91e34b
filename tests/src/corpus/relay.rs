//! What runs the messages of a corpus through emitted code. This file is compiled here, and once more in the scratch workspace
//! beside the emitted modules.
//!
//! A request goes the whole way: the server's side reads envelope, headers and body and hands the typed request to an
//! implementation, which calls with it, as a client, a peer that answers with the recorded response; that goes back the same
//! way. So each message is read and written by the very code that a service or its caller runs.

use std::io::{BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use serde_json::{Value, json};
use soap::{
    Answer, AnyRoot, Call, CallError, Fault, Headers, Limits, Operation, Rejection, Reply, Request,
    Service, Transport, TransportError, Version,
};

/// One call: what the peer answers, and what was said to it.
#[derive(Debug, Default)]
pub struct Exchange {
    version: Version,
    response: Option<Vec<u8>>,
    heard: Mutex<Heard>,
}

/// What came of one call on the way.
#[derive(Clone, Debug, Default)]
struct Heard {
    /// The request as it was written again.
    request: Option<String>,
    /// Why there is no response.
    failure: Option<String>,
    /// Header blocks that the operation declares, by namespace and name.
    declared: [Vec<[&'static str; 2]>; 2],
}

impl Exchange {
    fn note(&self, change: impl FnOnce(&mut Heard)) {
        change(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The peer.
impl Transport for &Exchange {
    async fn send(&self, request: Request<'_>) -> Result<Reply, TransportError> {
        self.note(|heard| heard.request = Some(request.body));
        let body = match &self.response {
            Some(response) => response.clone(),
            None if request.operation.outputs.is_none() => Vec::new(),
            None => return Err(TransportError::lasting("no response is recorded")),
        };
        Ok(Reply { body })
    }

    fn version(&self) -> Version {
        self.version
    }
}

/// Implements `O`: asks the peer of `exchange`.
///
/// # Errors
/// The request is not what the contract says.
pub async fn relay<O: Operation>(call: Call<'_>, exchange: &Exchange) -> Result<Answer, Rejection> {
    let declared = [O::InputHeaders::NAMES, O::OutputHeaders::NAMES].map(|names| {
        let names = names.iter();
        names
            .map(|name| [name.namespace().uri(), name.local()])
            .collect()
    });
    exchange.note(|heard| heard.declared = declared);
    let answer = async |request, headers| {
        let called = soap::client::call_with_headers::<O, _>(&exchange, &request, &headers).await;
        called.map_err(|error| match error {
            CallError::Fault(fault) => fault,
            error => {
                let reason = match &error {
                    CallError::Reply(violations) => violations.to_string(),
                    CallError::Request(unwritable) => unwritable.to_string(),
                    CallError::Transport(error) => error.to_string(),
                    CallError::Fault(_) => String::new(),
                };
                exchange.note(|heard| heard.failure = Some(reason));
                Fault::server("no response")
            }
        })
    };
    call.answer_with_headers::<O, _, _>(answer).await
}

/// Hands a request to a service whose implementations are [`relay`]s.
pub type Handle = fn(&[u8], &Arc<Exchange>) -> Result<Answer, Rejection>;

/// Hands a request to `S`.
///
/// # Errors
/// As [`soap::server::handle`].
pub fn handle<S: Service<Context = Arc<Exchange>> + Default>(
    message: &[u8],
    exchange: &Arc<Exchange>,
) -> Result<Answer, Rejection> {
    let service = S::default();
    let limits = Limits::default();
    let answer = soap::server::handle(&service, message, None, Arc::clone(exchange), &limits);
    let mut answer = std::pin::pin!(answer);
    loop {
        // Nothing here waits.
        if let Poll::Ready(answer) = answer
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return answer;
        }
    }
}

/// The emitted code of one contract.
#[derive(Clone, Copy)]
#[allow(missing_debug_implementations, reason = "roots have none")]
pub struct Module {
    /// The contract.
    pub name: &'static str,
    /// Its elements.
    pub roots: &'static [&'static [&'static dyn AnyRoot]],
    /// Its services.
    pub services: &'static [Handle],
}

/// Runs the jobs on standard input, a JSON object a line, and tells what came of each on standard output.
///
/// # Errors
/// Standard input or output fails.
pub fn run(modules: &[Module]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let job: Value = serde_json::from_str(&line?)?;
        let module = modules.iter().find(|module| job["contract"] == module.name);
        let done = match (module, job["request"].as_str()) {
            (Some(module), Some(request)) => module.exchange(request, job["response"].as_str()),
            (Some(module), None) => module.element(&job),
            (None, _) => json!({ "refused": "the contract has no module" }),
        };
        writeln!(out, "{done}")?;
    }
    Ok(())
}

impl Module {
    /// Reads and writes an element, and what was written once more.
    fn element(&self, job: &Value) -> Value {
        let [namespace, local, message] =
            ["namespace", "local", "element"].map(|key| job[key].as_str().unwrap_or_default());
        let mut roots = self.roots.iter().flat_map(|roots| roots.iter());
        let root = roots.find(|root| {
            let name = root.name();
            [name.namespace().uri(), name.local()] == [namespace, local]
        });
        let Some(root) = root else {
            return json!({ "element": { "stray": true } });
        };
        let round = |message: &str| root.round_trip(message.as_bytes(), &Limits::default());
        match round(message) {
            Ok(written) => {
                let stable = round(&written).is_ok_and(|again| again == written);
                json!({ "element": { "written": written, "stable": stable } })
            }
            Err(violations) => json!({ "element": { "refused": violations.to_string() } }),
        }
    }

    /// Relays an exchange, and then what was written once more.
    fn exchange(&self, request: &str, response: Option<&str>) -> Value {
        let mut done = self.relay(request, response);
        let written =
            ["request", "response"].map(|part| done[part]["written"].as_str().map(str::to_owned));
        if let [Some(request), response] = &written {
            let again = self.relay(request, response.as_deref());
            for (part, written) in ["request", "response"].into_iter().zip(&written) {
                if let Some(written) = written {
                    done[part]["stable"] = json!(again[part]["written"] == json!(written));
                }
            }
        }
        done
    }

    fn relay(&self, request: &str, response: Option<&str>) -> Value {
        let version = if request.contains(Version::Soap12.namespace().uri()) {
            Version::Soap12
        } else {
            Version::Soap11
        };
        let mut refused = "there is no service".to_owned();
        for handle in self.services {
            let exchange = Arc::new(Exchange {
                version,
                response: response.map(|response| response.as_bytes().to_vec()),
                heard: Mutex::default(),
            });
            match handle(request.as_bytes(), &exchange) {
                Err(rejection) => {
                    refused = rejection.to_string();
                    // Another service may have the operation.
                    if rejection.kind() == soap::RejectionKind::UnknownOperation {
                        continue;
                    }
                    break;
                }
                Ok(answer) => {
                    let heard = exchange
                        .heard
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .clone();
                    let [requests, responses] = heard.declared;
                    let sent = match heard.request {
                        Some(written) => json!({ "written": written, "headers": requests }),
                        None => json!({ "refused": heard.failure }),
                    };
                    let answered = match (response, heard.failure, answer.unwritable) {
                        (None, _, _) => Value::Null,
                        (Some(_), None, None) => {
                            json!({ "written": answer.body, "headers": responses })
                        }
                        (_, Some(failure), _) => json!({ "refused": failure }),
                        (_, None, Some(unwritable)) => json!({ "refused": unwritable.to_string() }),
                    };
                    return json!({ "request": sent, "response": answered });
                }
            }
        }
        json!({ "request": { "refused": refused } })
    }
}
