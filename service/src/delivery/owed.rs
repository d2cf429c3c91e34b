//! Messages as what is owed: their lane, what tells them apart, and the document that is kept.

use std::fmt::Display;

use aws_lc_rs::digest::{SHA256, digest};
use soap::Unwritable;
use uuid::Uuid;

use super::incoming::Digest;
use crate::message::Message;
use crate::refusal::{Code, Refusal};
use crate::store::{Ended, NewTask};

/// The task that `message` is to a party that owes it.
///
/// # Errors
/// A defect: the message cannot be written.
pub(crate) fn task(message: &Message) -> Result<NewTask, Refusal> {
    let write = |message: &Message| message.write().map_err(|error| unwritable(&error));
    let content = write(message)?;
    let digest = if message.is_content() {
        sha256(content.as_bytes())
    } else {
        sha256(write(&message.clone().content())?.as_bytes())
    };
    Ok(NewTask {
        transaction: message.transaction(),
        lane: lane(message),
        municipality: message.municipality(),
        operation: message.operation(),
        code: None,
        digest,
        content,
    })
}

/// The lane of `message`: its case, or itself where it names none.
pub(crate) fn lane(message: &Message) -> String {
    let case = message.header().sag_identifikator.as_ref();
    lane_of(case.map(|case| case.uuid()), message.transaction())
}

/// The lane of the message `transaction` of the case `case`.
pub(crate) fn lane_of(case: Option<Uuid>, transaction: Uuid) -> String {
    match case {
        Some(case) => case.to_string(),
        None => format!("message {transaction}"),
    }
}

/// The SHA-256 of `octets`.
pub(crate) fn sha256(octets: &[u8]) -> Digest {
    // A SHA-256 has 32 octets.
    digest(&SHA256, octets)
        .as_ref()
        .try_into()
        .unwrap_or_default()
}

pub(crate) fn unwritable(error: &Unwritable) -> Refusal {
    Refusal::new(
        Code::Internal,
        format!("The message cannot be written: {error}."),
    )
}

/// The end of an attempt at a document that cannot be read any more: one that an older version wrote, after the contract has changed.
pub(crate) fn unreadable(error: impl Display) -> Ended {
    Ended::failed(&format!("the stored message cannot be read: {error}"))
}
