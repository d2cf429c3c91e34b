//! The command `codegen`: emits what a build script would, to a folder of one's choice.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use codegen::{Builder, Error};

/// Reads WSDL 1.1 and XML Schema and emits Rust.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the modules of all contracts, or of one WSDL or schema.
    Emit {
        /// The folder to write to; files that are there already as they should be stay untouched.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// The file that names the contracts.
        #[arg(long, value_name = "FILE", default_value = "wsdl/contracts.toml")]
        contracts: PathBuf,
        /// One WSDL or schema on its own, in place of the contracts.
        #[arg(long, value_name = "FILE", conflicts_with = "contracts")]
        wsdl: Option<PathBuf>,
        /// Make every warning an error.
        #[arg(long)]
        strict: bool,
        /// The module for `--wsdl`.
        #[arg(
            long,
            value_name = "NAME",
            default_value = "contract",
            requires = "wsdl"
        )]
        module: String,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Error> {
    match command {
        Command::Emit {
            out,
            contracts,
            wsdl,
            strict,
            module,
        } => {
            let builder = match wsdl {
                Some(wsdl) => Builder::of_file(module, wsdl),
                None => Builder::new(contracts),
            };
            let files = builder.strict(strict).generate()?;
            for warning in files.warnings() {
                eprintln!("warning: {warning}");
            }
            files.write(&out)
        }
    }
}
