//! A person's browser: which pages it is sent to, and where it comes back.

mod loopback;
mod page;
mod redirect_uri;

pub(crate) use loopback::{Loopback, Outcome};
pub(crate) use page::page;
pub(crate) use redirect_uri::Host;
pub use redirect_uri::RedirectUri;
