//! What the generator makes of policies, held against what a role can meet: the cases `policies-*` from WSDL to start.

use service::endpoint::Endpoint;
use service::policy::Means;
use soap::Binding;

use crate::goldens::cases::{policies_beyond_bounds, policies_everywhere, policies_together};

/// All that a configuration can have.
const ALL: Means = Means {
    tls: true,
    tokens: true,
};

/// Checks what a role with all means is told where EP_FS1 is reached by the binding `name`; empty where it starts.
#[track_caller]
fn check(bindings: &'static [Binding], name: &str, expected: &str) {
    let binding = bindings.iter().find(|binding| binding.name == name);
    let binding = binding.unwrap_or_else(|| panic!("no binding {name}"));
    let met = ALL.meet_binding(Endpoint::Fs1, binding);
    let told = met.err().map(|unmet| unmet.to_string());
    let told = told.unwrap_or_default();
    assert!(
        told.ends_with(expected) && told.is_empty() == expected.is_empty(),
        "{name}: {told}"
    );
}

#[test]
fn a_role_that_cannot_meet_all_that_is_demanded_together_does_not_start() {
    let bindings = policies_together::BINDINGS;
    let both =
        "what is not carried here: AsymmetricBinding and TransportBinding at once is missing";
    let signed = "TLS and a message signed with the key of a token: ";
    check(bindings, "TwoReferences", both);
    check(bindings, "NestedAll", both);
    let encrypted = format!("{signed}EncryptedParts is missing");
    check(bindings, "EncryptedBeside", &encrypted);
    check(bindings, "Uris", &encrypted);
    let journal = format!("{signed}the header {{urn:case/headers}}Journal signed is missing");
    check(bindings, "SignedBeside", &journal);
    check(
        bindings,
        "NoAlternative",
        "what is not carried here: one of no alternatives is missing",
    );
    let nowhere = "what is not carried here: the policy #Nowhere is missing";
    check(bindings, "Holed", nowhere);
    // One of what is offered is enough, and the same twice is that once.
    for name in [
        "Either",
        "EitherAndOne",
        "Twice",
        "OptionalPart",
        "OptionalBinding",
        "Suites",
    ] {
        check(bindings, name, "");
    }
}

#[test]
fn what_is_attached_anywhere_at_an_endpoint_is_demanded() {
    let bindings = policies_everywhere::BINDINGS;
    for name in ["Nowhere", "Port", "Service", "AllOfType"] {
        check(bindings, name, "");
    }
    let encrypted = ": EncryptedParts is missing";
    for name in [
        "Operation",
        "Input",
        "Header",
        "OperationOfType",
        "InputOfType",
        "MessageOfType",
    ] {
        check(bindings, name, encrypted);
    }
    check(
        bindings,
        "Output",
        "{urn:case/headers}Journal signed is missing",
    );
    let both = "AsymmetricBinding and TransportBinding at once is missing";
    check(bindings, "ServiceAndPort", both);
    check(
        bindings,
        "OtherVersion",
        "{http://schemas.xmlsoap.org/ws/2002/12/policy}PolicyReference is missing",
    );
}

#[test]
fn a_policy_that_cannot_be_read_is_met_by_nobody() {
    let bindings = policies_beyond_bounds::BINDINGS;
    check(
        bindings,
        "Self",
        "the policy #Self within itself is missing",
    );
    for name in ["Optional", "Product", "Many"] {
        let more = "a policy of more than 64 alternatives is missing";
        check(bindings, name, more);
    }
    check(
        bindings,
        "Deep",
        "a policy deeper than 64 elements is missing",
    );
    check(
        bindings,
        "Laugh10",
        "a policy of more than 1024 elements is missing",
    );
}

#[test]
fn of_the_ways_that_are_not_open_the_log_is_told() {
    let bindings = policies_together::BINDINGS;
    let binding = bindings.iter().find(|b| b.name == "EitherAndOne").unwrap();
    let closed = ALL.meet_binding(Endpoint::Fs1, binding).unwrap().unwrap();
    assert_eq!(
        closed.to_string(),
        "EP_FS1 also takes, by contract.wsdl, what is not carried here: \
         AsymmetricBinding and TransportBinding at once is missing"
    );
}
