//! What generated contract code stands on: XML in and out, the simple types of XML Schema, SOAP 1.1 and 1.2.
//!
//! The generator emits facts: names, order, occurrence, facets. Everything that can be said once is said here: walking,
//! checking, limits, errors, envelopes, faults, dispatch. Whoever implements or calls a service meets a few types of this
//! crate: the [values](Date), [`Fault`], [`CallError`], [`Transport`], [`server::handle`].
//!
//! # Example
//! One small contract, written by hand as the generator would emit it, an implementation of it, and a call:
//!
//! ```
//! // ── The contract ──────────────────────────────────────────────────────────────────────────────────────────────────
//! mod ns {
//!     pub const T: soap::Namespace = soap::Namespace::new("urn:example:tally:1", "t");
//! }
//!
//! /// One week's hours.
//! #[derive(Clone, Debug, PartialEq, Eq)]
//! pub struct Week {
//!     pub number: WeekNumber,
//!     pub hours: Vec<u32>,
//!     pub note: Option<String>,
//! }
//!
//! impl soap::ReadXml for Week {
//!     fn read(reader: &mut soap::Reader<'_>) -> Result<Self, soap::Refused> {
//!         let number = reader.required(ns::T.element("Number"));
//!         let hours = reader.repeated(ns::T.element("Hours"), 1..=7);
//!         let note = reader.optional(ns::T.element("Note"));
//!         Ok(Self { number: number?, hours: hours?, note: note? })
//!     }
//! }
//!
//! impl soap::WriteXml for Week {
//!     fn write(&self, writer: &mut soap::Writer) {
//!         writer.required(ns::T.element("Number"), &self.number);
//!         writer.repeated(ns::T.element("Hours"), 1..=7, &self.hours);
//!         writer.optional(ns::T.element("Note"), self.note.as_ref());
//!     }
//! }
//!
//! /// 1 to 53.
//! #[derive(Clone, Copy, Debug, PartialEq, Eq)]
//! pub struct WeekNumber(i64);
//!
//! static WEEK_NUMBER: soap::Facets =
//!     soap::Facets { min_inclusive: Some("1"), max_inclusive: Some("53"), ..soap::Facets::NONE };
//!
//! impl soap::Value for WeekNumber {
//!     const WHITE_SPACE: soap::WhiteSpace = soap::WhiteSpace::Collapse;
//!     fn parse(lexical: &str, scope: &soap::Scope<'_>) -> Result<Self, soap::Rule> {
//!         WEEK_NUMBER.parse(lexical, scope).map(Self)
//!     }
//!     fn write(&self, text: &mut soap::Text<'_>) {
//!         soap::Value::write(&self.0, text);
//!     }
//! }
//!
//! impl TryFrom<i64> for WeekNumber {
//!     type Error = soap::Rule;
//!     fn try_from(value: i64) -> Result<Self, soap::Rule> {
//!         WEEK_NUMBER.check(value).map(Self)
//!     }
//! }
//!
//! pub mod elements {
//!     use super::ns;
//!     pub const WEEK: soap::Root<super::Week> = soap::Root::new(ns::T.element("Week"), &[ns::T]);
//!     pub const TOTAL: soap::Root<u32> = soap::Root::new(ns::T.element("Total"), &[ns::T]);
//! }
//!
//! pub enum Tally {}
//!
//! impl soap::Operation for Tally {
//!     const FACTS: soap::OperationFacts = soap::OperationFacts {
//!         name: "Tally",
//!         action: "urn:example:tally:1/Tally",
//!         answer_action: "urn:example:tally:1:TallyPortType:TallyResponse",
//!         fault_action: "http://www.w3.org/2005/08/addressing/soap/fault",
//!         inputs: &[ns::T.name("Week")],
//!         outputs: Some(&[ns::T.name("Total")]),
//!         headers: &[],
//!     };
//!     const INPUT: soap::Root<Week> = elements::WEEK;
//!     const OUTPUT: Option<soap::Root<u32>> = Some(elements::TOTAL);
//!     type Input = Week;
//!     type InputHeaders = ();
//!     type Output = u32;
//!     type OutputHeaders = ();
//!     type Fault = soap::Undeclared;
//! }
//!
//! pub trait TallyPortType: Send + Sync + 'static {
//!     type Context: Send;
//!     fn tally(
//!         &self,
//!         request: Week,
//!         context: Self::Context,
//!     ) -> impl Future<Output = Result<u32, soap::Fault<soap::Undeclared>>> + Send;
//! }
//!
//! pub struct TallyServer<T> {
//!     implementation: T,
//! }
//!
//! impl<T: TallyPortType> soap::Service for TallyServer<T> {
//!     type Context = T::Context;
//!     const NAME: &'static str = "Tally";
//!     const OPERATIONS: &'static [soap::OperationFacts] = &[<Tally as soap::Operation>::FACTS];
//!     const BINDINGS: &'static [soap::Binding] = &[];
//!     const DOCUMENTS: &'static [soap::Document] = &[];
//!
//!     async fn call(&self, call: soap::Call<'_>, context: T::Context) -> Result<soap::Answer, soap::Rejection> {
//!         match call.operation() {
//!             0 => call.answer::<Tally, _, _>(|request| self.implementation.tally(request, context)).await,
//!             _ => Err(call.unknown()),
//!         }
//!     }
//! }
//!
//! // ── An implementation ─────────────────────────────────────────────────────────────────────────────────────────────
//! struct Sum;
//!
//! impl TallyPortType for Sum {
//!     type Context = ();
//!     async fn tally(&self, week: Week, _: ()) -> Result<u32, soap::Fault<soap::Undeclared>> {
//!         Ok(week.hours.iter().sum())
//!     }
//! }
//!
//! // ── A call ────────────────────────────────────────────────────────────────────────────────────────────────────────
//! # fn ready<T>(future: impl Future<Output = T>) -> T {
//! #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
//! #     match std::pin::pin!(future).poll(&mut context) {
//! #         std::task::Poll::Ready(value) => value,
//! #         std::task::Poll::Pending => unreachable!("nothing here waits"),
//! #     }
//! # }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # ready(async {
//! let transport = soap::InProcess::new(TallyServer { implementation: Sum }, || ());
//! let week = Week { number: 48.try_into()?, hours: vec![7, 8], note: None };
//! assert_eq!(soap::client::call::<Tally, _>(&transport, &week).await?, 15);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//!
//! // What the contract does not allow says where and why, all of it at once, and shows no value.
//! let message = r#"<Week xmlns="urn:example:tally:1"><Number>54</Number><Hours>7</Hours><Hours>x</Hours></Week>"#;
//! let violations = elements::WEEK.read(message.as_bytes(), &soap::Limits::default()).unwrap_err();
//! assert_eq!(
//!     violations.to_string(),
//!     "Week/Number (line 1, column 35): the value breaks the facet max-inclusive `53` [{urn:example:tally:1}Number]\n\
//!      Week/Hours[2] (line 1, column 70): the value is not a valid xs:unsignedInt [{urn:example:tally:1}Hours]",
//! );
//! # Ok(())
//! # }
//! ```
//!
//! # Map
//! | where | what |
//! |---|---|
//! | `xml` | names; [`Reader`], the cursor, over quick-xml; [`Writer`]; [`Limits`]; [`Violations`]; [`Root`], a message part |
//! | | what contracts leave open: [`Wildcard`], [`AnyElement`], [`AnyAttribute`], [`AnyType`], [`Mixed`] |
//! | `value` | the simple types: [`Value`], [`Facets`], the built-ins |
//! | `operation`, `document` | what a contract says of operations, ports, documents |
//! | `envelope`, `headers`, `fault` | what stands around a body, before it, and instead of one |
//! | [`server`], [`client`], `in_process` | a call's two sides, and both at once |
//! | `discreet` | what a peer wrote, as it may be logged and passed on |
//! | `payload` | a request in its own octets, for a party in between that passes it on |
//! | `security` | certificates, signed messages and tokens, with the feature `security` |
//! | `serial` | values as JSON and the like, with the feature `serde` |
//!
//! # Invariants
//! - No I/O: octets and values in, values and octets out. No socket, no file, no clock.
//! - No input makes it panic, recurse without bound, or take more than linear time; [`Limits`] bound the rest.
//! - What is read is checked in the same pass: XML 1.0, namespaces, and all that the contract says. There is no lax mode.
//! - Document type declarations are refused; the only entities are the five predefined ones.
//! - An error names element and attribute, rule and place. It never holds a value out of the message.
//! - What was read and is written again comes back with the same values, to the last fraction digit and offset; what no
//!   declaration describes comes back as it was, with all the prefixes that it uses.
//! - What cannot be read back is not written.

pub mod client;
mod discreet;
mod document;
mod envelope;
mod fault;
mod headers;
mod in_process;
mod operation;
mod payload;
#[cfg(feature = "security")]
pub mod security;
#[cfg(feature = "serde")]
pub mod serial;
pub mod server;
mod value;
mod xml;

pub use self::client::{Blame, CallError, Reply, Request, Transport, TransportError};
pub use self::discreet::discreet;
pub use self::document::{Document, Link};
pub use self::fault::{Fault, FaultCode, FaultDetail, Undeclared};
pub use self::headers::Headers;
pub use self::in_process::InProcess;
pub use self::operation::{
    Binding, Operation, OperationFacts, Policy, PolicyAlternative, SignedParts, SignedToken,
    Version,
};
pub use self::payload::{Payload, Place};
pub use self::server::{Answer, Call, Rejection, RejectionKind, Service};
pub use self::value::{
    AnySimple, AnyUri, AsWritten, Base64Binary, Bounded, Compiled, Date, DateTime, Decimal, Digits,
    Duration, Entity, Facets, GDay, GMonth, GMonthDay, GYear, GYearMonth, HexBinary, Id, IdRef,
    Integer, Language, List, NcName, NegativeInteger, NmToken, NonEmptyList, NonNegativeInteger,
    NonPositiveInteger, NormalizedString, Pattern, PositiveInteger, QName, Time, Token, Uuid,
    Value, WhiteSpace, XmlName, code_of, equal, from_lexical, member, takes, to_lexical,
};
pub use self::xml::{
    AnyAttribute, AnyElement, AnyNode, AnyRoot, AnyType, Attribute, Boxed, Class, Danish,
    Declarations, DeclaredAttribute, DeclaredElement, DeclaredType, Element, Limits, Mixed, Name,
    Namespace, Nillable, ProcessContents, ReadXml, Reader, Refused, Root, Rule, Scope, Slot, Text,
    Unwritable, Violation, Violations, Wildcard, WildcardNamespaces, WriteXml, Writer,
};
