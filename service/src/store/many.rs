//! Statements that do for many rows what they do for one: a statement costs a round trip, and most of what a small one costs is that.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe};

/// How many rows one statement takes at most.
const ROWS: usize = 32;

/// A statement in the making, which takes its values one after the other.
pub(super) type Statement = Query<'static, Any, AnyArguments>;

/// Runs a statement over `rows`, and returns what it returns.
///
/// In `text`, `{rows}` stands for the rows. Each is written as `row` has it, where `?` is a value that `bind` gives; `first` gives the
/// values that stand outside, which are numbered from 1.
///
/// A statement is prepared once for each number of rows, so there are few: the powers of two.
pub(super) async fn run<T: Sync>(
    connection: &mut AnyConnection,
    text: &str,
    row: &str,
    rows: &[T],
    first: &[&'static str],
    bind: impl Fn(Statement, &T) -> Statement + Send + Sync,
) -> Result<Vec<AnyRow>, sqlx::Error> {
    let mut found = Vec::new();
    let mut left = rows;
    while !left.is_empty() {
        let count = ROWS.min(1 << left.len().ilog2());
        let (now, later) = left.split_at(count);
        left = later;
        let text = text.replace("{rows}", &numbered(row, count, first.len() + 1));
        let mut statement = sqlx::query(AssertSqlSafe(text));
        for value in first {
            statement = statement.bind(*value);
        }
        for row in now {
            statement = bind(statement, row);
        }
        found.extend(statement.fetch_all(&mut *connection).await?);
    }
    Ok(found)
}

/// `count` times `row`, each `?` of which becomes `$n`, with numbers from `first` on.
fn numbered(row: &str, count: usize, first: usize) -> String {
    let mut text = String::with_capacity(count * (3 * row.len() + 2));
    let mut number = first;
    for index in 0..count {
        if index > 0 {
            text.push_str(", ");
        }
        for part in row.split_inclusive('?') {
            match part.strip_suffix('?') {
                Some(before) => {
                    text.push_str(before);
                    text.push('$');
                    text.push_str(&number.to_string());
                    number += 1;
                }
                None => text.push_str(part),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered() {
        assert_eq!(numbered("(?, 0, ?)", 2, 2), "($2, 0, $3), ($4, 0, $5)");
        assert_eq!(numbered("?", 3, 1), "$1, $2, $3");
        assert_eq!(numbered("?", 0, 1), "");
    }
}
