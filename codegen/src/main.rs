//! The command `codegen`: emits what a build script would, to a folder of one's choice, and tells what a contract holds.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use codegen::{Builder, Diagnostic, Error, Report};
use miette::{GraphicalReportHandler, GraphicalTheme, JSONReportHandler};
use serde_json::{Value, json};

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
        /// The module for `--wsdl`.
        #[arg(
            long,
            value_name = "NAME",
            default_value = "contract",
            requires = "wsdl"
        )]
        module: String,
        /// Make every warning an error.
        #[arg(long)]
        strict: bool,
        /// Let the types implement serde's traits.
        #[arg(long)]
        serde: bool,
        /// Tell findings as JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Tell what contracts hold: services, ports, operations, types, warnings and refusals.
    ///
    /// The exit code is 0 if every contract can be carried whole, else 1.
    Check {
        /// The WSDLs or schemas.
        #[arg(value_name = "WSDL", required = true)]
        files: Vec<PathBuf>,
        /// Make every warning an error.
        #[arg(long)]
        strict: bool,
        /// One JSON object a contract, a line each.
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Emit {
            out,
            contracts,
            wsdl,
            module,
            strict,
            serde,
            json,
        } => {
            let builder = match wsdl {
                Some(wsdl) => Builder::of_file(module, wsdl),
                None => Builder::new(contracts),
            };
            emit(&builder.strict(strict).serde(serde), &out, json)
        }
        Command::Check {
            files,
            strict,
            json,
        } => {
            let mut whole = true;
            for file in &files {
                whole &= check(file, strict, json);
            }
            whole
        }
    };
    if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn emit(builder: &Builder, out: &Path, json: bool) -> bool {
    let written = builder.generate().and_then(|files| {
        tell("warning", files.warnings(), json);
        files.write(out)
    });
    if let Err(error) = &written {
        tell("warning", error.warnings(), json);
        tell("error", error.diagnostics(), json);
    }
    written.is_ok()
}

/// Shows findings on standard error.
fn tell(severity: &str, diagnostics: &[Diagnostic], json: bool) {
    for diagnostic in diagnostics {
        let mut text = String::new();
        let shown = if json {
            JSONReportHandler::new().render_report(&mut text, diagnostic)
        } else {
            let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
            handler.render_report(&mut text, diagnostic)
        };
        match shown {
            Ok(()) => eprintln!("{severity}: {}", text.trim()),
            Err(_) => eprintln!("{severity}: {diagnostic}"),
        }
    }
}

/// Checks one contract, and says whether it can be carried whole.
fn check(file: &Path, strict: bool, json: bool) -> bool {
    let inspected = Builder::of_file("contract", file).strict(strict).inspect();
    match (&inspected, json) {
        (_, true) => println!("{}", as_json(file, &inspected)),
        (Ok((reports, warnings)), false) => {
            for report in reports {
                print(report);
            }
            tell("warning", warnings, false);
        }
        (Err(error), false) => {
            println!("{}: refused", file.display());
            tell("warning", error.warnings(), false);
            tell("error", error.diagnostics(), false);
        }
    }
    inspected.is_ok()
}

fn as_json(file: &Path, inspected: &Result<(Vec<Report>, Vec<Diagnostic>), Error>) -> Value {
    let (contracts, warnings, refusals) = match inspected {
        Ok((reports, warnings)) => (reports.as_slice(), warnings.as_slice(), [].as_slice()),
        Err(error) => ([].as_slice(), error.warnings(), error.diagnostics()),
    };
    json!({
        "file": file,
        "refused": inspected.is_err(),
        "contracts": contracts,
        "warnings": warnings.iter().map(finding).collect::<Vec<_>>(),
        "refusals": refusals.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn finding(diagnostic: &Diagnostic) -> Value {
    let place = diagnostic.place();
    let position = place.map(codegen::Place::line_column);
    json!({
        "message": diagnostic.message(),
        "help": diagnostic.hint(),
        "file": place.map(codegen::Place::file),
        "line": position.map(|(line, _)| line),
        "column": position.map(|(_, column)| column),
    })
}

fn print(report: &Report) {
    println!("{}", report.file);
    for service in &report.services {
        println!("  service {}", service.name);
        for port in &service.ports {
            let policy = if port.policy.is_empty() {
                String::new()
            } else {
                format!(", {}", port.policy.join(" or "))
            };
            println!(
                "    port {} SOAP {}{policy} at {}",
                port.name, port.soap, port.address
            );
        }
    }
    for port_type in &report.port_types {
        println!("  port type {}", port_type.name);
        for operation in &port_type.operations {
            let output = operation.output.as_deref().unwrap_or("nothing");
            let faults = match operation.faults.as_slice() {
                [] => String::new(),
                faults => format!(", faults {}", faults.join(", ")),
            };
            println!(
                "    {}: {} -> {output}{faults}",
                operation.name, operation.input
            );
        }
    }
    let types = report.types;
    println!(
        "  types: {} complex, {} simple, {} code lists, in {} documents",
        types.complex,
        types.simple,
        types.enumerations,
        report.documents.len()
    );
}
