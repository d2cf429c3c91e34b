//! What security costs: verifying and signing a token message, beside the bare RSA operations of the same run. Machines are
//! noisy: the ratios count, and for instructions there is valgrind's callgrind.
//!
//! ```text
//! cargo run --release -p sf209x-tests --bin security-cost            a table
//! cargo run --release -p sf209x-tests --bin security-cost -- --json  the same for programs
//! security-cost --only WORK TIMES    one kind of work alone, so many times: verify, verify-known, sign, rsa-verify,
//!                                    rsa-verify-parsed or rsa-sign
//! ```

#[path = "../../../../soap/tests/security/pki.rs"]
#[allow(dead_code, reason = "tests of their own use all of it")]
mod pki;
#[path = "../../../../soap/tests/security/secrets.rs"]
#[allow(dead_code, reason = "tests of their own use all of it")]
mod secrets;
mod work;

use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;

use self::work::{Bench, Work};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let bench = Bench::new();
    match arguments.as_slice() {
        [] => table(&bench),
        ["--json"] => println!("{}", json(&bench)),
        ["--only", work, times] => {
            let work = Work::ALL.into_iter().find(|known| known.name() == *work);
            let (Some(work), Ok(times)) = (work, times.parse()) else {
                return usage();
            };
            bench.run(work, times);
        }
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: security-cost [--json | --only WORK TIMES]");
    ExitCode::from(2)
}

/// Nanoseconds for each kind of work, in turns, so that a noisy machine disturbs all alike; the best turn counts.
fn nanoseconds(bench: &Bench) -> [f64; Work::ALL.len()] {
    const TIMES: usize = 50;
    let mut best = [f64::INFINITY; Work::ALL.len()];
    for _ in 0..60 {
        for (best, work) in best.iter_mut().zip(Work::ALL) {
            let started = Instant::now();
            bench.run(work, TIMES);
            *best = best.min(started.elapsed().as_nanos() as f64 / TIMES as f64);
        }
    }
    best
}

/// What is claimed: a kind of work, how many bare operations it is held against, and the most that it may cost of them.
const CLAIMS: [(Work, Work, f64, f64); 3] = [
    (Work::Verify, Work::RsaVerify, 2.0, 2.0),
    (Work::VerifyKnown, Work::RsaVerify, 1.0, 1.6),
    (Work::Sign, Work::RsaSign, 1.0, 1.2),
];

fn table(bench: &Bench) {
    let (message, token) = bench.sizes();
    println!(
        "a message of {message} octets with a token of {token}, RSA-2048; ns, and × of the bare RSA operations\n"
    );
    let costs = nanoseconds(bench);
    for (work, cost) in Work::ALL.into_iter().zip(costs) {
        print!("{:<18}{cost:>10.0}", work.name());
        for (claimed, bare, count, most) in CLAIMS {
            if claimed == work {
                let ratio = cost / (count * costs[bare as usize]);
                print!(
                    "  ×{ratio:.2} of {count:.0} {}, at most ×{most}",
                    bare.name()
                );
            }
        }
        println!();
    }
}

fn json(bench: &Bench) -> serde_json::Value {
    let costs = nanoseconds(bench);
    let (message, token) = bench.sizes();
    let each = Work::ALL
        .into_iter()
        .zip(costs)
        .map(|(work, cost)| (work.name().to_owned(), json!(cost)));
    let ratios = CLAIMS.into_iter().map(|(work, bare, count, _)| {
        let ratio = costs[work as usize] / (count * costs[bare as usize]);
        (work.name().to_owned(), json!(ratio))
    });
    json!({
        "octets": message,
        "token_octets": token,
        "nanoseconds": serde_json::Map::from_iter(each),
        "ratios": serde_json::Map::from_iter(ratios),
    })
}
