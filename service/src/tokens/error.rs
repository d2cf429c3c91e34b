//! Why there is no token: whose fault it is, and whether to ask again.

use std::fmt;

use soap::security::{Refusal, TokenFault};
use soap::{Blame, TransportError};

/// Why a token was not to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenError {
    number: Option<u16>,
    blame: Blame,
    retry: bool,
    text: String,
}

/// What the numbers of the common service mean (interface description, 3.7), and those of the product that it is built with.
const NUMBERS: [(u16, Blame, bool, &str); 11] = [
    (
        100,
        Blame::Peer,
        true,
        "the token service failed in a way that it did not foresee",
    ),
    (
        101,
        Blame::Caller,
        false,
        "the token service does not know the entity id in AppliesTo, or our certificate: is the service agreement there, and is the entity id the \
         right one, to the last slash?",
    ),
    (103, Blame::Caller, false, "the request is malformed"),
    (
        104,
        Blame::Caller,
        false,
        "the token service has no such endpoint: is its address right?",
    ),
    (
        106,
        Blame::Peer,
        true,
        "the token service could not write its audit log",
    ),
    (
        110,
        Blame::Caller,
        false,
        "the token service does not support what was asked for at this endpoint",
    ),
    (
        111,
        Blame::Peer,
        false,
        "the token service is configured wrongly",
    ),
    (
        130,
        Blame::Peer,
        true,
        "the token service did not reach its database",
    ),
    (
        5002,
        Blame::Caller,
        false,
        "the token service knows no connection for the entity id in AppliesTo: is it the right one, to the last slash?",
    ),
    (
        5015,
        Blame::Caller,
        false,
        "the request names no municipality by its CVR number",
    ),
    (
        5607,
        Blame::Caller,
        false,
        "the token service knows no system with our certificate: is this the one that was registered?",
    ),
];

/// What the codes of WS-Trust 1.3 mean (section 11), where they blame the request.
const CODES: [(&str, &str); 7] = [
    ("InvalidRequest", "the request is malformed"),
    (
        "FailedAuthentication",
        "our certificate or signature was not accepted",
    ),
    ("InvalidSecurityToken", "our certificate was not accepted"),
    (
        "AuthenticationBadElements",
        "what the request is signed over was not accepted",
    ),
    ("BadRequest", "the request was not understood"),
    (
        "InvalidTimeRange",
        "the time that was asked for is not given",
    ),
    (
        "InvalidScope",
        "the token service does not know the entity id in AppliesTo",
    ),
];

impl TokenError {
    /// The service said no.
    pub(crate) fn refused(fault: &TokenFault) -> Self {
        let known = NUMBERS.iter().find(|known| Some(known.0) == fault.number);
        let code = CODES.iter().find(|(code, _)| *code == fault.code);
        let (blame, retry, meaning) = match (known, code) {
            (Some((_, blame, retry, meaning)), _) => (*blame, *retry, *meaning),
            (None, Some((_, meaning))) => (Blame::Caller, false, *meaning),
            (None, None) if matches!(&*fault.code, "Receiver" | "Server" | "RequestFailed") => {
                (Blame::Peer, true, "the token service failed")
            }
            (None, None) => (Blame::Caller, false, "the token service refused"),
        };
        let number = fault.number.map(|number| number.to_string());
        let number = number.unwrap_or_default();
        // The number is not said twice.
        let reason = fault.reason.strip_prefix(&number).unwrap_or(&fault.reason);
        let reason = reason.trim_start_matches([':', ' ']);
        let shown = if number.is_empty() {
            String::new()
        } else {
            format!(" ({number})")
        };
        Self {
            number: fault.number,
            blame,
            retry,
            text: format!("{meaning}{shown}: {reason}"),
        }
    }

    /// What the service said is not to be believed.
    pub(crate) fn disbelieved(refusal: &Refusal) -> Self {
        let text = format!("the token service's answer is not to be believed: {refusal}");
        Self::peer(text, false)
    }

    /// The token is not the one that was asked for.
    pub(crate) fn other(what: &str) -> Self {
        Self::peer(
            format!("the token service handed out a token for another {what}"),
            false,
        )
    }

    /// The request went under before it was answered.
    pub(crate) fn unanswered() -> Self {
        Self::peer(
            "the request for a token ended without an answer".to_owned(),
            true,
        )
    }

    /// The request could not be made.
    pub(crate) fn unmade(reason: impl fmt::Display) -> Self {
        Self {
            number: None,
            blame: Blame::Caller,
            retry: false,
            text: format!("the request for a token cannot be made: {reason}"),
        }
    }

    fn peer(text: String, retry: bool) -> Self {
        Self {
            number: None,
            blame: Blame::Peer,
            retry,
            text,
        }
    }

    /// The service's own number for the cause.
    pub const fn number(&self) -> Option<u16> {
        self.number
    }

    /// Whose fault it is.
    pub const fn blame(&self) -> Blame {
        self.blame
    }

    /// Whether asking again may help.
    pub const fn retry(&self) -> bool {
        self.retry
    }
}

impl From<TransportError> for TokenError {
    fn from(error: TransportError) -> Self {
        Self {
            number: None,
            blame: Blame::Transport,
            retry: error.retry(),
            text: format!("the security token service {error}"),
        }
    }
}

/// Of a call that needed the token.
impl From<TokenError> for TransportError {
    fn from(error: TokenError) -> Self {
        let text = format!("was not called, for want of a token: {error}");
        if error.retry {
            Self::passing(text)
        } else {
            Self::lasting(text)
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for TokenError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(number: Option<u16>, code: &str, blame: Blame, retry: bool, words: &str) {
        let error = TokenError::refused(&TokenFault {
            number,
            code: code.to_owned(),
            reason: "Bruger [CPR]".to_owned(),
        });
        assert_eq!((error.blame(), error.retry()), (blame, retry), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.to_string().ends_with("Bruger [CPR]"), "{error}");
    }

    #[test]
    fn a_fault_says_whose_it_is_and_whether_to_ask_again() {
        check(
            Some(100),
            "Receiver",
            Blame::Peer,
            true,
            "did not foresee (100)",
        );
        check(
            Some(101),
            "Sender",
            Blame::Caller,
            false,
            "service agreement",
        );
        check(
            Some(5002),
            "5002",
            Blame::Caller,
            false,
            "last slash? (5002)",
        );
        check(
            Some(5607),
            "5607",
            Blame::Caller,
            false,
            "registered? (5607)",
        );
        check(Some(130), "Receiver", Blame::Peer, true, "database");
        check(
            None,
            "FailedAuthentication",
            Blame::Caller,
            false,
            "our certificate",
        );
        check(None, "RequestFailed", Blame::Peer, true, "failed");
        check(Some(7), "Sender", Blame::Caller, false, "refused (7)");
        check(
            None,
            "Receiver",
            Blame::Peer,
            true,
            "the token service failed",
        );
    }
}
