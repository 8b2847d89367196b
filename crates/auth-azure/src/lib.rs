#![doc = include_str!("../README.md")]

mod application;
mod claims;
#[cfg(feature = "person")]
mod person;
pub mod preset;
mod tenant;

#[cfg(feature = "certificate")]
pub use application::Certificate;
pub use application::{Application, Credential, GitHubAssertion};
#[cfg(feature = "person")]
pub use person::Person;
pub use tenant::{CHINA_CLOUD, PUBLIC_CLOUD, Tenant, US_GOVERNMENT_CLOUD};
