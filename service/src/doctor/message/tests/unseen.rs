//! No line says that something holds which was not looked at, and what was not looked at does not hold.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::super::Verdict;
use super::*;

/// The sentences of this verdict.
fn said(report: &Report, verdict: Verdict) -> Vec<&str> {
    let findings = report.sections.iter().flat_map(|section| &section.findings);
    let findings = findings.filter(|finding| finding.verdict == verdict);
    findings.map(|finding| finding.text.as_str()).collect()
}

/// The causes of all that is wrong with a text; it does not hold, though nothing of it may be wrong.
#[track_caller]
fn fails(text: &str, expected: &Expected, minutes: i64, causes: &[&str]) -> Report {
    let time = PARTIES.now + TimeDelta::minutes(minutes);
    let report = message(text.as_bytes(), expected, time).unwrap();
    let findings = report.sections.iter().flat_map(|section| &section.findings);
    let found: Vec<&str> = findings.filter_map(|finding| finding.cause).collect();
    assert_eq!(found, causes, "{report:#?}");
    assert!(!report.holds(), "{report:#?}");
    report
}

const NONE: Expected = Expected {
    trust: Vec::new(),
    crls: Vec::new(),
    audience: None,
    issuer: None,
    to: None,
};

const SECOND: &str = "<wsse:UsernameToken></wsse:UsernameToken></wsse:Security>";

#[test]
fn of_several_audiences_the_one_that_is_the_recipient_is_meant() {
    let for_both = |audiences: [&str; 2], recipient: &str| {
        let token = token_with(&PARTIES.caller, |token| {
            token.audiences = audiences.map(str::to_owned).to_vec();
            token.recipient = recipient.to_owned();
        });
        request_with(&LIB_BAS, &token)
    };
    let text = for_both(["urn:example:first", AUDIENCE], AUDIENCE);
    let report = check(&text, &NONE, 0, &[]);
    let said = format!("{report:?}");
    let taken = format!("{AUDIENCE} (none was given: the one that is the recipient)");
    assert!(said.contains(&taken), "{said}");
    let first = Expected {
        audience: Some("urn:example:first".to_owned()),
        ..NONE
    };
    check(&text, &first, 0, &["token-recipient"]);
    let other = Expected {
        audience: Some("urn:example:third".to_owned()),
        ..NONE
    };
    check(&text, &other, 0, &["token-audience", "token-recipient"]);
    let slash = for_both(["urn:example:first", AUDIENCE], &format!("{AUDIENCE}/"));
    let report = check(&slash, &NONE, 0, &["token-recipient"]);
    let said = format!("{report:?}");
    assert!(said.contains("a slash at the end makes"), "{said}");
    let text = for_both(["urn:example:first", &format!("{AUDIENCE}/")], AUDIENCE);
    let second = Expected {
        audience: Some(AUDIENCE.to_owned()),
        ..NONE
    };
    let report = check(&text, &second, 0, &["token-audience"]);
    let said = format!("{report:?}");
    assert!(said.contains("a slash at the end makes"), "{said}");
}

#[test]
fn what_is_wrong_with_the_header_hides_nothing_of_token_and_references() {
    let expected = Expected {
        audience: Some("urn:example:other".to_owned()),
        issuer: Some("urn:example:evil".to_owned()),
        ..NONE
    };
    let token = ["token-issuer", "token-audience", "token-recipient"];
    let late = [&token[..], &["token-expired"]].concat();
    let text = request(&LIB_BAS);
    let more = text.replace("</wsse:Security>", SECOND);
    let report = fails(&more, &expected, 0, &[&["structure"], &token[..]].concat());
    let held = said(&report, Verdict::Ok);
    let references = held.iter().filter(|text| text.starts_with("Reference to"));
    assert_eq!(references.count(), 8, "{held:?}");
    assert!(held.contains(&"The signature over the references holds."));
    let causes = [&["structure", "message-expired"], &late[..]].concat();
    fails(&more, &expected, 10 * 60, &causes);

    let start = text.rfind("<ds:Signature ").unwrap();
    let end = text.rfind("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    let unsigned = [&text[..start], &text[end..]].concat();
    let forged = unsigned.replacen(">90000001<", ">90000002<", 1);
    let causes = [&["not-signed", "message-expired"], &late[..]].concat();
    let report = fails(&unsigned, &expected, 10 * 60, &causes);
    let unseen = said(&report, Verdict::Unknown);
    assert_eq!(unseen.len(), 1, "{unseen:?}");
    assert!(unseen[0].contains("whether all is signed that must be; the signature;"));
    fails(&forged, &NONE, 0, &["not-signed", "digest"]);

    let [asks, _] = exchange();
    let certificate = asks.find("<wsse:BinarySecurityToken ").unwrap();
    let end = asks.find("</wsse:BinarySecurityToken>").unwrap() + 27;
    let second = asks[certificate..end].replacen("wsu:Id=\"", "wsu:Id=\"x", 1);
    let two = [&asks[..end], &second, &asks[end..]].concat();
    let report = fails(&two, &NONE, 0, &["structure"]);
    assert!(said(&report, Verdict::Ok).contains(&"The signature over the references holds."));
    let nothing = envelope(Version::Soap11);
    let report = message(nothing.as_bytes(), &NONE, PARTIES.now).unwrap();
    assert_eq!(said(&report, Verdict::Ok), [""; 0]);
}

#[test]
fn every_token_in_a_message_is_judged_or_said_not_to_be() {
    let token = token();
    let forged = token.text().replace(">90000001<", ">90000002<");
    // The declarations on the tag of the collection go to that of the answer.
    let alone = |answer: &str| {
        let (before, after) = answer.split_once("ResponseCollection").unwrap();
        let (declared, inside) = after.split_once('>').unwrap();
        let start = before.rfind('<').unwrap();
        let inside = inside.replacen("TokenResponse", &format!("TokenResponse{declared}"), 1);
        let bare = [&before[..start], &inside].concat();
        bare.replace("</wst:RequestSecurityTokenResponseCollection>", "")
    };
    let [_, answers] = exchange_with(str::to_owned, alone);
    let report = check(&answers, &NONE, 0, &[]);
    assert!(said(&report, Verdict::Warning)[0].starts_with("It stands alone"));
    check(
        &answers,
        &NONE,
        9 * 60,
        &["message-expired", "token-expired"],
    );
    let change = |answer: &str| alone(answer).replace(token.text(), &forged);
    let [_, answers] = exchange_with(str::to_owned, change);
    check(&answers, &NONE, 0, &["digest"]);

    let on_behalf = |token: &str| {
        let [asks, _] = exchange_with(
            |asks| {
                let of = format!("<wst:OnBehalfOf>{token}</wst:OnBehalfOf><wst:UseKey");
                asks.replacen("<wst:UseKey", &of, 1)
            },
            str::to_owned,
        );
        asks
    };
    let report = check(&on_behalf(token.text()), &NONE, 0, &[]);
    assert!(
        report
            .sections
            .iter()
            .any(|section| section.title == "token in OnBehalfOf")
    );
    check(&on_behalf(&forged), &NONE, 0, &["digest"]);
    let causes = ["message-expired", "token-expired"];
    check(&on_behalf(token.text()), &NONE, 9 * 60, &causes);
    let trusting_the_caller = trusting(&PARTIES.caller.certificate);
    let stranger = ["signer-not-trusted"];
    check(&on_behalf(token.text()), &trusting_the_caller, 0, &stranger);
    let bearer = token.text().replace("cm:holder-of-key", "cm:bearer");
    let report = fails(&on_behalf(&bearer), &NONE, 0, &[]);
    assert!(said(&report, Verdict::Unknown)[0].starts_with("The token cannot be read"));
    let older = token
        .text()
        .replace("SAML:2.0:assertion", "SAML:1.0:assertion");
    fails(&on_behalf(&older), &NONE, 0, &[]);
    let hidden = "<e:EncryptedAssertion xmlns:e=\"urn:oasis:names:tc:SAML:2.0:assertion\"></e:EncryptedAssertion>";
    fails(&on_behalf(hidden), &NONE, 0, &[]);
    fails(
        &on_behalf(&token.text().repeat(20)),
        &NONE,
        0,
        &["duplicate-id"],
    );

    let addressing = Addressing::response("urn:example:tally/WeekResponse", ID, ID);
    let signer = MessageSigner::new(&LIB_BAS, PARTIES.caller.key());
    let envelope = envelope(Version::Soap11);
    let answer = signer.sign(&envelope, &addressing, Some(&token), PARTIES.now);
    let causes = ["token-unexpected"];
    let report = fails(&answer.unwrap(), &NONE, 0, &causes);
    assert!(
        report
            .sections
            .iter()
            .any(|section| section.title == "token in Security")
    );
}

#[test]
fn a_file_is_read_within_wider_limits_than_a_message() {
    let many: String = (0..40)
        .map(|n| format!(" xmlns:n{n}=\"urn:example:{n}\""))
        .collect();
    let [asks, answers] = exchange();
    for text in [&request(&LIB_BAS), &asks, &answers] {
        let declared = text.replacen("<soap:Envelope", &format!("<soap:Envelope{many}"), 1);
        let declared = declared.replacen("<env:Envelope", &format!("<env:Envelope{many}"), 1);
        assert_ne!(&declared, text);
        let report = check(&declared, &NONE, 0, &[]);
        let warned = said(&report, Verdict::Warning).join(" ");
        let why = "A server with the usual limits does not read it: ";
        assert!(warned.contains(why) && warned.contains("32"), "{warned}");
    }
    let report = check(&request(&LIB_BAS), &NONE, 0, &[]);
    assert_eq!(said(&report, Verdict::Warning), [""; 0]);
    let long = "QUJD".repeat(75_000);
    let addressing = Addressing::request("urn:example:tally/Week", ID, TO);
    let signer = MessageSigner::new(&LIB_BAS, PARTIES.caller.key());
    let envelope = envelope(Version::Soap11).replace("></t:Week>", "/>");
    let envelope = envelope.replace("/></soap:Body>", &format!(">{long}</t:Week></soap:Body>"));
    let signed = signer.sign(&envelope, &addressing, Some(&token()), PARTIES.now);
    check(&signed.unwrap(), &NONE, 0, &[]);
}

#[test]
fn a_signer_is_trusted_or_not_and_never_both() {
    let other = Authority::root(Shape::Oces2, "SF209X other CA").unwrap();
    let list = other.crl([], Duration::from_secs(86_400)).unwrap();
    let unlisted = Expected {
        crls: vec![list.into_bytes()],
        ..trusting(&PARTIES.root)
    };
    let [asks, _] = exchange();
    let report = check(&asks, &unlisted, 0, &["no-revocation-list"]);
    let held = said(&report, Verdict::Ok);
    assert!(!held.contains(&"The signer is trusted."), "{held:?}");
    let report = check(&asks, &trusting(&PARTIES.root), 0, &[]);
    let held = said(&report, Verdict::Ok);
    assert!(held.contains(&"The signer is trusted."), "{held:?}");
}

#[test]
fn what_the_issuer_signs_by_is_the_first_of_a_chain_or_is_named() {
    let token = token();
    let own = STANDARD.encode(PARTIES.service.certificate.der());
    let own = format!("<ds:X509Certificate>{own}</ds:X509Certificate>");
    let root = STANDARD.encode(PARTIES.root.der());
    let root = format!("<ds:X509Certificate>{root}</ds:X509Certificate>");
    let with = |data: &str| token.text().replacen(&own, data, 1);
    let trusted = trusting(&PARTIES.service.certificate);
    check(&with(&[&*own, &root].concat()), &trusted, 0, &[]);
    let named = format!("<ds:X509SubjectName>CN=x</ds:X509SubjectName>{own}");
    check(&with(&named), &trusted, 0, &[]);
    let down = with(&[&*root, &own].concat());
    let causes = ["signer-key-usage", "token-signature"];
    check(&down, &trusted, 0, &causes);
    for (data, name) in [
        (
            "<ds:X509SubjectName>CN=x</ds:X509SubjectName>",
            "X509SubjectName",
        ),
        ("<ds:X509SKI>AAAA</ds:X509SKI>", "X509SKI"),
    ] {
        let report = check(&with(data), &trusted, 0, &["token-key-info"]);
        let unseen = said(&report, Verdict::Unknown);
        assert!(unseen[0].contains("the issuer's signature"), "{unseen:?}");
        let wrong = said(&report, Verdict::Wrong);
        assert!(wrong[0].ends_with(&format!(": {name}.")), "{wrong:?}");
    }
}

#[test]
fn each_fault_of_a_timestamp_has_words_of_its_own() {
    let text = request(&LIB_BAS);
    let start = text.find("<wsu:Timestamp").unwrap();
    let end = text.find("</wsu:Timestamp>").unwrap();
    let stamp = &text[start..end];
    let expires = stamp.split("<wsu:Expires>").nth(1).unwrap();
    let expires = expires.split('<').next().unwrap();
    let with = |expires_with: &str| {
        let changed = stamp.replace(expires, expires_with);
        text.replacen(stamp, &changed, 1)
    };
    let late = ["digest", "timestamp-life"];
    check(&with("2099-01-01T00:00:00Z"), &NONE, 0, &late);
    let past = ["digest", "timestamp-reversed", "message-expired"];
    check(&with("2020-01-01T00:00:00Z"), &NONE, 0, &past);
    check(&with("soon"), &NONE, 0, &["digest", "timestamp"]);
    let whole = &text[start..end + "</wsu:Timestamp>".len()];
    let without = text.replacen(whole, "", 1);
    let causes = ["reference-target", "timestamp-missing"];
    let report = check(&without, &NONE, 0, &causes);
    assert!(!said(&report, Verdict::Ok).contains(&"By its timestamp it holds at that time."));
}
