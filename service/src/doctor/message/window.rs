//! When a message would have held, where it does not because of the time.

use chrono::{DateTime, SubsecRound as _, Utc};
use soap::security::{Cause, Certificate, Outline};

use super::super::{Section, sentence, shown};

/// If something failed because of the time: when it would not have.
pub(super) fn window(
    outline: &Outline,
    sections: &[Section],
    time: DateTime<Utc>,
) -> Option<Section> {
    const TIMES: [Cause; 6] = [
        Cause::MessageExpired,
        Cause::MessageFromFuture,
        Cause::TokenExpired,
        Cause::TokenNotYetValid,
        Cause::SignerExpired,
        Cause::SignerNotYetValid,
    ];
    let is_time = |cause| TIMES.iter().any(|time| time.id() == cause);
    let mut findings = sections.iter().flat_map(|section| &section.findings);
    if !findings.any(|finding| finding.cause.is_some_and(is_time)) {
        return None;
    }
    let token = outline.any_token();
    let certificates = outline.certificates.iter();
    let begins = certificates.clone().map(Certificate::not_before);
    let begins = begins.chain(outline.created);
    let begins = begins.chain(token.map(|token| token.issued));
    let begins = begins.chain(token.and_then(|token| token.not_before));
    let ends = certificates.map(Certificate::not_after);
    let ends = ends.chain(outline.expires);
    let ends = ends.chain(token.map(|token| token.not_on_or_after));
    let (begin, end) = (begins.max()?, ends.min()?);
    let mut section = Section::new("time");
    section.warning(if begin < end {
        let age = if time >= end { "past" } else { "not yet come" };
        format!(
            "At {} its time is {age}; it holds from {} until {}: try --at {}.",
            shown(time.trunc_subsecs(0)),
            shown(begin),
            shown(end),
            shown(begin)
        )
    } else {
        sentence("there is no time at which message, token and certificates hold all at once")
    });
    Some(section)
}
