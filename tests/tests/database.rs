//! A PostgreSQL in trouble under the whole system: what is refused says why, nothing is promised that is not stored, and nobody needs to
//! help the system after.

use service::store::Location;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tests::postgres::Postgres;
use tests::system::System;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::store::{check, message};

/// Whoever runs the database, over a connection of their own.
struct Administrator {
    runtime: Runtime,
    connection: AnyConnection,
}

impl Administrator {
    fn of(database: &Postgres) -> Self {
        sqlx::any::install_default_drivers();
        let runtime = Runtime::new().expect("a runtime");
        let connection = runtime.block_on(AnyConnection::connect(database.url()));
        Self {
            runtime,
            connection: connection.expect("a connection"),
        }
    }

    fn run(&mut self, statement: &str) {
        let run = self.connection.execute(AssertSqlSafe(statement.to_owned()));
        let done = self.runtime.block_on(run);
        assert!(done.is_ok(), "{statement}: {done:?}");
    }

    /// Ends all connections that are not the administrator's.
    fn terminate(&mut self) {
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
        );
    }
}

/// What is done to the database, what the system then says, and how that is undone.
type Trouble = (&'static str, &'static str, &'static str);

const TROUBLES: [Trouble; 4] = [
    // A disk that is full is told by this code; here a rule tells it.
    (
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN RAISE EXCEPTION USING ERRCODE = ''disk_full''; END';
         CREATE TRIGGER no_room BEFORE INSERT ON sf209x_ksd.document EXECUTE FUNCTION no_room()",
        "the store's disk is full",
        "DROP FUNCTION no_room CASCADE",
    ),
    (
        "ALTER DATABASE postgres SET default_transaction_read_only = on",
        "the store cannot be read or written",
        "ALTER DATABASE postgres RESET default_transaction_read_only",
    ),
    (
        "REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sf209x_ksd FROM clerk",
        "the store cannot be read or written",
        "GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sf209x_ksd TO clerk",
    ),
    // As many connections as there may be.
    (
        "ALTER ROLE clerk CONNECTION LIMIT 0",
        "the store's database cannot be reached",
        "ALTER ROLE clerk CONNECTION LIMIT -1",
    ),
];

#[test]
fn a_database_in_trouble_takes_nothing_over_and_recovers() {
    // A database that others use is not to be put into trouble.
    let Some(database) = Postgres::find().filter(Postgres::is_own) else {
        return;
    };
    let mut administrator = Administrator::of(&database);
    administrator.run("CREATE ROLE clerk LOGIN; GRANT CREATE ON DATABASE postgres TO clerk");
    let url = database.url().replace("sf209x@", "clerk@");
    let system = System::start_on(Location::Postgres(url), 1);
    let mut sent = Vec::new();
    let mut submit = |expected: Option<&str>| {
        let (case, transaction) = (Uuid::new_v4(), Uuid::new_v4());
        let text = message(transaction, case);
        if let Some(expected) = expected {
            let refused = system.submit(0, &text).expect_err("it cannot be stored");
            assert!(refused.contains("Nothing was taken over"), "{refused}");
            assert!(refused.contains(expected), "{refused}, not {expected}");
            return;
        }
        while system.submit(0, &text).is_err() {}
        sent.push((case, transaction));
    };
    submit(None);
    for (done, expected, undone) in TROUBLES {
        administrator.run(done);
        // Settings hold for connections that are made after.
        administrator.terminate();
        while !system
            .submit(0, &message(Uuid::new_v4(), Uuid::new_v4()))
            .is_err_and(|refused| refused.contains(expected))
        {}
        submit(Some(expected));
        administrator.run(undone);
        administrator.terminate();
        submit(None);
    }
    // Connections that break at any moment.
    for _ in 0..10 {
        submit(None);
        administrator.terminate();
    }
    check(&system, &sent);
}
