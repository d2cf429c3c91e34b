//! `sf209x doctor` over real messages, where they are at hand, and over what was changed in them.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tests::system::root;

use crate::cargo;

const REQUEST: (&str, &str) = ("sp-token-request-2020.xml", "2020-07-02T09:43:00Z");
const TOKEN_REQUEST: (&str, &str) = ("sts-request-2023.xml", "2023-04-04T08:21:30Z");
const TOKEN_RESPONSE: (&str, &str) = ("sts-response-2023.xml", "2023-04-04T08:22:00Z");

/// The message in the file `name` of `../shared/vectors`, or none and a word about it.
fn vector(name: &str) -> Option<String> {
    let file: PathBuf = root().join("../shared/vectors").join(name);
    let read = std::fs::read_to_string(&file);
    if read.is_err() {
        // Past the test harness, which keeps to itself what the macros print.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: {} is not at hand",
            file.display()
        );
    }
    read.ok()
}

/// What the doctor says of `message`: its exit code, its report and all that it printed.
fn examine(message: &str, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let mut child = Command::new(&cargo::built().sf209x)
        .args(["doctor", "message", "--json", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    let mut input = child.stdin.take().expect("piped");
    input.write_all(message.as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let report = serde_json::from_str(&said).expect("one JSON object");
    (output.status.code(), report, said)
}

/// The causes of all that is wrong.
fn causes(report: &Value) -> Vec<&str> {
    let sections = report["sections"].as_array().expect("sections").iter();
    let findings = sections.flat_map(|section| section["findings"].as_array().expect("findings"));
    findings
        .filter(|finding| finding["verdict"] == "wrong")
        .map(|finding| finding["cause"].as_str().expect("a cause"))
        .collect()
}

#[track_caller]
fn check((name, time): (&str, &str), change: (&str, &str), arguments: &[&str], expected: &[&str]) {
    let Some(message) = vector(name) else { return };
    assert!(message.contains(change.0), "{}", change.0);
    let changed = message.replacen(change.0, change.1, 1);
    let arguments = [&["--at", time], arguments].concat();
    let (code, report, _) = examine(&changed, &arguments);
    assert_eq!(causes(&report), expected);
    assert_eq!(code, Some(if expected.is_empty() { 0 } else { 65 }));
    assert_eq!(report["holds"], expected.is_empty());
}

const UNCHANGED: (&str, &str) = ("", "");

#[test]
fn real_messages_hold_in_their_time() {
    for message in [REQUEST, TOKEN_REQUEST, TOKEN_RESPONSE] {
        check(message, UNCHANGED, &[], &[]);
    }
}

#[test]
fn without_a_time_a_recorded_message_has_expired_and_says_when_it_had_not() {
    let Some(message) = vector(TOKEN_REQUEST.0) else {
        return;
    };
    let (code, report, said) = examine(&message, &[]);
    assert_eq!(code, Some(65));
    assert_eq!(causes(&report), ["signer-expired", "message-expired"]);
    assert!(said.contains("try --at 2023-04-04T08:21:02Z"), "{said}");
}

#[test]
fn causes_are_named_one_beside_the_other() {
    let audience = "http://organisation.serviceplatformen.dk/service/organisation/5/";
    check(
        REQUEST,
        UNCHANGED,
        &["--audience", audience, "--to", "https://localhost/"],
        &["to", "token-audience", "token-recipient"],
    );
    let framework = ("urn:liberty:sb:2006-08", "urn:liberty:sb:2003-08");
    let wrong = ["digest", "missing-framework"];
    check(REQUEST, framework, &[], &wrong);
    check(
        REQUEST,
        ("09:47:01.200Z", "09:57:01.200Z"),
        &[],
        &["digest"],
    );
    let exclusive = "<CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"";
    let inclusive =
        "<CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"";
    let canonicalisation = (exclusive, inclusive);
    check(TOKEN_REQUEST, canonicalisation, &[], &["canonicalisation"]);
    check(
        TOKEN_RESPONSE,
        ("<AttributeValue>3<", "<AttributeValue>4<"),
        &[],
        &["digest", "digest"],
    );
}

#[test]
fn what_is_wrong_with_the_header_hides_no_reference() {
    let Some(message) = vector(REQUEST.0) else {
        return;
    };
    let (end, more) = ("</wsse:Security>", "<wsse:UsernameToken/></wsse:Security>");
    check(REQUEST, (end, more), &[], &["structure"]);
    let arguments = ["--at", REQUEST.1, "--issuer", "urn:example:other"];
    let (_, report, said) = examine(&message.replacen(end, more, 1), &arguments);
    assert_eq!(causes(&report), ["structure", "token-issuer"]);
    assert_eq!(said.matches("digest holds").count(), 9, "{said}");
    assert!(!said.contains("times are as they should be"), "{said}");
}

#[test]
fn a_message_that_passes_the_limits_of_a_server_is_looked_at_all_the_same() {
    let Some(message) = vector(TOKEN_REQUEST.0) else {
        return;
    };
    let many = (0..40).map(|n| format!(" xmlns:n{n}=\"urn:example:{n}\""));
    let name = message.find("Envelope").expect("an envelope") + "Envelope".len();
    let (before, after) = message.split_at(name);
    let declared = [before, &many.collect::<String>(), after].concat();
    let (code, report, said) = examine(&declared, &["--at", TOKEN_REQUEST.1]);
    assert_eq!((code, causes(&report).len()), (Some(0), 0), "{said}");
    assert!(
        said.contains("more than 32 namespace declarations"),
        "{said}"
    );
}

#[test]
fn a_signer_that_no_one_vouches_for_is_not_trusted() {
    // The caller of the one message is not the token service of the other.
    let Some(message) = vector(TOKEN_REQUEST.0) else {
        return;
    };
    let pem = message
        .split(['<', '>'])
        .find(|text| text.starts_with("MII"));
    let file = cargo::folder("doctor").join("other.pem");
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        pem.expect("a certificate")
    );
    std::fs::write(&file, pem).expect("a writable file");
    let file = file.to_str().expect("UTF-8");
    check(TOKEN_REQUEST, UNCHANGED, &["--trust", file], &[]);
    let wrong = ["signer-not-trusted", "signer-not-trusted"];
    check(TOKEN_RESPONSE, UNCHANGED, &["--trust", file], &wrong);
}

#[test]
fn neither_tokens_nor_persons_are_printed() {
    let Some(message) = vector(TOKEN_RESPONSE.0) else {
        return;
    };
    let person = message.replace("wsp12.oioidws-net.dk", "0000000000");
    for message in [&message, &person] {
        let (_, _, said) = examine(message, &["--at", TOKEN_RESPONSE.1]);
        for secret in ["<Assertion", "MII", "KELJ0IBQ", "0000000000/"] {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
    }
}
