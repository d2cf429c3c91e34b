//! The queue of all that changes the store, and the commits that share their cost.

use std::future::Future;
use std::pin::Pin;

use sqlx::{Any, AnyConnection, AnyPool, Connection, Transaction};
use tokio::sync::{mpsc, oneshot};

use super::Error;
use super::error::{Kind, lost_to_another};
use crate::fault;

/// How many commands one commit takes at most: the first waits for the last.
const GROUP: usize = 256;

/// How often a group is run again that lost against another instance's.
const RUNS: usize = 8;

/// Something that changes the store, whole or not at all.
pub(super) trait Command: Send + Sync + 'static {
    /// What its caller is told once it is committed.
    type Output: Send + 'static;

    /// What it is called where faults are injected.
    const NAME: &'static str;

    /// Makes the changes. It may run more than once before the commit that counts.
    fn run(
        &self,
        connection: &mut AnyConnection,
    ) -> impl Future<Output = Result<Self::Output, sqlx::Error>> + Send;
}

/// Where commands go in.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Queued>>,
}

impl Writer {
    /// Starts the task that commits; it ends when the last clone of the writer is gone.
    pub(super) fn start(pool: AnyPool, begin: &'static str) -> Self {
        let (queue, commands) = mpsc::channel(4 * GROUP);
        tokio::spawn(commit_all(pool, begin, commands));
        Self { queue }
    }

    /// Commits `command` and returns what it found.
    pub(super) async fn commit<C: Command>(&self, command: C) -> Result<C::Output, Error> {
        let (reply, outcome) = oneshot::channel();
        let queued = Box::new(Waiting {
            command,
            output: None,
            reply,
        });
        let closed = || Error::new(Kind::Closed);
        self.queue.send(queued).await.map_err(|_| closed())?;
        outcome.await.map_err(|_| closed())?
    }
}

/// A [`Command`] of any kind, with its caller.
trait Queued: Send {
    fn name(&self) -> &'static str;

    fn run<'a>(
        &'a mut self,
        connection: &'a mut AnyConnection,
    ) -> Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send + 'a>>;

    fn reply(self: Box<Self>, committed: Result<(), Error>);
}

struct Waiting<C: Command> {
    command: C,
    output: Option<C::Output>,
    reply: oneshot::Sender<Result<C::Output, Error>>,
}

impl<C: Command> Queued for Waiting<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn run<'a>(
        &'a mut self,
        connection: &'a mut AnyConnection,
    ) -> Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send + 'a>> {
        Box::pin(async move {
            self.output = Some(self.command.run(connection).await?);
            Ok(())
        })
    }

    fn reply(self: Box<Self>, committed: Result<(), Error>) {
        let Self { output, reply, .. } = *self;
        let output = committed.and_then(|()| output.ok_or_else(|| Error::new(Kind::Internal)));
        // A caller that does not wait any more has left the command to be committed all the same.
        let _ = reply.send(output);
    }
}

async fn commit_all(
    pool: AnyPool,
    begin: &'static str,
    mut commands: mpsc::Receiver<Box<dyn Queued>>,
) {
    let mut group = Vec::with_capacity(GROUP);
    while commands.recv_many(&mut group, GROUP).await > 0 {
        let outcome = commit(&pool, begin, &mut group).await;
        if let Err(error) = &outcome {
            let cause = std::error::Error::source(error).map(tracing::field::display);
            tracing::error!(%error, cause, commands = group.len(), "nothing was stored");
        }
        for command in group.drain(..) {
            let name = command.name();
            command.reply(outcome.clone());
            fault::point(name, "told");
        }
    }
}

async fn commit(
    pool: &AnyPool,
    begin: &'static str,
    group: &mut [Box<dyn Queued>],
) -> Result<(), Error> {
    let mut runs = 1;
    loop {
        match try_commit(pool, begin, group).await {
            Err(error) if runs < RUNS && lost_to_another(&error) => runs += 1,
            outcome => return Ok(outcome?),
        }
    }
}

async fn try_commit(
    pool: &AnyPool,
    begin: &'static str,
    group: &mut [Box<dyn Queued>],
) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let outcome = run(&mut connection, begin, group).await;
    if outcome.is_err() {
        // A database may have ended the transaction by itself, as SQLite does where its disk is full; nobody needs to find out.
        connection.close_on_drop();
    }
    outcome
}

async fn run(
    connection: &mut AnyConnection,
    begin: &'static str,
    group: &mut [Box<dyn Queued>],
) -> Result<(), sqlx::Error> {
    let mut transaction: Transaction<'_, Any> = connection.begin_with(begin).await?;
    for command in group.iter_mut() {
        command.run(&mut transaction).await?;
    }
    for command in group.iter() {
        fault::point(command.name(), "before commit");
    }
    transaction.commit().await?;
    for command in group.iter() {
        fault::point(command.name(), "after commit");
    }
    Ok(())
}
