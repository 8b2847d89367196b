#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod application;
mod azure_cli;
mod chain;
mod claims;
mod managed_identity;
#[cfg(feature = "person")]
mod person;
pub mod preset;
mod tenant;
mod variables;

#[cfg(feature = "certificate")]
pub use application::Certificate;
pub use application::{Application, Credential};
pub use azure_cli::{AzOutput, AzureCli};
pub use chain::chain;
pub use managed_identity::{Identity, ManagedIdentity};
#[cfg(feature = "person")]
pub use person::Person;
pub use tenant::{CHINA_CLOUD, PUBLIC_CLOUD, Tenant, US_GOVERNMENT_CLOUD};
