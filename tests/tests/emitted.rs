//! What the cases' goldens do beside reading and writing: operations, faults, conversions, masking, facts.

use soap::{Fault, InProcess, Limits, Reply, Transport, TransportError, Undeclared};
use tests::cases::{conversion, faults, one_way, personal, shared_action, variants};
use tokio::runtime::Builder;

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(future)
}

/// Implements every case's port type.
struct Peer;

impl faults::CasePortType for Peer {
    type Context = ();

    async fn one(&self, request: String, (): ()) -> Result<i32, Fault<faults::OneFault>> {
        match request.as_str() {
            "plain" => Err(Fault::server("not now")),
            _ => Err(Fault::client("no").with_detail(faults::OneFault::Unknown(Box::new(request)))),
        }
    }

    async fn two(&self, request: soap::DateTime, (): ()) -> Result<i32, Fault<faults::TwoFault>> {
        Err(Fault::server("later").with_detail(faults::TwoFault::Busy(Box::new(request))))
    }
}

impl one_way::CasePortType for Peer {
    type Context = ();

    async fn tell(&self, request: String, (): ()) -> Result<(), Fault<Undeclared>> {
        match request.as_str() {
            "well" => Ok(()),
            _ => Err(Fault::client("unheard of")),
        }
    }
}

impl shared_action::CasePortType for Peer {
    type Context = ();

    async fn do_a(&self, request: String, (): ()) -> Result<String, Fault<Undeclared>> {
        Ok(format!("a {request}"))
    }

    async fn do_b(&self, request: String, (): ()) -> Result<String, Fault<Undeclared>> {
        Ok(format!("b {request}"))
    }
}

#[test]
fn a_declared_fault_comes_typed() {
    let server = faults::CaseServiceServer::new(Peer);
    let client = faults::CaseServiceClient::new(InProcess::new(server, || ()));
    let fault = |error: soap::CallError<faults::OneFault>| match error {
        soap::CallError::Fault(fault) => fault,
        other => panic!("{other}"),
    };
    let declared = fault(run(client.one(&"æ".to_owned())).expect_err("a fault"));
    let expected = faults::OneFault::Unknown(Box::new("æ".to_owned()));
    assert_eq!(
        (declared.detail(), declared.retry()),
        (Some(&expected), false)
    );
    let plain = fault(run(client.one(&"plain".to_owned())).expect_err("a fault"));
    assert_eq!((plain.detail(), plain.retry()), (None, true));
    assert_eq!(plain.reason(), "not now");

    let until: soap::DateTime = "2026-01-02T03:04:05.600Z".parse().expect("a time");
    let Err(soap::CallError::Fault(busy)) = run(client.two(&until)) else {
        panic!("no fault");
    };
    assert_eq!(
        busy.detail(),
        Some(&faults::TwoFault::Busy(Box::new(until)))
    );
}

#[test]
fn a_one_way_call_is_answered_with_nothing_or_a_fault() {
    let server = one_way::CaseServiceServer::new(Peer);
    let client = one_way::CaseServiceClient::new(InProcess::new(server, || ()));
    assert!(run(client.tell(&"well".to_owned())).is_ok());
    assert!(run(client.tell(&"ill".to_owned())).is_err());
}

#[test]
fn where_the_action_does_not_tell_the_body_does() {
    let server = shared_action::CaseServiceServer::new(Peer);
    let client = shared_action::CaseServiceClient::new(InProcess::new(server, || ()));
    let a = run(client.do_a(&"1".to_owned()));
    let b = run(client.do_b(&"2".to_owned()));
    assert_eq!(a.ok().as_deref(), Some("a 1"));
    assert_eq!(b.ok().as_deref(), Some("b 2"));
}

/// A transport whose peer sends this, whatever it is asked.
struct Says(&'static str);

impl Transport for Says {
    async fn send(&self, _: soap::Request<'_>) -> Result<Reply, TransportError> {
        let body = self.0.as_bytes().to_vec();
        Ok(Reply { body })
    }
}

#[test]
fn a_reply_that_breaks_the_contract_is_the_peers_fault() {
    let envelope = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><Done xmlns=\"urn:case\"><x/></Done></s:Body></s:Envelope>";
    for reply in ["", "<html/>", envelope] {
        let client = shared_action::CaseServiceClient::new(Says(reply));
        match run(client.do_a(&String::new())) {
            Err(soap::CallError::Reply(_)) => {}
            other => panic!("{reply}: {other:?}"),
        }
    }
}

#[test]
fn a_conversion_there_and_back_loses_nothing() {
    let part = "<Part xmlns=\"urn:case:ours\"><Code>A</Code><Code>B</Code><Number>00000001</Number><Text> t </Text></Part>";
    let ours = conversion::ours::elements::PART
        .read(part.as_bytes(), &Limits::default())
        .expect("a valid message");
    let theirs = conversion::theirs::PartType::from(ours.clone());
    let written = conversion::theirs::elements::PART.write(&theirs);
    let expected = part.replace("urn:case:ours", "urn:case:theirs");
    let difference = tests::infoset::difference(&expected, &written.expect("writable"));
    assert_eq!(difference, None);
    assert_eq!(conversion::ours::PartType::from(theirs), ours);
}

#[test]
fn personal_data_does_not_print() {
    let person = "<Person xmlns=\"urn:case\"><Number>9999999999</Number><Name>n</Name></Person>";
    let person = personal::elements::PERSON
        .read(person.as_bytes(), &Limits::default())
        .expect("a valid message");
    let shown = format!("{person:?} {:#?} {:?}", person, person.number);
    assert!(!shown.contains("9999"), "{shown}");
}

#[test]
fn variants_differ_in_policy_alone() {
    let [token, context] = variants::BINDINGS else {
        panic!("{:?}", variants::BINDINGS);
    };
    assert_eq!((token.variant, context.variant), ("token", "context"));
    assert!(matches!(
        token.policy.alternatives,
        [soap::PolicyAlternative::SignedToken(parts)] if parts.body && parts.timestamp
    ));
    assert!(matches!(
        context.policy.alternatives,
        [soap::PolicyAlternative::ClientCertificate]
    ));
}
