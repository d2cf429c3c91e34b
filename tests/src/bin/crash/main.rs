//! The crash proof: KSD, the platform and a Jobcenter as processes under load, which are killed again and again, at random and at every
//! named fault point, and started again each time. What was promised must be kept.
//!
//! ```text
//! cargo run --release -p sf209x-tests --bin crash -- --store sqlite|postgres --kills N --seed S
//! ```
//!
//! The processes are this very program. `crash serve` and `crash outbox` are those of `sf209x`, to the letter, built with the feature
//! `fault-points`; `crash jobcenter` is a vendor's Jobcenter, whose case system keeps a file of its own. On SQLite each party is one
//! process; on PostgreSQL, which comes from `DATABASE_URL` or is started in a folder of its own, KSD and the Jobcenter are two each, and a
//! database of the run's own crashes as well.
//!
//! # Map
//! `cast` starts the processes and knows of their deaths, `balancer` stands before each party, `load` submits, `points` and `reaper`
//! kill, `vendor` is the Jobcenter, and `verdict` compares what was acknowledged with what the stores and the case system hold.

mod balancer;
mod cast;
mod load;
mod points;
mod reaper;
mod vendor;
mod verdict;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use service::store::Location;
use tempfile::TempDir;
use tests::postgres::Postgres;

use self::cast::Cast;
use self::load::Load;
use self::points::Chance;
use self::reaper::Reaper;
use self::vendor::Register;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let settings = match arguments.as_slice() {
        ["serve" | "outbox", ..] => return service::cli::run(),
        ["jobcenter", config, register] => {
            return vendor::run(Path::new(config), Path::new(register));
        }
        [
            "--store",
            store @ ("sqlite" | "postgres"),
            "--kills",
            kills,
            "--seed",
            seed,
        ] => (*store == "postgres", kills.parse(), seed.parse()),
        _ => return usage(),
    };
    let (shared, Ok(kills), Ok(seed)) = settings else {
        return usage();
    };
    let database = if shared { Postgres::find() } else { None };
    if shared && database.is_none() {
        return ExitCode::from(69);
    }
    let folder = TempDir::new().expect("a folder for the run");
    let location = match &database {
        Some(database) => Location::Postgres(database.url().to_owned()),
        None => Location::Directory(folder.path().join("data")),
    };
    match run(folder.path(), &location, database.as_ref(), kills, seed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(breaches) => {
            for breach in breaches.iter().take(SHOWN) {
                println!("BROKEN: {breach}");
            }
            println!(
                "{} promises broken; what the processes said is in {}",
                breaches.len(),
                folder.keep().display()
            );
            ExitCode::FAILURE
        }
    }
}

/// How many broken promises are told.
const SHOWN: usize = 30;

fn usage() -> ExitCode {
    eprintln!("usage: crash --store sqlite|postgres --kills N --seed S");
    ExitCode::from(2)
}

/// Kills `kills` times, lets the system settle, and judges it; the promises that it broke.
fn run(
    folder: &Path,
    location: &Location,
    database: Option<&Postgres>,
    kills: u32,
    seed: u64,
) -> Result<(), Vec<String>> {
    let store = match location {
        Location::Directory(_) => "sqlite",
        Location::Postgres(_) => "postgres",
    };
    println!("store {store}, seed {seed}, {kills} kills");
    let started = Instant::now();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let chance = Chance::new(seed);
    let mut cast = runtime
        .block_on(Cast::assemble(folder, location))
        .map_err(|error| vec![error])?;
    let load = Load::start(&runtime, cast.intake(), cast.platform(), seed);
    let mut reaper = Reaper::new(chance, location, database);
    let reaped = reaper.reap(&mut cast, &load, kills);
    print!("{reaper}");
    reaped.map_err(|error| vec![error])?;

    let settling = Instant::now();
    cast.revive().map_err(|error| vec![error])?;
    let register = Register::open(&cast.register());
    let register = register.map_err(|error| vec![format!("the register: {error}")])?;
    let (registered, acknowledged) = (register.registered().len(), load.acknowledged());
    println!("by then {acknowledged} messages acknowledged and {registered} registered");
    let ledger = load.finish(&runtime).map_err(|error| vec![error])?;
    let judged = runtime.block_on(verdict::judge(location, &cast.register(), ledger));
    println!(
        "settled in {:.0} s of {:.0} s",
        settling.elapsed().as_secs_f64(),
        started.elapsed().as_secs_f64()
    );
    judged
}
