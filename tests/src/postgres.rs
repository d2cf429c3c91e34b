//! A PostgreSQL to test on: the one that `DATABASE_URL` names, or one of this process's own, in a folder of its own.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A database server; one that was started here ends with this.
#[derive(Debug)]
pub struct Postgres {
    url: String,
    own: Option<Own>,
}

/// A server that was started here.
#[derive(Debug)]
struct Own {
    programs: PathBuf,
    folder: TempDir,
}

impl Postgres {
    /// The database of `DATABASE_URL`, or else a server that is started where PostgreSQL is installed; otherwise none, and a word about
    /// it.
    ///
    /// # Panics
    ///
    /// Where there is none and judges are required, and where one that is installed does not start.
    #[must_use]
    pub fn find() -> Option<Self> {
        if let Ok(url) = std::env::var("DATABASE_URL") {
            return Some(Self { url, own: None });
        }
        let Some(programs) = programs() else {
            let required =
                std::env::var_os("SF209X_JUDGES").is_some_and(|value| value == "required");
            assert!(!required, "PostgreSQL is required and not installed");
            // Past the test harness, which keeps to itself what the macros print.
            let _ = writeln!(std::io::stderr(), "skipped: PostgreSQL is not installed");
            return None;
        };
        let own = Own {
            programs,
            folder: TempDir::new().expect("a directory"),
        };
        own.give_away();
        let data = own.data();
        own.run(
            "initdb",
            &["-U", "sf209x", "-A", "trust", "-E", "UTF8", "-D", &data],
        );
        own.start();
        let folder = own.folder.path().display();
        Some(Self {
            url: format!("postgres://sf209x@localhost/postgres?host={folder}"),
            own: Some(own),
        })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether nobody else uses it.
    #[must_use]
    pub const fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Stops the server as a crash would, and starts it again; `false` where it is not this process's own.
    ///
    /// # Panics
    ///
    /// When it does not start again.
    pub fn restart(&self) -> bool {
        let Some(own) = &self.own else { return false };
        own.stop();
        own.start();
        true
    }
}

impl Own {
    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn start(&self) {
        let folder = self.folder.path().display();
        let options = format!("-k {folder} -c listen_addresses=''");
        let log = format!("{folder}/log");
        self.run(
            "pg_ctl",
            &[
                "start",
                "-w",
                "-D",
                &self.data(),
                "-l",
                &log,
                "-o",
                &options,
            ],
        );
    }

    fn stop(&self) {
        self.run("pg_ctl", &["stop", "-m", "immediate", "-D", &self.data()]);
    }

    /// PostgreSQL refuses to run as root, so root runs it as nobody, who needs the folder.
    fn give_away(&self) {
        if is_root() {
            let chown = Command::new("chown")
                .arg("nobody")
                .arg(self.folder.path())
                .status();
            assert!(
                chown.is_ok_and(|status| status.success()),
                "the folder for nobody"
            );
        }
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "nobody", "--"]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        // A server that is started keeps its streams open, so none may be one that somebody waits for.
        let status = command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let done = status.is_ok_and(|status| status.success());
        assert!(done, "{} {arguments:?}", program.display());
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Where `initdb` and `pg_ctl` are: in the path, or where Debian hides them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let debian = debian.flatten().map(|version| version.path().join("bin"));
    std::env::split_paths(&path)
        .chain(debian)
        .find(|folder| has(folder, "initdb") && has(folder, "pg_ctl"))
}

fn has(folder: &Path, program: &str) -> bool {
    folder.join(program).is_file()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
