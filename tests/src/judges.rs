//! Judges that are not ours: they are asked where they are installed.
//!
//! Where one is missing the test says on standard error that it skips; with `SF209X_JUDGES=required` it fails.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// `xmllint` of libxml2, which validates messages against schemas.
#[derive(Debug)]
pub struct Xmllint(());

/// A Python interpreter that has the SOAP client `zeep`.
#[derive(Debug)]
pub struct Zeep(());

impl Xmllint {
    /// The judge, or none and a word about it where it is not installed.
    ///
    /// # Panics
    ///
    /// Where it is not installed and judges are required.
    pub fn find() -> Option<Self> {
        found("xmllint", Command::new("xmllint").arg("--version")).then_some(Self(()))
    }

    /// Whether `message` is valid under the schema in the file `schema`.
    ///
    /// # Errors
    ///
    /// What the judge says against it.
    pub fn validate(&self, schema: &Path, message: &str) -> Result<(), String> {
        let mut child = Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .args([schema.as_os_str(), OsStr::new("-")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        if let Some(mut input) = child.stdin.take() {
            input
                .write_all(message.as_bytes())
                .map_err(|error| error.to_string())?;
        }
        let output = child
            .wait_with_output()
            .map_err(|error| error.to_string())?;
        match output.status.code() {
            Some(0) => Ok(()),
            _ => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }
}

impl Xmllint {
    /// The same of many messages: the files `names` in `folder`.
    ///
    /// # Errors
    ///
    /// The judge does not run, or cannot read the schema.
    pub fn validate_all(
        &self,
        schema: &Path,
        folder: &Path,
        names: &[String],
    ) -> Result<Vec<bool>, String> {
        /// What one command line holds.
        const MOST: usize = 2000;
        let mut verdicts = Vec::with_capacity(names.len());
        for names in names.chunks(MOST) {
            let output = Command::new("xmllint")
                .args(["--nonet", "--noout", "--schema"])
                .arg(schema)
                .args(names)
                .current_dir(folder)
                .output()
                .map_err(|error| error.to_string())?;
            let told = String::from_utf8_lossy(&output.stderr);
            // 5: the schema could not be compiled.
            if output.status.code() == Some(5) || told.contains("failed to compile") {
                return Err(told.into_owned());
            }
            let valid: BTreeSet<&str> = told
                .lines()
                .filter_map(|line| line.strip_suffix(" validates"))
                .collect();
            verdicts.extend(names.iter().map(|name| valid.contains(name.as_str())));
        }
        Ok(verdicts)
    }
}

impl Zeep {
    /// The judge, or none and a word about it where it is not installed.
    ///
    /// # Panics
    ///
    /// Where it is not installed and judges are required.
    pub fn find() -> Option<Self> {
        found("zeep", Command::new("python3").args(["-c", "import zeep"])).then_some(Self(()))
    }

    /// Runs the Python program in the file `program` with `arguments`; what it prints.
    ///
    /// # Errors
    ///
    /// What it says when it does not end well.
    pub fn run(&self, program: &Path, arguments: &[&str]) -> Result<String, String> {
        let output: Output = Command::new("python3")
            .arg(program)
            .args(arguments)
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ))
        }
    }
}

fn found(judge: &str, probe: &mut Command) -> bool {
    let there = probe
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success());
    if !there {
        let required = std::env::var_os("SF209X_JUDGES").is_some_and(|value| value == "required");
        assert!(!required, "{judge} is required and not installed");
        // Past the test harness, which keeps to itself what the macros print.
        let _ = writeln!(std::io::stderr(), "skipped: {judge} is not installed");
    }
    there
}
