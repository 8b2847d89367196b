#![doc = include_str!("../README.md")]

mod account;
mod jwt_bearer;
pub mod preset;

pub use account::ServiceAccount;
pub use jwt_bearer::JwtBearer;

/// The workspace's README, whose example compiles here.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
