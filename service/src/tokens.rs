//! Tokens to call with: asked for once however many want one, kept for as long as they hold, and why there are none.

mod cache;
mod error;
mod signers;
mod source;

pub use self::cache::{Purpose, TokenCache};
pub use self::error::TokenError;
pub use self::signers::{Known, Signers, Unread};
pub use self::source::TokenSource;
