//! The same at Keycloak itself, with realms shaped like the platform's. `cargo xtask conformance desp` starts it;
//! without it these tests are left out.

mod beside;
mod crowd;
mod files;
mod killed;
mod platform;
mod ways;
