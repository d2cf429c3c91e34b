//! The forms that a store has had, and the way from each to the next: forward only.
//!
//! Each step is one transaction, its entry on record included, so that whoever dies on the way leaves the store at the step before, and
//! whoever opens it next goes on from there. Instances that open a database at once wait for each other.

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyPool, AssertSqlSafe, Connection, SqlSafeStr};

use super::backend::Backend;
use super::error::{Error, Kind};

/// What it brings, and the statements that lead to it from the one before.
pub(super) type Form = (&'static str, &'static str);

/// The forms, oldest first. Those that have been in use never change; a new one is added below them.
pub(super) const FORMS: &[Form] = &[("tasks and answers", include_str!("schema.sql"))];

/// Brings a store to the last of `forms`; in a database, in the schema `name`.
///
/// # Errors
/// It is of none of `forms`, and is left as it is, or the database failed.
pub(super) async fn migrate(
    pool: &AnyPool,
    backend: Backend,
    name: &str,
    forms: &[Form],
) -> Result<(), Error> {
    let steps = forms.iter().zip(1..).map(|((description, text), version)| {
        let text = backend
            .types()
            .iter()
            .fold((*text).to_owned(), |text, (word, is)| {
                text.replace(word, is)
            });
        let sql = AssertSqlSafe(text).into_sql_str();
        Migration::new(
            version,
            (*description).into(),
            MigrationType::Simple,
            sql,
            false,
        )
    });
    let mut migrator = Migrator::with_migrations(steps.collect());
    if !backend.is_file() {
        migrator.create_schema(name.to_owned());
        return Ok(migrator.run(pool).await?);
    }
    match migrator.run(pool).await {
        // Another process may have been about the same, which a file has no lock for. What it has done is seen once it is through; what
        // fails for another reason does so again.
        Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..)) => {
            let mut connection = pool.acquire().await?;
            let mut transaction = connection.begin_with(backend.begin()).await?;
            migrator.run(&mut *transaction).await?;
            Ok(transaction.commit().await?)
        }
        outcome => Ok(outcome?),
    }
}

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            // Steps have no gaps, so one that this program does not know comes after all that it knows.
            MigrateError::VersionMissing(_) => Self::new(Kind::Newer),
            MigrateError::VersionMismatch(_) => Self::new(Kind::Unreleased),
            error => sqlx::Error::Migrate(Box::new(error)).into(),
        }
    }
}
