//! Judges that are not ours: they are asked where they are installed.
//!
//! Where one is missing the test says on standard error that it skips; with `SF209X_JUDGES=required` it fails.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// `xmllint` of libxml2, which validates messages against schemas.
#[derive(Debug)]
pub struct Xmllint(());

/// A Python interpreter that has the SOAP client `zeep`.
#[derive(Debug)]
pub struct Zeep(());

/// A Python interpreter that has `signxml` and zeep's WSSE module, which needs `xmlsec`.
#[derive(Debug)]
pub struct Signatures(());

/// `xmlsec1`, the program of the XML Security Library.
#[derive(Debug)]
pub struct Xmlsec1(());

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
        let mut command = Command::new("xmllint");
        command
            .args(["--nonet", "--noout", "--schema"])
            .args([schema.as_os_str(), OsStr::new("-")]);
        told(&mut command, message).map(|_| ())
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
        told(Command::new("python3").arg(program).args(arguments), "")
    }
}

impl Signatures {
    /// The judge, or none and a word about it where it is not installed.
    ///
    /// # Panics
    ///
    /// Where it is not installed and judges are required.
    pub fn find() -> Option<Self> {
        let mut probe = Command::new("python3");
        found(
            "signxml with xmlsec",
            probe.args(["-c", "import zeep, xmlsec, signxml"]),
        )
        .then_some(Self(()))
    }

    /// Runs the Python program in the file `program` with `arguments` on `message`; what it prints.
    ///
    /// # Errors
    ///
    /// What it says when it does not end well.
    pub fn run(&self, program: &Path, arguments: &[&str], message: &str) -> Result<String, String> {
        told(
            Command::new("python3").arg(program).args(arguments),
            message,
        )
    }
}

impl Xmlsec1 {
    /// The judge, or none and a word about it where it is not installed.
    ///
    /// # Panics
    ///
    /// Where it is not installed and judges are required.
    pub fn find() -> Option<Self> {
        found("xmlsec1", Command::new("xmlsec1").arg("--version")).then_some(Self(()))
    }

    /// Runs it with `arguments` on the message in the file `message`; what it prints.
    ///
    /// # Errors
    ///
    /// What it says when it does not end well.
    pub fn run(&self, arguments: &[&str], message: &Path) -> Result<String, String> {
        told(Command::new("xmlsec1").args(arguments).arg(message), "")
    }
}

/// Runs a program on `input`; what it prints, or what it says when it does not end well.
fn told(command: &mut Command, input: &str) -> Result<String, String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    if let Some(mut pipe) = child.stdin.take() {
        // One that has heard enough reads no further.
        let _ = pipe.write_all(input.as_bytes());
    }
    let output = child
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stdout) + &text(&output.stderr))
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
