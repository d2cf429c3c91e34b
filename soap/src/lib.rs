//! soap
pub mod client;
mod document;
mod envelope;
mod fault;
mod in_process;
mod operation;
pub mod server;
mod value;
mod xml;

pub use self::client::{Blame, CallError, Reply, Request, Transport, TransportError};
pub use self::document::{Document, Link};
pub use self::fault::{Fault, FaultCode, FaultDetail, Undeclared};
pub use self::in_process::InProcess;
pub use self::operation::{
    Binding, Operation, OperationFacts, Policy, PolicyAlternative, SignedParts, Version,
};
pub use self::server::{Answer, Call, Rejection, RejectionKind, Service};
pub use self::value::{
    AnySimple, AnyUri, Base64Binary, Bounded, Date, DateTime, Decimal, Digits, Duration, Entity,
    Facets, GDay, GMonth, GMonthDay, GYear, GYearMonth, HexBinary, Id, IdRef, Integer, Language,
    List, NcName, NegativeInteger, NmToken, NonNegativeInteger, NonPositiveInteger,
    NormalizedString, Pattern, PositiveInteger, QName, Time, Token, Uuid, Value, WhiteSpace,
    XmlName, code_of, from_lexical, to_lexical,
};
pub use self::xml::{
    AnyRoot, Attribute, Boxed, Class, Element, Limits, Name, Namespace, Nillable, ReadXml, Reader,
    Refused, Root, Rule, Scope, Slot, Text, Unwritable, Violation, Violations, WriteXml, Writer,
};
