//! Reading one of the seven messages from a document: a SOAP envelope, or the body element on its own.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use generated::serviceplatformen::SygefravaerResponse;
use generated::sygefravaer::{SygefravaerServiceServer, elements};
use soap::{Limits, Unwritable, Violations};

use super::{Inlet, Message, Receive};
use crate::call::Context;
use crate::endpoint::Endpoint;
use crate::receipt;
use crate::refusal::Refusal;

impl Message {
    /// Reads `document` and checks it against the contract.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub async fn read(document: &[u8], limits: &Limits) -> Result<Self, Unreadable> {
        match root_name(document) {
            Some("Envelope") => read_envelope(document, limits).await,
            Some("OpretRequest") => {
                bare(elements::OPRET_REQUEST.read(document, limits), Self::Opret)
            }
            Some("OpdaterSelvstaendigRequest") => bare(
                elements::OPDATER_SELVSTAENDIG_REQUEST.read(document, limits),
                Self::OpdaterSelvstaendig,
            ),
            Some("OpdaterLoenmodtagerRequest") => bare(
                elements::OPDATER_LOENMODTAGER_REQUEST.read(document, limits),
                Self::OpdaterLoenmodtager,
            ),
            Some("OpdaterPensionskodeRequest") => bare(
                elements::OPDATER_PENSIONSKODE_REQUEST.read(document, limits),
                Self::OpdaterPensionskode,
            ),
            Some("OpdaterOphoerRequest") => bare(
                elements::OPDATER_OPHOER_REQUEST.read(document, limits),
                Self::OpdaterOphoer,
            ),
            Some("AfslutRequest") => bare(
                elements::AFSLUT_REQUEST.read(document, limits),
                Self::Afslut,
            ),
            Some("OpdaterStatusRequest") => bare(
                elements::OPDATER_STATUS_REQUEST.read(document, limits),
                Self::OpdaterStatus,
            ),
            Some(_) | None => Err(Unreadable(
                "neither a SOAP envelope nor a request element of EP_FS1".to_owned(),
            )),
        }
    }
}

impl Message {
    /// Writes the body element alone, which [`Message::read`] reads back.
    ///
    /// # Errors
    /// A value that the contract cannot hold, which no message that was read has.
    pub fn write(&self) -> Result<String, Unwritable> {
        match self {
            Self::Opret(request) => elements::OPRET_REQUEST.write(request),
            Self::OpdaterSelvstaendig(request) => {
                elements::OPDATER_SELVSTAENDIG_REQUEST.write(request)
            }
            Self::OpdaterLoenmodtager(request) => {
                elements::OPDATER_LOENMODTAGER_REQUEST.write(request)
            }
            Self::OpdaterPensionskode(request) => {
                elements::OPDATER_PENSIONSKODE_REQUEST.write(request)
            }
            Self::OpdaterOphoer(request) => elements::OPDATER_OPHOER_REQUEST.write(request),
            Self::Afslut(request) => elements::AFSLUT_REQUEST.write(request),
            Self::OpdaterStatus(request) => elements::OPDATER_STATUS_REQUEST.write(request),
        }
    }
}

/// What is wrong with a document: one line a violation, without a value from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

fn bare<T>(
    read: Result<T, Violations>,
    message: impl FnOnce(T) -> Message,
) -> Result<Message, Unreadable> {
    read.map(message)
        .map_err(|violations| Unreadable(violations.to_string()))
}

/// An envelope is read as the endpoint itself would read it.
async fn read_envelope(document: &[u8], limits: &Limits) -> Result<Message, Unreadable> {
    let catch = Catch::default();
    let server = SygefravaerServiceServer::new(Inlet::new(catch.clone()));
    let context = Context::now(Endpoint::Fs1, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let outcome = soap::server::handle(&server, document, None, context, limits).await;
    if let Err(rejection) = outcome {
        return Err(Unreadable(rejection.to_string()));
    }
    let caught = catch
        .message
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    caught.ok_or_else(|| Unreadable("the envelope holds no message of EP_FS1".to_owned()))
}

/// Keeps the message that comes in.
#[derive(Clone, Default)]
struct Catch {
    message: Arc<Mutex<Option<Message>>>,
}

impl Receive for Catch {
    async fn receive(
        &self,
        message: Message,
        _context: &Context,
    ) -> Result<SygefravaerResponse, Refusal> {
        *self.message.lock().unwrap_or_else(PoisonError::into_inner) = Some(message);
        Ok(receipt::ok())
    }
}

/// The local name of the root element, good enough to choose the reader that then checks all of it.
fn root_name(document: &[u8]) -> Option<&str> {
    let mut rest = std::str::from_utf8(document)
        .ok()?
        .trim_start_matches('\u{feff}')
        .trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!--") => "-->",
            _ => break,
        };
        rest = rest.split_once(end)?.1.trim_start();
    }
    let name = rest
        .strip_prefix('<')?
        .split(|c: char| c.is_whitespace() || c == '>' || c == '/')
        .next()?;
    Some(name.split_once(':').map_or(name, |(_, local)| local))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_found_behind_what_may_stand_before_it() {
        for (document, expected) in [
            ("<a/>", Some("a")),
            (
                "\u{feff}<?xml version=\"1.0\"?>\n<!-- <b> -->\n<p:a x='1'>",
                Some("a"),
            ),
            ("<a>", Some("a")),
            ("a", None),
            ("<!-- a", None),
            ("", None),
        ] {
            assert_eq!(root_name(document.as_bytes()), expected, "{document}");
        }
    }
}
