//! Why a security token service hands out no token: its faults, which are met in more shapes than SOAP has.

use super::{child, required};
use crate::discreet;
use crate::operation::Version;
use crate::security::fields::text;
use crate::security::{Body, Refusal, UnverifiedFault, Verified};
use crate::server::SOAP_FAULT;
use crate::xml::{ElementId, Limits, Name, Namespace, Tree};

/// What a fault of a security token service says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFault {
    /// The number that the service has for the cause, wherever in the fault it stands: as code, as subcode, or before the text.
    pub number: Option<u16>,
    /// The code of WS-Trust (section 11), such as `FailedAuthentication`, or the one of SOAP; [discreet].
    pub code: String,
    /// The text for people; [discreet], for a service may quote the request, and with it a token.
    pub reason: String,
}

impl TokenFault {
    /// The action of the message: none of WS-Trust, which has faults and no action for them.
    pub const ACTION: &str = SOAP_FAULT;

    /// Reads the fault in a body, also where a code is no qualified name, as numbers are none; nothing if it holds something else.
    ///
    /// # Errors
    /// There are two, or one beside something else.
    pub fn read(body: &Verified<Body<'_>>) -> Result<Option<Self>, Refusal> {
        let body = body.get();
        Self::of_body(&body.signed(), body.version(), body.limits())
    }

    /// Reads a fault that no one signed.
    ///
    /// # Errors
    /// It is none.
    pub fn read_unverified(fault: &UnverifiedFault) -> Result<Self, Refusal> {
        let found = Self::of_body(fault.message(), fault.version(), fault.limits())?;
        found.ok_or_else(|| Refusal::structure("Fault"))
    }

    /// The fault in a message that is an envelope with a body alone.
    fn of_body(message: &str, version: Version, limits: &Limits) -> Result<Option<Self>, Refusal> {
        let tree = Tree::read(message.as_bytes(), limits)?;
        let body = required(&tree, tree.root(), version.namespace().name("Body"))?;
        let Some(fault) = child(&tree, body, version.namespace().name("Fault"))? else {
            return Ok(None);
        };
        if tree.children(body).count() > 1 {
            return Err(Refusal::structure("an element beside Fault"));
        }
        Ok(Some(match version {
            Version::Soap11 => Self::soap_11(&tree, fault),
            Version::Soap12 => Self::soap_12(&tree, fault),
        }))
    }

    fn soap_11(tree: &Tree<'_>, fault: ElementId) -> Self {
        let value = |local| said(tree, fault, &[Namespace::NONE.name(local)]);
        Self::of(&[value("faultcode")], value("faultstring"))
    }

    fn soap_12(tree: &Tree<'_>, fault: ElementId) -> Self {
        let namespace = Version::Soap12.namespace();
        let [code, subcode, value] =
            ["Code", "Subcode", "Value"].map(|local| namespace.name(local));
        let codes = [
            said(tree, fault, &[code, subcode, subcode, value]),
            said(tree, fault, &[code, subcode, value]),
            said(tree, fault, &[code, value]),
        ];
        let reason = ["Reason", "Text"].map(|local| namespace.name(local));
        Self::of(&codes, said(tree, fault, &reason))
    }

    /// `codes` from the one that says most.
    fn of(codes: &[Option<String>], reason: Option<String>) -> Self {
        let local = |code: &String| {
            let local = code.rsplit(':').next().unwrap_or_default();
            local.to_owned()
        };
        let locals: Vec<String> = codes.iter().flatten().map(local).collect();
        let reason = reason.unwrap_or_default();
        let leading: String = reason.chars().take_while(char::is_ascii_digit).collect();
        let mut numbers = locals.iter().chain([&leading]);
        Self {
            number: numbers.find_map(|code| code.parse().ok()),
            code: discreet(locals.first().map_or("", |code| code), SHOWN),
            reason: discreet(&reason, SHOWN),
        }
    }
}

/// How much of a service's words is passed on, in characters.
const SHOWN: usize = 500;

/// The text of the element at the end of `path`, whose elements are the first of their names.
fn said(tree: &Tree<'_>, from: ElementId, path: &[Name]) -> Option<String> {
    let mut at = from;
    for name in path {
        let is = |id: &ElementId| tree.is(*id, name.namespace().uri(), name.local());
        at = tree.children(at).find(is)?;
    }
    let name = path.last()?;
    Some(text(tree, at, *name).ok()?.into_owned())
}
