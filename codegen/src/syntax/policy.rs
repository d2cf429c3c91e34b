//! The WS-SecurityPolicy of an endpoint, down to the two forms that the platform's contracts use, what the second demands, and what
//! is beyond both.
//!
//! Policies are attached by `wsp:PolicyReference` and `wsp:PolicyURIs`, or stand where they are attached (WS-Policy 1.5 Attachment,
//! 3.3 and 3.4); both namespaces of WS-Policy are read, and a reference into an imported document finds the policy by its id. All
//! that are attached to an endpoint hold together, and come down to alternatives ([`normal`]). An alternative is met by who meets
//! each of its assertions.

mod normal;
mod token;

use self::normal::{Assertion, Normal, Reading};
pub(crate) use self::token::SignedToken;
use crate::diagnostic::Diagnostic;
use crate::load::{Element, Link, QName};

const WSP: [&str; 2] = [
    "http://www.w3.org/ns/ws-policy",
    "http://schemas.xmlsoap.org/ws/2004/09/policy",
];
const SP: [&str; 2] = [
    "http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702",
    "http://schemas.xmlsoap.org/ws/2005/07/securitypolicy",
];

/// The metadata of Web Services Addressing, whose header blocks every signed message has.
const ADDRESSING: [&str; 3] = [
    "http://www.w3.org/2007/05/addressing/metadata",
    "http://www.w3.org/2007/02/addressing/metadata",
    "http://www.w3.org/2006/05/addressing/wsdl",
];

/// One way in which a peer may satisfy a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Alternative {
    /// No assertion: any message does.
    Nothing,
    /// `sp:TransportBinding` with `sp:RequireClientCertificate`: mutual TLS, the message unsigned.
    ClientCertificate,
    /// `sp:TransportBinding` without a client certificate.
    Transport,
    /// `sp:AsymmetricBinding` with an issued SAML 2.0 token: the message is signed.
    SignedToken(SignedToken),
    /// Assertions that nothing of this stands for, by their names: whoever has to meet them cannot.
    Unknown(Vec<String>),
}

/// The alternatives of the policy of an endpoint: of what is attached to `endpoint`, the port and what it stands in and refers to,
/// together with what is attached to each of its operations and their messages (WS-Policy 1.5 Attachment, 4); none where nothing is
/// demanded.
///
/// The facts are those of an endpoint, so the policies of its operations must come to the same. What a message of one direction must
/// have is demanded of both: our answers sign what our requests do. Of what nobody meets a warning tells.
///
/// # Errors
/// A reference or an assertion lacks what says what it is about.
pub(crate) fn read(
    endpoint: &[Element],
    operations: &[Vec<Element>],
    links: &[Link],
    warnings: &mut Vec<Diagnostic>,
) -> Result<Vec<Alternative>, Diagnostic> {
    let mut told = Vec::new();
    let mut reading = Reading::new(links, &mut told);
    let mut known = Vec::new();
    let shared = reading.attached(endpoint, vec![Vec::new()], &mut known)?;
    let shared = reading.apart(endpoint, shared);
    let mut policies = Vec::new();
    for operation in operations {
        policies.push(reading.attached(operation, shared.clone(), &mut known.clone())?);
    }
    let mut alternatives = facts(endpoint, policies.first().unwrap_or(&shared), &mut told)?;
    for (operation, policy) in operations.iter().zip(&policies).skip(1) {
        let own = facts(endpoint, policy, &mut told)?;
        if let (true, Some(operation)) = (own != alternatives, operation.first()) {
            let text =
                "the policy of this operation is not that of the first one, which is not carried";
            told.push(Diagnostic::at(operation.place(), text).help(UNMET));
            let differing = "policies that differ from operation to operation";
            alternatives = vec![Alternative::Unknown(vec![differing.to_owned()])];
            break;
        }
    }
    for warning in told {
        // Ports, operations and alternatives have much in common.
        if !warnings.iter().any(|known| known.says(&warning)) {
            warnings.push(warning);
        }
    }
    Ok(alternatives)
}

/// What becomes of a policy that is not carried.
const UNMET: &str = "who sends and receives has to meet it: a role that has to does not start";

/// What each alternative of `policy`, which is that of `endpoint`, comes to; warns of what nobody meets.
fn facts(
    endpoint: &[Element],
    policy: &Normal,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Vec<Alternative>, Diagnostic> {
    let mut alternatives = Vec::new();
    for assertions in policy {
        let mut unmet = Unmet::of(assertions);
        let alternative = Alternative::of(assertions, &mut unmet)?;
        warnings.extend(unmet.warnings);
        if !alternatives.contains(&alternative) {
            alternatives.push(alternative);
        }
    }
    if let ([], Some(at)) = (policy.as_slice(), endpoint.first()) {
        // Whatever one does is not allowed then (WS-Policy 1.5 Framework, 4.3.3).
        let nothing = "one of no alternatives";
        let text = format!("the policy asks for {nothing}, which is not carried");
        warnings.push(Diagnostic::at(at.place(), text).help(UNMET));
        alternatives.push(Alternative::Unknown(vec![nothing.to_owned()]));
    }
    // Where nothing is all that is ever demanded, there might as well be no policy.
    if alternatives.iter().all(|way| *way == Alternative::Nothing) {
        alternatives.clear();
    }
    Ok(alternatives)
}

/// What of an alternative nobody meets: what it is, in words, and what of it a warning has to tell.
#[derive(Default)]
struct Unmet {
    names: Vec<String>,
    warnings: Vec<Diagnostic>,
}

impl Unmet {
    /// Enters what of `assertions` could not be read, of which a warning has told.
    fn of(assertions: &[Assertion]) -> Self {
        let mut unmet = Self::default();
        for what in assertions.iter().flat_map(Assertion::unread) {
            unmet.name(what);
        }
        unmet
    }

    fn enter(&mut self, assertion: &Assertion) {
        if !self.names.iter().any(|known| known == assertion.name()) {
            self.enter_as(assertion, assertion.name());
        }
    }

    fn enter_as(&mut self, at: &Assertion, what: &str) {
        self.name(what);
        if at.is_optional() {
            // An alternative without it is there, and the log tells at the start that this one is not open.
            return;
        }
        let text = format!("the policy asks for {what}, which is not carried");
        let help = "nobody meets an alternative with it: a role that has no other does not start";
        let warning = Diagnostic::at(at.element.place(), text).help(help);
        self.warnings.push(warning);
    }

    fn name(&mut self, what: &str) {
        if !self.names.iter().any(|known| known == what) {
            self.names.push(what.to_owned());
        }
    }
}

impl Alternative {
    /// What these assertions demand together.
    fn of(assertions: &[Assertion], unmet: &mut Unmet) -> Result<Self, Diagnostic> {
        let (bindings, beside): (Vec<_>, Vec<_>) = assertions.iter().partition(|a| is_binding(a));
        match bindings.as_slice() {
            [] => {
                let demanding = beside.into_iter().filter(|a| !is_of_versions(a));
                demanding.for_each(|a| unmet.enter(a));
            }
            [binding] if binding.security() == Some("AsymmetricBinding") => {
                let token = SignedToken::read(binding, &beside, unmet)?;
                return Ok(Self::SignedToken(token));
            }
            [binding] if binding.security() == Some("TransportBinding") => {
                let certificate = asks_for_certificate(binding, unmet);
                // All of a message is protected on its way.
                let parts = |a: &&Assertion| a.security().is_some_and(|a| PARTS.contains(&a));
                let demanding = beside
                    .into_iter()
                    .filter(|a| !is_of_versions(a) && !parts(a));
                demanding.for_each(|a| unmet.enter(a));
                if unmet.names.is_empty() {
                    return Ok(if certificate {
                        Self::ClientCertificate
                    } else {
                        Self::Transport
                    });
                }
            }
            [others @ .., last] => {
                // A message is secured in one way (WS-SecurityPolicy 1.2, 7).
                let names = others
                    .iter()
                    .map(|binding| format!("{} and ", binding.name()));
                let at_once = if others.is_empty() { "" } else { " at once" };
                let what = format!("{}{}{at_once}", names.collect::<String>(), last.name());
                unmet.enter_as(last, &what);
                let foreign = beside
                    .into_iter()
                    .filter(|a| a.security().is_none() && !a.is_of(&ADDRESSING));
                foreign.for_each(|a| unmet.enter(a));
            }
        }
        Ok(if unmet.names.is_empty() {
            Self::Nothing
        } else {
            Self::Unknown(unmet.names.clone())
        })
    }
}

/// What says of the parts of a message how they are protected.
const PARTS: [&str; 4] = [
    "SignedParts",
    "EncryptedParts",
    "SignedElements",
    "EncryptedElements",
];

/// Whether a `sp:TransportBinding` asks for the certificate of the client.
fn asks_for_certificate(binding: &Assertion, unmet: &mut Unmet) -> bool {
    let mut certificate = false;
    for demanded in &binding.inside {
        match demanded.security() {
            Some("TransportToken") => {}
            // Of TLS, which finds its own, and of a security header, which there is none of.
            Some("AlgorithmSuite" | "Layout") => continue,
            _ => {
                unmet.enter(demanded);
                continue;
            }
        }
        for token in &demanded.inside {
            if token.security() != Some("HttpsToken") {
                unmet.enter(token);
                continue;
            }
            // The submission of 2005 has an attribute where the standard has an assertion.
            let attribute = token.element.attribute("RequireClientCertificate");
            certificate |= attribute.is_some_and(|said| matches!(said.trim(), "true" | "1"));
            for inside in &token.inside {
                match inside.security() {
                    Some("RequireClientCertificate") => certificate = true,
                    _ => unmet.enter(inside),
                }
            }
        }
    }
    certificate
}

/// Whether an element or attribute called `name` belongs to WS-Policy.
pub(crate) fn is_of_policy(name: &QName) -> bool {
    WSP.contains(&name.namespace.as_str())
}

fn is_policy(element: &Element, local: &str) -> bool {
    WSP.iter().any(|namespace| element.is(namespace, local))
}

fn is_binding(assertion: &Assertion) -> bool {
    let bindings = ["TransportBinding", "AsymmetricBinding", "SymmetricBinding"];
    assertion.security().is_some_and(|a| bindings.contains(&a))
}

/// Whether an assertion says what may be referred to how, and what versions are spoken: nothing that a message must do.
fn is_of_versions(assertion: &Assertion) -> bool {
    let versions = ["Wss10", "Wss11", "Trust10", "Trust13"];
    assertion.security().is_some_and(|a| versions.contains(&a))
}
