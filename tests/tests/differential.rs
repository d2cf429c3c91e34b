//! Our decoder and libxml2, asked about the same messages: the samples of the contracts of SF2090 and of every case of the
//! generator. They are of one mind, or the standard says who is right.
//!
//! `cargo test -p sf209x-tests differential -- --nocapture` shows how many messages tried which rule.

mod differences;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use codegen::{Builder, Sample};
use soap::{AnyRoot, Limits};
use tests::judges::Xmllint;
use tests::schemas::schema_of;
use tests::system::root;

use self::differences::{DIFFERENCES, UNREADABLE};
use crate::{cargo, cases};

include!(concat!(env!("OUT_DIR"), "/case_roots.rs"));

/// The samples of one schema.
struct Batch {
    name: String,
    schema: std::path::PathBuf,
    roots: &'static [&'static [&'static dyn AnyRoot]],
    samples: Vec<Sample>,
}

/// What both said of one sample.
pub(crate) struct Verdict<'b> {
    pub(crate) batch: &'b str,
    pub(crate) sample: &'b Sample,
    /// None if the message is valid to us.
    pub(crate) ours: Option<String>,
    /// Whether it is to libxml2.
    pub(crate) theirs: bool,
}

/// How many samples tried a rule, and what was said of them.
#[derive(Default)]
struct Count {
    valid: usize,
    invalid: usize,
    different: usize,
}

#[test]
fn libxml2_is_of_one_mind_with_us() {
    let Some(xmllint) = Xmllint::find() else {
        return;
    };
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let mut known = vec![0_usize; DIFFERENCES.len()];
    let mut failures = Vec::new();
    let batches: Vec<Batch> = cases().chain(contracts()).collect();
    for batch in &batches {
        let verdicts = match judge(&xmllint, batch) {
            Ok(verdicts) => verdicts,
            Err(_) if UNREADABLE.contains(&batch.name.as_str()) => continue,
            Err(told) => panic!("{}: {told}", batch.name),
        };
        for verdict in &verdicts {
            let Verdict {
                sample,
                ours,
                theirs,
                ..
            } = verdict;
            let count = counts.entry(sample.rule).or_default();
            if ours.is_none() == *theirs {
                *if *theirs {
                    &mut count.valid
                } else {
                    &mut count.invalid
                } += 1;
                if sample.valid.is_some_and(|meant| meant != *theirs) {
                    failures.push(told(verdict, "was meant otherwise"));
                }
                continue;
            }
            count.different += 1;
            match DIFFERENCES
                .iter()
                .position(|difference| (difference.is)(verdict))
            {
                Some(index) => known[index] += 1,
                None => failures.push(told(verdict, "differs")),
            }
        }
    }
    table(&counts, &known);
    let needless = DIFFERENCES
        .iter()
        .zip(&known)
        .filter(|(_, count)| **count == 0);
    failures
        .extend(needless.map(|(difference, _)| format!("no longer differs: {}", difference.what)));
    let shown = failures.len().min(20);
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures[..shown].join("\n")
    );
    let all: usize = counts
        .values()
        .map(|count| count.valid + count.invalid)
        .sum();
    assert!(all >= 10_000, "{all}");
}

/// The cases of the generator that are a schema.
fn cases() -> impl Iterator<Item = Batch> {
    CASES.iter().filter_map(|(name, roots)| {
        let schema = cases::folder().join(name).join("schema.xsd");
        schema.exists().then(|| Batch {
            name: (*name).to_owned(),
            samples: Builder::of_file("contract", &schema)
                .samples()
                .expect("a case that is generated"),
            schema,
            roots,
        })
    })
}

/// The contracts of SF2090, by the namespaces of their root elements.
fn contracts() -> impl Iterator<Item = Batch> {
    use generated::{kmd, ksd_sygefravaer, serviceplatformen, sygefravaer};
    static ROOTS: &[&[&dyn AnyRoot]] = &[
        sygefravaer::elements::ALL,
        ksd_sygefravaer::elements::ALL,
        kmd::elements::ALL,
        serviceplatformen::elements::ALL,
    ];
    let contracts = Builder::new(root().join("wsdl/contracts.toml"));
    let mut namespaces: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for sample in contracts.samples().expect("contracts that are generated") {
        namespaces
            .entry(sample.namespace.clone())
            .or_default()
            .push(sample);
    }
    namespaces
        .into_iter()
        .enumerate()
        .map(|(index, (namespace, samples))| Batch {
            name: format!("sf2090-{index}"),
            schema: schema_of(&namespace, &cargo::folder("differential")),
            roots: ROOTS,
            samples,
        })
}

fn judge<'b>(xmllint: &Xmllint, batch: &'b Batch) -> Result<Vec<Verdict<'b>>, String> {
    let folder = cargo::folder("differential").join(&batch.name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a writable folder");
    let names: Vec<String> = (0..batch.samples.len())
        .map(|number| format!("{number}.xml"))
        .collect();
    for (name, sample) in names.iter().zip(&batch.samples) {
        fs::write(folder.join(name), &sample.text).expect("a writable folder");
    }
    let theirs = xmllint.validate_all(&batch.schema, &folder, &names)?;
    let _ = fs::remove_dir_all::<&Path>(&folder);
    let verdict = |(sample, theirs): (&'b Sample, bool)| Verdict {
        batch: &batch.name,
        sample,
        ours: ours(batch, sample),
        theirs,
    };
    Ok(batch.samples.iter().zip(theirs).map(verdict).collect())
}

/// What we say against the sample. What is valid must be written as what is valid again.
fn ours(batch: &Batch, sample: &Sample) -> Option<String> {
    let is_root = |root: &&&dyn AnyRoot| {
        root.name().local() == sample.local && root.name().namespace().uri() == sample.namespace
    };
    let root = batch
        .roots
        .iter()
        .flat_map(|roots| roots.iter())
        .find(is_root);
    let root = root.unwrap_or_else(|| panic!("{}: no root {}", batch.name, sample.local));
    let limits = Limits::default();
    match root.round_trip(sample.text.as_bytes(), &limits) {
        Ok(written) => {
            let again = root.round_trip(written.as_bytes(), &limits);
            assert!(again.is_ok(), "{}: {written}: {again:?}", batch.name);
            None
        }
        Err(violations) => Some(violations.to_string()),
    }
}

fn told(verdict: &Verdict<'_>, what: &str) -> String {
    let Verdict {
        batch,
        sample,
        ours,
        theirs,
    } = verdict;
    let Sample {
        rule,
        valid,
        value,
        text,
        ..
    } = sample;
    format!(
        "{batch}: {rule} {what}: meant {valid:?}, libxml2 {theirs}, ours {ours:?}: {value:?} in {text}"
    )
}

fn table(counts: &BTreeMap<&str, Count>, known: &[usize]) {
    println!(
        "{:24}{:>8}{:>8}{:>11}",
        "rule", "valid", "invalid", "different"
    );
    for (
        rule,
        Count {
            valid,
            invalid,
            different,
        },
    ) in counts
    {
        println!("{rule:24}{valid:8}{invalid:8}{different:11}");
    }
    for (difference, count) in DIFFERENCES.iter().zip(known) {
        println!(
            "{count:6} {} ({}, {})",
            difference.what, difference.right, difference.says
        );
    }
    let sum = |of: fn(&Count) -> usize| counts.values().map(of).sum::<usize>();
    let (valid, invalid, different) = (sum(|c| c.valid), sum(|c| c.invalid), sum(|c| c.different));
    println!(
        "{} messages: {valid} valid, {invalid} invalid, {different} of known differences",
        valid + invalid + different
    );
}
