//! What is owed, and how it is seen to: messages to hand over, registrations to make, answers to give and answers to come.
//!
//! The machines are pure: state and event in, new state and effects out, with no clock, no chance and no I/O of their own. One rule
//! binds all who run them: **the new state is committed before an effect is carried out.** Whoever dies between the two has promised
//! nothing, and finds in the store what is still owed.
//!
//! # Map
//! [`task`] is one thing that is owed, from the first attempt to the last, and what is decided about it by hand; [`incoming`] tells a
//! new message from a repeat; [`expected`] matches answers to what was sent; [`schedule`] says when to try again, and [`window`] when
//! not to. `room` says for whom there may be more attempts at once; `said` is what is kept of what was said of an attempt; `worker`
//! carries the effects out, and is the only one here that waits for anything.
//!
//! # Order
//! What is owed goes in *lanes*: within one, a task begins when all before it are done; lanes run beside each other. A message's lane
//! is its case, SagIdentifikator, whatever the municipality. A message without one cannot be told to belong with any other, so it is a
//! lane of its own.

pub mod expected;
pub mod incoming;
pub(crate) mod owed;
pub(crate) mod room;
pub(crate) mod said;
pub mod schedule;
pub mod task;
pub mod window;
pub(crate) mod worker;

#[cfg(test)]
mod model;

/// An instant; events bring it.
pub type Time = chrono::DateTime<chrono::Utc>;
