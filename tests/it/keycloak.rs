//! One realm of a Keycloak server.

mod preset;
pub mod real;
mod realm;
