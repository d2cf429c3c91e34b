//! A folder of contracts with their messages: each is generated, compiled, and its messages are read and written.

pub mod contracts;
pub mod emitted;
pub mod expected;
pub mod lexical;
pub mod messages;
pub mod relay;
pub mod scratch;
