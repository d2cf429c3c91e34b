//! The contracts of SF2090, as Rust.
//!
//! Everything here but this page is emitted from `wsdl/` when the crate is built: change the contract, build, and the
//! compiler lists what no longer fits it. `cargo run -p sf209x-codegen -- emit --out DIR` writes the same text to look at.
//!
//! # Example
//!
//! A system that takes part implements the trait of a port type and hands it to the server of the service; a peer calls it
//! through the client. Here they meet in one process:
//!
//! ```
//! use generated::kmd;
//!
//! # fn main() {}
//! ```
//!
//! # Map
//!
//! | module | endpoints | serves | calls |
//! |---|---|---|---|
//! | [`sygefravaer`] | EP_FS1, EP_JC1 | Serviceplatformen, the Jobcenter | KSD, Serviceplatformen |
//! | [`ksd_sygefravaer`] | EP_JC2 | Serviceplatformen | the Jobcenter |
//! | [`kmd`] | EP_FS2 | KSD | Serviceplatformen |
//! | [`serviceplatformen`] | | what the contracts of the platform share: contexts, receipts, faults | |
//!
//! # Invariants
//!
//! - Nothing is written by hand: the crate is `build.rs` and this page.
//! - A value of a type here is one that the contract allows; what it does not allow cannot be made.
//! - Values of the types that hold personal data print masked.

include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
