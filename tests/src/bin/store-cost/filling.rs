//! A store as it is after years: delivered messages, each with its attempt and its answer, all in bulk.

use service::store::Location;
use sqlx::{AnyConnection, Connection, Executor};

use super::Failure;

/// How many of them still have their documents: 90 days of 50,000 a month (integration description 2.1.2), which is all that is kept.
const WITH_DOCUMENTS: i64 = 150_000;

/// When all of it was over, in milliseconds: so late that nothing is erased meanwhile.
const ENDED: i64 = 9_000_000_000_000;

/// Puts `count` delivered and answered messages into KSD's store at `location`.
pub(crate) async fn fill(location: &Location, count: i64) -> Result<(), Failure> {
    let (url, settings, octets) = match location {
        Location::Directory(directory) => (
            format!("sqlite://{}/sf209x_ksd.db", directory.display()),
            "PRAGMA cache_size = -65536",
            "CAST(substr('0123456789abcdef0123456789abcdef', 1, 32) AS BLOB)",
        ),
        Location::Postgres(url) => (
            url.clone(),
            "SET search_path TO sf209x_ksd",
            "'0123456789abcdef0123456789abcdef'::bytea",
        ),
    };
    let document = match location {
        Location::Directory(_) => "zeroblob(3000)",
        Location::Postgres(_) => "decode(repeat('00', 3000), 'hex')",
    };
    // Numbers scattered over all ids, as those of version 4 are.
    let id = match location {
        Location::Directory(_) => {
            "printf('%08x-0000-4000-8000-%012x', (n * 2654435761) % 4294967296, n)"
        }
        Location::Postgres(_) => {
            "lpad(to_hex((n * 2654435761) % 4294967296), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(n), 12, '0')"
        }
    };
    let numbers = format!(
        "WITH RECURSIVE numbers(n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
    );
    let kept = format!("CASE WHEN n > {count} - {WITH_DOCUMENTS} THEN {document} END");
    let mut connection = AnyConnection::connect(&url).await?;
    for statement in [
        settings.to_owned(),
        format!(
            "{numbers} INSERT INTO task (kind, transaction_id, number, lane, municipality, operation, digest, content,
                 accepted, since, attempts, standing, ended, answered)
             SELECT 'message', {id}, 0, {id}, '90000001', 'Opret', {octets}, {kept}, n, n, 1, 'delivered', {ENDED}, n
             FROM numbers"
        ),
        format!(
            "INSERT INTO attempt (seq, number, begun, ended, outcome, said)
             SELECT seq, 1, accepted, {ENDED}, 'delivered', '' FROM task"
        ),
        format!(
            "{numbers} INSERT INTO received (transaction_id, number, received, code, digest, content)
             SELECT {id}, 0, {ENDED}, 'ACCEPTERET', {octets}, {kept} FROM numbers"
        ),
        "ANALYZE".to_owned(),
    ] {
        connection.execute(sqlx::AssertSqlSafe(statement)).await?;
    }
    Ok(connection.close().await?)
}
