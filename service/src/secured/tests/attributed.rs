//! Each line of the log says by itself who called, from where and by what proof, whatever became of the call.

use serde_json::Value;

use super::*;
use crate::logging;
use crate::world::log::Log;

#[track_caller]
fn check(line: &Value, expected: &[(&str, Option<&str>)]) {
    for (field, value) in expected {
        assert_eq!(
            line.get(field).and_then(Value::as_str),
            *value,
            "{field} in {line}"
        );
    }
}

#[tokio::test]
async fn a_line_says_who_called_whatever_became_of_the_call() {
    let log = Log::default();
    let door = Door::watched(&Taken::in_memory(), logging::observer()).await;
    let _kept = log.keep();
    let (ksd, nord) = (&PARTIES.ksd, &PARTIES.nord);
    let good = token(ksd, Endpoint::Fs1, NORD);
    let message = signed(ksd, &good, NORD, &fresh());
    let said_of = |credentials: &Credentials| {
        let current = credentials.current();
        let said = current.certificate().attribution().to_owned();
        assert!(said.contains("serial "), "{said}");
        said
    };
    let (of_ksd, of_nord) = (said_of(ksd), said_of(nord));
    let peer = ("peer", Some("127.0.0.1:40000"));

    door.post(Endpoint::Fs1, ksd, &message).await;
    let taken = [
        peer,
        ("level", Some("INFO")),
        ("from", Some(folder::KSD)),
        ("certificate", Some(&*of_ksd)),
        ("token.holder", Some(&*of_ksd)),
        ("token.municipality", Some(NORD)),
        ("code", Some("OK")),
        ("cause", None),
        ("reason", None),
    ];
    check(&log.line("served"), &taken);

    // Nothing of what the message says of itself is proven.
    let named = |municipality| format!("<Myndighed>{municipality}<");
    let changed = message.replace(&named(NORD), &named(SILENT));
    let (_, answer) = door.post(Endpoint::Fs1, ksd, &changed).await;
    let line = log.line("served");
    let disbelieved = [
        peer,
        ("level", Some("WARN")),
        ("from", Some(folder::KSD)),
        ("certificate", Some(&*of_ksd)),
        ("token.holder", None),
        ("token.municipality", None),
        ("endpoint", Some("EP_FS1")),
        ("code", Some("NotBelieved")),
        ("cause", Some("digest")),
        ("reason", Some("a digest is not that of the part (Body)")),
    ];
    check(&line, &disbelieved);
    let call = line["call"].as_str().unwrap();
    assert!(answer.contains(&format!("CallUUID: {call}\n")), "{answer}");

    door.post(Endpoint::Fs1, nord, &message).await;
    let denied = [
        peer,
        ("level", Some("WARN")),
        ("from", Some(folder::NORD)),
        ("certificate", Some(&*of_nord)),
        ("code", Some("CallerNotAllowed")),
        ("token.holder", None),
    ];
    check(&log.line("served"), &denied);

    // Two organisations in one call: the log has both.
    let stranger = signed(nord, &token(nord, Endpoint::Fs1, NORD), NORD, &fresh());
    door.post(Endpoint::Fs1, ksd, &stranger).await;
    let two = [
        ("from", Some(folder::KSD)),
        ("certificate", Some(&*of_ksd)),
        ("token.holder", Some(&*of_nord)),
        ("code", Some("CallerUnknown")),
    ];
    check(&log.line("served"), &two);
}

#[tokio::test]
async fn nothing_is_made_up_of_a_caller_that_proved_nothing() {
    let log = Log::default();
    let world = World::new().await;
    let _kept = log.keep();
    let app = roles::ksd(
        &world.ksd,
        Callers::Anyone,
        Callers::Anyone,
        LIMITS,
        logging::observer(),
    );
    let answer = include_str!("../../../../wsdl/samples/ModtagForretningsSvar.request.xml");
    let request = Request::post(Endpoint::Fs2.path())
        .header(CONTENT_TYPE, "text/xml; charset=utf-8")
        .body(Full::new(Bytes::from(answer)))
        .unwrap();
    app.answer(request, ([127, 0, 0, 1], 40_000).into()).await;
    let unknown = [
        ("from", Some("unknown")),
        ("peer", Some("127.0.0.1:40000")),
        ("certificate", None),
        ("code", Some("FEJL")),
    ];
    check(&log.line("served"), &unknown);
}
