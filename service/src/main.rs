//! The command `sf209x`; everything stands in [`service::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    service::cli::run()
}
