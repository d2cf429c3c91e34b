//! One side of a connection without the other: its peer is a script in memory, so that the instructions counted are that
//! side's own.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use hyper::Uri;
use hyper::body::Bytes;
use hyper::rt::{Read, ReadBufCursor, Write};
use service::http::Dial;

/// A peer that has the same octets to send again and again: the first time at once or once it was written to, and then each
/// time it was.
pub(crate) struct Peer {
    octets: Bytes,
    times: usize,
    due: bool,
    written: bool,
    reader: Option<Waker>,
    heard: Option<Heard>,
}

/// What a peer was sent.
pub(crate) type Heard = Arc<Mutex<Vec<u8>>>;

impl Peer {
    /// A client that sends `request` so many times, each once the one before it was answered, and then closes.
    pub(crate) const fn client(request: Bytes, times: usize) -> Self {
        Self {
            octets: request,
            times,
            due: true,
            written: false,
            reader: None,
            heard: None,
        }
    }

    /// The same, writing down in `heard` what it is sent.
    pub(crate) fn listening(self, heard: &Heard) -> Self {
        Self {
            heard: Some(Arc::clone(heard)),
            ..self
        }
    }

    fn hear(&self, octets: &[u8]) {
        if let Some(heard) = &self.heard {
            heard.lock().expect("unspoiled").extend_from_slice(octets);
        }
    }

    /// A server that sends `answer` whatever it was asked.
    pub(crate) const fn server(answer: Bytes) -> Self {
        Self {
            octets: answer,
            times: usize::MAX,
            due: false,
            written: false,
            reader: None,
            heard: None,
        }
    }
}

impl Read for Peer {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.due {
            self.due = false;
            buffer.put_slice(&self.octets);
        } else if self.times > 0 {
            self.reader = Some(context.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Peer {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.written = true;
        self.hear(octets);
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.written = true;
        parts.iter().for_each(|part| self.hear(part));
        Poll::Ready(Ok(parts.iter().map(|part| part.len()).sum()))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if std::mem::take(&mut self.written) {
            self.times = self.times.saturating_sub(1);
            self.due = self.times > 0;
            if let Some(reader) = self.reader.take() {
                reader.wake();
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Connects to servers that send this answer.
pub(crate) struct Answering(pub(crate) Bytes);

impl Dial for Answering {
    type Io = Peer;

    async fn dial(&self, _: &Uri) -> io::Result<Peer> {
        Ok(Peer::server(self.0.clone()))
    }
}
