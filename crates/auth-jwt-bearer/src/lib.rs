#![doc = include_str!("../README.md")]

mod account;
mod jwt_bearer;
pub mod preset;

pub use account::ServiceAccount;
pub use jwt_bearer::JwtBearer;
