//! Requests that no operation ran for, and why.

use std::fmt;

use crate::discreet;
use crate::fault::{Fault, FaultCode};
use crate::operation::Version;
use crate::value::QName;
use crate::xml::{Class, Violations};

/// Why no operation ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectionKind {
    /// Not namespace-well-formed XML in UTF-8.
    Malformed,
    /// More than the limits allow.
    Limit,
    /// An envelope of a version that the service does not speak.
    Version,
    /// A header block that must be understood and is not.
    MustUnderstand,
    /// A header block of WS-Security, where the transport alone is to speak for the sender.
    Unverified,
    /// The body is that of no operation.
    UnknownOperation,
    /// The action, that of the transport or the one that is signed, is not one of the operation that the body names.
    ActionMismatch,
    /// Not what the contract says.
    Invalid,
}

impl RejectionKind {
    /// The stable id, which stands where a violation has that of its [`Rule`](crate::Rule).
    pub const fn id(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Limit => "limit",
            Self::Version => "version",
            Self::MustUnderstand => "must-understand",
            Self::Unverified => "unverified-security",
            Self::UnknownOperation => "unknown-operation",
            Self::ActionMismatch => "action-mismatch",
            Self::Invalid => "invalid",
        }
    }
}

/// A request that no operation ran for; always the caller's fault, and never worth sending again as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Rejection(Box<Reasons>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Reasons {
    kind: RejectionKind,
    version: Version,
    violations: Option<Violations>,
    not_understood: Vec<QName>,
    path: Option<String>,
}

impl Rejection {
    pub(super) fn new(
        kind: RejectionKind,
        version: Version,
        violations: Option<Violations>,
    ) -> Self {
        Self(Box::new(Reasons {
            kind,
            version,
            violations,
            not_understood: Vec::new(),
            path: None,
        }))
    }

    pub(super) fn at(kind: RejectionKind, version: Version, path: String) -> Self {
        let mut rejection = Self::new(kind, version, None);
        rejection.0.path = Some(path);
        rejection
    }

    pub(super) fn invalid(version: Version, violations: Violations) -> Self {
        Self::stopped(RejectionKind::Invalid, version, violations)
    }

    /// Malformed XML and limits go before what else was wrong.
    pub(super) fn stopped(kind: RejectionKind, version: Version, violations: Violations) -> Self {
        let kind = match violations.class() {
            Class::Malformed => RejectionKind::Malformed,
            Class::Limit => RejectionKind::Limit,
            Class::Content => kind,
        };
        Self::new(kind, version, Some(violations))
    }

    pub(super) fn must_understand(version: Version, names: Vec<QName>) -> Self {
        let kind = RejectionKind::MustUnderstand;
        Self(Box::new(Reasons {
            kind,
            version,
            violations: None,
            not_understood: names,
            path: None,
        }))
    }

    /// What kind of trouble it was.
    pub fn kind(&self) -> RejectionKind {
        self.0.kind
    }

    /// The version of SOAP that the request spoke; the service's own where it speaks another (SOAP 1.2 Part 1, appendix A).
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// What is wrong with the message, where that is why.
    pub fn violations(&self) -> Option<&Violations> {
        self.0.violations.as_ref()
    }

    /// The header blocks that are not understood.
    pub fn not_understood(&self) -> &[QName] {
        &self.0.not_understood
    }

    /// The paths of the elements at fault where no violation tells them: the envelope, header blocks, or the body's element.
    pub fn paths(&self) -> Vec<String> {
        let blocks = self.0.not_understood.iter();
        blocks
            .map(|name| format!("Envelope/Header/{}", shown(name.local())))
            .chain(self.0.path.clone())
            .collect()
    }

    /// The plain fault that tells the caller, in English and Danish; dress it with a detail by [`Fault::with_detail`] on a fault of
    /// its own.
    pub fn fault<D>(&self) -> Fault<D> {
        let code = match self.0.kind {
            RejectionKind::Version => FaultCode::VersionMismatch,
            RejectionKind::MustUnderstand => FaultCode::MustUnderstand,
            _ => FaultCode::Client,
        };
        Fault::new(code, self.to_string()).with_reason_in("da", self.danish())
    }

    /// The rejection in Danish, as `Display` has it in English.
    pub fn danish(&self) -> String {
        if let Some(violations) = &self.0.violations {
            return format!("beskeden blev afvist: {}", violations.danish());
        }
        let mut text = match self.0.kind {
            RejectionKind::Version => "kuverten er af en version, der ikke bruges her",
            RejectionKind::ActionMismatch => {
                "action (SOAPAction eller den signerede wsa:Action) hører ikke til operationen i beskedens body"
            }
            RejectionKind::UnknownOperation => "beskedens body hører ikke til nogen operation",
            RejectionKind::MustUnderstand => "headerblokke bliver ikke forstået:",
            RejectionKind::Unverified => {
                "beskeden har en header fra WS-Security, som ikke bliver verificeret her"
            }
            RejectionKind::Malformed | RejectionKind::Limit | RejectionKind::Invalid => {
                "beskeden blev afvist"
            }
        }
        .to_owned();
        for name in &self.0.not_understood {
            text.push(' ');
            text.push_str(&shown(&name.to_string()));
        }
        text
    }
}

/// Safe for the caller and for logs: it holds no value of the message.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(violations) = &self.0.violations {
            return write!(f, "the message was refused: {violations}");
        }
        f.write_str(match self.0.kind {
            RejectionKind::Version => "the envelope is of a version that is not spoken here",
            RejectionKind::ActionMismatch => {
                "the action (SOAPAction, or the signed wsa:Action) is not one of the operation that the body names"
            }
            RejectionKind::UnknownOperation => "the body is that of no operation",
            RejectionKind::MustUnderstand => "header blocks are not understood:",
            RejectionKind::Unverified => {
                "the message has a header of WS-Security, which is not verified here"
            }
            RejectionKind::Malformed | RejectionKind::Limit | RejectionKind::Invalid => {
                "the message was refused"
            }
        })?;
        for name in &self.0.not_understood {
            write!(f, " {}", shown(&name.to_string()))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Rejection {}

/// Names are the caller's own; no more of them than tells which.
pub(super) fn shown(name: &str) -> String {
    discreet(name, 200)
}
