//! HTTP/1.1 under the roles: what comes in becomes bytes, an action and a [`Context`](crate::call::Context); what goes out comes from
//! a pool of kept connections.
//!
//! Every refusal has a SOAP fault as its body, those of HTTP itself (404, 405, 413, 415) too.

mod app;
mod body;
mod client;
mod dial;
mod listener;
mod pool;
mod request;
mod stop;

pub use app::App;
pub(crate) use body::whole;
pub use client::{Client, HttpTransport};
pub use dial::{Dial, Tcp};
pub use listener::{Listener, Respond, connection};
pub(crate) use request::{check_media_type, soap12};
pub use stop::{Stop, Stopper};
