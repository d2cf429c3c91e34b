//! Stores that several instances share, that fail, and that are looked into.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use service::config::Delivery;
use service::endpoint::Endpoint;
use service::http::Client;
use service::ksd::{self, Ksd};
use service::message::Message;
use service::observe::Observer;
use service::store::{Location, Store};
use sqlx::{Connection as _, Executor as _};
use tests::postgres::Postgres;
use tests::system::{KSD_SYSTEM, LIMITS, NORD, System, root, sample};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::cargo;

/// The sample of Opret as another message, of the case `case`.
pub(crate) fn message(transaction: Uuid, case: Uuid) -> String {
    let text = sample("Opret.request.xml");
    let with = |text: String, element: &str, value: Uuid| {
        let (before, rest) = text.split_once(&format!("<{element}>")).expect(element);
        format!("{before}<{element}>{value}{}", &rest[36..])
    };
    let text = with(text, "TransaktionIdentifikator", transaction);
    with(text, "SagIdentifikator", case)
}

/// Messages of three cases, in turn: the case and the message's own id.
fn messages(count: usize) -> Vec<(Uuid, Uuid)> {
    let cases: [Uuid; 3] = std::array::from_fn(|_| Uuid::new_v4());
    (0..count)
        .map(|index| (cases[index % 3], Uuid::new_v4()))
        .collect()
}

/// Every message is registered once and in the order of its case, and answered.
pub(crate) fn check(system: &System, sent: &[(Uuid, Uuid)]) {
    for (_, transaction) in sent {
        let answer = system.answer(*transaction);
        assert_eq!(answer.forretnings_validerings_kode.code(), "AFVIST");
    }
    let by_case = |ids: &mut dyn Iterator<Item = (Uuid, Uuid)>| {
        let mut cases: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        ids.for_each(|(case, transaction)| cases.entry(case).or_default().push(transaction));
        cases
    };
    let registered = system.registered();
    let mut registered = registered.iter().filter_map(|(_, message)| {
        let case = message.header().sag_identifikator.as_ref()?.uuid();
        let known = sent.iter().any(|(_, id)| *id == message.transaction());
        known.then(|| (case, message.transaction()))
    });
    assert_eq!(by_case(&mut registered), by_case(&mut sent.iter().copied()));
}

#[test]
fn instances_share_a_database_and_its_work_and_outlive_its_restart() {
    let Some(database) = Postgres::find() else {
        return;
    };
    let system = System::start_on(Location::Postgres(database.url().to_owned()), 2);
    let sent = messages(30);
    for (index, (case, transaction)) in sent.iter().enumerate() {
        let receipt = system.submit(index % 2, &message(*transaction, *case));
        assert_eq!(receipt.as_deref(), Ok("OK"));
    }
    check(&system, &sent);

    // What is acknowledged while the database stops and starts is delivered like all else, and what is not is submitted again.
    let sent = messages(30);
    let (first, second) = sent.split_at(10);
    for (case, transaction) in first {
        assert_eq!(
            system.submit(0, &message(*transaction, *case)).as_deref(),
            Ok("OK")
        );
    }
    if !database.restart() {
        return;
    }
    for (index, (case, transaction)) in second.iter().enumerate() {
        let text = message(*transaction, *case);
        while let Err(refused) = system.submit(index % 2, &text) {
            assert!(refused.contains("Nothing was taken over"), "{refused}");
        }
    }
    check(&system, &sent);
}

/// KSD starts and stops: its store is made where it is missing, and what it was trying when it last stopped is due again.
fn start_and_stop(location: &Location) {
    let runtime = Runtime::new().expect("a runtime");
    let store = runtime.block_on(Store::serve(location, ksd::STORE));
    drop(store.expect("a store that nobody serves from"));
}

#[test]
fn the_outbox_tells_the_story_of_a_message() {
    let folder = cargo::folder("outbox");
    let data = folder.join("data");
    let _ = std::fs::remove_dir_all(&data);
    let (case, transaction) = (Uuid::new_v4(), Uuid::new_v4());
    let second = Uuid::new_v4();
    {
        let system = System::start_on(Location::Directory(data.clone()), 1);
        assert_eq!(
            system.submit(0, &message(transaction, case)).as_deref(),
            Ok("OK")
        );
        let _ = system.answer(transaction);
        // Nobody serves this municipality.
        let stray =
            message(second, case).replace(&format!("<Myndighed>{NORD}<"), "<Myndighed>90000009<");
        assert_eq!(system.submit(0, &stray).as_deref(), Ok("OK"));
        // Its second attempt begins once the first is committed.
        let _ = system.exchanges_to(Endpoint::Fs1, 3);
    }
    start_and_stop(&Location::Directory(data.clone()));
    let sf209x = |arguments: &[&str]| {
        let command = Command::new(&cargo::built().sf209x)
            .args(arguments)
            .arg("--data")
            .arg(&data)
            .env("USER", "somebody-else")
            .env("SUDO_USER", "the one\nbefore")
            .output()
            .expect("the command runs");
        let said = String::from_utf8_lossy(&command.stderr).into_owned();
        let code = command.status.code();
        (
            code,
            String::from_utf8_lossy(&command.stdout).into_owned(),
            said,
        )
    };
    let json = |arguments: &[&str]| -> Vec<Value> {
        let (code, out, said) = sf209x(&[arguments, &["--json"]].concat());
        assert_eq!(code, Some(0), "{said}");
        out.lines()
            .map(|line| serde_json::from_str(line).expect("an object a line"))
            .collect()
    };
    let (first, second) = (transaction.to_string(), second.to_string());
    let listed = json(&["outbox", "list"]);
    assert_eq!(
        (listed.len(), listed[0]["transaction"].as_str()),
        (1, Some(second.as_str()))
    );
    let told = &json(&["outbox", "show", &first])[0];
    assert_eq!(told["standing"], "delivered");
    assert_eq!(told["tries"][0]["outcome"], "delivered");
    assert_eq!(told["answers"][0]["code"], "AFVIST");
    assert!(told["content"].is_null());

    let (_, told, _) = sf209x(&["outbox", "show", &second]);
    assert!(told.contains("attempt 1, failed at "), "{told}");
    assert!(told.contains("No Jobcenter is registered"), "{told}");
    assert!(!told.contains("3113850000"), "{told}");
    let (_, told, _) = sf209x(&["outbox", "show", &second, "--reveal"]);
    assert!(told.contains("3113850000"), "{told}");

    for (decision, id, code, text) in [
        ("park", &second, 0, "held: parked"),
        ("park", &second, 65, "is held already"),
        ("drop", &second, 0, "dropped"),
        ("retry", &second, 65, "is dropped already"),
        ("retry", &first, 65, "is delivered already"),
    ] {
        let (exit, told, said) = sf209x(&["outbox", decision, id]);
        let told = if code == 0 { told } else { said };
        assert!(exit == Some(code) && told.contains(text), "{told}");
    }
    assert!(json(&["outbox", "list"]).is_empty());
    assert!(json(&["answers", "list", "--overdue"]).is_empty());
    let (code, _, said) = sf209x(&["outbox", "show", &Uuid::nil().to_string()]);
    assert!(
        code == Some(65) && said.contains("is not known here"),
        "{said}"
    );

    let id = Command::new("id").arg("-un").output().expect("a user");
    let user = String::from_utf8_lossy(&id.stdout);
    let who = format!("{} (sudo: the onebefore)", user.trim_end());
    let audit = json(&["store", "audit"]);
    assert!(audit.iter().all(|deed| deed["who"] == who.as_str()));
    let deeds: Vec<_> = audit.iter().map(|deed| deed["what"].clone()).collect();
    assert_eq!(deeds, ["reveal", "park", "drop"]);
    assert!(json(&["answers", "list", "--refused"]).is_empty());
    assert_eq!(sf209x(&["store", "check"]).0, Some(0));
    let backup = folder.join("backup.db").display().to_string();
    let _ = std::fs::remove_file(&backup);
    assert_eq!(sf209x(&["store", "backup", &backup]).0, Some(0));
    assert_eq!(sf209x(&["store", "backup", &backup]).0, Some(74));
    let (code, exported, _) = sf209x(&["store", "export"]);
    assert_eq!((code, exported.lines().count()), (Some(0), 2));
    assert!(!exported.contains("3113850000"));
}

#[test]
fn a_list_that_is_cut_short_says_so() {
    let folder = cargo::folder("long-list");
    let _ = std::fs::remove_dir_all(&folder);
    let location = Location::Directory(folder.clone());
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = Store::serve(&location, ksd::STORE).await.expect("a store");
        let settings = ksd::Settings {
            platform: hyper::Uri::from_static("http://127.0.0.1:1/"),
            systems: BTreeSet::from([KSD_SYSTEM]),
            delivery: Delivery::default(),
            limits: LIMITS,
        };
        // It takes messages over, and delivers none: nobody has it work.
        let ksd = Ksd::new(settings, store, Client::new(LIMITS), Observer::none());
        for _ in 0..3 {
            let text = message(Uuid::new_v4(), Uuid::new_v4());
            let message = Message::read(text.as_bytes(), &soap::Limits::default()).await;
            let taken = ksd.submit(message.expect("a message")).await;
            taken.expect("it is taken over");
        }
    });
    for (limit, lines, more) in [("2", 2, true), ("3", 3, false), ("0", 0, true)] {
        for json in [&[][..], &["--json"]] {
            let command = Command::new(&cargo::built().sf209x)
                .args(["outbox", "list", "--limit", limit, "--data"])
                .arg(&folder)
                .args(json)
                .output()
                .expect("the command runs");
            let listed = String::from_utf8_lossy(&command.stdout);
            let said = String::from_utf8_lossy(&command.stderr);
            assert_eq!(command.status.code(), Some(0), "{said}");
            assert_eq!(listed.lines().count(), lines, "{listed}");
            assert_eq!(said.contains("there are more"), more, "{said}");
        }
    }
}

/// Each command that looks into a store, or decides.
const LOOKS: [&[&str]; 10] = [
    &["outbox", "list"],
    &["outbox", "show", NOBODY],
    &["outbox", "retry", NOBODY],
    &["outbox", "park", NOBODY],
    &["outbox", "drop", NOBODY],
    &["answers", "list"],
    &["store", "check"],
    &["store", "audit"],
    &["store", "export"],
    &["store", "backup", "copy.db"],
];
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// Runs each of [`LOOKS`] with `place`: there is no store of `whose`.
#[track_caller]
fn finds_none(place: &[&str], whose: &str) {
    let expected = format!("no store of {whose} in ");
    for arguments in LOOKS {
        let command = Command::new(&cargo::built().sf209x)
            .args(arguments)
            .args(place)
            .output()
            .expect("the command runs");
        let said = String::from_utf8_lossy(&command.stderr);
        assert_eq!(command.status.code(), Some(78), "{arguments:?}: {said}");
        assert!(said.contains(&expected), "{arguments:?}: {said}");
    }
}

#[test]
fn whoever_looks_where_no_store_is_makes_none() {
    let folder = cargo::folder("no-store");
    let data = folder.join("data").display().to_string();
    let _ = std::fs::remove_dir_all(&data);
    finds_none(&["--data", &data], "KSD");
    assert!(!Path::new(&data).exists());
    start_and_stop(&Location::Directory(PathBuf::from(&data)));
    let of_nord = ["--data", &data, "--jobcenter", "Nord"];
    finds_none(&of_nord, "the Jobcenter Nord");
    let files = std::fs::read_dir(&data).expect("the folder");
    let mut names = files.map(|file| file.expect("a file").file_name());
    assert!(names.all(|name| !name.to_string_lossy().contains("nord")));

    // A database would have the schema after the first of them.
    let Some(database) = Postgres::find() else {
        return;
    };
    let text = std::fs::read_to_string(root().join("service/sf209x.toml"));
    let store = format!("store = {:?}", database.url());
    let text = text
        .expect("the file")
        .replace("data = \"sf209x-data\"", &store);
    let config = folder.join("sf209x.toml");
    std::fs::write(&config, text).expect("a writable file");
    let config = config.display().to_string();
    let name = Uuid::new_v4().to_string();
    finds_none(
        &["--config", &config, "--jobcenter", &name],
        &format!("the Jobcenter {name}"),
    );
}

/// Nothing is done to it, and whoever runs the party reads what to do.
#[test]
fn a_store_of_another_version_is_refused_with_a_word() {
    let folder = cargo::folder("versions");
    let _ = std::fs::remove_dir_all(&folder);
    let sf209x = |arguments: &[&str]| {
        let command = Command::new(&cargo::built().sf209x)
            .args(arguments)
            .arg("--data")
            .arg(&folder)
            .output()
            .expect("the command runs");
        let said = String::from_utf8_lossy(&command.stderr).into_owned();
        (command.status.code(), said)
    };
    start_and_stop(&Location::Directory(folder.clone()));
    let file = std::fs::read_dir(&folder).expect("the folder");
    let mut files = file.map(|file| file.expect("a file").path());
    let file = files.find(|file| file.extension().is_some_and(|end| end == "db"));
    let url = format!("sqlite://{}", file.expect("a store").display());
    for (statement, expected) in [
        (
            "UPDATE _sqlx_migrations SET checksum = x'00'",
            "a build that was never released",
        ),
        (
            "INSERT INTO _sqlx_migrations SELECT 99, 'later', installed_on, success, checksum, 0 FROM _sqlx_migrations",
            "a newer version of this program",
        ),
    ] {
        run(&url, statement);
        let serve = ["serve", "--role", "ksd", "--insecure"];
        for arguments in [&["store", "check"][..], &serve] {
            let (code, said) = sf209x(arguments);
            assert_eq!(code, Some(65), "{said}");
            assert!(said.contains(expected), "{said}");
        }
        let (_, logged) = sf209x(&[&serve[..], &["--log-format", "json"]].concat());
        let line: Value = serde_json::from_str(&logged).expect("a line of JSON");
        let error = line["error"].as_str().expect("an error");
        assert!(error.contains(expected), "{logged}");
    }
}

/// Runs `statement` past the program, in the database at `url`.
fn run(url: &str, statement: &'static str) {
    sqlx::any::install_default_drivers();
    let runtime = Runtime::new().expect("a runtime");
    let done = runtime.block_on(async {
        let mut connection = sqlx::AnyConnection::connect(url).await?;
        connection.execute(statement).await?;
        connection.close().await
    });
    assert!(done.is_ok(), "{statement}: {done:?}");
}
