#![doc = include_str!("../README.md")]

mod account;
mod algorithm;
mod assertion;
mod jwt_bearer;
mod key;
pub mod preset;

pub use account::ServiceAccount;
pub use algorithm::Algorithm;
pub use assertion::Assertion;
pub use jwt_bearer::JwtBearer;
pub use key::SigningKey;

/// The workspace's README, whose example compiles here.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
