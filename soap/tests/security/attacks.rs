//! What attackers try, each with the message that it was made of, which verifies, and the reason for which it must be refused.

mod answers;
mod chains;
mod content;
mod signature;
mod times;
mod tokens;
mod wrapping;

use chrono::{DateTime, Utc};
use soap::security::{Cause, LIB_BAS, Refusal, Response, Verifier};

use crate::messages::{ACTION, REQUEST_ID, request_verifier, response_verifier};
use crate::pki::now;

/// One attack.
pub(crate) struct Attack {
    name: String,
    message: String,
    expected: Cause,
    time: DateTime<Utc>,
    action: &'static str,
    is_response: bool,
}

impl Attack {
    pub(crate) fn new(
        name: impl Into<String>,
        message: impl Into<String>,
        expected: Cause,
    ) -> Self {
        Self {
            name: name.into(),
            message: message.into(),
            expected,
            time: now(),
            action: ACTION,
            is_response: false,
        }
    }

    pub(crate) fn at(mut self, time: DateTime<Utc>) -> Self {
        self.time = time;
        self
    }

    pub(crate) fn with_action(mut self, action: &'static str) -> Self {
        self.action = action;
        self
    }

    pub(crate) fn on_response(mut self) -> Self {
        self.is_response = true;
        self
    }

    fn run(&self, verifier: &Verifier) -> Result<(), Refusal> {
        let message = self.message.as_bytes();
        if self.is_response {
            let response = verifier.verify_response(message, REQUEST_ID, self.time)?;
            assert!(matches!(response, Response::Verified(_)), "{}", self.name);
            return Ok(());
        }
        verifier
            .verify_request(message, Some(self.action), self.time)
            .map(|_| ())
    }
}

/// Runs attacks that were all made of `control`, which must verify.
#[track_caller]
pub(crate) fn check(control: &str, attacks: &[Attack]) {
    let mut wrong = Vec::new();
    for attack in attacks {
        let verifier = || match attack.is_response {
            true => response_verifier(&LIB_BAS),
            false => request_verifier(&LIB_BAS),
        };
        // With a verifier that has seen nothing, and with one that has seen the control.
        let seen = verifier();
        let held = Attack {
            is_response: attack.is_response,
            ..Attack::new("control", control, Cause::Digest)
        };
        assert_eq!(held.run(&seen), Ok(()), "the control of {}", attack.name);
        assert_ne!(attack.message, control, "{} changes nothing", attack.name);
        for verifier in [verifier(), seen] {
            let refusal = attack.run(&verifier).err();
            refusal
                .iter()
                .for_each(|refusal| tells_nothing(refusal, &attack.message));
            if refusal.as_ref().map(Refusal::cause) != Some(attack.expected) {
                let expected = attack.expected;
                wrong.push(format!("{}: not {expected:?} but {refusal:?}", attack.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    COUNT.fetch_add(attacks.len(), std::sync::atomic::Ordering::Relaxed);
}

/// No refusal shows a value out of the message: no key, no token, no id, no content.
#[track_caller]
fn tells_nothing(refusal: &Refusal, message: &str) {
    let shown = format!(
        "{refusal} {refusal:?} {} {} {:?}",
        refusal.danish(),
        refusal.peer_text(),
        refusal.fault::<soap::Undeclared>(),
    );
    let values = message.split(['<', '>', '"']);
    for value in values.filter(|value| value.len() > 12) {
        let value = value.trim_start_matches('/');
        let name = NAMES.iter().any(|known| value.starts_with(known));
        assert!(
            name || !shown.contains(value),
            "{value:?} is shown: {shown}"
        );
    }
}

/// What names of elements, of attributes and of namespaces begin with.
const NAMES: [&str; 10] = [
    "ds:",
    "saml2:",
    "soap:",
    "wsa:",
    "wsse:",
    "wsu:",
    "http:",
    "urn:liberty:",
    "urn:oasis:",
    "xmlns",
];

static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

/// All of them, in one test, so that they can be counted.
#[test]
fn none_of_them_gets_through() {
    wrapping::run();
    signature::run();
    answers::run();
    tokens::run();
    chains::run();
    times::run();
    content::run();
    let count = COUNT.load(std::sync::atomic::Ordering::Relaxed);
    assert!(count >= 130, "{count} attacks");
    println!("{count} attacks refused");
}
