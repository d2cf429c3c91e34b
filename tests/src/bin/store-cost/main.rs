//! What the store costs: durable submits through KSD beside what a bare database commits in the same run with the same grouping, and
//! how an empty store and one with a million delivered messages compare. Machines are noisy: the ratios count.
//!
//! Bare is a table with a key and a document and nothing else, in the same database with the same settings, into which as many submitters
//! put documents of the same size, a statement a row, up to 256 rows a commit, each told once it is committed. A submit writes the message,
//! digests it, and puts it, its task and its lane in.
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
const TURNS: usize = 15;

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

    // What each is held against, by its place, and how much of that is claimed.
    let claims = [
        ("bare commits", None),
        ("submits", Some((0, 0.5))),
        ("  with a million", Some((1, 0.8))),
        ("deliveries", None),
        ("  with a million", Some((3, 0.8))),
        ("answers taken in", None),
        ("  with a million", Some((5, 0.8))),
    ];
    let mut best = [Taken::default(); 7];
    for _ in 0..TURNS {
        let turn = [
            taken(bare.commits(ROUND)).await?,
            taken(small.submits(ROUND)).await?,
            taken(large.submits(ROUND)).await?,
            taken(small.deliveries()).await?,
            taken(large.deliveries()).await?,
            taken(small.answers()).await?,
            taken(large.answers()).await?,
        ];
        for (best, taken) in best.iter_mut().zip(turn) {
            if taken.rate > best.rate {
                *best = taken;
            }
        }
    }
    let mut holds = true;
    for ((what, claim), taken) in claims.iter().zip(&best) {
        let Taken { rate, cost } = taken;
        print!("{what:<18} {rate:>8.0} a second");
        if let Some(cost) = cost {
            print!(" {cost:>6.0} µs of a processor each");
        }
        if let Some((than, least)) = claim {
            let ratio = rate / best[*than].rate;
            holds &= ratio >= *least;
            print!("  ×{ratio:.2}, at least ×{least}");
        }
        println!();
    }
    Ok(holds)
}

/// How something went.
#[derive(Clone, Copy, Default)]
struct Taken {
    /// How many a second.
    rate: f64,
    /// How long a processor worked for each, in microseconds, where the system tells.
    cost: Option<f64>,
}

/// What `work` costs, which says how many a second it did of [`ROUND`].
async fn taken(work: impl Future<Output = Result<f64, Failure>>) -> Result<Taken, Failure> {
    let before = processor();
    let rate = work.await?;
    let cost = processor().zip(before);
    let cost = cost.map(|(after, before)| (after - before) / ROUND as f64);
    Ok(Taken { rate, cost })
}

/// How long all threads of this process have run, in microseconds (Linux, `proc_pid_schedstat`).
fn processor() -> Option<f64> {
    let mut nanos = 0.0;
    for thread in std::fs::read_dir("/proc/self/task").ok()? {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        nanos += text.split(' ').next()?.parse::<f64>().ok()?;
    }
    Some(nanos / 1000.0)
}
