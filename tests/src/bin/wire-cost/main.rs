//! What a message costs: decoding, encoding and whole calls of each operation, beside what they are compared with in the
//! same run. Machines are noisy: the ratios count, and for instructions there is `tests/wire-cost.sh`.
//!
//! ```text
//! cargo run --release -p sf209x-tests --bin wire-cost            a table
//! cargo run --release -p sf209x-tests --bin wire-cost -- --json  the same for programs
//! wire-cost --only decode Opret 1000                             one kind of work alone, so many times
//! ```

mod codec;
mod http;
mod like;
mod memory;

use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;

use self::codec::{CASES, Case, Work};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => table(),
        ["--json"] => println!("{}", json()),
        ["--only", side, "call", times] => {
            let side = http::Alone::ALL.into_iter().find(|known| known.0 == *side);
            let (Some((_, side)), Ok(times)) = (side, times.parse()) else {
                return usage();
            };
            side.run(times);
        }
        ["--only", work, operation, times] => {
            let work = Work::ALL.into_iter().find(|known| known.name() == *work);
            let case = CASES.iter().find(|case| case.name == *operation);
            let (Some(work), Some(case), Ok(times)) = (work, case, times.parse()) else {
                return usage();
            };
            case.run(work, times);
        }
        ["--rates"] => rates(),
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: wire-cost [--json | --only scan|serde|decode|encode OPERATION TIMES]");
    ExitCode::from(2)
}

/// What one kind of work costs.
struct Cost {
    nanoseconds: f64,
    allocations: u64,
}

fn costs(case: &Case) -> [Cost; 4] {
    // In turns, so that a noisy machine disturbs all alike; the best turn counts.
    let mut best = [f64::INFINITY; 4];
    for _ in 0..20 {
        for (best, work) in best.iter_mut().zip(Work::ALL) {
            const TIMES: usize = 500;
            let started = Instant::now();
            case.run(work, TIMES);
            *best = best.min(started.elapsed().as_nanos() as f64 / TIMES as f64);
        }
    }
    let mut costs = best.into_iter().zip(Work::ALL).map(|(nanoseconds, work)| {
        // What is done once in either run is taken out.
        let count = |times| allocation_counter::measure(|| case.run(work, times)).count_total;
        let allocations = count(2) - count(1);
        Cost {
            nanoseconds,
            allocations,
        }
    });
    std::array::from_fn(|_| costs.next().expect("one of each"))
}

fn table() {
    println!("ns a message, × of a bare scan of the same octets; allocations in brackets\n");
    println!(
        "{:<22}{:>6}{:>16}{:>20}{:>20}{:>20}",
        "operation", "octets", "scan", "serde", "decode", "encode"
    );
    for case in CASES {
        let costs = costs(case);
        let scan = costs[0].nanoseconds;
        print!("{:<22}{:>6}", case.name, case.message.len());
        for (index, cost) in costs.iter().enumerate() {
            let ratio = cost.nanoseconds / scan;
            let cell = format!("{:.0} ×{ratio:.2} [{}]", cost.nanoseconds, cost.allocations);
            print!("{cell:>width$}", width = if index == 0 { 16 } else { 20 });
        }
        println!();
    }
    rates();
}

fn rates() {
    let rates = http::measure();
    println!(
        "\ncalls a second over loopback, one core each side, connections kept open, all checks made"
    );
    for (name, ours, bare) in [
        ("server", rates.server, rates.bare_server),
        ("client, serial", rates.client, rates.bare_client),
    ] {
        let ratio = ours / bare;
        println!("{name:<16}{ours:>8.0}   hyper alone{bare:>8.0}   ×{ratio:.2}");
    }
}

fn json() -> serde_json::Value {
    let operations = CASES.iter().map(|case| {
        let mut operation = json!({"operation": case.name, "octets": case.message.len()});
        for (cost, work) in costs(case).iter().zip(Work::ALL) {
            operation[work.name()] =
                json!({"nanoseconds": cost.nanoseconds, "allocations": cost.allocations});
        }
        operation
    });
    let operations: Vec<_> = operations.collect();
    let rates = http::measure();
    json!({
        "operations": operations,
        "calls_per_second": {
            "server": rates.server,
            "bare_server": rates.bare_server,
            "client": rates.client,
            "bare_client": rates.bare_client,
        },
    })
}
