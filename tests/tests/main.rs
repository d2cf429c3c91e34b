//! The tests of the whole system, in one binary.

#![cfg(test)]

mod bad_input;
mod cargo;
mod cases;
mod contract_change;
mod corpus;
mod crash;
mod database;
mod deep;
mod demo;
mod deterministic;
mod differential;
mod doctor;
mod emitted;
mod forwarding;
mod goldens;
mod house;
mod lossless;
mod partners;
mod policies;
mod processes;
mod reload;
mod replays;
mod role;
mod round;
#[path = "../../soap/tests/security/secrets.rs"]
mod secrets;
mod serial;
mod signatures;
mod store;
mod trouble;
mod wsdl;
mod xml;

/// Whether goldens are to be rewritten.
fn update() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

/// The operations of EP_FS1 and EP_JC1.
const SEVEN: [&str; 7] = [
    "Opret",
    "OpdaterSelvstaendig",
    "OpdaterLoenmodtager",
    "OpdaterPensionskode",
    "OpdaterOphoer",
    "Afslut",
    "OpdaterStatus",
];
