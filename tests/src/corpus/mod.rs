//! A folder of contracts with their messages: each is generated, compiled, and its messages are read and written.
//!
//! | module | what |
//! |---|---|
//! | [`contracts`] | which files of the folder are contracts |
//! | [`emitted`] | what the generator makes of one, and the glue that lets its messages run |
//! | [`messages`] | the messages beside a contract |
//! | [`scratch`] | the workspace in which emitted code is compiled and run |
//! | [`relay`] | what runs there: messages through emitted servers and clients |
//! | [`lexical`] | whether two texts are forms of one value, by the schemas alone |
//! | [`expected`] | what is known to be refused or to come back otherwise, and why |

pub mod contracts;
pub mod emitted;
pub mod expected;
pub mod lexical;
pub mod messages;
pub mod relay;
pub mod scratch;
