//! A short run of the crash proof; the long one is a program of its own (`src/bin/crash`).

use std::process::Command;

#[test]
fn nothing_is_lost_on_sqlite_whoever_is_killed() {
    check("sqlite", &[]);
}

/// As in production: over TLS, with signed messages and a security token service.
#[test]
fn nothing_is_lost_of_signed_messages_whoever_is_killed() {
    check("sqlite", &["--secure"]);
}

#[test]
fn nothing_is_lost_on_postgresql_whoever_is_killed() {
    check("postgres", &[]);
}

#[track_caller]
fn check(store: &str, more: &[&str]) {
    /// What a process ends with that needs what is not installed.
    const UNAVAILABLE: i32 = 69;
    let run = Command::new(env!("CARGO_BIN_EXE_crash"))
        .args(["--store", store, "--kills", "60", "--seed", "1"])
        .args(more)
        .output()
        .expect("the program runs");
    let required = std::env::var_os("SF209X_JUDGES").is_some_and(|value| value == "required");
    if run.status.code() == Some(UNAVAILABLE) && !required {
        return;
    }
    let told = String::from_utf8_lossy(&run.stdout);
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(0), "{told}{said}");
    assert!(
        told.contains("nothing is lost, nothing is twice, nothing is stuck"),
        "{told}"
    );
}
