//! What the store costs: durable submits through KSD beside what a bare database commits in the same run with the same grouping, and
//! how an empty store and one with a million delivered messages compare. Machines are noisy: the ratios count.
//!
//! ```text
//! cargo run --release -p sf209x-tests --bin store-cost                      on SQLite
//! cargo run --release -p sf209x-tests --bin store-cost -- --store postgres  on the PostgreSQL of DATABASE_URL, or one of its own
//! ```
//!
//! It ends with 1 where a ratio is worse than what is claimed: half of the bare commits, and a fifth less with a million messages.

mod bare;
mod filling;
mod ksd;

use std::process::ExitCode;
use std::time::Instant;

use service::store::Location;
use tempfile::TempDir;
use tests::postgres::Postgres;

use self::bare::Bare;
use self::ksd::Bench;

/// How many messages are submitted in a turn, as many by each submitter.
const ROUND: usize = 2048;

/// How many submitters there are at once.
const SUBMITTERS: usize = 64;

/// How often each thing is measured, in turns, so that a noisy machine disturbs all alike; the best counts.
const TURNS: usize = 5;

/// How many delivered messages the full store holds.
const DELIVERED: i64 = 1_000_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let shared = match arguments.as_slice() {
        [] | ["--store", "sqlite"] => false,
        ["--store", "postgres"] => true,
        _ => {
            eprintln!("usage: store-cost [--store sqlite|postgres]");
            return ExitCode::from(2);
        }
    };
    let databases = if shared {
        // A schema each would do, but for what they share in memory.
        let Some(databases) = Postgres::find().zip(Postgres::find()) else {
            return ExitCode::from(69);
        };
        Some(databases)
    } else {
        None
    };
    let folders = (
        TempDir::new().expect("a folder"),
        TempDir::new().expect("a folder"),
    );
    let (empty, full) = match &databases {
        Some((empty, full)) => (
            Location::Postgres(empty.url().to_owned()),
            Location::Postgres(full.url().to_owned()),
        ),
        None => (
            Location::Directory(folders.0.path().to_owned()),
            Location::Directory(folders.1.path().to_owned()),
        ),
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match runtime.block_on(measure(&empty, &full)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("store-cost: {error}");
            ExitCode::from(74)
        }
    }
}

type Failure = Box<dyn std::error::Error>;

/// Prints what was found; whether all is as claimed.
async fn measure(empty: &Location, full: &Location) -> Result<bool, Failure> {
    let bare = Bare::open(empty).await?;
    let (small, large) = (Bench::open(empty).await?, Bench::open(full).await?);
    let started = Instant::now();
    filling::fill(full, DELIVERED).await?;
    let filled = started.elapsed().as_secs_f64();
    println!("{DELIVERED} delivered messages put in place in {filled:.0} s");
    println!("{SUBMITTERS} submitters, {ROUND} messages a turn, the best of {TURNS} turns\n");

    let mut best = [0.0_f64; 5];
    for _ in 0..TURNS {
        let turn = [
            bare.commits(ROUND).await?,
            small.submits(ROUND).await?,
            large.submits(ROUND).await?,
            small.deliveries().await?,
            large.deliveries().await?,
        ];
        for (best, rate) in best.iter_mut().zip(turn) {
            *best = best.max(rate);
        }
    }
    let [bare, submits, submits_full, deliveries, deliveries_full] = best;
    println!("bare commits       {bare:>8.0} a second");
    let mut holds = true;
    for (what, rate, than, least) in [
        ("submits", submits, bare, 0.5),
        ("  with a million", submits_full, submits, 0.8),
        ("deliveries", deliveries, f64::NAN, 0.0),
        ("  with a million", deliveries_full, deliveries, 0.8),
    ] {
        print!("{what:<18} {rate:>8.0} a second");
        if !than.is_nan() {
            let ratio = rate / than;
            holds &= ratio >= least;
            print!("  ×{ratio:.2}, at least ×{least}");
        }
        println!();
    }
    Ok(holds)
}
