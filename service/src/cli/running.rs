//! What a process that serves is made of: tasks that end only when they are asked to.

use std::collections::HashMap;

use tokio::task::{Id, JoinSet};

use super::signals::Signals;
use super::{Error, Exit};
use crate::http::Stop;

/// The tasks of a process, each under the name that a log line calls it by.
#[derive(Default)]
pub(super) struct Running {
    tasks: JoinSet<()>,
    names: HashMap<Id, String>,
}

impl Running {
    /// Runs a task that ends when its process stops, and not before.
    pub(super) fn spawn(
        &mut self,
        name: impl Into<String>,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let id = self.tasks.spawn(task).id();
        self.names.insert(id, name.into());
    }

    /// The same for one that does not listen to `stop` itself.
    pub(super) fn spawn_until(
        &mut self,
        stop: Stop,
        name: impl Into<String>,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        self.spawn(name, until(stop, task));
    }

    /// Runs until a signal asks to stop; calls `reload` at each SIGHUP.
    ///
    /// # Errors
    /// A task has ended before that. Without it the process would promise what it does not keep, so it has to stop, and whoever
    /// supervises it has to start it again.
    pub(super) async fn until_stopped(
        &mut self,
        signals: Signals,
        reload: impl Fn(),
    ) -> Result<(), Error> {
        tokio::select! {
            stopped = signals.until_stopped(reload) => Ok(stopped?),
            error = self.first_to_end() => Err(error),
        }
    }

    /// Waits for the first task that ends, which is a defect. Where there is none, nothing ends.
    async fn first_to_end(&mut self) -> Error {
        let Some(ended) = self.tasks.join_next_with_id().await else {
            return std::future::pending().await;
        };
        let (id, how) = match &ended {
            Ok((id, ())) => (*id, "has ended"),
            Err(error) => (error.id(), "was stopped by a defect"),
        };
        let name = self.names.get(&id).map_or("a task", String::as_str);
        let text = format!("{name} {how}: this process cannot go on, and has to be started again");
        tracing::error!("{text}");
        Error::new(Exit::Defect, text)
    }

    /// Waits for all tasks, which have been asked to stop.
    pub(super) async fn finish(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// A task that does not listen to `stop` itself, as one that ends with it.
pub(super) async fn until(stop: Stop, task: impl Future<Output = ()>) {
    tokio::select! {
        () = stop.stopped() => {}
        () = task => {}
    }
}

/// What the watcher of reloads is called in the log.
pub(super) const WATCHER: &str = "the watcher of certificates and keys";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Stopper;

    #[tokio::test]
    async fn a_task_that_ends_unasked_ends_the_process_with_an_error() {
        for (defect, said) in [(false, "worker has ended"), (true, "worker was stopped")] {
            let (stopper, stop) = Stopper::new();
            let mut running = Running::default();
            running.spawn("listener", stop.clone().stopped());
            running.spawn_until(stop, "watcher", std::future::pending());
            running.spawn("worker", async move { assert!(!defect, "a defect") });
            let signals = Signals::listen().unwrap();
            let stopped = running.until_stopped(signals, || {}).await;
            let error = stopped.unwrap_err();
            assert!(error.text.contains(said), "{}", error.text);
            assert!(matches!(error.exit, Exit::Defect));
            // The others stop in good order.
            stopper.stop();
            running.finish().await;
        }
    }
}
