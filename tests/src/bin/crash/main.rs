//! The crash proof: KSD, the platform and a Jobcenter as processes under load, which are killed again and again, at random and at every
//! named fault point, and started again each time. What was promised must be kept.
//!
//! ```text
//! cargo run --release -p sf209x-tests --bin crash -- --store sqlite|postgres --kills N --seed S [--secure] [--freeze N]
//! ```
//!
//! The processes are this very program. `crash serve` and `crash outbox` are those of `sf209x`, to the letter, built with the feature
//! `fault-points`; `crash jobcenter` is a vendor's Jobcenter, whose case system keeps a file of its own. On SQLite each party is one
//! process; on PostgreSQL, which comes from `DATABASE_URL` or is started in a folder of its own, KSD and the Jobcenter are two each, and a
//! database of the run's own crashes as well.
//!
//! With `--secure` they run as in production, over TLS and with signed messages, by a PKI of the run's own and with a security token
//! service that dies like all others; without it they speak plain HTTP, and more of the deaths fall between two commits.
//!
//! With `--freeze N`, on PostgreSQL, an instance is frozen (SIGSTOP) after the kills, for longer than the database waits for it, and let go
//! on, N times in turn in several places: with locks held, with a lease, anywhere.
//!
//! # Map
//! `cast` starts the processes and knows of their deaths, `setting` writes what they are told, `balancer` stands before each party,
//! `load` submits, `points` and `reaper` kill, `freezer` freezes, `vendor` is the Jobcenter, and `verdict` compares what was acknowledged
//! with what the stores and the case system hold.

mod balancer;
mod cast;
mod freezer;
mod load;
mod points;
mod reaper;
mod setting;
mod vendor;
mod verdict;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use service::store::Location;
use tempfile::TempDir;
use tests::postgres::Postgres;

use self::cast::Cast;
use self::freezer::Freezer;
use self::load::Load;
use self::points::Chance;
use self::reaper::Reaper;
use self::vendor::Register;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (freezes, arguments) = match arguments.as_slice() {
        [arguments @ .., "--freeze", freezes] => (freezes.parse(), arguments),
        arguments => (Ok(0), arguments),
    };
    let (secure, arguments) = match arguments {
        [arguments @ .., "--secure"] => (true, arguments),
        arguments => (false, arguments),
    };
    let settings = match arguments {
        ["serve" | "outbox" | "sts", ..] => return service::cli::run(),
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
    let ((shared, Ok(kills), Ok(seed)), Ok(freezes)) = (settings, freezes) else {
        return usage();
    };
    if freezes > 0 && !shared {
        return usage();
    }
    let database = if shared { Postgres::find() } else { None };
    if shared && database.is_none() {
        return ExitCode::from(69);
    }
    let folder = TempDir::new().expect("a folder for the run");
    let location = match &database {
        Some(database) => Location::Postgres(database.url().to_owned()),
        None => Location::Directory(folder.path().join("data")),
    };
    let run = Run {
        folder: folder.path(),
        location: &location,
        database: database.as_ref(),
        secure,
        kills,
        seed,
        freezes,
    };
    match run.run() {
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
    eprintln!("usage: crash --store sqlite|postgres --kills N --seed S [--secure] [--freeze N]");
    ExitCode::from(2)
}

/// What is run, and where.
struct Run<'a> {
    folder: &'a Path,
    location: &'a Location,
    database: Option<&'a Postgres>,
    secure: bool,
    kills: u32,
    seed: u64,
    freezes: u32,
}

impl Run<'_> {
    /// Kills as often as wanted, lets the system settle, and judges it; the promises that it broke.
    fn run(&self) -> Result<(), Vec<String>> {
        let store = match self.location {
            Location::Directory(_) => "sqlite",
            Location::Postgres(_) => "postgres",
        };
        let (kills, seed, secure) = (self.kills, self.seed, self.secure);
        let signed = if secure { ", messages signed" } else { "" };
        println!("store {store}, seed {seed}, {kills} kills{signed}");
        let started = Instant::now();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let failed = |error| vec![error];
        let mut cast = runtime
            .block_on(Cast::assemble(self.folder, self.location, secure))
            .map_err(failed)?;
        let load = Load::start(&runtime, &cast.setting, seed);
        let chance = Chance::new(seed);
        let mut reaper = Reaper::new(chance, self.location, secure, self.database);
        let reaped = reaper.reap(&mut cast, &load, kills);
        print!("{reaper}");
        reaped.map_err(failed)?;

        cast.revive().map_err(failed)?;
        if self.freezes > 0 {
            let mut freezer = Freezer::default();
            let frozen = freezer.freeze(&mut cast, &load, &mut Chance::new(seed), self.freezes);
            print!("{freezer}");
            frozen.map_err(failed)?;
        }
        let settling = Instant::now();
        let register = Register::open(&cast.register());
        let register = register.map_err(|error| vec![format!("the register: {error}")])?;
        let (registered, acknowledged) = (register.registered().len(), load.acknowledged());
        println!("by then {acknowledged} messages acknowledged and {registered} registered");
        let ledger = load.finish(&runtime).map_err(failed)?;
        let judged = runtime.block_on(verdict::judge(self.location, &cast.register(), ledger));
        println!(
            "settled in {:.0} s of {:.0} s",
            settling.elapsed().as_secs_f64(),
            started.elapsed().as_secs_f64()
        );
        judged
    }
}
