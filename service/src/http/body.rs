//! Taking in the body of a request or a response, up to a bound.

use std::future::poll_fn;
use std::pin::pin;

use hyper::body::{Body, Bytes};

/// Why a body was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is longer than the limit.
    TooLong,
    /// It broke off.
    BrokenOff,
}

/// The whole body, of `limit` octets at most. What came in one piece, as most messages do, is not copied.
///
/// # Errors
/// It is longer, which is known from Content-Length before the first octet where there is one, or it broke off.
pub(crate) async fn whole<B: Body<Data = Bytes>>(body: B, limit: usize) -> Result<Bytes, Unread> {
    if body.size_hint().lower() > limit as u64 {
        return Err(Unread::TooLong);
    }
    let mut body = pin!(body);
    let mut first = Bytes::new();
    let mut joined = Vec::new();
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        // Trailers say nothing that SOAP asks for.
        let Ok(data) = frame.map_err(|_| Unread::BrokenOff)?.into_data() else {
            continue;
        };
        if first.len() + joined.len() + data.len() > limit {
            return Err(Unread::TooLong);
        }
        if first.is_empty() && joined.is_empty() {
            first = data;
        } else {
            joined.extend_from_slice(&std::mem::take(&mut first));
            joined.extend_from_slice(&data);
        }
    }
    Ok(if joined.is_empty() {
        first
    } else {
        Bytes::from(joined)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use hyper::body::Frame;

    use super::*;

    /// A body in pieces, whose length is not told.
    struct Pieces(VecDeque<&'static str>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let piece = self.0.pop_front();
            Poll::Ready(piece.map(|piece| Ok(Frame::data(piece.into()))))
        }
    }

    #[tokio::test]
    async fn pieces_are_joined_up_to_the_limit() {
        let pieces = || Pieces(["", "ab", "", "c", "def"].into());
        assert_eq!(whole(pieces(), 6).await.unwrap(), "abcdef");
        assert_eq!(whole(pieces(), 5).await, Err(Unread::TooLong));
        assert_eq!(whole(Pieces(["abc"].into()), 3).await.unwrap(), "abc");
        assert_eq!(whole(Pieces(VecDeque::new()), 0).await.unwrap(), "");
        assert_eq!(
            whole("abcd".to_owned(), 3).await,
            Err(Unread::TooLong),
            "a length that is told"
        );
    }
}
