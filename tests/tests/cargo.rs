//! Cargo, run by a test: on this workspace, or on a copy of it. Dependencies are shared with the running test, so that only
//! our own crates are built again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use tests::system::root;

/// What is built: the same in every test, so that the features of the dependencies are the same.
const PACKAGES: [&str; 4] = ["-p", "sf209x-service", "-p", "sf209x-codegen"];

/// What a build of this workspace made.
#[derive(Debug)]
pub(crate) struct Built {
    /// The command `sf209x`.
    pub(crate) sf209x: PathBuf,
    /// The command `codegen`.
    pub(crate) codegen: PathBuf,
    /// Where the build script of `generated` wrote to.
    pub(crate) emitted: PathBuf,
}

/// Builds the commands of this workspace, once.
pub(crate) fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        let output = cargo(&root(), &["--message-format=json-render-diagnostics"]);
        assert!(output.success, "{}", output.stderr);
        let messages: Vec<Value> = output
            .stdout
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let path = |found: Option<&Value>, what: &str| {
            let path = found.and_then(Value::as_str).map(PathBuf::from);
            path.unwrap_or_else(|| panic!("Cargo tells of no {what}"))
        };
        let executable = |name: &str| {
            let artifact = messages.iter().find(|message| {
                message["target"]["name"] == name && message["executable"].is_string()
            });
            path(artifact.map(|artifact| &artifact["executable"]), name)
        };
        let script = messages.iter().find(|message| {
            let package = message["package_id"].as_str().unwrap_or_default();
            message["reason"] == "build-script-executed" && package.contains("generated")
        });
        Built {
            sf209x: executable("sf209x"),
            codegen: executable("codegen"),
            emitted: path(script.map(|script| &script["out_dir"]), "build script"),
        }
    })
}

/// How a build ended.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `cargo build --offline` in the workspace at `folder`.
pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--offline"])
        .args(PACKAGES)
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target())
        .env("CARGO_TERM_COLOR", "never")
        .output()
        .expect("Cargo runs");
    Output {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A folder for the test `name`, in the target folder.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a writable folder");
    folder
}

/// Makes the files under `to` those under `from`. Files that are equal stay untouched, so that nothing is built for nothing.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a writable folder");
    let names = |folder: &Path| -> Vec<std::ffi::OsString> {
        let entries = fs::read_dir(folder).expect("a readable folder");
        entries
            .map(|entry| entry.expect("an entry").file_name())
            .collect()
    };
    let wanted = names(from);
    for name in names(to).iter().filter(|name| !wanted.contains(name)) {
        let stale = to.join(name);
        if stale.is_dir() {
            fs::remove_dir_all(&stale).expect("a writable folder");
        } else {
            fs::remove_file(&stale).expect("a writable folder");
        }
    }
    for name in wanted.iter().filter(|name| *name != "target") {
        let (from, to) = (from.join(name), to.join(name));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            let octets = fs::read(&from).expect("a readable file");
            if fs::read(&to).ok().as_deref() != Some(octets.as_slice()) {
                fs::write(&to, octets).expect("a writable file");
            }
        }
    }
}

fn target() -> &'static Path {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    temporary.parent().unwrap_or(temporary)
}
