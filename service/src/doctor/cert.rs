//! A certificate: whose it is, how long it holds, and whether its chain leads anywhere.

use chrono::{DateTime, SecondsFormat, Utc};
use soap::security::{Certificate, CertificateError, Revocation, Trust};

use super::Report;

/// What a certificate is examined against.
#[derive(Clone, Debug, Default)]
pub struct Certificates {
    /// The roots that are trusted; if there are none, the chain is only shown.
    pub roots: Vec<Certificate>,
    /// Revocation lists in PEM.
    pub crls: Vec<Vec<u8>>,
}

/// Certificates that expire within this many days are found fault with: a new one takes weeks to get.
const SOON: i64 = 30;

/// Examines the first of `chain`, which the others vouch for, at `time`.
///
/// # Errors
/// A root or a revocation list is none.
pub fn certificate(
    chain: &[Certificate],
    known: &Certificates,
    time: DateTime<Utc>,
) -> Result<Report, CertificateError> {
    let mut report = Report::default();
    let [leaf, above @ ..] = chain else {
        return Err(CertificateError::Pem);
    };
    identity(leaf, &mut report);
    validity(leaf, time, &mut report);
    for certificate in above {
        report.fact("above it", certificate.subject());
    }
    links(chain, &mut report);
    if known.roots.is_empty() {
        report.fact("trust", "not examined: no roots were given");
    } else {
        let verdict = trust(above, known)?.verify(leaf, time);
        match verdict {
            Ok(()) => report.finding(true, "The chain leads to a root that was given."),
            Err(error) => report.finding(false, format!("It is not to be trusted: {error}.")),
        }
    }
    Ok(report)
}

fn identity(leaf: &Certificate, report: &mut Report) {
    report.fact("subject", leaf.subject());
    report.fact("issuer", leaf.issuer());
    report.fact("serial number", leaf.serial());
    report.fact("SHA-1 thumbprint", leaf.sha1_thumbprint());
    report.fact("SHA-256 thumbprint", leaf.sha256_thumbprint());
    match leaf.cvr() {
        Some(cvr) => {
            report.fact("CVR number", cvr.to_string());
            report.finding(true, "The subject names one CVR number.");
        }
        None => report.finding(false, "The subject names no CVR number."),
    }
    report.finding(
        leaf.may_sign() && !leaf.is_authority(),
        if leaf.is_authority() {
            "It is the certificate of an authority, not of a system."
        } else if leaf.may_sign() {
            "Its key may sign."
        } else {
            "Its key may not sign (keyUsage)."
        },
    );
}

fn validity(leaf: &Certificate, time: DateTime<Utc>, report: &mut Report) {
    let shown = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    report.fact("valid from", shown(leaf.not_before()));
    report.fact("valid until", shown(leaf.not_after()));
    let days = leaf.days_left(time);
    report.fact("days left", days.to_string());
    if time < leaf.not_before() {
        report.finding(false, "It does not hold yet.");
    } else if time > leaf.not_after() {
        report.finding(false, "It has expired.");
    } else if days < SOON {
        report.finding(false, format!("It expires within {SOON} days."));
    } else {
        report.finding(true, "It holds now.");
    }
}

/// Whether each certificate is followed by that of its issuer, as TLS wants it.
fn links(chain: &[Certificate], report: &mut Report) {
    for pair in chain.windows(2) {
        if pair[0].issuer() != pair[1].subject() {
            let text = format!(
                "The order is wrong: after {} comes {}, which is not its issuer.",
                pair[0].subject(),
                pair[1].subject()
            );
            report.finding(false, text);
        }
    }
}

fn trust(above: &[Certificate], known: &Certificates) -> Result<Trust, CertificateError> {
    let mut trust = Trust::new();
    for root in &known.roots {
        trust = trust.with_root(root)?;
    }
    for certificate in above {
        trust = trust.with_intermediate(certificate);
    }
    for crl in &known.crls {
        trust = trust.with_revocations_pem(crl)?;
    }
    let revocation = if known.crls.is_empty() {
        Revocation::WhereKnown
    } else {
        Revocation::Required
    };
    Ok(trust.with_revocation(revocation))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;
    use std::time::{Duration, SystemTime};

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

    #[track_caller]
    fn check(chain: &[Certificate], known: &Certificates, faults: &[&str]) -> Report {
        let report = certificate(chain, known, SystemTime::now().into()).unwrap();
        let found: Vec<&str> = report
            .findings
            .iter()
            .filter(|finding| !finding.holds)
            .map(|finding| finding.text.as_str())
            .collect();
        assert_eq!(found, faults);
        assert_eq!(report.holds(), faults.is_empty());
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
        let report = check(&chain(&issued), &known, &[]);
        let fact = |name| {
            let mut facts = report.facts.iter();
            facts
                .find(|fact| fact.name == name)
                .map(|fact| &*fact.value)
        };
        assert_eq!(fact("CVR number"), Some("90000060"));
        assert_eq!(fact("days left"), Some("364"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let good = issue(Some(YEAR));
        let known = Certificates {
            roots: vec![root()],
            crls: Vec::new(),
        };
        let fault = "It has expired.";
        let not_trusted = "It is not to be trusted: ";
        let expired = certificate(&chain(&issue(None)), &known, SystemTime::now().into()).unwrap();
        let texts: Vec<&str> = expired.findings.iter().map(|f| f.text.as_str()).collect();
        assert!(texts.contains(&fault), "{texts:?}");
        assert!(
            texts.iter().any(|text| text.starts_with(not_trusted)),
            "{texts:?}"
        );

        let soon = issue(Some(Duration::from_secs(10 * 86_400)));
        check(&chain(&soon), &known, &["It expires within 30 days."]);

        let revoked = [PKI.0.crl([], YEAR), PKI.1.crl([&good], YEAR)];
        let known = Certificates {
            roots: vec![root()],
            crls: revoked.map(|crl| crl.unwrap().into_bytes()).to_vec(),
        };
        let report = certificate(&chain(&good), &known, SystemTime::now().into()).unwrap();
        assert!(!report.holds());

        let alone = Certificates::default();
        check(
            &[root()],
            &alone,
            &[
                "The subject names no CVR number.",
                "It is the certificate of an authority, not of a system.",
            ],
        );
        let mut reversed = chain(&good);
        reversed.push(reversed[0].clone());
        let report = certificate(&reversed, &alone, SystemTime::now().into()).unwrap();
        assert!(!report.holds());
    }
}
