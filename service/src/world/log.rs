//! The log of one thread, for tests to look at.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

/// What is logged, as one JSON object a line.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Keeps what this thread logs until what is returned is dropped.
    pub(crate) fn keep(&self) -> tracing::subscriber::DefaultGuard {
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
