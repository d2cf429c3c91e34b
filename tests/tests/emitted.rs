//! What the cases' goldens do beside reading and writing: operations, faults, conversions, masking, facts.

use crate::goldens::cases::{
    conversion, faults, header_fault, one_way, personal, several_port_types, shared_action,
    variants,
};
use soap::{Fault, InProcess, Limits, Reply, Transport, TransportError, Undeclared};
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

impl header_fault::CasePortType for Peer {
    type Context = ();

    async fn ask(
        &self,
        request: String,
        headers: header_fault::AskRequestHeaders,
        (): (),
    ) -> Result<i32, Fault<header_fault::AskFault>> {
        if headers.session.is_none() {
            let reason = "it is missing".to_owned();
            let fault = Fault::client("the session");
            return Err(fault.with_detail(header_fault::SessionProblem { reason }));
        }
        let code = request.len().try_into().unwrap_or_default();
        Err(Fault::client("the request").with_detail(header_fault::Problem { code }))
    }
}

impl several_port_types::CasePortType for Peer {
    type Context = ();

    async fn ask(&self, _: String, (): ()) -> Result<i32, Fault<Undeclared>> {
        Ok(1)
    }

    async fn ping(&self, _: String, (): ()) -> Result<i32, Fault<Undeclared>> {
        Ok(2)
    }
}

impl several_port_types::Registry for Peer {
    type Context = ();

    async fn find(&self, _: String, (): ()) -> Result<i32, Fault<Undeclared>> {
        Ok(3)
    }

    async fn ping(&self, _: String, (): ()) -> Result<i32, Fault<Undeclared>> {
        Ok(4)
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

/// SOAP 1.1, section 4.4: what a fault tells about a header is itself a header, and never stands in the body.
#[test]
fn a_fault_about_a_header_comes_in_the_header() {
    let ask = |version, headers: header_fault::AskRequestHeaders| {
        let server = header_fault::CaseServiceServer::new(Peer);
        let transport = InProcess::new(server, || ()).with_version(version);
        let client = header_fault::CaseServiceClient::new(transport);
        match run(client.ask(&"abc".to_owned(), &headers)) {
            Err(soap::CallError::Fault(fault)) => fault.into_detail(),
            other => panic!("{other:?}"),
        }
    };
    for version in [soap::Version::Soap11, soap::Version::Soap12] {
        let reason = "it is missing".to_owned();
        let problem = Box::new(header_fault::SessionProblem { reason });
        let expected = header_fault::AskFault::ProblemHeader(problem);
        assert_eq!(ask(version, Default::default()), Some(expected.clone()));
        let written = Fault::<header_fault::AskFault>::client("the session")
            .with_detail(expected)
            .write(version);
        let (header, body) = written
            .split_once("Header><")
            .expect("a header")
            .1
            .split_once(":Body")
            .expect("a body");
        assert!(
            header.contains("SessionProblem")
                && !body.contains("Problem")
                && !body.contains("etail>"),
            "{written}"
        );

        let session = "s".parse().ok();
        let expected = header_fault::AskFault::Problem(Box::new(header_fault::Problem { code: 3 }));
        let headers = header_fault::AskRequestHeaders { session };
        assert_eq!(ask(version, headers), Some(expected));
    }
}

#[test]
fn each_port_type_of_a_service_is_served_at_its_own_ports() {
    use several_port_types::{
        CaseServiceClient, CaseServiceRegistryClient, CaseServiceRegistryServer, CaseServiceServer,
    };
    let main = CaseServiceClient::new(InProcess::new(CaseServiceServer::new(Peer), || ()));
    let other =
        CaseServiceRegistryClient::new(InProcess::new(CaseServiceRegistryServer::new(Peer), || ()));
    assert_eq!(run(main.ping(&String::new())).ok(), Some(2));
    assert_eq!(run(other.ping(&String::new())).ok(), Some(4));
    let ports =
        |bindings: &'static [soap::Binding]| bindings.iter().map(|b| b.port).collect::<Vec<_>>();
    assert_eq!(
        ports(<CaseServiceServer<Peer> as soap::Service>::BINDINGS),
        ["CasePort", "CasePort12"]
    );
    assert_eq!(
        ports(<CaseServiceRegistryServer<Peer> as soap::Service>::BINDINGS),
        ["RegistryPort"]
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
        // What is optional is demanded by one of the two.
        [soap::PolicyAlternative::SignedToken(with), soap::PolicyAlternative::SignedToken(token)]
            if token.parts.body && token.parts.timestamp && with.parts == token.parts
    ));
    assert!(matches!(
        context.policy.alternatives,
        [soap::PolicyAlternative::ClientCertificate]
    ));
}
