#![doc = include_str!("../README.md")]

mod azure_cli;
mod managed_identity;

pub use azure_cli::{AzOutput, AzureCli};
pub use managed_identity::{Identity, ManagedIdentity};
