//! The tests of the whole system, in one binary.

mod bad_input;
mod cases;
mod lossless;
mod round;
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
