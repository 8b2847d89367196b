//! [RULES.md]: _docs::rules
//! [SERVICES.md]: _docs::services
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(doc)]
pub mod _docs;
mod algorithm;
mod audience;
#[cfg(feature = "axum")]
mod axum;
mod bearer;
mod check;
mod checks;
mod claims;
mod entra;
mod issuer;
mod json;
mod jws;
mod keycloak;
mod keys;
mod lookup;
mod memory;
pub mod preset;
mod rejection;
mod role;
mod role_claim;
mod rule;
mod secret;
mod span;
#[cfg(feature = "tower")]
mod tower;
mod unverified;
mod verified;
mod verifier;

pub use algorithm::Algorithm;
pub use audience::Audience;
#[cfg(feature = "axum")]
pub use axum::CheckedToken;
pub use bearer::{Bearer, BearerHeader};
pub use check::IdTokenCheck;
pub use checks::TokenChecks;
pub use entra::{Cloud, Tenants};
pub use issuer::{Entra, Issuer};
pub use keycloak::Keycloak;
pub use keys::{KeySet, KeySource, KeyStats, Keys};
pub use lookup::TokenLookup;
pub use rejection::{Rejection, RejectionKind};
pub use role::Roles;
pub use role_claim::RoleClaim;
#[doc(hidden)]
pub use rule::Literals;
pub use rule::Rule;
pub use secret::SharedSecrets;
#[cfg(feature = "tower")]
pub use tower::{Answered, RequireToken, TokenRequired};
pub use unverified::Unverified;
pub use verified::Verified;
pub use verifier::Verifier;
