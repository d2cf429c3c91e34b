//! What a message costs: decoding, encoding, passing on and whole calls of each operation, beside what they are compared with
//! in the same run. Machines are noisy: the ratios count, and for instructions there is `tests/wire-cost.sh`.
//!
//! ```text
//! cargo run --release -p sf209x-tests --bin wire-cost            a table
//! cargo run --release -p sf209x-tests --bin wire-cost -- --json  the same for programs
//! wire-cost --http Opret                                         whole calls of one operation alone
//! wire-cost --only decode Opret 1000                             one kind of work alone, so many times
//! ```

mod codec;
mod exchange;
mod http;
mod like;
mod memory;
mod passing;

use std::process::ExitCode;
use std::time::Instant;

use serde_json::{Value, json};

use self::codec::{CASES, Case, Work};
use self::exchange::Side;
use self::http::Rates;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let case = |name: &str| CASES.iter().find(|case| case.name == name);
    let done = match arguments.as_slice() {
        [] => {
            table();
            Some(())
        }
        ["--json"] => {
            println!("{}", json());
            Some(())
        }
        ["--http", operation] => {
            case(operation).map(|case| print_rates(case.name, &http::measure(case)))
        }
        ["--only", work, operation, times] => case(operation)
            .zip(times.parse().ok())
            .and_then(|(case, times)| only(work, case, times)),
        _ => None,
    };
    match done {
        Some(()) => ExitCode::SUCCESS,
        None => {
            let works = Work::ALL.map(Work::name).join("|");
            let sides = Side::ALL.map(Side::name).join("|");
            eprintln!(
                "usage: wire-cost [--json | --http OPERATION | --only {works}|{sides} OPERATION TIMES]"
            );
            ExitCode::from(2)
        }
    }
}

fn only(name: &str, case: &Case, times: usize) -> Option<()> {
    if let Some(side) = Side::ALL.into_iter().find(|side| side.name() == name) {
        side.run(case, times);
        return Some(());
    }
    let work = Work::ALL.into_iter().find(|work| work.name() == name)?;
    case.run(work, times).then_some(())
}

/// What one kind of work costs.
struct Cost {
    nanoseconds: f64,
    allocations: u64,
}

/// What each kind of work costs; nothing for what is not done to the message.
fn costs(case: &Case) -> Vec<(Work, Option<Cost>)> {
    // In turns, so that a noisy machine disturbs all alike; the best turn counts.
    let mut best = [f64::INFINITY; Work::ALL.len()];
    for _ in 0..20 {
        for (best, work) in best.iter_mut().zip(Work::ALL) {
            const TIMES: usize = 500;
            let started = Instant::now();
            case.run(work, TIMES);
            *best = best.min(started.elapsed().as_nanos() as f64 / TIMES as f64);
        }
    }
    let costs = best.into_iter().zip(Work::ALL).map(|(nanoseconds, work)| {
        // What is done once in either run is taken out.
        let count =
            |times| allocation_counter::measure(|| assert!(case.run(work, times))).count_total;
        let cost = case.run(work, 0).then(|| Cost {
            nanoseconds,
            allocations: count(2) - count(1),
        });
        (work, cost)
    });
    costs.collect()
}

fn table() {
    println!("ns a message, × of a bare scan of the same octets; allocations in brackets\n");
    print!("{:<22}{:>6}", "operation", "octets");
    for work in Work::ALL {
        print!("{:>20}", work.name());
    }
    println!();
    for case in CASES {
        let costs = costs(case);
        let scan = costs[0]
            .1
            .as_ref()
            .map_or(f64::NAN, |cost| cost.nanoseconds);
        print!("{:<22}{:>6}", case.name, case.message.len());
        for (_, cost) in &costs {
            let cell = cost.as_ref().map_or("-".to_owned(), |cost| {
                let ratio = cost.nanoseconds / scan;
                format!("{:.0} ×{ratio:.2} [{}]", cost.nanoseconds, cost.allocations)
            });
            print!("{cell:>20}");
        }
        println!();
    }
    println!(
        "\ncalls a second over loopback, one core each side, connections kept open, all checks made, × of hyper alone;\n\
         in brackets the same in a second of the server's own time\n"
    );
    println!(
        "{:<22}{:>32}{:>24}",
        "operation", "server", "client, serial"
    );
    for case in CASES {
        print_rates(case.name, &http::measure(case));
    }
    println!(
        "\nto hold on Opret: decode at most ×1.50 of a scan and 7 allocations, forward at most ×1.20 of decode;\n\
         server at least ×0.60 and client at least ×0.90 of hyper alone"
    );
}

fn print_rates(name: &str, rates: &Rates) {
    let server = format!(
        "{:.0} ×{:.2} [{:.0} ×{:.2}]",
        rates.server,
        rates.server_ratio(),
        rates.server_of_cpu,
        rates.server_ratio_of_cpu()
    );
    let client = format!("{:.0} ×{:.2}", rates.client, rates.client_ratio());
    println!("{name:<22}{server:>32}{client:>24}");
}

fn json() -> Value {
    let operations = CASES.iter().map(|case| {
        let mut operation = json!({"operation": case.name, "octets": case.message.len()});
        for (work, cost) in costs(case) {
            if let Some(cost) = cost {
                operation[work.name()] =
                    json!({"nanoseconds": cost.nanoseconds, "allocations": cost.allocations});
            }
        }
        let rates = http::measure(case);
        operation["calls_per_second"] = json!({
            "server": rates.server,
            "bare_server": rates.bare_server,
            "client": rates.client,
            "bare_client": rates.bare_client,
        });
        operation["calls_per_second_of_cpu"] = json!({
            "server": rates.server_of_cpu,
            "bare_server": rates.bare_server_of_cpu,
        });
        operation
    });
    json!({ "operations": operations.collect::<Vec<_>>() })
}
