//! `sf209x doctor`: what is right and what is wrong, in words.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use hyper::Uri;
use soap::security::Certificate;

use super::{Error, Exit, runtime};
use crate::config::{Config, Tls};
use crate::doctor::{self, Certificates, Expected, Report, Verdict, Visitor};
use crate::routing::Cvr;
use crate::tls::Credentials;
use crate::tokens::TokenSource;
use crate::{endpoint, logging};

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
    /// Whether a recorded message holds: a request or answer with or without a token, either message of a token service, or a token. What it is
    /// is told from what it says.
    #[command(after_help = super::EXIT_CODES)]
    Message(Message),
    /// Whose a certificate is, how long it holds, and where its chain leads.
    #[command(after_help = super::EXIT_CODES)]
    Cert(Cert),
    /// Who an endpoint says it is, what it asks of its callers, and whether its clock and its contract are ours. It is asked for its
    /// contract and sent one message with nothing in it.
    #[command(after_help = super::EXIT_CODES)]
    Endpoint(Endpoint),
    /// Whether the security token service hands out a token, and whether that is as it should be.
    #[command(after_help = super::EXIT_CODES)]
    Sts(Sts),
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
    /// Revocation lists, in PEM; with any, every authority above a signer must have one, and the holder of a token must be vouched
    /// for too.
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "trust")]
    crls: Vec<PathBuf>,
    /// The entity id that the token must be for; without it, that of its audiences which is its recipient too.
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

#[derive(Debug, Args)]
struct Endpoint {
    /// The endpoint.
    #[arg(value_name = "URL")]
    url: Uri,
    /// Roots that its certificate must lead to, in PEM or DER.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    roots: Vec<PathBuf>,
    /// The configuration with the certificate to show, if one is asked for.
    #[arg(long, value_name = "FILE", requires = "role")]
    config: Option<PathBuf>,
    /// Whose certificate: `ksd`, `platform`, or the name of a Jobcenter in the configuration.
    #[arg(long, requires = "config")]
    role: Option<String>,
}

#[derive(Debug, Args)]
struct Sts {
    /// The configuration with the sections [tokens] and that of the role.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Who asks: `ksd`, `platform`, or the name of a Jobcenter in the configuration.
    #[arg(long, default_value = "ksd")]
    role: String,
    /// The municipality on whose behalf, by its CVR number.
    #[arg(long, value_name = "CVR")]
    municipality: Cvr,
    /// The endpoint that the token is for: EP_FS1, EP_JC2 or EP_FS2.
    #[arg(long, default_value = "EP_FS1", value_parser = endpoint_name)]
    endpoint: endpoint::Endpoint,
}

pub(super) fn run(arguments: &Doctor) -> Result<(), Error> {
    let report = match &arguments.patient {
        Patient::Message(arguments) => message(arguments)?,
        Patient::Cert(arguments) => cert(arguments)?,
        Patient::Endpoint(arguments) => visit(arguments)?,
        Patient::Sts(arguments) => sts(arguments)?,
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
        crls: all(&arguments.crls)?,
        audience: arguments.audience.clone(),
        issuer: arguments.issuer.clone(),
        to: arguments.to.clone(),
    };
    let message = read(&arguments.file)?;
    let time = arguments.at.unwrap_or_else(now);
    doctor::message(&message, &expected, time)
        .map_err(|error| Error::new(Exit::Data, format!("--trust or --crls: {error}")))
}

fn cert(arguments: &Cert) -> Result<Report, Error> {
    let certificates = certificates(&arguments.file)?;
    let known = Certificates {
        roots: all_certificates(&arguments.roots)?,
        crls: all(&arguments.crls)?,
    };
    doctor::certificates(&certificates, &known, now())
        .map_err(|error| Error::new(Exit::Data, format!("--roots or --crls: {error}")))
}

fn visit(arguments: &Endpoint) -> Result<Report, Error> {
    let tls = match (&arguments.config, &arguments.role) {
        (Some(file), Some(role)) => Some(tls(&Config::load(Some(file))?, role)?),
        _ => None,
    };
    let current = tls.as_ref().map(loaded).transpose()?;
    let current = current.map(|credentials| credentials.current());
    // What is given counts before what is configured.
    let configured = tls.as_ref().filter(|_| arguments.roots.is_empty());
    let roots = configured.map_or(&arguments.roots, |tls| &tls.servers.roots);
    let visitor = Visitor {
        roots: all_certificates(roots)?,
        identity: current.as_ref().map(|current| &**current.client()),
    };
    let url = &arguments.url;
    if !matches!(url.scheme_str(), Some("https" | "http")) || url.host().is_none() {
        return Err(Error::new(
            Exit::Data,
            format!("{url} is no URL of an endpoint"),
        ));
    }
    let report = runtime()?.block_on(visitor.endpoint(url));
    report.map_err(|error| Error::new(Exit::Unavailable, format!("{url} {error}")))
}

fn sts(arguments: &Sts) -> Result<Report, Error> {
    let config = Config::load(Some(&arguments.config))?;
    let credentials = loaded(&tls(&config, &arguments.role)?)?;
    let tokens = config.tokens.as_ref();
    let tokens = tokens.ok_or_else(|| Error::new(Exit::Config, "[tokens] is missing"))?;
    let Sts {
        endpoint,
        municipality,
        ..
    } = arguments;
    let report = runtime()?.block_on(async {
        let source = TokenSource::new(tokens, &credentials, config.limits);
        doctor::token_service(&source, tokens, *endpoint, *municipality, now()).await
    });
    report.map_err(|error| Error::new(Exit::Unavailable, error.to_string()))
}

fn loaded(tls: &Tls) -> Result<Credentials, Error> {
    Credentials::load(tls.clone()).map_err(|error| Error::new(Exit::Config, error.to_string()))
}

/// What the role proves itself by, and whom it trusts.
fn tls(config: &Config, role: &str) -> Result<Tls, Error> {
    let wrong = |text: String| Error::new(Exit::Config, text);
    let tls = match role {
        "ksd" => config.ksd.as_ref().map(|ksd| ksd.tls.as_ref()),
        "platform" => config
            .platform
            .as_ref()
            .map(|platform| platform.tls.as_ref()),
        name => {
            let mut jobcenters = config.jobcenters.iter();
            let jobcenter = jobcenters.find(|jobcenter| jobcenter.name == name);
            jobcenter.map(|jobcenter| jobcenter.tls.as_ref())
        }
    };
    let tls = tls.ok_or_else(|| wrong(format!("the configuration has no {role}")))?;
    let tls = tls.ok_or_else(|| wrong(format!("{role} has no tls")))?;
    Ok(tls.clone())
}

fn endpoint_name(name: &str) -> Result<endpoint::Endpoint, String> {
    use endpoint::Endpoint::{Fs1, Fs2, Jc2};
    let mut known = [Fs1, Jc2, Fs2].into_iter();
    let found = known.find(|endpoint| endpoint.name() == name);
    found.ok_or_else(|| "is none of EP_FS1, EP_JC2 and EP_FS2".to_owned())
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

fn all(files: &[PathBuf]) -> Result<Vec<Vec<u8>>, Error> {
    files.iter().map(|file| read(file)).collect()
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
                Verdict::Unknown => paint("33", "UNKNOWN"),
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
