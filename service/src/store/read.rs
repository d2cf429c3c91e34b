//! What is read past the queue: within a time, and on connections that are known to be at rest.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Error as Cause};

use super::{Error, Store};

impl Store {
    /// All rows that `query` finds.
    pub(super) async fn read(
        &self,
        query: Query<'_, Any, AnyArguments>,
    ) -> Result<Vec<AnyRow>, Error> {
        let rows = self.try_read(query).await.map_err(Error::from);
        if let Err(error) = &rows {
            let cause = std::error::Error::source(error).map(tracing::field::display);
            tracing::error!(%error, cause, "nothing was read");
        }
        rows
    }

    /// The row that `query` finds, which finds one always.
    pub(super) async fn read_one(
        &self,
        query: Query<'_, Any, AnyArguments>,
    ) -> Result<AnyRow, Error> {
        let row = self.read(query).await?.pop();
        row.ok_or_else(|| Cause::RowNotFound.into())
    }

    async fn try_read(&self, query: Query<'_, Any, AnyArguments>) -> Result<Vec<AnyRow>, Cause> {
        let mut connection = self.pool.acquire().await?;
        // The pool asks whatever comes back to it for a sign of life, and waits for that without end. So what was given up while it read,
        // here or by a caller that waits no more, does not come back, and the rest does so within a time.
        connection.close_on_drop();
        let backend = self.backend;
        let rows = query.fetch_all(&mut *connection);
        let rows = backend.within(|patience| patience.work, rows).await?;
        let back = connection.return_to_pool();
        tokio::spawn(async move {
            let back = async {
                back.await;
                Ok(())
            };
            backend.within(|patience| patience.sign, back).await
        });
        Ok(rows)
    }
}
