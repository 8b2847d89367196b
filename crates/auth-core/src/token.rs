//! What a server hands out: distinct types, none of which prints itself.

mod access;
mod fingerprint;
mod id;
mod refresh;

pub use access::AccessToken;
pub use fingerprint::Fingerprint;
pub(crate) use fingerprint::sha256;
#[cfg(feature = "person")]
pub(crate) use id::Expected;
pub use id::IdToken;
#[cfg(feature = "person")]
pub(crate) use id::TokenIssuer;
pub use refresh::RefreshToken;
