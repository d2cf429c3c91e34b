use chrono::{DateTime, Days, Utc};
use rcgen::DnType;
use soap::security::{Certificate, CertificateError, HolderKind};

use crate::pki::{organization_identifier, self_signed, serial_number};

#[track_caller]
fn check(subject: &[(DnType, &str)], cvr: Option<&str>) {
    let certificate = Certificate::from_der(&self_signed(subject)).expect("a certificate");
    let found = certificate.cvr().map(|cvr| cvr.to_string());
    assert_eq!(found.as_deref(), cvr, "{}", certificate.subject());
}

#[test]
fn the_cvr_number_comes_from_where_oces_puts_it() {
    let oces2 = "CVR:90000001-FID:12345678";
    let country = || (DnType::CountryName, "DK");
    let named = || (DnType::OrganizationName, "Et firma // CVR:90000009");
    check(
        &[country(), named(), (serial_number(), oces2)],
        Some("90000001"),
    );
    check(
        &[(serial_number(), oces2), named(), country()],
        Some("90000001"),
    );
    check(
        &[(serial_number(), "CVR:90000001-UID:1234567890123")],
        Some("90000001"),
    );
    check(
        &[(organization_identifier(), "NTRDK-90000001")],
        Some("90000001"),
    );
    let oces3 = (
        serial_number(),
        "UI:DK-O:G:00000000-0000-4000-8000-000000000000",
    );
    check(
        &[oces3, (organization_identifier(), "NTRDK-90000001")],
        Some("90000001"),
    );
}

#[test]
fn what_only_looks_like_a_cvr_number_is_none() {
    check(
        &[(DnType::OrganizationName, "Et firma // CVR:90000001")],
        None,
    );
    check(&[(DnType::CommonName, "CVR:90000001-FID:12345678")], None);
    check(&[(serial_number(), "CVR:90000001")], None);
    check(&[(serial_number(), "CVR:90000001-PID:1")], None);
    check(&[(serial_number(), "CVR:90000001-FID:")], None);
    check(&[(serial_number(), "CVR:900000011-FID:1")], None);
    check(&[(serial_number(), " CVR:90000001-FID:1")], None);
    check(
        &[(serial_number(), "CVR:90000001-FID:1 + CVR:90000002-FID:1")],
        None,
    );
    check(&[(organization_identifier(), "NTRSE-90000001")], None);
    check(&[(organization_identifier(), "NTRDK-9000000")], None);
    check(&[], None);
}

#[test]
fn people_speak_for_no_organisation_whichever_they_name() {
    use HolderKind::{Company, Employee, Function, Organisation, Person, Unknown};
    let given_name = || DnType::CustomDnType(vec![2, 5, 4, 42]);
    let named = (organization_identifier(), "NTRDK-90000001");
    let oces2 = |number| vec![(serial_number(), number)];
    let oces3 = |id| vec![(serial_number(), id), named.clone()];
    for (subject, kind) in [
        (oces2("CVR:90000001-FID:1"), Function),
        (oces2("CVR:90000001-UID:1"), Company),
        (oces2("CVR:90000001-RID:1234567890123"), Employee),
        (oces2("PID:9208-2002-2-1"), Person),
        (oces2("CVR:90000001-XID:1"), Unknown),
        (
            oces3("UI:DK-O:G:00000000-0000-4000-8000-000000000000"),
            Organisation,
        ),
        (
            oces3("UI:DK-E:G:00000000-0000-4000-8000-000000000000"),
            Employee,
        ),
        (
            oces3("UI:DK-P:G:00000000-0000-4000-8000-000000000000"),
            Person,
        ),
        (
            oces3("UI:DK-OE:G:00000000-0000-4000-8000-000000000000"),
            Unknown,
        ),
        (oces3("CVR:90000001-RID:1"), Employee),
        (oces3("90000001"), Unknown),
        (vec![named.clone()], Organisation),
        (vec![(given_name(), "A"), named.clone()], Person),
        (
            vec![
                (serial_number(), "UI:DK-O:G:1"),
                (serial_number(), "UI:DK-E:G:1"),
                named.clone(),
            ],
            Employee,
        ),
    ] {
        let certificate = Certificate::from_der(&self_signed(&subject)).expect("a certificate");
        assert_eq!(certificate.holder(), kind, "{}", certificate.subject());
        let expected = kind.speaks_for_organisation().then_some("90000001");
        check(&subject, expected);
    }
}

#[test]
fn a_subject_of_two_minds_is_refused() {
    let subject = [
        (serial_number(), "CVR:90000001-FID:12345678"),
        (organization_identifier(), "NTRDK-90000002"),
    ];
    let refused = Certificate::from_der(&self_signed(&subject)).expect_err("two numbers");
    assert_eq!(refused, CertificateError::TwoCvrNumbers);
    let agreeing = [
        (serial_number(), "CVR:90000001-FID:12345678"),
        (organization_identifier(), "NTRDK-90000001"),
    ];
    check(&agreeing, Some("90000001"));
}

#[test]
fn names_are_shown_and_play_no_tricks() {
    let subject = [
        (DnType::CountryName, "DK"),
        (DnType::OrganizationName, "Æblegård\n2026 ERROR"),
        (serial_number(), "CVR:90000001-UID:1"),
    ];
    let certificate = Certificate::from_der(&self_signed(&subject)).expect("a certificate");
    assert_eq!(
        certificate.subject(),
        "C=DK, O=Æblegård 2026 ERROR, serialNumber=CVR:90000001-UID:1"
    );
}

#[test]
fn pem_and_der_are_the_same_certificate() {
    let der = self_signed(&[(DnType::CommonName, "one")]);
    let other = self_signed(&[(DnType::CommonName, "two")]);
    let pem = format!("Subject: one\n{}{}", pem(&der), pem(&other));
    let one = Certificate::from_der(&der).expect("a certificate");
    assert_eq!(Certificate::from_pem(pem.as_bytes()).as_ref(), Ok(&one));
    let all = Certificate::all_from_pem(pem.as_bytes()).expect("two certificates");
    assert_eq!((all.len(), &all[0]), (2, &one));
    assert_ne!(all[0], all[1]);
    assert_eq!(one.sha1_thumbprint().len(), 40);
    assert_eq!(one.sha256_thumbprint().len(), 64);
}

#[test]
fn what_is_no_certificate_is_refused() {
    let der = self_signed(&[]);
    let from_der = |octets: &[u8]| Certificate::from_der(octets).expect_err("refused");
    assert_eq!(from_der(b""), CertificateError::Der);
    assert_eq!(from_der(&der[..der.len() - 1]), CertificateError::Der);
    assert_eq!(from_der(&[&der[..], b"\0"].concat()), CertificateError::Der);
    let from_pem = |text: &str| Certificate::all_from_pem(text.as_bytes()).expect_err("refused");
    assert_eq!(from_pem(""), CertificateError::Pem);
    assert_eq!(
        from_pem(&pem(&der).replace("END", "ENT")),
        CertificateError::Pem
    );
}

#[test]
fn days_are_counted_down() {
    let certificate = Certificate::from_der(&self_signed(&[])).expect("a certificate");
    let end: DateTime<Utc> = certificate.not_after();
    assert_eq!(certificate.days_left(end), 0);
    assert_eq!(certificate.days_left(end - Days::new(30)), 30);
    assert_eq!(certificate.days_left(end + Days::new(1)), -1);
}

fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

#[test]
fn a_log_says_whose_a_certificate_is_and_names_no_person() {
    let of = |subject: &[(DnType, &str)]| {
        let certificate = Certificate::from_der(&self_signed(subject)).expect("a certificate");
        (certificate.attribution().to_owned(), certificate)
    };
    let number = "CVR:90000001-FID:12345678";
    // What anybody may write into a name is no place for a CPR number or for a line of its own.
    let (said, certificate) = of(&[
        (serial_number(), number),
        (DnType::CommonName, "3113850000\n2026-11-27 INFO served"),
    ]);
    let serial = certificate.serial();
    let serial: Vec<_> = (0..serial.len() / 2)
        .map(|at| &serial[2 * at..2 * at + 2])
        .collect();
    let expected = format!(
        "serial {}, serialNumber={number}, CN=[CPR] 2026-11-27 INFO served",
        serial.join(":")
    );
    assert_eq!(said, expected);

    for (id, kind) in [
        ("CVR:90000001-RID:12345678", "an employee (MOCES)"),
        ("PID:9208-2002-2-000000000001", "a person (POCES)"),
        ("90000001", "of no kind that OCES has for organisations"),
    ] {
        let (said, certificate) =
            of(&[(serial_number(), id), (DnType::CommonName, "Test Testesen")]);
        // It is its own issuer here, which nobody believes but a test.
        let (holder, _) = said.split_once(", issued by ").expect("an issuer");
        assert!(
            holder.starts_with("serial ") && holder.ends_with(kind),
            "{said}"
        );
        assert!(!holder.contains("Testesen"), "{said}");
        assert!(certificate.subject().contains("Testesen"));
    }
}
