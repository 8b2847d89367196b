//! The same realm at Keycloak itself, which `cargo xtask conformance keycloak` starts. Without it these
//! tests are skipped.

mod front;
mod restarted;
mod running;
mod server;
