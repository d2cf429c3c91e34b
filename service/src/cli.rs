//! The command line of `sf209x`: arguments in, exit code out.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use hyper::Uri;
use uuid::Uuid;

use crate::config;
use crate::demo;
use crate::logging;
use crate::store::{Error as StoreError, Failure, Location};

mod answers;
mod doctor;
mod outbox;
mod pki;
mod place;
mod running;
mod send;
mod serve;
mod signals;
mod store;
mod sts;

use self::place::Place;

const EXIT_CODES: &str = "\
Exit codes: 0 done, 2 wrong usage, 65 the message is invalid, unknown or refused, or nothing can be decided about it any more, \
69 a counterpart is unavailable or did not do its part, 70 a defect stopped the process, which has to be started again, 74 input, \
output or a listener failed, 75 not now: the message is being tried, 78 the configuration is wrong, or leads to no store.

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
    /// See what KSD or a Jobcenter owes, and decide about it.
    ///
    /// A decision counts at once and is put on record, but for a message that is being tried: nobody knows yet whether it arrives, and
    /// what follows in its case must wait until that is known. Nothing is changed then, and the command says until when.
    #[command(after_help = EXIT_CODES)]
    Outbox {
        #[command(flatten)]
        place: Place,
        #[command(subcommand)]
        command: OutboxCommand,
    },
    /// See which answers KSD waits for.
    #[command(after_help = EXIT_CODES)]
    Answers {
        #[command(flatten)]
        place: Place,
        #[command(subcommand)]
        command: AnswersCommand,
    },
    /// Back a store up, check it, or export it.
    #[command(after_help = EXIT_CODES)]
    Store {
        #[command(flatten)]
        place: Place,
        #[command(subcommand)]
        command: StoreCommand,
    },
    /// Run one role, or all of them, until SIGINT or SIGTERM; SIGHUP reads the mapping table and certificates again.
    #[command(after_help = EXIT_CODES)]
    Serve(Serve),
    /// Run a small security token service, for development and tests, until SIGINT. It remembers the requests that it has answered
    /// in memory alone.
    #[command(after_help = EXIT_CODES)]
    Sts(sts::Sts),
    /// Hand a message to EP_FS1 and print the receipt.
    #[command(after_help = EXIT_CODES)]
    Send(Send),
    /// Run all roles in this process, with two Jobcenters, and watch the seven operations and their answers go round.
    #[command(after_help = EXIT_CODES)]
    Demo(Demo),
    /// Say what is right and what is wrong with a recorded message, a certificate, an endpoint or the security token service.
    #[command(after_help = EXIT_CODES)]
    Doctor(doctor::Doctor),
    /// Make a folder with a development PKI and a configuration of every role that uses it.
    #[command(after_help = EXIT_CODES)]
    Pki(pki::Pki),
}

/// What is owed, and decisions about it.
#[derive(Debug, Subcommand)]
enum OutboxCommand {
    /// List what is not delivered yet, in the order in which it was taken over.
    List {
        /// How many at most; where there are more, that is said on standard error.
        #[arg(long, default_value_t = 100, value_name = "N")]
        limit: u32,
    },
    /// Tell all that has happened to a message.
    Show {
        /// Its TransaktionIdentifikator.
        transaction: Uuid,
        /// Print its document as well, which holds personal data; that is put on record.
        #[arg(long)]
        reveal: bool,
    },
    /// Try a message now, whatever it waits for, and for as long as if it were new.
    Retry {
        /// Its TransaktionIdentifikator.
        transaction: Uuid,
    },
    /// Hold a message, and with it all that follows in its case, until `retry` or `drop`.
    Park {
        /// Its TransaktionIdentifikator.
        transaction: Uuid,
    },
    /// Give a message up undelivered, so that what follows in its case goes on.
    Drop {
        /// Its TransaktionIdentifikator.
        transaction: Uuid,
    },
}

/// Answers that are to come.
#[derive(Debug, Subcommand)]
enum AnswersCommand {
    /// List the messages that are delivered and not answered for good, the next to be overdue first.
    List {
        /// Only those whose answer is overdue.
        #[arg(long)]
        overdue: bool,
        /// The answers that were refused instead: to nothing that was sent, or for another municipality.
        #[arg(long, conflicts_with = "overdue")]
        refused: bool,
        /// How many at most; where there are more, that is said on standard error.
        #[arg(long, default_value_t = 100, value_name = "N")]
        limit: u32,
    },
}

/// Care for a store.
#[derive(Debug, Subcommand)]
enum StoreCommand {
    /// Copy the store to a file, while it is in use.
    ///
    /// To restore it, stop the party, remove its file and those beside it that end in -wal and -shm, and put the copy in place of the
    /// first.
    Backup {
        /// The file, which must not be there yet.
        file: PathBuf,
    },
    /// Look for damage.
    Check,
    /// Print who decided by hand, or looked at documents, and when.
    Audit,
    /// Print all that the store knows of messages, one JSON object a line.
    Export {
        /// With their documents, which hold personal data; that is put on record.
        #[arg(long)]
        reveal: bool,
    },
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
    let command = Arguments::parse().command;
    let format = match &command {
        Command::Serve(Serve { log_format, .. }) => *log_format,
        Command::Sts(arguments) => arguments.log_format,
        _ => logging::Format::Text,
    };
    let outcome = match command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Outbox { place, command } => outbox::run(&place, &command),
        Command::Answers { place, command } => answers::run(&place, &command),
        Command::Store { place, command } => store::run(&place, &command),
        Command::Sts(arguments) => sts::run(&arguments),
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
            match format {
                logging::Format::Text => eprintln!("sf209x: {error}"),
                // Whoever reads JSON from standard error reads nothing else there.
                logging::Format::Json => tracing::error!(%error, "ended"),
            }
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
    Defect = 70,
    Io = 74,
    Later = 75,
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
    fn store(location: &Location, party: &str, error: &StoreError) -> Self {
        let place = named(location);
        let cause = std::error::Error::source(error).map(|cause| format!(" ({cause})"));
        let text = format!(
            "{place}: store of {party}: {error}{}",
            cause.unwrap_or_default()
        );
        let exit = match error.kind() {
            Failure::Damaged | Failure::Newer | Failure::Unreleased => Exit::Data,
            _ => Exit::Io,
        };
        Self::new(exit, text)
    }
}

/// What `location` is called, without the password that it may hold.
fn named(location: &Location) -> String {
    match location {
        Location::Directory(directory) => directory.display().to_string(),
        Location::Postgres(_) => "postgres".to_owned(),
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
