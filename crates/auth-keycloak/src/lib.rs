#![doc = include_str!("../README.md")]

mod claims;
mod person;
pub mod preset;
mod realm;
mod refresh_token;

pub use person::Person;
pub use realm::Realm;
pub use refresh_token::RefreshTokenClaims;
