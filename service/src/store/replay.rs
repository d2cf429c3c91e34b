//! What must not come twice while it is valid: the identities of messages and tokens.

use std::collections::HashSet;

use sqlx::{AnyConnection, Row};

use super::many;
use super::row::millis;
use super::writer::Command;
use super::{Error, Store};
use crate::delivery::Time;

impl Store {
    /// Remembers `id` until `until`; whether it is there for the first time.
    ///
    /// All instances that share the store share the answer. An id whose time is over may be forgotten, so what it stands for must be
    /// refused for its age by then.
    ///
    /// # Errors
    /// The store failed: the caller must then take `id` for one that it may have seen.
    pub async fn remember(&self, id: String, until: Time) -> Result<bool, Error> {
        self.writer.commit(Remember { id, until }).await
    }
}

struct Remember {
    id: String,
    until: Time,
}

impl Command for Remember {
    type Output = bool;
    const NAME: &'static str = "remember";

    async fn run(
        commands: &[Self],
        connection: &mut AnyConnection,
    ) -> Result<Vec<bool>, sqlx::Error> {
        let added = many::run(
            connection,
            "INSERT INTO replay (id, until) VALUES {rows} ON CONFLICT (id) DO NOTHING RETURNING id",
            "(?, ?)",
            commands,
            &[],
            |statement, Self { id, until }| statement.bind(id.clone()).bind(millis(*until)),
        )
        .await?;
        let added = added.iter().map(|row| row.try_get(0));
        let mut added: HashSet<String> = added.collect::<Result<_, _>>()?;
        // One that comes twice at once is there for the first time once.
        Ok(commands.iter().map(|one| added.remove(&one.id)).collect())
    }
}
