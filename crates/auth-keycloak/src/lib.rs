#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod claims;
#[cfg(feature = "person")]
mod person;
pub mod preset;
mod realm;
mod refresh_token;

#[cfg(feature = "person")]
pub use person::Person;
pub use realm::Realm;
pub use refresh_token::RefreshTokenClaims;
