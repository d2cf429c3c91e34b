//! The command line of `sf209x`: arguments in, exit code out.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use hyper::Uri;

use crate::config;
use crate::demo;
use crate::logging;
use crate::store::{self, Location};

mod doctor;
mod pki;
mod send;
mod serve;

const EXIT_CODES: &str = "\
Exit codes: 0 done, 2 wrong usage, 65 the message is invalid or was refused, 69 a counterpart is unavailable or did not do its part, \
74 input, output or a listener failed, 78 the configuration is wrong.

RUST_LOG sets the log level (info), NO_COLOR turns colour off.";

/// The Danish integration SF2090: sickness benefit cases between KSD, Serviceplatformen and the Jobcenters.
#[derive(Debug, Parser)]
#[command(name = "sf209x", version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run one role, or all of them, until SIGINT or SIGTERM; SIGHUP reads the mapping table and certificates again.
    #[command(after_help = EXIT_CODES)]
    Serve(Serve),
    /// Hand a message to EP_FS1 and print the receipt.
    #[command(after_help = EXIT_CODES)]
    Send(Send),
    /// Run all roles in this process, with two Jobcenters, and watch the seven operations and their answers go round.
    #[command(after_help = EXIT_CODES)]
    Demo(Demo),
    /// Say what is right and what is wrong with a recorded message or a certificate.
    #[command(after_help = EXIT_CODES)]
    Doctor(doctor::Doctor),
    /// Make a folder with a development PKI and a configuration of every role that uses it.
    #[command(after_help = EXIT_CODES)]
    Pki(pki::Pki),
}

#[derive(Debug, Args)]
struct Serve {
    /// The role to run.
    #[arg(long, value_enum)]
    role: Role,
    /// The configuration file; without it, the one that is built in: every role on loopback ports 8090 to 8093.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Speak plain HTTP on loopback where the configuration has no TLS: for trying things out on one machine.
    #[arg(long)]
    insecure: bool,
    /// The directory that the stores of KSD and the Jobcenters are in, whatever the configuration says.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How log lines look.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    log_format: logging::Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Serve EP_FS2, and take messages in for EP_FS1.
    Ksd,
    /// Serve EP_FS1 and EP_JC2.
    Platform,
    /// Serve EP_JC1 of every Jobcenter in the configuration.
    Jobcenter,
    /// All of them.
    All,
}

#[derive(Debug, Args)]
struct Send {
    /// The message: a SOAP envelope or the body element alone; `-` reads standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Args)]
struct Target {
    /// The EP_FS1 to hand the message to; without it, the message goes through the running KSD, which then knows it when the answer
    /// comes.
    #[arg(long, value_name = "URL")]
    endpoint: Option<Uri>,
    /// KSD's configuration, or else the built-in one: where KSD is, and what proves that the message comes from it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Speak plain HTTP on loopback where the configuration has no TLS: for trying things out on one machine.
    #[arg(long)]
    insecure: bool,
}

#[derive(Debug, Args)]
struct Demo {
    /// Print one JSON object a line, a call each.
    #[arg(long)]
    json: bool,
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Send(arguments) => send::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Pki(arguments) => pki::run(&arguments),
        Command::Demo(Demo { json }) => {
            runtime().and_then(|runtime| Ok(runtime.block_on(demo::run(json))?))
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sf209x: {error}");
            ExitCode::from(error.exit as u8)
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Exit::Io, format!("the runtime did not start: {error}")))
}

/// What the process ends with when it does not succeed (sysexits.h); wrong usage ends with 2, by clap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Data = 65,
    Unavailable = 69,
    Io = 74,
    Config = 78,
}

/// Why a command ended without success.
#[derive(Debug)]
struct Error {
    exit: Exit,
    text: String,
}

impl Error {
    fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self {
            exit,
            text: text.into(),
        }
    }
}

impl Error {
    /// The store of `party` at `location` does not open, or does not do as it should.
    fn store(location: &Location, party: &str, error: &store::Error) -> Self {
        let place = match location {
            Location::Directory(directory) => directory.display().to_string(),
            Location::Postgres(_) => "postgres".to_owned(),
        };
        let cause = std::error::Error::source(error).map(|cause| format!(" ({cause})"));
        let text = format!(
            "{place}: store of {party}: {error}{}",
            cause.unwrap_or_default()
        );
        Self::new(Exit::Io, text)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<config::Error> for Error {
    fn from(error: config::Error) -> Self {
        Self::new(Exit::Config, error.to_string())
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::new(Exit::Io, error.to_string())
    }
}

impl From<demo::Error> for Error {
    fn from(error: demo::Error) -> Self {
        let exit = match &error {
            demo::Error::Io(_) => Exit::Io,
            demo::Error::Message(_) => Exit::Data,
            demo::Error::Missing(_) => Exit::Unavailable,
        };
        Self::new(exit, error.to_string())
    }
}
