//! The vendor's side of a Jobcenter: one small trait.

use std::fmt;
use std::future::Future;

use crate::message::Message;
use crate::receipt::Answer;

/// A vendor's case system, behind the Jobcenter's endpoint.
///
/// # Once
/// A message is registered once where the case system and the Jobcenter each do their part. The Jobcenter calls
/// [`CaseSystem::register`] until it has committed that it succeeded, one attempt after the other. Between the registration and that
/// commit the process may die, or take so long that another instance takes its place, and nobody can tell from outside whether the
/// message was registered: then it comes again. So the case system does its part by the message's own id,
/// [`Message::transaction`]: in one step it looks up whether that is registered, registers it where it is not, and says the same
/// answer either way. A unique key on a column does it, or an insert that does nothing where the key is there.
///
/// The Jobcenter has turned away other messages under an id that is taken before they come here, so that the id is enough.
pub trait CaseSystem: Send + Sync + 'static {
    /// Registers `message`, unless its id is registered, and says the business answer to it; `None` says that
    /// [`Jobcenter::answer`](super::Jobcenter::answer) will be told later.
    ///
    /// The messages of one case come one after the other, in their order.
    ///
    /// # Errors
    /// It cannot register at the moment: the message comes again later.
    fn register(
        &self,
        message: &Message,
    ) -> impl Future<Output = Result<Option<Answer>, Unavailable>> + Send;
}

/// The case system cannot register at the moment, for this reason, which the log and `outbox show` tell: without what looks like a CPR
/// number, without control characters, and up to 4,000 characters of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable(pub String);

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unavailable {}

/// A case system for trying things out: it accepts every message and keeps none, so that one that comes again changes nothing and is
/// answered as before.
#[derive(Clone, Copy, Debug, Default)]
pub struct AcceptAll;

impl CaseSystem for AcceptAll {
    async fn register(&self, _message: &Message) -> Result<Option<Answer>, Unavailable> {
        Ok(Some(Answer::Accepted))
    }
}
