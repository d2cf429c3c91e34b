//! `sf209x doctor`: what is right and what is wrong, in words.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use soap::security::Certificate;

use super::{Error, Exit};
use crate::doctor::{self, Certificates, Expected, Report, Verdict};
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
    /// Whether a recorded message holds: a request or answer with or without a token, or either message of a token service. What it is
    /// is told from what it says.
    #[command(after_help = super::EXIT_CODES)]
    Message(Message),
    /// Whose a certificate is, how long it holds, and where its chain leads.
    #[command(after_help = super::EXIT_CODES)]
    Cert(Cert),
}

#[derive(Debug, Args)]
struct Message {
    /// The message: a SOAP envelope, octet for octet as it was sent; `-` reads standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The time to examine it at, as 2026-11-26T12:00:00Z; without it, now, when a recorded message has mostly expired.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<DateTime<Utc>>,
    /// Certificates in PEM, or one in DER, whose signatures are believed: signers, or authorities that vouch for them. Without any,
    /// those inside the message, which says that it is whole but not from whom it is.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    trust: Vec<PathBuf>,
    /// The entity id that the token must be for; without it, the one that it names.
    #[arg(long, value_name = "ENTITY ID")]
    audience: Option<String>,
    /// The entity id that the token must be issued by; without it, the one that it names.
    #[arg(long, value_name = "ENTITY ID")]
    issuer: Option<String>,
    /// The address that a request must be sent to; without it, any.
    #[arg(long, value_name = "URL")]
    to: Option<String>,
}

#[derive(Debug, Args)]
struct Cert {
    /// The certificates in PEM, one or several, or one in DER.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Roots to trust, in PEM or DER.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    roots: Vec<PathBuf>,
    /// Revocation lists, in PEM; with any, every authority of the chain must have one.
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "roots")]
    crls: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Doctor) -> Result<(), Error> {
    let report = match &arguments.patient {
        Patient::Message(arguments) => message(arguments)?,
        Patient::Cert(arguments) => cert(arguments)?,
    };
    print(&report, arguments.json)?;
    if report.holds() {
        return Ok(());
    }
    Err(Error::new(Exit::Data, "not everything is as it should be"))
}

fn message(arguments: &Message) -> Result<Report, Error> {
    let expected = Expected {
        trust: all_certificates(&arguments.trust)?,
        audience: arguments.audience.clone(),
        issuer: arguments.issuer.clone(),
        to: arguments.to.clone(),
    };
    let message = read(&arguments.file)?;
    let time = arguments.at.unwrap_or_else(now);
    doctor::message(&message, &expected, time)
        .map_err(|error| Error::new(Exit::Data, format!("--trust: {error}")))
}

fn cert(arguments: &Cert) -> Result<Report, Error> {
    let certificates = certificates(&arguments.file)?;
    let mut known = Certificates {
        roots: all_certificates(&arguments.roots)?,
        crls: Vec::new(),
    };
    for file in &arguments.crls {
        known.crls.push(read(file)?);
    }
    doctor::certificates(&certificates, &known, now())
        .map_err(|error| Error::new(Exit::Data, format!("--roots or --crls: {error}")))
}

fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let time = DateTime::parse_from_rfc3339(text);
    time.map(|time| time.with_timezone(&Utc))
        .map_err(|error| format!("{error}; it looks like 2026-11-26T12:00:00Z"))
}

fn all_certificates(files: &[PathBuf]) -> Result<Vec<Certificate>, Error> {
    let mut all = Vec::new();
    for file in files {
        all.extend(certificates(file)?);
    }
    Ok(all)
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, Error> {
    let content = read(file)?;
    // DER begins with the tag of a sequence.
    let found = if content.starts_with(&[0x30]) {
        Certificate::from_der(&content).map(|certificate| vec![certificate])
    } else {
        Certificate::all_from_pem(&content)
    };
    found.map_err(|error| Error::new(Exit::Data, format!("{}: {error}", file.display())))
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    let content = if file == Path::new("-") {
        let mut content = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut content);
        read.map(|_| content)
    } else {
        fs::read(file)
    };
    content.map_err(|error| Error::new(Exit::Io, format!("{}: {error}", file.display())))
}

fn print(report: &Report, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        let report = serde_json::json!({ "holds": report.holds(), "sections": report.sections });
        serde_json::to_writer(&mut out, &report)?;
        return writeln!(out);
    }
    let colour = logging::colour(&io::stdout());
    let paint = |code: &str, text: &str| match colour {
        true => format!("\x1b[{code}m{text}\x1b[0m"),
        false => text.to_owned(),
    };
    for (index, section) in report.sections.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", paint("1", &section.title))?;
        for fact in &section.facts {
            writeln!(out, "  {:<18}  {}", fact.name, fact.value)?;
        }
        for finding in &section.findings {
            let mark = match finding.verdict {
                Verdict::Ok => paint("32", "ok     "),
                Verdict::Warning => paint("33", "WARNING"),
                Verdict::Wrong => paint("31", "WRONG  "),
            };
            let cause = finding.cause.map(|cause| format!(" [{cause}]"));
            writeln!(
                out,
                "  {mark}  {}{}",
                finding.text,
                cause.unwrap_or_default()
            )?;
        }
    }
    out.flush()
}
