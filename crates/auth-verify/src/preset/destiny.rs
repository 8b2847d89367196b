//! The DESTINY repository: an API that takes tokens of Entra ID, of a Keycloak realm, or of both.
//!
//! ```
//! # use auth_core::Io;
//! # use auth_verify::preset::destiny::{Environment, Provider, Repository, permission};
//! # fn main() -> auth_core::Result<()> {
//! let repository = Repository::of(Environment::Production, Provider::Both)?;
//! let verifier = repository.verifier(Io::new())?;
//! // let caller = verifier.verify_request(&headers).await.map_err(|no| repository.refusal(&no, None))?;
//! // repository.check(&caller, permission::REFERENCE_READER)?;
//! # Ok(())
//! # }
//! ```
//!
//! Statuses and words are those of its server of summer 2026. What differs, on purpose:
//!
//! - a token without `exp` or without `aud` is refused, and so is one from the future: its server lets them in;
//! - a role is a whole word in a list: its server finds `reader` in a text that has the word in it. A list of scopes is
//!   read, where its server fails with 500;
//! - clocks may be a minute apart, there not at all;
//! - keys that can't be fetched are 503 (or 500, where only whoever runs the service can mend it), there 401; a key that
//!   was published since the last fetch is found, there a rotation is noticed a day later; an answer that is no key set
//!   is never kept;
//! - ID tokens, refresh tokens and whatever else is no access token are refused, and so are tokens that are bound to a
//!   key; the tenant, the version and the key of a token of Entra must agree;
//! - a refusal has a challenge (`WWW-Authenticate`, RFC 9110 §15.5.2), there none;
//! - nothing switches the checks off.
//!
//! Requests of robots, which are signed with a shared secret, are not looked at here.

mod permissions;
mod repository;
mod settings;

pub use permissions::permission;
pub use repository::Repository;
pub use settings::{Environment, Provider, REALM, TENANT};
