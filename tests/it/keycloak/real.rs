//! The same realm at Keycloak itself, which `cargo xtask conformance keycloak` starts. Without it these
//! tests are left out.

pub mod front;
mod restarted;
mod running;
pub mod server;
