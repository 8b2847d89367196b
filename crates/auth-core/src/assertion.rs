//! Assertions (RFC 7521): what a client or an account says about itself, signed, or what somebody else says about it.

#[cfg(feature = "sign")]
mod algorithm;
#[cfg(feature = "sign")]
mod certificate;
mod client;
mod github;
mod given;
#[cfg(feature = "sign")]
mod jws;
#[cfg(feature = "sign")]
mod jwt;
#[cfg(feature = "sign")]
mod key;
#[cfg(feature = "sign")]
mod signing_key;

#[cfg(feature = "sign")]
pub use algorithm::Algorithm;
pub use client::ClientAssertion;
pub use github::GitHubAssertion;
pub(crate) use given::Claims;
pub use given::GivenAssertion;
#[cfg(feature = "sign")]
pub use jwt::Assertion;
#[cfg(feature = "sign")]
pub use signing_key::SigningKey;
