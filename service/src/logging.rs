//! The log: one line a call, from the events that the parties report. No body, no name, no CPR number is ever in reach of it.

use std::io::{self, IsTerminal};
use std::panic;

use clap::ValueEnum;
use tracing::field;
use tracing_subscriber::EnvFilter;

use crate::observe::{Caller, Event, Observer, Side};

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For eyes.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Sends the log to standard error, at level `info` or as `RUST_LOG` says, and panics into the log without their message, which could
/// quote a value.
pub fn start(format: Format) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(io::stderr);
    // A second start, as tests may make, keeps the first log.
    let _ = match format {
        Format::Text => log.with_ansi(colour(&io::stderr())).try_init(),
        Format::Json => log.json().flatten_event(true).try_init(),
    };
    panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "a defect stopped a task");
    }));
}

/// Whether to colour what goes to `stream`: a terminal, and no `NO_COLOR` (<https://no-color.org>).
pub fn colour(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// An observer that logs each event.
pub fn observer() -> Observer {
    Observer::new(|event| log(&event))
}

/// One line, a warning where the call was denied or not served. Each says by itself who called, from where and by what proof.
fn log(event: &Event) {
    let side = match event.side {
        Side::Called => "called",
        Side::Served => "served",
    };
    let caller = event.caller.as_ref();
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                from = event.from,
                peer = caller.map(|caller| field::display(caller.peer())),
                certificate = caller.and_then(Caller::certificate),
                token.holder = caller.and_then(Caller::holder),
                token.municipality = caller.and_then(Caller::municipality).map(field::display),
                to = event.to,
                endpoint = event.endpoint.name(),
                operation = event.operation.unwrap_or("-"),
                transaction = event.transaction.map(field::display),
                municipality = event.municipality.map(field::display),
                answer = event.answer,
                code = event.code,
                cause = event.cause,
                reason = event.reason,
                call = event.call_id.map(field::display),
                micros = u64::try_from(event.duration.as_micros()).unwrap_or(u64::MAX),
                "{side}"
            )
        };
    }
    match event.reason {
        None => line!(info),
        Some(_) => line!(warn),
    }
}
