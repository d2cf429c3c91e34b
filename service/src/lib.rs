//! The four endpoints of SF2090 as three roles: KSD, Serviceplatformen and Jobcenter.
//!
//! Each role implements the traits that the contracts emitted in `generated`; this crate adds what a contract cannot say: who may send
//! what for whom, where it goes, and the HTTP under it. The binary `sf209x` is [`cli::run`].
//!
//! # Example
//! A platform and a Jobcenter in one process, and a message that goes from KSD all the way round, is `demo.rs`; a vendor's whole
//! Jobcenter is `examples/jobcenter.rs`. A role needs no socket; HTTP is answered by an [`http::App`] as by a function:
//!
//! ```
//! use hyper::{Request, StatusCode};
//! use service::clearance::Callers;
//! use service::config::Limits;
//! use service::http::{App, Client};
//! use service::observe::Observer;
//! use service::platform::Platform;
//! use service::roles;
//! use service::routing::{Routes, Table};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! # runtime.block_on(async {
//! let limits = Limits::default();
//! let ksd = "http://127.0.0.1:8091/ksd/KSDSygefravaer/1".parse().unwrap();
//! let table = Table::new(Routes::default());
//! let platform = Platform::new(table, Callers::Anyone, ksd, Client::new(limits), Observer::none());
//! let app = roles::platform(&platform, limits, Observer::none());
//!
//! let request = Request::put("/service/Sygefravaer/Sygefravaer/2").body(String::new()).unwrap();
//! let response = app.answer(request, ([127, 0, 0, 1], 50000).into()).await;
//! assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
//! # });
//! ```
//!
//! # Map
//! In the order in which a message meets them: [`config`] and [`routing`] say who is where, [`policy`] what the contracts demand of
//! them; [`tls`] knows who calls; [`http`] turns a request into a [`call`] at an [`endpoint`]; [`secured`] verifies what is signed, with
//! the [`tokens`] that [`sts`] hands out; the emitted server decodes it into a [`message`]; [`clearance`] lets through what is for one
//! municipality; [`platform`], [`jobcenter`] and [`ksd`] decide, the latter two by the machines of [`delivery`]; a [`receipt`] or a
//! [`refusal`] goes back, by `receipted` for a message that is not what the contract says; what a role itself calls is [`outgoing`], and
//! [`forwarding`] is how the platform passes a message on.
//! [`observe`] is told of every call, and [`logging`] writes it down. [`roles`] puts a role behind its servers, [`demo`] puts all of
//! them on a stage, [`doctor`] says what is wrong with what others send, [`cli`] is the command line.
//!
//! # Invariants
//! - The platform holds no message beyond its call, and has no type to change one with but AuthorityContext: the octets of a message go
//!   through it unchanged.
//! - One call, one municipality: token, AuthorityContext, header, route and agreement agree, or nothing is passed on; what has not been
//!   cleared has no type to be passed on in.
//! - Plain HTTP is served, and spoken, on loopback only, and only where that is asked for.
//! - A key, a token and a message's content are in no log, error, fault or `Debug`.
//! - No input from the network ends the process. What can be read as an HTTP request is answered with a SOAP message; what cannot, with
//!   a bare HTTP 400.
//! - An [`observe::Event`] names no person; the log of calls is made of events.

pub mod call;
pub mod clearance;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod demo;
pub mod doctor;
pub mod endpoint;
mod fault;
pub mod forwarding;
pub mod http;
pub mod jobcenter;
pub mod ksd;
pub mod logging;
pub mod message;
pub mod observe;
pub mod outgoing;
pub mod pki;
pub mod platform;
pub mod policy;
pub mod receipt;
mod receipted;
pub mod refusal;
pub mod roles;
pub mod routing;
pub mod secured;
pub mod store;
pub mod sts;
pub mod tls;
pub mod tokens;

#[cfg(test)]
#[path = "../../soap/tests/security/secrets.rs"]
mod secrets;
#[cfg(test)]
mod world;
