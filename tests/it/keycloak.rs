//! One realm of a Keycloak server.

mod preset;
mod real;
mod realm;
