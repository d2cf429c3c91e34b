//! The log of one thread, for tests to look at.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::Value;
use tracing::Dispatch;
use tracing::subscriber::NoSubscriber;
use tracing_subscriber::fmt::MakeWriter;

/// While there is but one subscriber, tracing asks the thread that first comes to a place in the code whether anybody listens there, and
/// that thread may be another's. Of two it asks both.
static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// What is logged, as one JSON object a line.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Keeps what this thread logs until what is returned is dropped.
    pub(crate) fn keep(&self) -> tracing::subscriber::DefaultGuard {
        LazyLock::force(&ANOTHER);
        let format = tracing_subscriber::fmt().json().flatten_event(true);
        tracing::subscriber::set_default(format.with_writer(self.clone()).finish())
    }

    /// The lines so far with that message, which are forgotten with all others.
    pub(crate) fn lines(&self, message: &str) -> Vec<Value> {
        let text = std::mem::take(&mut *self.0.lock().unwrap());
        let text = String::from_utf8(text).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines
            .filter(|line: &Value| line["message"] == message)
            .collect()
    }

    /// The only one of them.
    #[track_caller]
    pub(crate) fn line(&self, message: &str) -> Value {
        let mut lines = self.lines(message);
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.remove(0)
    }
}

impl Write for Log {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
