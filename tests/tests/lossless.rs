//! Values pass the platform as they were written, to the last digit.

use service::endpoint::Endpoint;
use tests::infoset::canonical;
use tests::system::{System, sample};

/// Elements of the header and how they are written.
const HEADER: &[(&str, &str)] = &[
    (
        "BeskedForsendelsesDatoTid",
        "2026-03-02T09:15:27.1234567+02:00",
    ),
    ("BeskedForsendelsesDatoTid", "2026-03-02T09:15:27.1000000Z"),
    ("RegsitreringFraDatoTid", "2026-03-02T09:15:26Z"),
    ("RegsitreringFraDatoTid", "2026-03-02T09:15:26"),
    ("RegsitreringFraDatoTid", "2026-03-02T09:15:26+00:00"),
    ("RegsitreringFraDatoTid", "2026-03-02T24:00:00-11:30"),
    (
        "ForretningHaendelseDatoTid",
        "2026-03-02T09:15:26.123456789012",
    ),
    ("FoersteFravaersdag", "2024-02-29"),
    ("FoersteFravaersdag", "2024-02-29Z"),
    ("FoersteFravaersdag", "2024-02-29+02:00"),
    ("UdgiverTypeKode", "07"),
    ("KMDDelsagIdentifikator", "003"),
    ("KMDSagIdentifikator", "  00 47  "),
    ("SagIdentifikator", "5F2090A0-3c7f-4A81-8d22-0000000000D4"),
    ("JobcenterSagID", "&#xE6;&#248;å &amp; &lt;b&gt; &#x1F600;"),
    ("JobcenterSagID", "<![CDATA[<JC>&amp;]]> 2"),
    ("JobcenterSagID", "linje 1&#10;linje&#9;2&#13;"),
    ("JobcenterSagID", ""),
];

/// `message` with `text` as the content of the first element called `name`.
#[track_caller]
fn with(message: &str, name: &str, text: &str) -> String {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let from = message.find(&start).expect("the element") + start.len();
    let to = message.find(&end).expect("its end");
    [&message[..from], text, &message[to..]].concat()
}

/// Sends a message to the endpoint and compares the elements `parts` of what was passed on.
#[track_caller]
fn check(endpoint: Endpoint, onward: Endpoint, message: &str, parts: &[&str]) {
    let system = System::start();
    let receipt = system.post(endpoint, message);
    assert_eq!(receipt.status, 200, "{}", receipt.body);
    let exchanges = system.exchanges_to(onward, 1);
    for part in parts {
        let sent = canonical(message, part).map(unqualified);
        let passed_on = canonical(&exchanges[0].request, part).map(unqualified);
        assert!(sent.is_some(), "{part}");
        assert_eq!(passed_on, sent);
    }
}

/// The two contracts of an answer differ in their namespaces alone.
fn unqualified(canonical: String) -> String {
    let mut text = canonical;
    while let Some(from) = text.find(" xmlns=\"") {
        let value = from + " xmlns=\"".len();
        let to = value + text[value..].find('"').expect("an end") + 1;
        text.replace_range(from..to, "");
    }
    text
}

#[test]
fn a_message_keeps_every_value() {
    let complete = sample("Opret.complete.request.xml");
    check(
        Endpoint::Fs1,
        Endpoint::Jc1,
        &complete,
        &["Header", "Opret"],
    );
    for (name, text) in HEADER {
        check(
            Endpoint::Fs1,
            Endpoint::Jc1,
            &with(&complete, name, text),
            &["Header"],
        );
    }
    let text = "0011 &#xE6;<![CDATA[ <&> ]]>";
    let message = with(&complete, "SustenanceSystemCaseTypeIdentifierType", text);
    check(Endpoint::Fs1, Endpoint::Jc1, &message, &["Opret"]);
}

#[test]
fn an_answer_keeps_every_value() {
    let answer = sample("SendForretningsSvar.context.request.xml");
    for (name, text) in HEADER {
        if answer.contains(&format!("<{name}>")) {
            check(
                Endpoint::Jc2,
                Endpoint::Fs2,
                &with(&answer, name, text),
                &["Header", "Forretningkvittering"],
            );
        }
    }
    let refusal = answer.replace(
        "<kvit:ForretningsValideringsKode>ACCEPTERET</kvit:ForretningsValideringsKode>",
        "<kvit:ForretningsValideringsKode>FEJLET</kvit:ForretningsValideringsKode>
         <kvit:Begrundelse>&#xE6;<![CDATA[ <ikke> & ]]>\u{e5} </kvit:Begrundelse>
         <kvit:FejlListe>
           <kvit:Fejl><kvit:FejlKode>007</kvit:FejlKode><kvit:FejlTekst> en </kvit:FejlTekst></kvit:Fejl>
           <kvit:Fejl><kvit:FejlKode/><kvit:FejlTekst>to</kvit:FejlTekst></kvit:Fejl>
         </kvit:FejlListe>",
    );
    assert_ne!(refusal, answer);
    check(
        Endpoint::Jc2,
        Endpoint::Fs2,
        &refusal,
        &["Header", "Forretningkvittering"],
    );
}

/// KSD does not know the message, and says so at length: the Jobcenter reads the very receipt.
#[test]
fn a_receipt_keeps_every_value() {
    let system = System::start();
    let answer = sample("SendForretningsSvar.context.request.xml");
    let receipt = system.post(Endpoint::Jc2, answer);
    let exchanges = system.exchanges_to(Endpoint::Fs2, 1);
    let part = |message: &str| canonical(message, "TransportKvittering").map(unqualified);
    assert!(receipt.body.contains("FejlTekst"), "{}", receipt.body);
    assert_eq!(part(&receipt.body), part(&exchanges[0].response));
}
