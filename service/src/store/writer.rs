//! The queue of all that changes the store, and the commits that share their cost.

use std::any::Any;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use sqlx::pool::PoolConnection;
use sqlx::{AnyConnection, AnyPool, Connection, Transaction};
use tokio::sync::{mpsc, oneshot};

use super::Error;
use super::backend::Backend;
use super::error::{Kind, lost_to_another};
use super::many;
use crate::fault;

/// How many commands one commit takes at most: the first waits for the last.
const GROUP: usize = 256;

/// How often a group is run again that lost against another instance's.
const RUNS: usize = 8;

/// Something that changes the store, whole or not at all.
pub(super) trait Command: Send + Sync + Sized + 'static {
    /// What its caller is told once it is committed.
    type Output: Send + 'static;

    /// What it is called where faults are injected.
    const NAME: &'static str;

    /// The lane that it is about, where it is about one that is known beforehand.
    fn lane(&self) -> Option<&str> {
        None
    }

    /// Whether `other`, which waits for the same commit, may be run with this one.
    fn goes_with(&self, _other: &Self) -> bool {
        true
    }

    /// Makes the changes of all of `commands`, as if one after the other; an output for each. It may run more than once before the
    /// commit that counts.
    fn run(
        commands: &[Self],
        connection: &mut AnyConnection,
    ) -> impl Future<Output = Result<Vec<Self::Output>, sqlx::Error>> + Send;
}

/// A [`Command`] that nothing is gained for by running it with others.
pub(super) trait Single: Send + Sync + Sized + 'static {
    /// As [`Command::Output`].
    type Output: Send + 'static;

    /// As [`Command::NAME`].
    const NAME: &'static str;

    /// As [`Command::lane`].
    fn lane(&self) -> Option<&str> {
        None
    }

    /// Makes the changes. It may run more than once before the commit that counts.
    fn run(
        &self,
        connection: &mut AnyConnection,
    ) -> impl Future<Output = Result<Self::Output, sqlx::Error>> + Send;
}

impl<C: Single> Command for C {
    type Output = C::Output;
    const NAME: &'static str = C::NAME;

    fn lane(&self) -> Option<&str> {
        Single::lane(self)
    }

    async fn run(
        commands: &[Self],
        connection: &mut AnyConnection,
    ) -> Result<Vec<C::Output>, sqlx::Error> {
        let mut outputs = Vec::with_capacity(commands.len());
        for command in commands {
            outputs.push(Single::run(command, &mut *connection).await?);
        }
        Ok(outputs)
    }
}

/// Where commands go in.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Queued>>,
}

impl Writer {
    /// Starts the task that commits; it ends when the last clone of the writer is gone.
    pub(super) fn start(pool: AnyPool, backend: Backend) -> Self {
        let (queue, commands) = mpsc::channel(4 * GROUP);
        let committer = Committer {
            pool,
            backend,
            kept: None,
        };
        tokio::spawn(committer.commit_all(commands));
        Self { queue }
    }

    /// Returns once the task that commits has ended.
    pub(super) async fn closed(&self) {
        self.queue.closed().await;
    }

    /// Commits `command` and returns what it found.
    pub(super) async fn commit<C: Command>(&self, command: C) -> Result<C::Output, Error> {
        let (reply, outcome) = oneshot::channel();
        let queued = Box::new(Waiting {
            commands: vec![command],
            outputs: Vec::new(),
            callers: vec![reply],
        });
        let closed = || Error::new(Kind::Closed);
        self.queue.send(queued).await.map_err(|_| closed())?;
        outcome.await.map_err(|_| closed())?
    }
}

/// Some [`Command`]s of one type, with their callers.
trait Queued: Any + Send {
    fn name(&self) -> &'static str;

    fn count(&self) -> usize;

    fn lanes(&self) -> Vec<&str>;

    /// Takes `other` in, where it may be run with this, or gives it back.
    fn join(&mut self, other: Box<dyn Queued>) -> Option<Box<dyn Queued>>;

    fn run<'a>(
        &'a mut self,
        connection: &'a mut AnyConnection,
    ) -> Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send + 'a>>;

    fn reply(self: Box<Self>, committed: Result<(), Error>);
}

struct Waiting<C: Command> {
    commands: Vec<C>,
    outputs: Vec<C::Output>,
    callers: Vec<oneshot::Sender<Result<C::Output, Error>>>,
}

impl<C: Command> Queued for Waiting<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn count(&self) -> usize {
        self.commands.len()
    }

    fn lanes(&self) -> Vec<&str> {
        self.commands.iter().filter_map(Command::lane).collect()
    }

    fn join(&mut self, mut other: Box<dyn Queued>) -> Option<Box<dyn Queued>> {
        let same = (other.as_mut() as &mut dyn Any).downcast_mut::<Self>();
        let (Some(same), Some(first)) = (same, self.commands.first()) else {
            return Some(other);
        };
        if !same.commands.iter().all(|command| first.goes_with(command)) {
            return Some(other);
        }
        self.commands.append(&mut same.commands);
        self.callers.append(&mut same.callers);
        None
    }

    fn run<'a>(
        &'a mut self,
        connection: &'a mut AnyConnection,
    ) -> Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send + 'a>> {
        Box::pin(async move {
            self.outputs = C::run(&self.commands, connection).await?;
            Ok(())
        })
    }

    fn reply(self: Box<Self>, committed: Result<(), Error>) {
        let mut outputs = self.outputs.into_iter();
        for caller in self.callers {
            let output = outputs.next();
            let reply = committed.clone();
            let reply = reply.and_then(|()| output.ok_or_else(|| Error::new(Kind::Internal)));
            // A caller that does not wait any more has left the command to be committed all the same.
            let _ = caller.send(reply);
            fault::point(C::NAME, "told");
        }
    }
}

/// Who commits.
struct Committer {
    pool: AnyPool,
    backend: Backend,
    /// The connection of the last commit. SQLite forgets the pages in memory of all connections but the one that commits.
    kept: Option<PoolConnection<sqlx::Any>>,
}

impl Committer {
    async fn commit_all(mut self, mut commands: mpsc::Receiver<Box<dyn Queued>>) {
        let mut queued = Vec::with_capacity(GROUP);
        while commands.recv_many(&mut queued, GROUP).await > 0 {
            gather(&mut commands, &mut queued).await;
            let mut group = joined(queued.drain(..));
            let outcome = self.commit(&mut group).await;
            if let Err(error) = &outcome {
                let cause = std::error::Error::source(error).map(tracing::field::display);
                let commands: usize = group.iter().map(|commands| commands.count()).sum();
                tracing::error!(%error, cause, commands, "nothing was stored");
            }
            for commands in group {
                commands.reply(outcome.clone());
            }
        }
    }

    async fn commit(&mut self, group: &mut [Box<dyn Queued>]) -> Result<(), Error> {
        let mut runs = 1;
        loop {
            match self.try_commit(group).await {
                Err(error) if runs < RUNS && lost_to_another(&error) => runs += 1,
                outcome => return Ok(outcome?),
            }
        }
    }

    async fn try_commit(&mut self, group: &mut [Box<dyn Queued>]) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        let run = run(&mut connection, self.backend, group);
        let outcome = self.backend.within(|patience| patience.work, run).await;
        if outcome.is_err() {
            // A database may have ended the transaction by itself, as SQLite does where its disk is full; nobody needs to find out. It is
            // closed without being waited for: it may be silent, and what its transaction is taken back by is still to be sent.
            connection.close_on_drop();
        } else {
            self.kept = Some(connection);
        }
        outcome
    }

    async fn connection(&mut self) -> Result<PoolConnection<sqlx::Any>, sqlx::Error> {
        if let Some(mut kept) = self.kept.take() {
            // The other end of a file is this process; that of a database may have gone.
            if self.backend.is_file() {
                return Ok(kept);
            }
            let sign = self.backend.within(|patience| patience.sign, kept.ping());
            match sign.await {
                Ok(()) => return Ok(kept),
                Err(error) => tracing::warn!(%error, "the connection that commits is replaced"),
            }
            kept.close_on_drop();
        }
        self.pool.acquire().await
    }
}

/// Lets those who are about to send a command send it, for as long as more come: what the last commit has set free runs before the next.
async fn gather(commands: &mut mpsc::Receiver<Box<dyn Queued>>, queued: &mut Vec<Box<dyn Queued>>) {
    loop {
        tokio::task::yield_now().await;
        let (before, free) = (queued.len(), GROUP.saturating_sub(queued.len()));
        queued.extend(std::iter::from_fn(|| commands.try_recv().ok()).take(free));
        if queued.len() == before {
            return;
        }
    }
}

/// What is to be run: commands that may be run together, together. None of those that wait at the same time came before another: who
/// sent it has not been told of it.
fn joined(queued: impl Iterator<Item = Box<dyn Queued>>) -> Vec<Box<dyn Queued>> {
    let mut group: Vec<Box<dyn Queued>> = Vec::new();
    for commands in queued {
        let mut alone = Some(commands);
        for others in &mut group {
            alone = match alone {
                Some(commands) => others.join(commands),
                None => break,
            };
        }
        group.extend(alone);
    }
    group
}

async fn run(
    connection: &mut AnyConnection,
    backend: Backend,
    group: &mut [Box<dyn Queued>],
) -> Result<(), sqlx::Error> {
    let mut transaction: Transaction<'_, sqlx::Any> =
        connection.begin_with(backend.begin()).await?;
    if let Some(hold) = backend.hold_lanes() {
        let lanes: BTreeSet<&str> = group.iter().flat_map(|commands| commands.lanes()).collect();
        let lanes: Vec<&str> = lanes.into_iter().collect();
        many::run(
            &mut transaction,
            hold,
            "(?)",
            &lanes,
            &[],
            |statement, lane| statement.bind((*lane).to_owned()),
        )
        .await?;
    }
    for commands in group.iter_mut() {
        commands.run(&mut transaction).await?;
    }
    pass(group, "before commit");
    transaction.commit().await?;
    pass(group, "after commit");
    Ok(())
}

/// Passes by the fault point of each command of `group`.
fn pass(group: &[Box<dyn Queued>], moment: &str) {
    for commands in group {
        (0..commands.count()).for_each(|_| fault::point(commands.name(), moment));
    }
}
