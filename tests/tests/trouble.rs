//! Trouble with the disk, or with a file, under the whole service in a process: nothing is promised that is not stored, and nobody needs to help after.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use service::endpoint::Endpoint;
use sqlx::{AnyConnection, Connection, Executor};
use tests::http;
use tests::system::root;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::cargo;
use crate::role::{Role, with_free_ports};
use crate::store::message;

/// How large a file may grow at first, in blocks of 512 or 1024 octets, by the shell: some messages more than an empty store.
const BLOCKS: &str = "1000";

/// A system in a process, with its files in `folder`: KSD, and where they are.
struct Trouble {
    role: Role,
    ksd: SocketAddr,
    data: PathBuf,
}

impl Trouble {
    /// Starts `program`, which takes the arguments of `sf209x`, or that itself.
    fn start(folder: &str, mut program: Command) -> Self {
        let folder = cargo::folder(folder);
        let (config, data) = (folder.join("sf209x.toml"), folder.join("data"));
        let _ = std::fs::remove_dir_all(&data);
        let text = with_free_ports(&root().join("service/sf209x.toml"));
        let (_, ksd) = text
            .split_once("[ksd]\nlisten = \"")
            .expect("KSD's address");
        let (ksd, _) = ksd.split_once('"').expect("its end");
        let ksd = ksd.parse().expect("an address");
        std::fs::write(&config, text).expect("a writable file");
        program
            .args(["serve", "--role", "all", "--insecure", "--data"])
            .arg(&data);
        let role = Role::spawn(&mut program, &config);
        Self { role, ksd, data }
    }

    fn submit(&self, text: &str) -> String {
        http::post(self.ksd, Endpoint::Intake.path(), &[], text.as_bytes()).body
    }

    /// How many lines `sf209x` tells.
    fn lines(&self, arguments: &[&str]) -> usize {
        let listed = Command::new(&cargo::built().sf209x)
            .args(arguments)
            .args(["--json", "--data"])
            .arg(&self.data)
            .output()
            .expect("the command runs");
        assert!(listed.status.success());
        String::from_utf8_lossy(&listed.stdout).lines().count()
    }

    /// All that was acknowledged, which is so many messages, is delivered and answered.
    #[track_caller]
    fn settles(&self, taken: usize) {
        let started = Instant::now();
        while self.lines(&["outbox", "list"]) + self.lines(&["answers", "list"]) > 0 {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "not all is delivered"
            );
        }
        let told = self.lines(&["store", "export"]);
        assert_eq!(told, taken, "messages in KSD's store");
    }
}

fn new() -> String {
    message(Uuid::new_v4(), Uuid::new_v4())
}

#[test]
fn a_disk_that_is_full_is_waited_for() {
    // The system refuses what would make a file larger, and the process is to be told so instead of killed.
    let mut program = Command::new("sh");
    program
        .args([
            "-c",
            "trap '' XFSZ; ulimit -S -f \"$0\"; exec \"$@\"",
            BLOCKS,
        ])
        .arg(&cargo::built().sf209x);
    let trouble = Trouble::start("full-disk", program);
    let mut taken = 0;
    let refused = loop {
        let text = new();
        let said = trouble.submit(&text);
        if !said.contains(">OK<") {
            break (text, said);
        }
        taken += 1;
        assert!(taken < 1000, "the disk does not get full");
    };
    assert!(taken > 0, "{}", refused.1);
    assert!(
        refused.1.contains("Nothing was taken over"),
        "{}",
        refused.1
    );
    let stored = |line: &Value| line.to_string().contains("nothing was stored");
    let _ = trouble.role.logged(stored);

    let more = Command::new("prlimit")
        .args([
            "--fsize=unlimited:",
            "--pid",
            &trouble.role.id().to_string(),
        ])
        .status();
    assert!(more.is_ok_and(|status| status.success()));
    while !trouble.submit(&refused.0).contains(">OK<") {}
    trouble.settles(taken + 1);
}

#[test]
fn a_file_that_another_process_holds_is_waited_for() {
    let program = Command::new(&cargo::built().sf209x);
    let trouble = Trouble::start("locked-file", program);
    assert!(trouble.submit(&new()).contains(">OK<"));
    let url = format!("sqlite://{}", trouble.data.join("sf209x_ksd.db").display());
    sqlx::any::install_default_drivers();
    let runtime = Runtime::new().expect("a runtime");
    let mut other = runtime.block_on(async {
        let mut other = AnyConnection::connect(&url).await.expect("the file");
        // The process may be writing at this moment.
        while other.execute("BEGIN EXCLUSIVE").await.is_err() {}
        other
    });
    let text = new();
    let said = trouble.submit(&text);
    for part in ["Nothing was taken over", "locked by another process"] {
        assert!(said.contains(part), "{said}");
    }
    let freed = runtime.block_on(other.execute("ROLLBACK"));
    assert!(freed.is_ok(), "{freed:?}");
    assert!(trouble.submit(&text).contains(">OK<"));
    trouble.settles(2);
}
