//! The tests of the whole system, in one binary.

mod cases;

/// Whether goldens are to be rewritten.
fn update() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}
