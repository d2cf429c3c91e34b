//! Certificates: whose they are, how long they hold, and whether their chain leads anywhere.

use chrono::{DateTime, Utc};
use soap::security::{Certificate, CertificateError, Revocation, Trust};

use super::{Report, Section, shown};

/// What certificates are examined against.
#[derive(Clone, Debug, Default)]
pub struct Certificates {
    /// The roots that are trusted; if there are none, chains are only shown.
    pub roots: Vec<Certificate>,
    /// Revocation lists in PEM.
    pub crls: Vec<Vec<u8>>,
}

/// Certificates that expire within this many days are warned of: a new one takes weeks to get.
const SOON: i64 = 30;

/// Examines the certificates of one file at `time`. Those of authorities among them vouch for the others.
///
/// # Errors
/// A root or a revocation list is none.
pub fn certificates(
    all: &[Certificate],
    known: &Certificates,
    time: DateTime<Utc>,
) -> Result<Report, CertificateError> {
    let trust = trust(all, known)?;
    let mut report = Report::default();
    for certificate in all {
        let mut section = Section::new(title(certificate));
        facts(certificate, time, &mut section);
        chain(certificate, all, &mut section);
        validity(certificate, time, &mut section);
        if !certificate.is_authority() {
            purpose(certificate, &mut section);
            match &trust {
                None => section.fact("trust", "not examined: no roots were given"),
                Some(trust) => match trust.verify(certificate, time) {
                    Ok(()) => section.ok("The chain leads to a root that was given."),
                    Err(error) => {
                        section.wrong("not-trusted", format!("It is not to be trusted: {error}."));
                    }
                },
            }
        }
        report.sections.push(section);
    }
    order(all, &mut report);
    Ok(report)
}

fn title(certificate: &Certificate) -> &'static str {
    if certificate.is_authority() {
        "certificate of an authority"
    } else {
        "certificate"
    }
}

pub(super) fn facts(certificate: &Certificate, time: DateTime<Utc>, section: &mut Section) {
    section.said("subject", [certificate.subject()]);
    section.fact("holder", certificate.holder().to_string());
    let cvr = certificate.named_cvr();
    section.optional_fact("CVR number", cvr.map(|cvr| cvr.to_string()));
    section.said("issuer", [certificate.issuer()]);
    section.fact("serial number", certificate.serial());
    section.fact("SHA-1 thumbprint", certificate.sha1_thumbprint());
    section.fact("SHA-256 thumbprint", certificate.sha256_thumbprint());
    section.fact("valid from", shown(certificate.not_before()));
    section.fact("valid until", shown(certificate.not_after()));
    section.fact("days left", certificate.days_left(time).to_string());
    section.fact("key", certificate.key().to_string());
    section.fact("signed by", certificate.signed_by());
    let usages = certificate.key_usages().join(", ");
    section.fact(
        "key usage",
        if usages.is_empty() {
            "anything"
        } else {
            &usages
        },
    );
}

/// The certificate that something is signed with, in short.
pub(super) fn signer_facts(signer: &Certificate, section: &mut Section) {
    section.said("signer", [signer.subject()]);
    section.optional_fact("signer's CVR", signer.cvr().map(|cvr| cvr.to_string()));
    section.said("signer's issuer", [signer.issuer()]);
    section.fact("signer's SHA-1", signer.sha1_thumbprint());
}

/// The subjects from the issuer up, as far as the file has them.
fn chain(certificate: &Certificate, all: &[Certificate], section: &mut Section) {
    let mut at = certificate;
    // A file may hold a circle.
    for _ in 0..all.len() {
        if at.issuer() == at.subject() {
            return;
        }
        let Some(above) = all.iter().find(|other| other.subject() == at.issuer()) else {
            let above = format!("{}, which is not in the file", at.issuer());
            section.said("above it", [above]);
            return;
        };
        section.said("above it", [above.subject()]);
        at = above;
    }
}

pub(super) fn validity(certificate: &Certificate, time: DateTime<Utc>, section: &mut Section) {
    let days = certificate.days_left(time);
    if time < certificate.not_before() {
        section.wrong("not-yet-valid", "It does not hold yet.");
    } else if time > certificate.not_after() {
        section.wrong("expired", "It has expired.");
    } else if days < SOON {
        section.warning(format!("It expires within {SOON} days."));
    } else {
        section.ok("It holds now.");
    }
}

fn purpose(certificate: &Certificate, section: &mut Section) {
    let holder = certificate.holder();
    if holder.is_personal() {
        section.wrong(
            "personal",
            format!("It is that of {holder}, who does not speak for an organisation."),
        );
    } else if certificate.cvr().is_some() {
        section.ok("The subject names one CVR number, and the holder speaks for the organisation.");
    } else {
        let reason =
            "The subject names no CVR number of an organisation, by which parties are told.";
        section.warning(reason);
    }
    if certificate.may_sign() {
        section.ok("Its key may sign.");
    } else {
        section.wrong("key-usage", "Its key may not sign (key usage).");
    }
    if certificate.signed_by().ends_with("SHA-1") {
        section.wrong(
            "sha-1",
            "Its issuer signed it over SHA-1, which proves nothing any more.",
        );
    }
}

/// Whether the first certificate is followed by that of its issuer, and so on, as TLS wants it.
fn order(all: &[Certificate], report: &mut Report) {
    for (pair, section) in all.windows(2).zip(&mut report.sections) {
        let issued = |other: &Certificate| other.subject() == pair[0].issuer();
        let vouches_for_itself = pair[0].issuer() == pair[0].subject();
        if !vouches_for_itself && !issued(&pair[1]) && all.iter().any(issued) {
            section.warning("Its issuer does not follow it in the file, as TLS wants it.");
        }
    }
}

/// Whom to believe by what was given; none if nothing was.
fn trust(all: &[Certificate], known: &Certificates) -> Result<Option<Trust>, CertificateError> {
    let mut trust = Trust::new();
    for root in &known.roots {
        trust = trust.with_root(root)?;
    }
    for authority in all.iter().filter(|other| other.is_authority()) {
        trust = trust.with_intermediate(authority);
    }
    for crl in &known.crls {
        trust = trust.with_revocations_pem(crl)?;
    }
    let revocation = if known.crls.is_empty() {
        Revocation::WhereKnown
    } else {
        Revocation::Required
    };
    let trust = trust.with_revocation(revocation);
    Ok((!known.roots.is_empty()).then_some(trust))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;
    use std::time::{Duration, SystemTime};

    use super::super::Verdict;
    use super::*;
    use crate::pki::{Authority, Holder, Issued, Shape};

    static PKI: LazyLock<(Authority, Authority)> = LazyLock::new(|| {
        let root = Authority::root(Shape::Oces3, "SF209X CA").unwrap();
        let issuing = root.below("SF209X CA 1").unwrap();
        (root, issuing)
    });

    fn issue(valid: Option<Duration>) -> Issued {
        let holder = Holder {
            name: "nord",
            cvr: "90000060".parse().unwrap(),
            valid,
        };
        PKI.1.issue(&holder).unwrap()
    }

    fn chain(issued: &Issued) -> Vec<Certificate> {
        Certificate::all_from_pem(issued.chain_pem().unwrap().as_bytes()).unwrap()
    }

    fn root() -> Certificate {
        Certificate::from_pem(PKI.0.certificate_pem().unwrap().as_bytes()).unwrap()
    }

    /// What is not ok with the first certificate.
    #[track_caller]
    fn check(all: &[Certificate], known: &Certificates, holds: bool, faults: &[&str]) -> Report {
        let report = certificates(all, known, SystemTime::now().into()).unwrap();
        let findings = report.sections[0].findings.iter();
        let found: Vec<&str> = findings
            .filter(|finding| finding.verdict != Verdict::Ok)
            .map(|finding| finding.text.as_str())
            .collect();
        assert_eq!(found, faults);
        assert_eq!(report.holds(), holds);
        report
    }

    const YEAR: Duration = Duration::from_secs(365 * 86_400);

    #[test]
    fn a_good_one_says_whose_it_is_and_for_how_long() {
        let issued = issue(Some(YEAR));
        let crls = [PKI.0.crl([], YEAR), PKI.1.crl([], YEAR)].map(|crl| crl.unwrap().into_bytes());
        let known = Certificates {
            roots: vec![root()],
            crls: crls.to_vec(),
        };
        let report = check(&chain(&issued), &known, true, &[]);
        let fact = |name| {
            let mut facts = report.sections[0].facts.iter();
            facts
                .find(|fact| fact.name == name)
                .map(|fact| &*fact.value)
        };
        assert_eq!(fact("CVR number"), Some("90000060"));
        let system = "an organisation or one of its systems (OCES3)";
        assert_eq!(fact("holder"), Some(system));
        assert_eq!(fact("days left"), Some("364"));
        assert_eq!(fact("signed by"), Some("RSASSA-PSS"));
        assert_eq!(fact("key usage"), Some("digitalSignature, keyEncipherment"));
        assert!(fact("key").unwrap().starts_with("RSA, "), "{report:?}");
    }

    #[test]
    fn a_number_of_a_person_is_hidden_in_whosever_certificate_it_stands() {
        let holder = Holder {
            name: "999999-9999",
            cvr: "90000060".parse().unwrap(),
            valid: Some(YEAR),
        };
        let issued = PKI.1.issue(&holder).unwrap();
        let report = check(&chain(&issued), &Certificates::default(), true, &[]);
        let said = format!("{report:?}");
        assert!(said.contains("CN=[CPR]"), "{said}");
        assert!(said.contains("CVR number") && said.contains("90000060"));
        assert!(!said.contains("999999"), "{said}");
    }

    #[test]
    fn people_do_not_speak_for_the_organisation_that_they_work_for() {
        let good = chain(&issue(Some(YEAR)));
        let mut der = good[0].der().to_vec();
        let at = der.windows(7).position(|octets| octets == b"UI:DK-O");
        der[at.unwrap() + 6] = b'E';
        let employee = [Certificate::from_der(&der).unwrap(), good[1].clone()];
        let reason = "It is that of an employee (MOCES), who does not speak for an organisation.";
        let report = check(&employee, &Certificates::default(), false, &[reason]);
        let facts = &report.sections[0].facts;
        assert!(facts.iter().any(|fact| fact.value == "an employee (MOCES)"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let good = chain(&issue(Some(YEAR)));
        let rooted = Certificates {
            roots: vec![root()],
            crls: Vec::new(),
        };
        let alone = Certificates::default();
        let expired = [
            "It has expired.",
            "It is not to be trusted: it has expired.",
        ];
        check(&chain(&issue(None)), &rooted, false, &expired);
        let soon = issue(Some(Duration::from_secs(10 * 86_400)));
        check(
            &chain(&soon),
            &rooted,
            true,
            &["It expires within 30 days."],
        );
        let unlisted = Certificates {
            crls: vec![PKI.0.crl([], YEAR).unwrap().into_bytes()],
            ..rooted
        };
        let reason = "It is not to be trusted: there is no current revocation list for it.";
        check(&good, &unlisted, false, &[reason]);
        let reordered = [good[0].clone(), root(), good[1].clone()];
        let order = "Its issuer does not follow it in the file, as TLS wants it.";
        check(&reordered, &alone, true, &[order]);
    }
}
