#![doc = include_str!("../README.md")]

mod managed_identity;

pub use managed_identity::{Identity, ManagedIdentity};
