//! `sf209x doctor`: what is wrong, in words.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{Args, Subcommand};
use soap::security::Certificate;

use super::{Error, Exit};
use crate::doctor::{self, Certificates, Report};
use crate::logging;

#[derive(Debug, Args)]
pub(super) struct Doctor {
    #[command(subcommand)]
    patient: Patient,
    /// Print one JSON object.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Patient {
    /// A certificate: whose it is, how long it holds, and where its chain leads.
    Cert(Cert),
}

#[derive(Debug, Args)]
struct Cert {
    /// The certificate in PEM, followed by those of the authorities above it, or one certificate in DER.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A root to trust, in PEM.
    #[arg(long, value_name = "FILE")]
    roots: Vec<PathBuf>,
    /// A revocation list, in PEM; with any, every authority of the chain must have one.
    #[arg(long, value_name = "FILE", requires = "roots")]
    crls: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Doctor) -> Result<(), Error> {
    let report = match &arguments.patient {
        Patient::Cert(arguments) => cert(arguments)?,
    };
    print(&report, arguments.json)?;
    if report.holds() {
        return Ok(());
    }
    Err(Error::new(Exit::Data, "not everything is as it should be"))
}

fn cert(arguments: &Cert) -> Result<Report, Error> {
    let chain = certificates(&arguments.file)?;
    let mut known = Certificates::default();
    for file in &arguments.roots {
        known.roots.extend(certificates(file)?);
    }
    for file in &arguments.crls {
        known.crls.push(read(file)?);
    }
    doctor::certificate(&chain, &known, SystemTime::now().into())
        .map_err(|error| Error::new(Exit::Data, format!("roots or revocation lists: {error}")))
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, Error> {
    let content = read(file)?;
    let found = if content.starts_with(b"\x30") {
        Certificate::from_der(&content).map(|certificate| vec![certificate])
    } else {
        Certificate::all_from_pem(&content)
    };
    found.map_err(|error| Error::new(Exit::Data, format!("{}: {error}", file.display())))
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    fs::read(file).map_err(|error| Error::new(Exit::Io, format!("{}: {error}", file.display())))
}

fn print(report: &Report, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, report)?;
        return writeln!(out);
    }
    for fact in &report.facts {
        writeln!(out, "{:<18}  {}", fact.name, fact.value)?;
    }
    let colour = logging::colour(&io::stdout());
    for finding in &report.findings {
        let (mark, code) = if finding.holds {
            ("ok", "32")
        } else {
            ("WRONG", "31")
        };
        let mark = format!("{mark:<5}");
        if colour {
            writeln!(out, "\x1b[{code}m{mark}\x1b[0m  {}", finding.text)?;
        } else {
            writeln!(out, "{mark}  {}", finding.text)?;
        }
    }
    out.flush()
}
