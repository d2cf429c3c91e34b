//! What must not come twice while it is valid: the identities of messages and tokens.

use sqlx::AnyConnection;

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

    async fn run(&self, connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
        let added = sqlx::query(
            "INSERT INTO replay (id, until) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
        )
        .bind(&self.id)
        .bind(millis(self.until))
        .execute(connection)
        .await?;
        Ok(added.rows_affected() == 1)
    }
}
