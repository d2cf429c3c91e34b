//! Message parts beside one body element: headers, and bodies that a part describes itself.

mod echo;

use std::task::{Context, Poll, Waker};

use echo::{Ask, AskHeaders, Count, Echo, PAIR, Pair, Ping, Turn};
use soap::{CallError, InProcess, Limits, Reply, Request, Transport, TransportError, Version};

fn ready<T>(future: impl Future<Output = T> + Send) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

const BOTH: [Version; 2] = [Version::Soap11, Version::Soap12];
const HEAD: &str = "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">";

/// What the service answers inside the envelope; or the kind of the rejection, with `path rule-id` of each violation.
#[track_caller]
fn check(version: Version, action: &str, inside: &str, expected: Result<&str, &str>) {
    let uri = version.namespace().uri();
    let message =
        format!("<s:Envelope xmlns:s='{uri}' xmlns:n='urn:example'>{inside}</s:Envelope>");
    let limits = Limits::default();
    let answer = ready(soap::server::handle(
        &Echo,
        message.as_bytes(),
        Some(action),
        (),
        &limits,
    ));
    let found = match answer {
        Ok(answer) => {
            let start = format!("<soap:Envelope xmlns:soap=\"{uri}\">");
            let inside = answer.body.strip_prefix(&start).expect("an envelope");
            Ok(inside
                .strip_suffix("</soap:Envelope>")
                .expect("an envelope")
                .to_owned())
        }
        Err(rejection) => {
            let violations = rejection.violations().into_iter().flatten();
            let told = violations.map(|one| format!(" {} {}", one.path, one.rule.id()));
            Err(format!(
                "{:?}{}",
                rejection.kind(),
                told.collect::<String>()
            ))
        }
    };
    assert_eq!(
        found.as_deref().map_err(String::as_str),
        expected,
        "{inside}"
    );
}

#[track_caller]
fn check_header(header: &str, expected: Result<&str, &str>) {
    let body = "<e:Ask xmlns:e=\"urn:example\">x</e:Ask>";
    let expected = expected.map(|header| format!("{header}<soap:Body>{body}</soap:Body>"));
    for version in BOTH {
        check(
            version,
            "",
            &format!("<s:Header>{header}</s:Header><s:Body>{body}</s:Body>"),
            expected.as_deref().map_err(|error| *error),
        );
    }
}

const HEADERS: &str = "<soap:Header><e:Token xmlns:e=\"urn:example\">7</e:Token>\
    <e:Trace xmlns:e=\"urn:example\">t</e:Trace></soap:Header>";

#[test]
fn declared_headers_are_read_and_written() {
    check_header("", Ok(""));
    check_header("<x/><n:Other>z</n:Other>", Ok(""));
    check_header("<n:Trace>t</n:Trace><x/><n:Token>7</n:Token>", Ok(HEADERS));
    check_header(
        "<n:Token s:mustUnderstand='1' s:encodingStyle=''>7</n:Token><n:Trace s:mustUnderstand='0'>t</n:Trace>",
        Ok(HEADERS),
    );
    check_header(
        "<n:Token s:mustUnderstand='1'>7</n:Token><n:X s:mustUnderstand='1'/>",
        Err("MustUnderstand"),
    );
    check_header(
        "<n:Token>x</n:Token><n:Token>7</n:Token>",
        Err("Invalid Envelope/Header/Token lexical Envelope/Header/Token[2] too-many"),
    );
    check_header(
        "<n:Token a='1'>7</n:Token>",
        Err("Invalid Envelope/Header/Token/@a undeclared-attribute"),
    );
    check_header(
        "<n:Token s:mustUnderstand='x'>7</n:Token>",
        Err("Invalid Envelope/Header/Token/@mustUnderstand lexical"),
    );
    check_header(
        "<n:Token>",
        Err("Malformed Envelope/Header/Token malformed"),
    );
}

#[test]
fn a_header_for_another_is_left_alone() {
    let ask = "<s:Body><n:Ask>x</n:Ask></s:Body>";
    let answered = Ok("<soap:Body><e:Ask xmlns:e=\"urn:example\">x</e:Ask></soap:Body>");
    for (version, attribute) in [(Version::Soap11, "actor"), (Version::Soap12, "role")] {
        let block =
            format!("<n:Token s:{attribute}='urn:another' s:mustUnderstand='1'>x</n:Token>");
        check(
            version,
            "",
            &format!("<s:Header>{block}</s:Header>{ask}"),
            answered,
        );
    }
}

#[test]
fn all_violations_are_found_in_one_pass() {
    check(
        Version::Soap11,
        "",
        "<s:Header><n:Token>x</n:Token></s:Header><s:Body><n:Ask><n:X/></n:Ask><n:Ask/></s:Body>",
        Err(
            "Invalid Envelope/Header/Token lexical Envelope/Body/Ask/X element-not-allowed \
             Envelope/Body/Ask[2] too-many",
        ),
    );
    check(
        Version::Soap11,
        "",
        "<s:Header><n:X s:mustUnderstand='1'/></s:Header><s:Body><n:Unknown/></s:Body>",
        Err("MustUnderstand"),
    );
}

#[test]
fn a_part_may_describe_the_body_itself() {
    let body = |version, action: &str, body: &str, expected| check(version, action, body, expected);
    let turned = "<soap:Body xmlns:e=\"urn:example\" kind=\"k\"><e:Left>r</e:Left><e:Right>l</e:Right></soap:Body>";
    let pair = "<s:Body kind='k' n:id='1'>\n<n:Left>l</n:Left><n:Right>r</n:Right>\n</s:Body>";
    for version in BOTH {
        body(version, "", pair, Ok(turned));
        body(version, "urn:example/Turn", pair, Ok(turned));
        body(
            version,
            "",
            "<s:Body><n:Right>r</n:Right></s:Body>",
            Ok("<soap:Body xmlns:e=\"urn:example\"><e:Left>r</e:Left></soap:Body>"),
        );
        body(
            version,
            "urn:example/Turn",
            "<s:Body/>",
            Ok("<soap:Body xmlns:e=\"urn:example\"/>"),
        );
        body(
            version,
            "\"urn:example/Count\"",
            "<s:Body> <!-- c -->41</s:Body>",
            Ok("<soap:Body>42</soap:Body>"),
        );
        body(version, "urn:example/Ping", "<s:Body/>", Ok("<soap:Body/>"));
    }
    let body = |action, inside: &str, expected| {
        check(
            Version::Soap11,
            action,
            &format!("<s:Body>{inside}</s:Body>"),
            expected,
        );
    };
    body(
        "",
        "text<n:Left/>",
        Err("Invalid Envelope/Body text-not-allowed"),
    );
    body(
        "",
        "<n:Left/><n:Left/>",
        Err("Invalid Envelope/Body/Left[2] too-many"),
    );
    body(
        "",
        "<n:Right/><n:X/>",
        Err("Invalid Envelope/Body/X unexpected-element"),
    );
    body(
        "urn:example/Count",
        "<n:X/>",
        Err("Invalid Envelope/Body/X element-not-allowed"),
    );
    body(
        "urn:example/Count",
        "x",
        Err("Invalid Envelope/Body lexical"),
    );
    body(
        "urn:example/Ping",
        "<n:X/>",
        Err("Invalid Envelope/Body/X unexpected-element"),
    );
}

#[test]
fn body_and_action_find_the_operation() {
    let body = |action, inside: &str, expected| {
        check(
            Version::Soap11,
            action,
            &format!("<s:Body>{inside}</s:Body>"),
            Err(expected),
        );
    };
    body("", "", "UnknownOperation Envelope/Body/Ask missing-element");
    body(
        "",
        "<n:X/>",
        "UnknownOperation Envelope/Body/X unexpected-element",
    );
    body(
        "urn:x",
        "<n:X/>",
        "UnknownOperation Envelope/Body/X unexpected-element",
    );
    body("urn:x", "<n:Left/>", "ActionMismatch");
    body("urn:example/Ask", "<n:Left/>", "ActionMismatch");
    body(
        "urn:example/Ask",
        "<n:X/>",
        "Invalid Envelope/Body/X unexpected-element",
    );
    // The element is that of another operation, and yet the body may begin with anything.
    body(
        "urn:example/Ping",
        "<n:Ask/>",
        "Invalid Envelope/Body/Ask unexpected-element",
    );
}

#[test]
fn calls_with_headers_and_bare_bodies() {
    for version in BOTH {
        let transport = InProcess::new(Echo, || ()).with_version(version);
        let headers = AskHeaders {
            token: Some(7),
            trace: None,
        };
        let ask = |question: &str| {
            let question = question.to_owned();
            ready(soap::client::call_with_headers::<Ask, _>(
                &transport, &question, &headers,
            ))
        };
        assert_eq!(ask("why").unwrap(), ("why".to_owned(), headers.clone()));
        assert!(
            matches!(ask("fault"), Err(CallError::Fault(fault)) if fault.reason() == "trouble")
        );
        let pair = Pair {
            kind: None,
            left: None,
            right: Some("r".to_owned()),
        };
        let turned = ready(soap::client::call::<Turn, _>(&transport, &pair)).unwrap();
        assert_eq!(turned.left, pair.right);
        assert_eq!(
            ready(soap::client::call::<Count, _>(&transport, &41)).unwrap(),
            42
        );
        ready(soap::client::call::<Ping, _>(&transport, &())).unwrap();
    }
}

/// A transport whose replies are given.
struct Canned(&'static str);

impl Transport for Canned {
    async fn send(&self, _: Request<'_>) -> Result<Reply, TransportError> {
        Ok(Reply {
            body: format!("{HEAD}{}</soap:Envelope>", self.0).into_bytes(),
        })
    }
}

#[track_caller]
fn check_reply<T>(reply: Result<T, CallError<soap::Undeclared>>, expected: &str) {
    let found = match reply {
        Ok(_) => String::new(),
        Err(CallError::Reply(violations)) => {
            let first = violations.first();
            format!("{} {}", first.path, first.rule.id())
        }
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected);
}

#[test]
fn replies_with_headers_and_bare_bodies() {
    let ask = |reply| {
        ready(soap::client::call_with_headers::<Ask, _>(
            &Canned(reply),
            &String::new(),
            &AskHeaders::default(),
        ))
    };
    const BODY: &str = "<soap:Body><Ask xmlns='urn:example'/></soap:Body>";
    assert!(ask(BODY).is_ok());
    check_reply(
        ask(
            "<soap:Header><Token soap:mustUnderstand='1' xmlns='urn:example'>x</Token></soap:Header><soap:Body/>",
        ),
        "Envelope/Header/Token lexical",
    );
    check_reply(
        ask("<soap:Header><X soap:mustUnderstand='1'/></soap:Header><soap:Body/>"),
        "Envelope/Body envelope",
    );
    let count = |reply| ready(soap::client::call::<Count, _>(&Canned(reply), &1));
    check_reply(
        count("<soap:Body a='1'>x</soap:Body>"),
        "Envelope/Body lexical",
    );
    check_reply(
        count(
            "<soap:Body><soap:Fault><faultcode>soap:Server</faultcode><faultstring/></soap:Fault></soap:Body>",
        ),
        "the service answered with a fault",
    );
}

#[test]
fn a_bare_root_is_no_message() {
    let pair = Pair {
        kind: None,
        left: None,
        right: None,
    };
    let refused = PAIR
        .read(b"<Left xmlns='urn:example'/>", &Limits::default())
        .unwrap_err();
    assert_eq!(refused.first().rule.id(), "bare");
    assert_eq!(PAIR.write(&pair).unwrap_err().rule.id(), "bare");
    assert!(PAIR.is_bare() && PAIR.name().local().is_empty());
    let any: &dyn soap::AnyRoot = &PAIR;
    let refused = any.round_trip(b"<Left xmlns='urn:example'/>", &Limits::default());
    assert_eq!(refused.unwrap_err().first().rule.id(), "bare");
}
