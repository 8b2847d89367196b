//! Any OpenID Provider: npm's `oidc-provider`, which `cargo xtask conformance oidc-provider` starts.
//! Without it these tests are left out.

mod entra;
mod person;
mod server;
mod service;
mod token;
mod web;
