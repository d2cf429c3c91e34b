//! The security token service: whether it hands out a token, and whether that is as it should be.

use chrono::{DateTime, Utc};
use soap::Blame;
use soap::security::{IssuedToken, TokenRules, Trust};

use super::message::{Given, token_section};
use super::{Report, Section, sentence};
use crate::config::Tokens;
use crate::endpoint::Endpoint;
use crate::routing::Cvr;
use crate::tokens::{TokenError, TokenSource};

/// Asks for a token for calling `endpoint` on behalf of `municipality`, and examines it.
///
/// # Errors
/// The service could not be reached.
pub async fn token_service(
    source: &TokenSource,
    settings: &Tokens,
    endpoint: Endpoint,
    municipality: Cvr,
    time: DateTime<Utc>,
) -> Result<Report, TokenError> {
    let audience = settings.entity_id(endpoint);
    let mut section = Section::new("token service");
    section.fact("service", settings.sts.to_string());
    section.fact("issuer", settings.issuer.clone());
    section.fact("applies to", audience);
    section.fact("municipality", municipality.to_string());
    let mut report = Report::default();
    match source.token(municipality, audience).await {
        Ok(token) => {
            section.ok("It handed out the token that was asked for.");
            report.sections.push(section);
            report
                .sections
                .push(judged(&token, settings, source.trust(), audience, time));
        }
        Err(error) if error.blame() == Blame::Transport => return Err(error),
        Err(error) => {
            section.fact(
                "whose fault",
                match error.blame() {
                    Blame::Caller => "ours",
                    Blame::Peer => "the service's",
                    Blame::Transport => "of what lies between",
                },
            );
            section.fact(
                "asking again",
                if error.retry() {
                    "may help"
                } else {
                    "does not help"
                },
            );
            section.wrong("no-token", sentence(&error.to_string()));
            report.sections.push(section);
        }
    }
    Ok(report)
}

fn judged(
    token: &IssuedToken,
    settings: &Tokens,
    trust: Trust,
    audience: &str,
    time: DateTime<Utc>,
) -> Section {
    let rules = TokenRules {
        issuer: settings.issuer.clone(),
        trust,
        audience: audience.to_owned(),
        holders: None,
        privilege: None,
    };
    let verdicts = token.inspect(&rules, time, settings.skew);
    let given = Given {
        trust: true,
        issuer: true,
        audience: true,
    };
    let all = verdicts.refusals.iter();
    token_section("token", token.token(), &verdicts, given, all)
}
