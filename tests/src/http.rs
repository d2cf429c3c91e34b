//! HTTP/1.1 by hand: what no decent client would send can be sent with it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields, as they came.
    pub head: String,
    /// The body.
    pub body: String,
}

/// Posts `body` as `text/xml` with the header fields `fields` in addition.
///
/// # Panics
///
/// When the server cannot be reached or does not answer in HTTP.
#[must_use]
pub fn post(server: SocketAddr, path: &str, fields: &[(&str, &str)], body: &[u8]) -> Response {
    let mut fields = fields.to_vec();
    if !fields.iter().any(|(name, _)| *name == "Content-Type") {
        fields.push(("Content-Type", "text/xml; charset=utf-8"));
    }
    send(server, "POST", path, &fields, body)
}

/// Asks for `path`.
///
/// # Panics
///
/// When the server cannot be reached or does not answer in HTTP.
#[must_use]
pub fn get(server: SocketAddr, path: &str) -> Response {
    send(server, "GET", path, &[], &[])
}

/// Sends one request on a connection of its own and reads the whole answer.
///
/// # Panics
///
/// When the server cannot be reached or does not answer in HTTP.
#[must_use]
pub fn send(
    server: SocketAddr,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    body: &[u8],
) -> Response {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n");
    for (name, value) in fields {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !fields.iter().any(|(name, _)| *name == "Content-Length") && method != "GET" {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    exchange(server, &[head.as_bytes(), body].concat())
}

/// Sends these very octets and reads the whole answer.
///
/// # Panics
///
/// When the server cannot be reached or does not answer in HTTP.
#[must_use]
pub fn exchange(server: SocketAddr, octets: &[u8]) -> Response {
    let mut stream = TcpStream::connect(server).expect("the server is there");
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).expect("a time that is");
    // A server that has heard enough may close before the end; its answer tells.
    let _ = stream.write_all(octets);
    let mut answer = Vec::new();
    // The same goes for what comes after the answer.
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("not HTTP: {answer:?}"));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Response {
        status: status.unwrap_or_else(|| panic!("no status: {head:?}")),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
