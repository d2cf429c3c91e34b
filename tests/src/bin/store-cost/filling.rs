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
    let (url, settings) = match location {
        Location::Directory(directory) => (
            format!("sqlite://{}/sf209x_ksd.db", directory.display()),
            "PRAGMA cache_size = -262144; PRAGMA synchronous = OFF",
        ),
        Location::Postgres(url) => (url.clone(), "SET search_path TO sf209x_ksd"),
    };
    // Ids are scattered, as those of version 4 are.
    let [id, digest, document] = match location {
        Location::Directory(_) => ["randomblob(16)", "randomblob(32)", "zeroblob(3000)"],
        Location::Postgres(_) => [
            "decode(md5(n::text), 'hex')",
            "sha256(n::text::bytea)",
            "decode(repeat('00', 3000), 'hex')",
        ],
    };
    let numbers = format!(
        "WITH RECURSIVE numbers(n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
    );
    let kept = count - WITH_DOCUMENTS;
    let mut connection = AnyConnection::connect(&url).await?;
    for statement in [
        settings.to_owned(),
        format!(
            "{numbers} INSERT INTO task (kind, transaction_id, number, lane, municipality, operation, digest,
                 accepted, since, attempts, standing, ended, answered, erased)
             SELECT 'message', {id}, 0, 'case ' || n, '90000001', 'Opret', {digest},
                 n, n, 1, 'delivered', {ENDED}, n, CASE WHEN n <= {kept} THEN n END
             FROM numbers"
        ),
        format!("INSERT INTO document (seq, content) SELECT seq, {document} FROM task WHERE erased IS NULL"),
        format!(
            "INSERT INTO attempt (seq, number, begun, ended, outcome, said)
             SELECT seq, 1, accepted, {ENDED}, 'delivered', '' FROM task"
        ),
        format!(
            "INSERT INTO received (seq, number, received, code, digest, content)
             SELECT seq, 0, {ENDED}, 'ACCEPTERET', digest, CASE WHEN erased IS NULL THEN {document} END
             FROM task"
        ),
        "ANALYZE".to_owned(),
    ] {
        connection.execute(sqlx::AssertSqlSafe(statement)).await?;
    }
    Ok(connection.close().await?)
}
