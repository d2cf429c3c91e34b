//! An endpoint, from outside: who it says it is, what it asks of its callers, and whether its contract is ours.

mod connection;
mod contract;

use std::error::Error;
use std::fmt;
use std::io;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, DATE, HOST};
use hyper::rt::{Read, Write};
use hyper::{HeaderMap, Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{ClientConfig, RootCertStore};
use soap::discreet;
use soap::security::Certificate;
use tokio::net::TcpStream;

use self::connection::Shown;
use self::contract::Contract;
use super::{Report, SAID, Section, cert};
use crate::endpoint::Endpoint;
use crate::http::whole;

/// What an endpoint is examined with.
#[derive(Debug, Default)]
pub struct Visitor<'a> {
    /// The roots that its certificate must lead to; if there are none, it is only shown.
    pub roots: Vec<Certificate>,
    /// What proves who calls, where that is asked for.
    pub identity: Option<&'a ClientConfig>,
}

/// Why an endpoint could not be examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable(String);

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not be reached: {}", self.0)
    }
}

impl Error for Unreachable {}

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The most octets of an answer.
const MOST: usize = 1 << 20;
/// What an endpoint is sent to see how it says no: nothing that it could do.
const EMPTY: &str = "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body/></soap:Envelope>";

impl Visitor<'_> {
    /// Examines the endpoint at `url`, which is asked for its contract and sent one empty message.
    ///
    /// # Errors
    /// It cannot be reached, or does not speak the protocol of the URL.
    pub async fn endpoint(&self, url: &Uri) -> Result<Report, Unreachable> {
        let mut connection = Section::new("connection");
        connection.fact("endpoint", url.to_string());
        let path = url.path();
        let wsdl = Request::builder()
            .method(Method::GET)
            .uri(format!("{path}?wsdl"));
        let visit = self.visit(url, wsdl, "").await;
        let (shown, outcome) = visit.map_err(|error| Unreachable(innermost(&error)))?;
        match shown {
            Some(shown) => self.judge_connection(&shown, &outcome, &mut connection),
            None => self.judge_plain(url, &outcome, &mut connection).await,
        }
        let mut sections = vec![connection];
        if let Ok(served) = &outcome {
            sections.push(clock(&served.headers, SystemTime::now().into()));
            sections.push(compare(served));
            let call = Request::builder()
                .method(Method::POST)
                .uri(path)
                .header(CONTENT_TYPE, "text/xml; charset=utf-8")
                .header("SOAPAction", "\"\"");
            let visit = self.visit(url, call, EMPTY).await;
            let outcome = visit.and_then(|(_, outcome)| outcome);
            sections.push(unsecured(&outcome));
        }
        Ok(Report { sections })
    }

    /// One request on a connection of its own: what the server showed, and what came of the request.
    async fn visit(
        &self,
        url: &Uri,
        request: hyper::http::request::Builder,
        body: &str,
    ) -> io::Result<(Option<Shown>, io::Result<Served>)> {
        let host = url.authority().map_or("", |authority| authority.as_str());
        let host = host.rsplit('@').next().unwrap_or_default();
        let request = request.header(HOST, host);
        let request = request.body(Full::new(Bytes::from(body.to_owned())));
        let request = request.map_err(io::Error::other)?;
        let visit = async {
            if url.scheme_str() == Some("https") {
                let (stream, shown) = connection::connect(url, self.identity).await?;
                return Ok((Some(shown), exchange(TokioIo::new(stream), request).await));
            }
            let host = url.host().unwrap_or_default();
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let stream = TcpStream::connect((host, connection::port(url))).await?;
            Ok((None, exchange(TokioIo::new(stream), request).await))
        };
        let visit = tokio::time::timeout(PATIENCE, visit).await;
        visit.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// What came of asking without TLS. Servers of TLS differ in what they make of that, but not in that they take a handshake.
    async fn judge_plain(&self, url: &Uri, outcome: &io::Result<Served>, section: &mut Section) {
        let Err(error) = outcome else {
            section.warning(
                "It answers in plain HTTP: anyone on the way can read and change what is said.",
            );
            return;
        };
        let handshake = connection::connect(url, self.identity);
        match tokio::time::timeout(PATIENCE, handshake).await {
            Ok(Ok((_, shown))) => section.wrong(
                "tls",
                format!(
                    "It does not answer in plain HTTP, but speaks {}: its URL begins with https.",
                    shown.version
                ),
            ),
            _ => section.wrong(
                "broken-off",
                format!("It does not answer in HTTP: {}.", innermost(error)),
            ),
        }
    }

    fn judge_connection(&self, shown: &Shown, outcome: &io::Result<Served>, section: &mut Section) {
        section.fact("protocol", shown.version);
        section.ok(format!("It speaks {}.", shown.version));
        for (index, der) in shown.chain.iter().enumerate() {
            match Certificate::from_der(der) {
                Ok(certificate) if index == 0 => {
                    let now = SystemTime::now().into();
                    cert::facts(&certificate, now, section);
                    cert::validity(&certificate, now, section);
                }
                Ok(certificate) => section.said("above it", [certificate.subject()]),
                Err(error) => section.fact("certificate", error.to_string()),
            }
        }
        if self.roots.is_empty() {
            section.fact("trust", "not examined: no roots were given");
        } else if let Err(error) = verify(shown, &self.roots) {
            section.wrong("not-trusted", format!("It is not to be trusted: {error}."));
        } else {
            section.ok("Its chain leads to a root that was given, and the name is its own.");
        }
        let own = self.identity.is_some();
        let asked = match (shown.asked, own, outcome) {
            (false, _, _) => "not asked for",
            (true, false, Ok(_)) => "asked for, and done without",
            (true, false, Err(_)) => "demanded, and none was shown",
            (true, true, _) => "asked for, and shown",
        };
        section.fact("client certificate", asked);
        if let Err(error) = outcome {
            if shown.asked && !own {
                section.warning(
                    "It demands a client certificate, so that no more could be examined: --config and --role show one.",
                );
            } else {
                section.wrong(
                    "broken-off",
                    format!("It broke the connection off: {}.", innermost(error)),
                );
            }
        }
    }
}

/// What was answered.
struct Served {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

async fn exchange<I: Read + Write + Unpin + Send + 'static>(
    io: I,
    request: Request<Full<Bytes>>,
) -> io::Result<Served> {
    let (mut sender, connection) = http1::handshake(io).await.map_err(io::Error::other)?;
    let driving = tokio::spawn(connection);
    let response = sender.send_request(request).await;
    let (head, body) = response.map_err(io::Error::other)?.into_parts();
    let body = whole(body, MOST).await;
    driving.abort();
    let body = body.map_err(|_| io::Error::other("the answer broke off or is too long"))?;
    Ok(Served {
        status: head.status,
        headers: head.headers,
        body,
    })
}

fn verify(shown: &Shown, roots: &[Certificate]) -> Result<(), String> {
    let mut store = RootCertStore::empty();
    for root in roots {
        let der = CertificateDer::from(root.der().to_vec());
        store.add(der).map_err(|error| error.to_string())?;
    }
    let provider = aws_lc_rs::default_provider().into();
    let verifier = WebPkiServerVerifier::builder_with_provider(store.into(), provider).build();
    let verifier = verifier.map_err(|error| error.to_string())?;
    let [leaf, above @ ..] = &shown.chain[..] else {
        return Err("it showed no certificate".to_owned());
    };
    let verified = verifier.verify_server_cert(leaf, above, &shown.name, &[], UnixTime::now());
    verified.map(|_| ()).map_err(|error| error.to_string())
}

/// How far the clock of the endpoint is from ours, which decides whether signed messages hold.
fn clock(headers: &HeaderMap, now: DateTime<Utc>) -> Section {
    let mut section = Section::new("clock");
    let date = headers.get(DATE).and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    let Some(date) = date else {
        section.warning("It does not tell its time (the header Date).");
        return section;
    };
    let apart = date.with_timezone(&Utc) - now;
    section.fact("apart", format!("{} s", apart.num_seconds()));
    if apart.abs() < TimeDelta::seconds(30) {
        section.ok("Its clock and ours agree.");
    } else if apart.abs() < TimeDelta::minutes(5) {
        section
            .warning("Its clock and ours are apart, though not so far that messages are refused.");
    } else {
        section.wrong(
            "clock-skew",
            "Its clock and ours are so far apart that messages are refused.",
        );
    }
    section
}

/// The contract that is served, beside the one of ours that has its namespace.
fn compare(served: &Served) -> Section {
    let mut section = Section::new("contract");
    let text = std::str::from_utf8(&served.body).ok();
    let contract = text.and_then(Contract::read);
    let Some(theirs) = contract.filter(|_| served.status == StatusCode::OK) else {
        section.warning(format!(
            "No contract is served at ?wsdl (HTTP {}).",
            served.status.as_u16()
        ));
        return section;
    };
    section.said("namespace", [&theirs.namespace]);
    section.fact("operations", theirs.operations.len().to_string());
    let endpoints = [Endpoint::Fs1, Endpoint::Jc1, Endpoint::Jc2, Endpoint::Fs2];
    let mut ours = endpoints
        .into_iter()
        .filter_map(|endpoint| Some((endpoint, Contract::of(endpoint)?)));
    let Some((endpoint, ours)) = ours.find(|(_, ours)| ours.namespace == theirs.namespace) else {
        let text = "Its namespace is that of none of our contracts.";
        section.wrong("contract-namespace", text);
        return section;
    };
    section.fact("compared with", endpoint.name());
    let mut same = true;
    for (name, action) in &ours.operations {
        let found = theirs.operations.get(name);
        if found != Some(action) {
            same = false;
            let text = match found {
                None => format!("It has no operation {name}."),
                Some(_) => format!("Its operation {name} has another action."),
            };
            section.wrong("contract-operation", text);
        }
    }
    let others = theirs.operations.keys();
    for name in others.filter(|name| !ours.operations.contains_key(*name)) {
        same = false;
        section.warning(format!(
            "It has an operation that ours has not: {}.",
            discreet(name, SAID)
        ));
    }
    if same {
        section.ok("It has our operations, by the same actions.");
    }
    section
}

/// What is answered to a message with nothing in it and no signature on it.
fn unsecured(outcome: &io::Result<Served>) -> Section {
    let mut section = Section::new("empty and unsigned call");
    let served = match outcome {
        Ok(served) => served,
        Err(error) => {
            section.warning(format!("It is not answered: {}.", innermost(error)));
            return section;
        }
    };
    section.fact("status", served.status.as_u16().to_string());
    let text = String::from_utf8_lossy(&served.body);
    let reason = text
        .split_once("<faultstring")
        .and_then(|(_, rest)| rest.split_once('>'))
        .and_then(|(_, rest)| rest.split_once("</"))
        .map(|(reason, _)| reason.lines().next().unwrap_or_default());
    match reason {
        Some(reason) => {
            section.said("fault", [reason]);
            section.ok("It is answered with a fault.");
        }
        None if served.status.is_success() => {
            section.warning("It is answered as if it were one.");
        }
        None => section.ok("It is refused, without a SOAP fault."),
    }
    section
}

/// The cause that says most.
fn innermost(error: &io::Error) -> String {
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests;
