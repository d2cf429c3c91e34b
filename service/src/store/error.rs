//! Why the store did not do what it was asked for.

use std::fmt;
use std::sync::Arc;

/// Nothing of what was asked for is stored, or, where a commit broke off, it is not known to be; nothing that depends on it may be
/// promised. Clones tell of the same failure.
#[derive(Clone, Debug)]
pub struct Error(Arc<Failure>);

#[derive(Debug)]
struct Failure {
    kind: Kind,
    source: Option<sqlx::Error>,
}

/// What failed, as far as somebody can act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No room is left on the disk.
    Full,
    /// Another process holds the database, or what is in it, for longer than this one waits.
    Locked,
    /// The database is damaged, or no database of ours. It does not pass by itself.
    Damaged,
    /// A newer version of this program made the store, or has brought it to its form. There is no way back.
    Newer,
    /// A build made the store whose form was never released, so that no way leads on from it.
    Unreleased,
    /// The database cannot be reached, or stopped answering.
    Unavailable,
    /// The database cannot be read or written.
    Inaccessible,
    /// The store is closed: the process is about to end.
    Closed,
    /// Anything else, which is a defect of this service.
    Internal,
}

impl Error {
    pub(super) fn new(kind: Kind) -> Self {
        Self(Arc::new(Failure { kind, source: None }))
    }

    /// What failed.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Whether it may pass by itself.
    pub fn retry(&self) -> bool {
        !matches!(
            self.kind(),
            Kind::Damaged | Kind::Newer | Kind::Unreleased | Kind::Internal
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind() {
            Kind::Full => "the store's disk is full",
            Kind::Locked => "the store is locked by another process",
            Kind::Damaged => {
                "the store is damaged or no store; restore a backup, without the -wal and -shm files"
            }
            Kind::Newer => {
                "the store is of a newer version of this program, and there is no way back; run that version"
            }
            Kind::Unreleased => {
                "the store is of a build that was never released; export it with that build, and start with an empty one"
            }
            Kind::Unavailable => "the store's database cannot be reached",
            Kind::Inaccessible => "the store cannot be read or written",
            Kind::Closed => "the store is closed",
            Kind::Internal => "the store failed",
        })
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.0.source.as_ref()?;
        Some(source)
    }
}

impl From<sqlx::Error> for Error {
    fn from(source: sqlx::Error) -> Self {
        let kind = match &source {
            sqlx::Error::Database(error) => database(error.code().as_deref().unwrap_or_default()),
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut => {
                Kind::Unavailable
            }
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Kind::Closed,
            _ => Kind::Internal,
        };
        Self(Arc::new(Failure {
            kind,
            source: Some(source),
        }))
    }
}

/// What a database's own code means: SQLite's are numbers whose low octet counts, PostgreSQL's five characters.
fn database(code: &str) -> Kind {
    if let (true, Ok(number)) = (code.len() < 5, code.parse::<u32>()) {
        return match number & 0xff {
            5 | 6 => Kind::Locked,
            13 => Kind::Full,
            11 | 26 => Kind::Damaged,
            3 | 8 | 10 | 14 => Kind::Inaccessible,
            _ => Kind::Internal,
        };
    }
    match code {
        "53100" => Kind::Full,
        // Held for too long, or lost against others as often as a group is run.
        "55P03" | "40001" | "40P01" => Kind::Locked,
        // This instance has stood still for so long that the database did not wait for it any more.
        "25P03" => Kind::Unavailable,
        "XX001" | "XX002" => Kind::Damaged,
        "25006" | "42501" | "58030" => Kind::Inaccessible,
        // Connection, resources, intervention by an operator, and authentication, which an operator may be changing.
        _ if ["08", "53", "57", "28"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            Kind::Unavailable
        }
        _ => Kind::Internal,
    }
}

/// Whether the transaction lost against another one and may simply be run again.
pub(super) fn lost_to_another(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("40001" | "40P01"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_databases_are_told_apart() {
        for (code, kind) in [
            ("13", Kind::Full),
            ("261", Kind::Locked),
            ("11", Kind::Damaged),
            ("26", Kind::Damaged),
            ("1032", Kind::Inaccessible),
            ("2067", Kind::Internal),
            ("53100", Kind::Full),
            ("57P01", Kind::Unavailable),
            ("25P03", Kind::Unavailable),
            ("08006", Kind::Unavailable),
            ("57014", Kind::Unavailable),
            ("55P03", Kind::Locked),
            ("40001", Kind::Locked),
            ("40P01", Kind::Locked),
            ("58030", Kind::Inaccessible),
            ("23505", Kind::Internal),
        ] {
            assert_eq!(database(code), kind, "{code}");
        }
    }
}
