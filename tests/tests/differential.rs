//! Three judges of the same messages, the samples of the contracts of SF2090 and of every case of the generator: the model that
//! the samples were made from, libxml2, and our decoder. They are of one mind, or the standard says who is right.
//!
//! `cargo test -p sf209x-tests differential -- --nocapture` shows how many messages tried which rule, what the model itself could
//! not tell, and where the others differ.

mod coverage;
mod differences;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use codegen::{Builder, Sample};
use soap::{AnyRoot, Limits, Violations};
use tests::infoset::difference;
use tests::judges::Xmllint;
use tests::schemas::{schema_of, schema_under};
use tests::system::root;

pub(crate) use self::differences::UNREADABLE;
use self::differences::{DIFFERENCES, Right, UNTOLD};
use self::told::Met;
use crate::{cargo, cases};

include!(concat!(env!("OUT_DIR"), "/case_roots.rs"));

/// The samples of one schema.
struct Batch {
    name: String,
    /// None where no document declares the namespace.
    schema: Option<PathBuf>,
    /// What the contract is made of.
    documents: PathBuf,
    /// Where its messages are put for libxml2.
    messages: PathBuf,
    roots: &'static [&'static [&'static dyn AnyRoot]],
    samples: Vec<Sample>,
}

/// What was said of one sample.
pub(crate) struct Verdict<'b> {
    pub(crate) batch: &'b str,
    pub(crate) sample: &'b Sample,
    /// What we write of what we have read, or what we have against it.
    pub(crate) ours: Result<String, Violations>,
    /// Whether it is valid to libxml2.
    pub(crate) theirs: bool,
    /// Whether to libxml2 what we write is; true where we write nothing.
    theirs_of_ours: bool,
}

/// How many samples tried a rule, and what was said of them.
#[derive(Default)]
struct Count {
    valid: usize,
    invalid: usize,
    different: usize,
    /// Those of which the model cannot tell.
    untold: usize,
}

/// What was found out.
#[derive(Default)]
struct Findings {
    counts: BTreeMap<&'static str, Count>,
    /// How often each of the differences was met, and each kind that is untold.
    known: BTreeMap<usize, usize>,
    untold: BTreeMap<usize, usize>,
    met: Met,
    unreadable: BTreeSet<String>,
    /// The rules that are broken, by what the contract is made of.
    broken: BTreeMap<PathBuf, BTreeSet<&'static str>>,
    failures: Vec<String>,
}

#[test]
fn libxml2_the_model_and_we_are_of_one_mind() {
    let Some(xmllint) = Xmllint::find() else {
        return;
    };
    let (cases, contracts) = (cases(), contracts());
    let batches = Mutex::new(cases.iter().chain(&contracts));
    let next = || batches.lock().expect("no panic holding it").next();
    let work = || {
        let mut findings = Findings::default();
        while let Some(batch) = next() {
            findings.examine(&xmllint, batch);
        }
        findings
    };
    let mut findings = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut findings = work();
        findings.merge(other.join().expect("no panic"));
        findings
    });
    findings.look_for_gaps(&contracts);
    findings.show();
    let failures = &findings.failures;
    let shown = failures.len().min(40);
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures[..shown].join("\n")
    );
    let sum = |of: fn(&Count) -> usize| findings.counts.values().map(of).sum::<usize>();
    let agreed = sum(|count| count.valid) + sum(|count| count.invalid);
    assert!(agreed >= 10_000, "{agreed}");
}

impl Findings {
    fn examine(&mut self, xmllint: &Xmllint, batch: &Batch) {
        let verdicts = match judge(xmllint, batch) {
            Ok(verdicts) => verdicts,
            Err(told) if UNREADABLE.iter().any(|(name, _)| *name == batch.name) => {
                assert!(!told.is_empty());
                self.unreadable.insert(batch.name.clone());
                return;
            }
            Err(told) => {
                self.failures.push(format!("{}: {told}", batch.name));
                return;
            }
        };
        for verdict in &verdicts {
            self.take(verdict);
        }
        let roots = coverage::untried_roots(&batch.name, batch.roots, &verdicts);
        self.failures.extend(roots);
        let broken = self.broken.entry(batch.documents.clone()).or_default();
        broken.extend(coverage::broken(&verdicts));
    }

    fn take(&mut self, verdict: &Verdict<'_>) {
        let Verdict {
            sample,
            ours,
            theirs,
            theirs_of_ours,
            ..
        } = verdict;
        let count = self.counts.entry(sample.rule).or_default();
        count.untold += usize::from(sample.valid.is_none());
        let right = if ours.is_ok() == *theirs && *theirs_of_ours {
            *if *theirs {
                &mut count.valid
            } else {
                &mut count.invalid
            } += 1;
            *theirs
        } else {
            count.different += 1;
            let Some(index) = DIFFERENCES.iter().position(|known| known.is(verdict)) else {
                let what = if *theirs_of_ours {
                    "differs"
                } else {
                    "is invalid as we write it"
                };
                self.failures.push(told(verdict, what));
                return;
            };
            *self.known.entry(index).or_default() += 1;
            match DIFFERENCES[index].right {
                Right::We | Right::Libxml2Alone => ours.is_ok(),
                Right::Libxml2 => *theirs,
            }
        };
        match (sample.valid, ours) {
            (None, _) => match UNTOLD.iter().position(|untold| untold.is(sample)) {
                Some(index) => *self.untold.entry(index).or_default() += 1,
                None => self.failures.push(told(verdict, "is untold by the model")),
            },
            (Some(valid), _) if valid != right => {
                self.failures
                    .push(told(verdict, "is otherwise by the model"));
            }
            (Some(false), Err(violations)) => {
                if let Some(what) = self.met.take(verdict, violations) {
                    self.failures.push(told(verdict, &what));
                }
            }
            (Some(_), _) => {}
        }
    }

    fn merge(&mut self, other: Self) {
        for (rule, count) in other.counts {
            let own = self.counts.entry(rule).or_default();
            own.valid += count.valid;
            own.invalid += count.invalid;
            own.different += count.different;
            own.untold += count.untold;
        }
        for (index, count) in other.known {
            *self.known.entry(index).or_default() += count;
        }
        for (index, count) in other.untold {
            *self.untold.entry(index).or_default() += count;
        }
        self.met.merge(other.met);
        self.unreadable.extend(other.unreadable);
        for (folder, broken) in other.broken {
            self.broken.entry(folder).or_default().extend(broken);
        }
        self.failures.extend(other.failures);
    }

    /// What the schemas say and no sample tries, and what the tables hold and no sample needs.
    fn look_for_gaps(&mut self, contracts: &[Batch]) {
        let mut failures = Vec::new();
        for (folder, broken) in &self.broken {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            failures.extend(coverage::gaps(&name, folder, broken));
        }
        failures.extend(coverage::untried(&contracts_of(contracts)));
        let differences = DIFFERENCES.iter().enumerate();
        let needless = differences.filter(|(index, _)| !self.known.contains_key(index));
        failures.extend(needless.map(|(_, known)| format!("no longer differs: {}", known.what)));
        let told = UNTOLD.iter().enumerate();
        let told = told.filter(|(index, _)| !self.untold.contains_key(index));
        failures.extend(told.map(|(_, untold)| format!("told by the model: {}", untold.what)));
        let readable = UNREADABLE
            .iter()
            .filter(|(name, _)| !self.unreadable.contains(*name));
        failures.extend(readable.map(|(name, _)| format!("can be read: {name}")));
        failures.extend(self.met.needless());
        self.failures.extend(failures);
    }

    fn show(&self) {
        println!(
            "{:24}{:>8}{:>8}{:>11}{:>8}",
            "rule", "valid", "invalid", "different", "untold"
        );
        for (rule, count) in &self.counts {
            let Count {
                valid,
                invalid,
                different,
                untold,
            } = count;
            println!("{rule:24}{valid:8}{invalid:8}{different:11}{untold:8}");
        }
        for (index, count) in &self.known {
            let difference = &DIFFERENCES[*index];
            println!(
                "{count:6} {} ({:?} right, {})",
                difference.what, difference.right, difference.says
            );
        }
        for (index, count) in &self.untold {
            println!("{count:6} {}", UNTOLD[*index].what);
        }
        let sum = |of: fn(&Count) -> usize| self.counts.values().map(of).sum::<usize>();
        println!(
            "{} valid, {} invalid, {} of known differences; {} of all are untold by the model",
            sum(|c| c.valid),
            sum(|c| c.invalid),
            sum(|c| c.different),
            sum(|c| c.untold)
        );
    }
}

/// The cases of the generator.
fn cases() -> Vec<Batch> {
    let mut batches = Vec::new();
    for (name, roots) in CASES {
        let folder = cases::folder().join(name);
        let file = |name: &str| Some(folder.join(name)).filter(|file| file.exists());
        let schema = file("schema.xsd");
        let builder = match file("contracts.toml") {
            Some(contracts) => Builder::new(contracts),
            None => Builder::of_file(
                "contract",
                schema
                    .clone()
                    .unwrap_or_else(|| folder.join("contract.wsdl")),
            ),
        };
        for (index, (namespace, samples)) in by_namespace(&builder).into_iter().enumerate() {
            let to = cargo::folder("differential").join(format!("{name}-schemas-{index}"));
            let mut batch = Batch {
                name: (*name).to_owned(),
                schema: schema.clone(),
                documents: folder.clone(),
                messages: cargo::folder("differential").join(format!("{name}-{index}")),
                roots,
                samples,
            };
            if batch.schema.is_none() {
                batch.schema = schema_under(&folder, &namespace, &to);
            }
            batches.push(batch);
        }
    }
    batches
}

/// The contracts of SF2090, by the namespaces of their root elements.
fn contracts() -> Vec<Batch> {
    use generated::{kmd, ksd_sygefravaer, serviceplatformen, sygefravaer};
    static ROOTS: &[&[&dyn AnyRoot]] = &[
        sygefravaer::elements::ALL,
        ksd_sygefravaer::elements::ALL,
        kmd::elements::ALL,
        serviceplatformen::elements::ALL,
    ];
    by_namespace(&Builder::new(root().join("wsdl/contracts.toml")))
        .into_iter()
        .enumerate()
        .map(|(index, (namespace, samples))| Batch {
            name: format!("sf2090-{index}"),
            schema: Some(schema_of(&namespace, &cargo::folder("differential"))),
            documents: root().join("wsdl"),
            messages: cargo::folder("differential").join(format!("sf2090-{index}")),
            roots: ROOTS,
            samples,
        })
        .collect()
}

fn contracts_of(batches: &[Batch]) -> Vec<&Sample> {
    batches.iter().flat_map(|batch| &batch.samples).collect()
}

fn by_namespace(builder: &Builder) -> BTreeMap<String, Vec<Sample>> {
    let mut namespaces: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for sample in builder.samples().expect("a contract that is generated") {
        namespaces
            .entry(sample.namespace.clone())
            .or_default()
            .push(sample);
    }
    namespaces
}

fn judge<'b>(xmllint: &Xmllint, batch: &'b Batch) -> Result<Vec<Verdict<'b>>, String> {
    let schema = batch.schema.as_ref().ok_or("no document declares it")?;
    let folder = &batch.messages;
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("a writable folder");
    let write = |name: String, text: &str| {
        fs::write(folder.join(&name), text).expect("a writable folder");
        name
    };
    // Where the schema cannot be read, nobody else need be asked.
    let none = write("none.xml".to_owned(), "<none/>");
    xmllint.validate_all(schema, folder, &[none])?;
    let (mut names, mut verdicts) = (Vec::new(), Vec::new());
    for (number, sample) in batch.samples.iter().enumerate() {
        names.push(write(format!("{number}.xml"), &sample.text));
        let ours = ours(batch, sample);
        if let Ok(written) = &ours {
            names.push(write(format!("{number}.written.xml"), written));
        }
        verdicts.push(Verdict {
            batch: &batch.name,
            sample,
            ours,
            theirs: false,
            theirs_of_ours: true,
        });
    }
    let mut theirs = xmllint.validate_all(schema, folder, &names)?.into_iter();
    for verdict in &mut verdicts {
        verdict.theirs = theirs.next().unwrap_or_default();
        if verdict.ours.is_ok() {
            verdict.theirs_of_ours = theirs.next().unwrap_or_default();
        }
    }
    let _ = fs::remove_dir_all(folder);
    Ok(verdicts)
}

/// What we write of the sample, which reads as the same again, or what we have against it.
fn ours(batch: &Batch, sample: &Sample) -> Result<String, Violations> {
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
    let written = root.round_trip(sample.text.as_bytes(), &limits)?;
    let again = root.round_trip(written.as_bytes(), &limits);
    // What is kept whole brings the namespaces along that it was read among, and they grow.
    let same = |again: &String| *again == written || difference(&written, again).is_none();
    let (name, text) = (&batch.name, &sample.text);
    assert!(again.as_ref().is_ok_and(same), "{name}: {text}: {again:?}");
    Ok(written)
}

fn told(verdict: &Verdict<'_>, what: &str) -> String {
    let Verdict {
        batch,
        sample,
        ours,
        theirs,
        ..
    } = verdict;
    let Sample {
        rule,
        valid,
        value,
        text,
        ..
    } = sample;
    let ours = match ours {
        Ok(written) => format!("valid, written {written}"),
        Err(violations) => violations.to_string(),
    };
    format!(
        "{batch}: {rule} {what}: by the model {valid:?}, libxml2 {theirs}, ours {ours}: {value:?} in {text}"
    )
}
