//! What a peer wrote gets neither into a log nor into an answer but as it may be shown.

mod oracle;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use oracle::Oracle;
use soap::{Fault, FaultCode, Limits, Rejection, Undeclared, Version};

/// Spelled as in a name, and with a hyphen.
const NUMBER: &str = "3113850000";
const HYPHENATED: &str = "311385-0000";

fn refused(header: &str, body: &str) -> Rejection {
    let uri = Version::Soap11.namespace().uri();
    let message = format!(
        "<s:Envelope xmlns:s='{uri}' xmlns:e='urn:example'><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    );
    let limits = Limits::default();
    let call = soap::server::handle(&Oracle, message.as_bytes(), None, (), &limits);
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer.expect_err("refused"),
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

/// All that is said of a refusal holds `part`, and nothing that the sender smuggled in.
#[track_caller]
fn check(header: &str, body: &str, part: &str) {
    let rejection = refused(header, body);
    let fault = rejection.fault::<Undeclared>();
    let said = [
        rejection.to_string(),
        rejection.danish(),
        rejection.paths().join(" "),
        fault.to_string(),
        fault.write(Version::Soap11),
    ];
    for said in &said {
        assert!(
            !said.contains(NUMBER) && !said.contains(HYPHENATED),
            "{said}"
        );
        assert!(!said.contains(['\n', '\u{9b}', '\u{202e}']), "{said:?}");
    }
    assert!(said.iter().any(|said| said.contains(part)), "{said:?}");
}

#[test]
fn names_lose_their_cpr_numbers() {
    check("", &format!("<e:Ask><x{NUMBER}/></e:Ask>"), "x[CPR]");
    check("", &format!("<e:Ask x{NUMBER}='1'>a</e:Ask>"), "@x[CPR]");
    check(
        "",
        &format!("<x{NUMBER} xmlns='urn:{HYPHENATED}'/>"),
        "x[CPR]",
    );
    let block = format!("<x:h{NUMBER} xmlns:x='urn:{HYPHENATED}' s:mustUnderstand='1'/>");
    check(&block, "<e:Ask>a</e:Ask>", "{urn:[CPR]}h[CPR]");
}

#[test]
fn a_namespace_forges_no_line() {
    let uri = "urn:x&#10;2026-11-26T21:00:00Z INFO served from=you &#x9b;31m &#x202e;";
    let block = format!("<x:h xmlns:x='{uri}' s:mustUnderstand='1'/>");
    check(
        &block,
        "<e:Ask>a</e:Ask>",
        "{urn:x 2026-11-26T21:00:00Z INFO",
    );
}

#[test]
fn a_fault_is_shown_without_what_it_quotes() {
    let reason = format!("of {HYPHENATED}:\n<saml:Assertion>{NUMBER}</saml:Assertion>");
    let fault = Fault::<Undeclared>::new(FaultCode::Server, reason);
    assert_eq!(fault.to_string(), "fault Server: of [CPR]: […]");
}
