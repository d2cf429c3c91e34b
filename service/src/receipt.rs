//! Transport receipts and business answers, made so that they cannot contradict themselves: a FejlListe never stands with OK, and
//! a FEJL or FEJLET never lacks one.

use generated::serviceplatformen::{
    Fejl, FejlListe, ForretningsValideringsKode, Forretningskvittering, SygefravaerResponse,
    TransportKvittering, TransportValideringsKode,
};
use soap::{Violation, Violations};
use uuid::Uuid;

/// One entry of a FejlListe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// FejlKode: names the kind of finding.
    pub code: String,
    /// FejlTekst: says it in Danish; never with a CPR number.
    pub text: String,
}

impl Finding {
    /// The same message has come before: `Gentagelse`.
    pub const REPEATED: &'static str = "Gentagelse";
    /// Another message with the same TransaktionIdentifikator has come before: `TransaktionGenbrugt`.
    pub const REUSED: &'static str = "TransaktionGenbrugt";
    /// An answer to a message that was never sent: `TransaktionUkendt`.
    pub const UNKNOWN: &'static str = "TransaktionUkendt";
    /// The municipality is not served here: `KommuneIkkeRegistreret`.
    pub const NOT_REGISTERED: &'static str = "KommuneIkkeRegistreret";
    /// Header and context name two municipalities: `MyndighedAfviger`.
    pub const AUTHORITY_DIFFERS: &'static str = "MyndighedAfviger";
    /// The call has no AuthorityContext: `MyndighedMangler`.
    pub const AUTHORITY_MISSING: &'static str = "MyndighedMangler";
    /// A code that KSD alone sets comes from another: `KodeForbeholdt`.
    pub const RESERVED: &'static str = "KodeForbeholdt";

    /// A finding of the kind `code`.
    pub fn new(code: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            text: text.into(),
        }
    }
}

/// A violation of the contract, in Danish: FejlKode is the stable id of its rule, FejlTekst tells the element, line and column,
/// and never a value of the message.
impl From<&Violation> for Finding {
    fn from(violation: &Violation) -> Self {
        Self::new(violation.rule.id(), violation.danish())
    }
}

/// FEJL: the message is not what the contract says; a finding for each violation, of which the reader's limits let in
/// [`violations`](soap::Limits::violations). The answer of those who take messages over.
///
/// ```
/// # fn check(message: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let root = generated::sygefravaer::elements::OPRET_REQUEST;
/// let Err(violations) = root.read(b"<OpretRequest/>", &soap::Limits::default()) else {
///     return Ok(());
/// };
/// let receipt = service::receipt::invalid(&violations).transport_kvittering;
/// let list = receipt.fejl_liste.ok_or("a list of errors")?;
/// assert_eq!(list.fejl[0].fejl_kode, violations.first().rule.id());
/// # Ok(())
/// # }
/// ```
pub fn invalid(violations: &Violations) -> SygefravaerResponse {
    let more = violations.iter().skip(1).map(Finding::from).collect();
    failure(
        "Beskeden overholder ikke kontrakten.",
        violations.first().into(),
        more,
    )
}

/// OK: the message is taken over.
pub fn ok() -> SygefravaerResponse {
    receipt(TransportValideringsKode::Ok, None, None)
}

/// ADVARSEL: the message is taken over, but `finding` is worth knowing.
pub fn warning(finding: Finding) -> SygefravaerResponse {
    receipt(
        TransportValideringsKode::Advarsel,
        None,
        Some(list(finding, Vec::new())),
    )
}

/// FEJL: the message is not taken over, for `reason`; every finding says why.
pub fn failure(reason: &str, first: Finding, more: Vec<Finding>) -> SygefravaerResponse {
    receipt(
        TransportValideringsKode::Fejl,
        Some(reason.to_owned()),
        Some(list(first, more)),
    )
}

/// ADVARSEL: the same message has come before.
pub(crate) fn repeated(transaction: Uuid) -> SygefravaerResponse {
    let text = format!("Beskeden {transaction} er modtaget før. Den er ikke behandlet igen.");
    warning(Finding::new(Finding::REPEATED, text))
}

/// FEJL: another message under the same id has come before.
pub(crate) fn reused(reason: &str, transaction: Uuid) -> SygefravaerResponse {
    let text =
        format!("En anden besked med TransaktionIdentifikator {transaction} er modtaget før.");
    failure(reason, Finding::new(Finding::REUSED, text), Vec::new())
}

fn receipt(
    transport_validerings_kode: TransportValideringsKode,
    begrundelse: Option<String>,
    fejl_liste: Option<FejlListe>,
) -> SygefravaerResponse {
    let transport_kvittering = TransportKvittering {
        transport_validerings_kode,
        begrundelse,
        fejl_liste,
    };
    SygefravaerResponse {
        transport_kvittering,
    }
}

fn list(first: Finding, more: Vec<Finding>) -> FejlListe {
    let entry = |finding: Finding| Fejl {
        fejl_kode: finding.code,
        fejl_tekst: finding.text,
    };
    FejlListe {
        fejl: std::iter::once(first).chain(more).map(entry).collect(),
    }
}

/// What a Jobcenter says of a message once its case system has dealt with it (integration description 3.1.4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// MODTAGET: received; another answer follows.
    Received,
    /// AFLEVERET: handed over to the case system; another answer may follow.
    Delivered,
    /// ACCEPTERET: registered in the case system.
    Accepted,
    /// AFVIST: not accepted; the sender deals with it.
    Rejected {
        /// Begrundelse, typically the case worker's.
        reason: String,
    },
    /// FEJLET: invalid.
    Failed {
        /// The first of the errors.
        first: Finding,
        /// Those after it.
        more: Vec<Finding>,
    },
}

impl From<Answer> for Forretningskvittering {
    fn from(answer: Answer) -> Self {
        let (forretnings_validerings_kode, begrundelse, fejl_liste) = match answer {
            Answer::Received => (ForretningsValideringsKode::Modtaget, None, None),
            Answer::Delivered => (ForretningsValideringsKode::Afleveret, None, None),
            Answer::Accepted => (ForretningsValideringsKode::Accepteret, None, None),
            Answer::Rejected { reason } => (ForretningsValideringsKode::Afvist, Some(reason), None),
            Answer::Failed { first, more } => (
                ForretningsValideringsKode::Fejlet,
                None,
                Some(list(first, more)),
            ),
        };
        Self {
            forretnings_validerings_kode,
            begrundelse,
            fejl_liste,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_stand_where_they_belong() {
        assert_eq!(ok().transport_kvittering.fejl_liste, None);
        let warned = warning(Finding::new(Finding::REPEATED, "igen")).transport_kvittering;
        assert_eq!(
            warned.transport_validerings_kode,
            TransportValideringsKode::Advarsel
        );
        assert_eq!(warned.fejl_liste.unwrap().fejl.len(), 1);
        let more = vec![Finding::new("b", "to")];
        let failed = failure("nej", Finding::new("a", "en"), more).transport_kvittering;
        assert_eq!(failed.begrundelse.as_deref(), Some("nej"));
        assert_eq!(failed.fejl_liste.unwrap().fejl[1].fejl_kode, "b");
    }

    #[test]
    fn what_breaks_the_contract_is_told_in_danish_and_without_values() {
        let sample = include_str!("../../wsdl/samples/Opret.request.xml");
        let body = sample
            .split("<soap:Body>")
            .nth(1)
            .and_then(|rest| rest.split("</soap:Body>").next());
        let broken = body
            .unwrap()
            .replace("3113850000", "311385000X")
            .replace("<Sagsart>11<", "<Sagsart>4711<");
        let root = generated::sygefravaer::elements::OPRET_REQUEST;
        let violations = root
            .read(broken.as_bytes(), &soap::Limits::default())
            .unwrap_err();
        let list = invalid(&violations)
            .transport_kvittering
            .fejl_liste
            .unwrap();
        let codes: Vec<&str> = list
            .fejl
            .iter()
            .map(|fejl| fejl.fejl_kode.as_str())
            .collect();
        assert_eq!(codes, ["digits", "enumeration"], "{list:?}");
        for (fejl, part) in list
            .fejl
            .iter()
            .zip(["ReferenceID (linje ", "Sagsart (linje "])
        {
            let text = &fejl.fejl_tekst;
            assert!(text.contains(part) && text.contains("værdien "), "{text}");
            assert!(!text.contains("311385") && !text.contains("4711"), "{text}");
        }
    }

    #[test]
    fn only_a_failed_answer_lists_errors() {
        let failed = Answer::Failed {
            first: Finding::new("a", "en"),
            more: Vec::new(),
        };
        assert!(Forretningskvittering::from(failed).fejl_liste.is_some());
        let rejected = Forretningskvittering::from(Answer::Rejected {
            reason: "flyttet".to_owned(),
        });
        assert_eq!(
            (rejected.begrundelse.as_deref(), rejected.fejl_liste),
            (Some("flyttet"), None)
        );
        assert_eq!(
            Forretningskvittering::from(Answer::Accepted).begrundelse,
            None
        );
    }
}
