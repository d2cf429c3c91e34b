//! What the tests of the whole system stand on. Nothing depends on this crate.
//!
//! # Example
//!
//! Two messages are the same when their infosets are: prefixes and the order of attributes do not count, the order of
//! elements does.
//!
//! ```
//! use tests::infoset::difference;
//!
//! let a = r#"<a:n xmlns:a="urn:n" x="1" y="2"><a:t>8</a:t></a:n>"#;
//! let b = r#"<n xmlns="urn:n" y="2" x="1"> <t>8</t> </n>"#;
//! assert_eq!(difference(a, b), None);
//! assert!(difference(a, r#"<n xmlns="urn:n" y="2" x="1"/>"#).is_some());
//! ```
//!
//! # Map
//!
//! | module | what |
//! |---|---|
//! | [`system`] | KSD, the platform and two Jobcenters in this process, with a record of what they say |
//! | [`http`] | HTTP by hand, for what no decent client sends |
//! | [`infoset`] | compares XML documents, in order |
//! | [`layout`] | the same message as another sender would lay it out |
//! | [`corpus`] | any folder of contracts: generated, compiled, their messages read and written |
//! | [`schemas`] | the schemas of the contracts as files, for judges |
//! | [`judges`] | `xmllint` and Python's `zeep`, where they are installed |
//! | [`discretion`] | whether what tests print holds a secret that they have used |
//! | [`postgres`] | a PostgreSQL to test on, where it is installed |
//!
//! # Invariants
//!
//! - No test sleeps, depends on the clock, or chooses a port: ports are the system's choice. What a build took is told and
//!   decides nothing.
//! - A judge that is not installed is passed over with a word on standard error; `SF209X_JUDGES=required` makes that a
//!   failure.

#[expect(clippy::panic, reason = "a panic is the verdict of a test")]
pub mod corpus;
pub mod discretion;
#[expect(clippy::panic, reason = "a panic is the verdict of a test")]
pub mod http;
pub mod infoset;
pub mod judges;
pub mod layout;
pub mod postgres;
#[expect(clippy::panic, reason = "a panic is the verdict of a test")]
pub mod schemas;
#[expect(clippy::panic, reason = "a panic is the verdict of a test")]
pub mod system;
