//! Trouble with the disk, under the whole service in a process: nothing is promised that is not stored, and nobody needs to help after.

use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use service::endpoint::Endpoint;
use tests::http;
use tests::system::root;
use uuid::Uuid;

use crate::cargo;
use crate::role::{Role, with_free_ports};
use crate::store::message;

/// How large a file may grow at first, in blocks of 512 or 1024 octets, by the shell: some messages more than an empty store.
const BLOCKS: &str = "1000";

#[test]
fn a_disk_that_is_full_is_waited_for() {
    let folder = cargo::folder("full-disk");
    let (config, data) = (folder.join("sf209x.toml"), folder.join("data"));
    let _ = std::fs::remove_dir_all(&data);
    let text = with_free_ports(&root().join("service/sf209x.toml"));
    let (_, ksd) = text
        .split_once("[ksd]\nlisten = \"")
        .expect("KSD's address");
    let (ksd, _) = ksd.split_once('"').expect("its end");
    let ksd: SocketAddr = ksd.parse().expect("an address");
    std::fs::write(&config, text).expect("a writable file");

    // The system refuses what would make a file larger, and the process is to be told so instead of killed.
    let mut program = Command::new("sh");
    program
        .args([
            "-c",
            "trap '' XFSZ; ulimit -S -f \"$0\"; exec \"$@\"",
            BLOCKS,
        ])
        .arg(&cargo::built().sf209x)
        .args(["serve", "--role", "all", "--insecure", "--data"])
        .arg(&data);
    let role = Role::spawn(&mut program, &config);
    let submit = |text: &str| http::post(ksd, Endpoint::Intake.path(), &[], text.as_bytes()).body;
    let mut taken = 0;
    let refused = loop {
        let text = message(Uuid::new_v4(), Uuid::new_v4());
        let said = submit(&text);
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
    let _ = role.logged(|line| line.to_string().contains("nothing was stored"));

    let more = Command::new("prlimit")
        .args(["--fsize=unlimited:", "--pid", &role.id().to_string()])
        .status();
    assert!(more.is_ok_and(|status| status.success()));
    while !submit(&refused.0).contains(">OK<") {}
    // All that was acknowledged is delivered and answered.
    let lines = |arguments: &[&str]| {
        let listed = Command::new(&cargo::built().sf209x)
            .args(arguments)
            .args(["--json", "--data"])
            .arg(&data)
            .output()
            .expect("the command runs");
        assert!(listed.status.success());
        String::from_utf8_lossy(&listed.stdout).lines().count()
    };
    let started = Instant::now();
    while lines(&["outbox", "list"]) + lines(&["answers", "list"]) > 0 {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "not all is delivered"
        );
    }
    let told = lines(&["store", "export"]);
    assert_eq!(told, taken + 1, "messages in KSD's store");
}
