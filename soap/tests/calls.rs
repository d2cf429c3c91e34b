//! Calls: envelopes, dispatch, faults, and both sides of them.

mod oracle;

use std::task::{Context, Poll, Waker};

use oracle::{Ask, AskAgain, NS, Oracle, Tell, Trouble};
use soap::{
    Answer, Blame, CallError, Fault, FaultCode, InProcess, Limits, Rejection, RejectionKind, Reply,
    Request, Transport, TransportError, Version,
};

/// The result of a future that waits for nothing, and can be sent between threads.
fn ready<T>(future: impl Future<Output = T> + Send) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

fn handle(message: &str, action: Option<&str>) -> Result<Answer, Rejection> {
    ready(soap::server::handle(
        &Oracle,
        message.as_bytes(),
        action,
        (),
        &Limits::default(),
    ))
}

fn ask<T: Transport>(transport: &T, question: &str) -> Result<String, CallError<Trouble>> {
    ready(soap::client::call::<Ask, T>(
        transport,
        &question.to_owned(),
    ))
}

const BOTH: [Version; 2] = [Version::Soap11, Version::Soap12];

/// An envelope with this header and body.
fn envelope(version: Version, header: &str, body: &str) -> String {
    let uri = version.namespace().uri();
    format!(
        "<s:Envelope xmlns:s='{uri}' xmlns:e='urn:example'>{header}<s:Body>{body}</s:Body></s:Envelope>"
    )
}

const QUESTION: &str = "<e:Ask>why</e:Ask>";

#[test]
fn an_answer_speaks_the_version_of_the_request() {
    for version in BOTH {
        let answer = handle(&envelope(version, "", QUESTION), None).unwrap();
        let uri = version.namespace().uri();
        assert_eq!(
            (answer.operation, answer.version, answer.fault),
            ("Ask", version, false)
        );
        assert_eq!(
            answer.body,
            format!(
                "<soap:Envelope xmlns:soap=\"{uri}\"><soap:Body><e:Told xmlns:e=\"urn:example\">why!</e:Told>\
                 </soap:Body></soap:Envelope>"
            )
        );
    }
}

#[track_caller]
fn check_action(action: Option<&str>, body: &str, expected: Result<&str, RejectionKind>) {
    let found = handle(&envelope(Version::Soap11, "", body), action);
    assert_eq!(
        found
            .as_ref()
            .map(|answer| answer.operation)
            .map_err(Rejection::kind),
        expected
    );
}

#[test]
fn action_and_body_must_agree() {
    check_action(None, QUESTION, Ok("Ask"));
    check_action(Some(""), QUESTION, Ok("Ask"));
    check_action(Some("\"\""), QUESTION, Ok("Ask"));
    check_action(Some("urn:example/Ask"), QUESTION, Ok("Ask"));
    check_action(Some("\"urn:example/AskAgain\""), QUESTION, Ok("AskAgain"));
    check_action(
        Some("\"urn:example/Tell\""),
        QUESTION,
        Err(RejectionKind::ActionMismatch),
    );
    check_action(
        Some("urn:elsewhere"),
        QUESTION,
        Err(RejectionKind::ActionMismatch),
    );
    check_action(None, "<e:Tell>it</e:Tell>", Ok("Tell"));
    check_action(None, "<e:Unknown/>", Err(RejectionKind::UnknownOperation));
    check_action(None, "<Ask/>", Err(RejectionKind::UnknownOperation));
    check_action(None, "", Err(RejectionKind::UnknownOperation));
}

/// `text` is told without the places in it.
#[track_caller]
fn check_refused(message: &str, kind: RejectionKind, text: &str) {
    let rejection = handle(message, None).expect_err("refused");
    let told = rejection.to_string();
    let parts = told
        .split(" (line ")
        .map(|part| part.split_once("):").map_or(part, |(_, rest)| rest));
    let without_places = parts.collect::<Vec<_>>().join(":").replace("::", ":");
    assert_eq!((rejection.kind(), without_places.as_str()), (kind, text));
    let fault: Fault<soap::Undeclared> = rejection.fault();
    assert_eq!(fault.reason(), told);
    let danish = fault.reason_in("da").expect("a Danish text");
    assert!(danish != told, "{danish}");
    if let Some(violations) = rejection.violations() {
        assert_eq!(danish.matches("(linje ").count(), violations.iter().count());
    }
    let written = fault.write(Version::Soap12);
    let texts = written.matches("<soap:Text xml:lang=\"da\">").count();
    assert_eq!(texts, 1, "{written}");
    assert!(!fault.write(Version::Soap11).contains(danish));
}

#[test]
fn refusals_say_where_and_why() {
    let bodies = |body: &str| envelope(Version::Soap11, "", body);
    check_refused(
        &bodies("<e:Ask>why</e:Ask><e:Ask/>"),
        RejectionKind::Invalid,
        "the message was refused: Envelope/Body/Ask[2]: the element may not be repeated here [{urn:example}Ask]",
    );
    check_refused(
        &bodies("<e:Ask><e:X/></e:Ask>hest"),
        RejectionKind::Invalid,
        "the message was refused: Envelope/Body/Ask/X: an element stands where only text is allowed [{urn:example}Ask]\n\
         Envelope/Body: text stands where only elements are allowed \
         [{http://schemas.xmlsoap.org/soap/envelope/}Body]",
    );
    check_refused(
        &bodies("<e:Aks/>"),
        RejectionKind::UnknownOperation,
        "the message was refused: Envelope/Body/Aks: the element is not allowed here, expected Ask, Tell [{urn:example}Ask]",
    );
    check_refused(
        &bodies("<e:Ask>"),
        RejectionKind::Malformed,
        "the message was refused: Envelope/Body/Ask: not well-formed XML: an end tag that ends no open element",
    );
    check_refused(
        &format!("{}<x/>", bodies(QUESTION)),
        RejectionKind::Malformed,
        "the message was refused: not well-formed XML: a second root element",
    );
    check_refused(
        "<e:Ask xmlns:e='urn:example'/>",
        RejectionKind::Invalid,
        "the message was refused: Ask: the element is not allowed here, expected Envelope \
         [{http://schemas.xmlsoap.org/soap/envelope/}Envelope]",
    );
    check_refused(
        "<s:Envelope xmlns:s='urn:soap-2'/>",
        RejectionKind::Version,
        "the envelope is of a version that is not spoken here",
    );
    check_refused(
        &bodies(QUESTION).replace("s:Body", "s:Boby"),
        RejectionKind::Invalid,
        "the message was refused: Envelope/Boby: the element is not allowed here, expected Body \
         [{http://schemas.xmlsoap.org/soap/envelope/}Body]",
    );
    check_refused(
        &bodies(QUESTION).replace("</s:Body>", "</s:Body><s:Body/>"),
        RejectionKind::Invalid,
        "the message was refused: Envelope/Body[2]: the element may not be repeated here \
         [{http://schemas.xmlsoap.org/soap/envelope/}Body]",
    );
    let deep = bodies(&format!(
        "{}{}",
        "<e:X>".repeat(100_000),
        "</e:X>".repeat(100_000)
    ));
    let rejection = handle(&deep, None).unwrap_err();
    assert_eq!(rejection.kind(), RejectionKind::Limit);
    assert_eq!(
        handle("", None).unwrap_err().kind(),
        RejectionKind::Malformed
    );
}

#[track_caller]
fn check_header(version: Version, attributes: &str, understood: bool) {
    let header =
        format!("<s:Header><e:Security {attributes}><x><y/></x></e:Security><e:Other/></s:Header>");
    let found = handle(&envelope(version, &header, QUESTION), None);
    match found {
        Ok(_) => assert!(understood, "{attributes}"),
        Err(rejection) => {
            assert_eq!(
                (understood, rejection.kind()),
                (false, RejectionKind::MustUnderstand),
                "{rejection}"
            );
            assert_eq!(
                rejection.to_string(),
                "header blocks are not understood: {urn:example}Security"
            );
            assert_eq!(rejection.version(), version);
            assert_eq!(
                *rejection.fault::<soap::Undeclared>().code(),
                FaultCode::MustUnderstand
            );
        }
    }
}

#[test]
fn headers_that_must_be_understood() {
    const NEXT_11: &str = "http://schemas.xmlsoap.org/soap/actor/next";
    const ROLES_12: &str = "http://www.w3.org/2003/05/soap-envelope/role/";
    for version in BOTH {
        check_header(version, "", true);
        check_header(version, "s:mustUnderstand='0'", true);
        check_header(version, "s:mustUnderstand='1'", false);
        check_header(version, "mustUnderstand='1'", true);
        check_header(version, "s:mustUnderstand='1' x='y'", false);
    }
    check_header(Version::Soap12, "s:mustUnderstand='true'", false);
    check_header(
        Version::Soap11,
        "s:mustUnderstand='1' s:actor='urn:someone'",
        true,
    );
    check_header(
        Version::Soap11,
        &format!("s:mustUnderstand='1' s:actor='{NEXT_11}'"),
        false,
    );
    check_header(
        Version::Soap12,
        &format!("s:mustUnderstand='1' s:role='{ROLES_12}next'"),
        false,
    );
    check_header(
        Version::Soap12,
        &format!("s:mustUnderstand='1' s:role='{ROLES_12}none'"),
        true,
    );
    check_header(
        Version::Soap12,
        "s:mustUnderstand='1' s:role='urn:someone'",
        true,
    );
    let odd = envelope(
        Version::Soap11,
        "<s:Header><e:X s:mustUnderstand='ja'/></s:Header>",
        QUESTION,
    );
    assert_eq!(
        handle(&odd, None).unwrap_err().kind(),
        RejectionKind::Invalid
    );
}

#[test]
fn calls_over_both_versions() {
    for version in BOTH {
        let transport = InProcess::new(Oracle, || ()).with_version(version);
        assert_eq!(ask(&transport, "why <&>").unwrap(), "why <&>!");
        assert_eq!(
            ready(soap::client::call::<AskAgain, _>(
                &transport,
                &"why".to_owned()
            ))
            .unwrap(),
            "why again!"
        );
        ready(soap::client::call::<Tell, _>(&transport, &"it".to_owned())).unwrap();
    }
}

#[track_caller]
fn check_fault(
    question: &str,
    code: &FaultCode,
    reason: &str,
    detail: Option<&Trouble>,
    blame: Blame,
    retry: bool,
) {
    for version in BOTH {
        let transport = InProcess::new(Oracle, || ()).with_version(version);
        let error = ask(&transport, question).expect_err("a fault");
        assert_eq!((error.blame(), error.retry()), (blame, retry));
        let CallError::Fault(fault) = error else {
            unreachable!("{error:?}")
        };
        assert_eq!(
            (fault.code(), fault.reason(), fault.detail()),
            (code, reason, detail)
        );
    }
}

#[test]
fn faults_arrive_as_they_were_raised() {
    check_fault(
        "trouble",
        &FaultCode::Server,
        "it went wrong: <&>",
        Some(&Trouble(7)),
        Blame::Peer,
        true,
    );
    check_fault(
        "client",
        &FaultCode::Client,
        "bad\u{FFFD}question",
        None,
        Blame::Caller,
        false,
    );
    check_fault(
        "other",
        &FaultCode::Other(NS.name("Odd").into()),
        "odd",
        None,
        Blame::Peer,
        false,
    );
    check_fault(
        "unwritable",
        &FaultCode::Server,
        "the answer could not be written",
        None,
        Blame::Peer,
        true,
    );
    let unwritable = handle(
        &envelope(Version::Soap11, "", "<e:Ask>unwritable</e:Ask>"),
        None,
    )
    .unwrap();
    assert!(unwritable.fault && unwritable.unwritable.is_some());
}

/// Web Services Addressing 1.0 - Metadata, 4.4.4, and SOAP Binding, 6.
#[test]
fn an_answer_has_the_action_of_what_it_tells() {
    const SOAP_FAULT: &str = "http://www.w3.org/2005/08/addressing/soap/fault";
    for (question, action) in [
        ("why", "urn:example/Answer"),
        ("trouble", "urn:example/Trouble"),
        ("much trouble", "urn:example/MuchTrouble"),
        ("client", SOAP_FAULT),
        ("unwritable", SOAP_FAULT),
    ] {
        let message = envelope(Version::Soap11, "", &format!("<e:Ask>{question}</e:Ask>"));
        let answer = handle(&message, Some("urn:example/Ask")).expect("an answer");
        assert_eq!(answer.action, action, "{question}");
    }
}

#[test]
fn faults_are_laid_out_as_the_versions_say() {
    let fault: Fault<Trouble> = Fault::server("r")
        .with_detail(Trouble(7))
        .with_actor("urn:a");
    assert_eq!(
        fault.write(Version::Soap11),
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><soap:Fault>\
         <faultcode>soap:Server</faultcode><faultstring>r</faultstring><faultactor>urn:a</faultactor>\
         <detail><e:Trouble xmlns:e=\"urn:example\">7</e:Trouble></detail></soap:Fault></soap:Body></soap:Envelope>"
    );
    assert_eq!(
        fault.write(Version::Soap12),
        "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"><soap:Body><soap:Fault>\
         <soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code>\
         <soap:Reason><soap:Text xml:lang=\"en\">r</soap:Text></soap:Reason><soap:Role>urn:a</soap:Role>\
         <soap:Detail><e:Trouble xmlns:e=\"urn:example\">7</e:Trouble></soap:Detail></soap:Fault></soap:Body></soap:Envelope>"
    );
    let other =
        Fault::<Trouble>::new(FaultCode::Other(NS.name("Odd").into()), "r").write(Version::Soap11);
    assert!(
        other.contains("<faultcode xmlns:e=\"urn:example\">e:Odd</faultcode>"),
        "{other}"
    );
}

/// A transport whose replies are given.
struct Canned(&'static str, Version);

impl Transport for Canned {
    async fn send(&self, _: Request<'_>) -> Result<Reply, TransportError> {
        Ok(Reply {
            body: self.0.into(),
        })
    }

    fn version(&self) -> Version {
        self.1
    }
}

#[test]
fn replies_of_other_stacks() {
    let fault = "<?xml version=\"1.0\"?>\n<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:k=\"urn:k\">\
        <S:Header/><S:Body><S:Fault><faultcode>k:Own</faultcode><faultstring xml:lang=\"da\">nej</faultstring>\
        <detail><k:Stack k:at='1'>x</k:Stack><e:Trouble xmlns:e=\"urn:example\">8</e:Trouble></detail></S:Fault></S:Body></S:Envelope>";
    let error = ask(&Canned(fault, Version::Soap11), "why").unwrap_err();
    let CallError::Fault(fault) = error else {
        unreachable!("{error:?}")
    };
    assert_eq!(
        fault.code(),
        &FaultCode::Other(soap::QName::new("urn:k", "Own", "k").unwrap())
    );
    assert_eq!((fault.reason(), fault.detail()), ("nej", Some(&Trouble(8))));
    assert_eq!(
        fault.other_details(),
        ["<k:Stack xmlns:k=\"urn:k\" k:at='1'>x</k:Stack>"]
    );
    assert!(
        fault
            .write(Version::Soap11)
            .contains("k:at='1'>x</k:Stack></detail>")
    );

    let nested = "<S:Envelope xmlns:S=\"http://www.w3.org/2003/05/soap-envelope\"><S:Body><S:Fault><S:Code><S:Value>S:Sender</S:Value>\
        <S:Subcode><S:Value xmlns:k='urn:k'>k:a</S:Value><S:Subcode><S:Value>S:b</S:Value></S:Subcode></S:Subcode></S:Code>\
        <S:Reason><S:Text xml:lang='da'>nej</S:Text><S:Text xml:lang='en'>no</S:Text></S:Reason><S:Node>urn:n</S:Node>\
        </S:Fault></S:Body></S:Envelope>";
    let error = ask(&Canned(nested, Version::Soap12), "why").unwrap_err();
    let CallError::Fault(fault) = error else {
        unreachable!("{error:?}")
    };
    assert_eq!(
        (fault.code(), fault.reason(), fault.actor()),
        (&FaultCode::Client, "no", Some("urn:n"))
    );
    assert_eq!(
        (fault.reason_in("DA"), fault.reason_in("sv")),
        (Some("nej"), None)
    );
    let again = fault.write(Version::Soap12);
    assert!(again.contains("xml:lang=\"en\">no<") && again.contains("xml:lang=\"da\">nej<"));
}

#[test]
fn replies_that_are_none() {
    for reply in [
        "",
        "hest",
        "<html><body>502</body></html>",
        "<S:Envelope xmlns:S='http://schemas.xmlsoap.org/soap/envelope/'><S:Body/></S:Envelope>",
    ] {
        for version in BOTH {
            let error = ask(&Canned(reply, version), "why").unwrap_err();
            assert!(matches!(error, CallError::Reply(_)), "{error:?}");
            assert_eq!((error.blame(), error.retry()), (Blame::Peer, false));
        }
    }
    ready(soap::client::call::<Tell, _>(
        &Canned("", Version::Soap11),
        &"it".to_owned(),
    ))
    .unwrap();
    let error = ask(&Canned("", Version::Soap11), "\u{1}").unwrap_err();
    assert!(
        matches!(&error, CallError::Request(unwritable) if unwritable.path == "Envelope/Body/Ask"),
        "{error:?}"
    );
    assert_eq!((error.blame(), error.retry()), (Blame::Caller, false));
}

#[test]
fn errors_stay_small() {
    assert!(size_of::<CallError<[u8; 500]>>() <= 64);
    assert!(size_of::<Fault<[u8; 500]>>() <= 8 && size_of::<Rejection>() <= 8);
}
