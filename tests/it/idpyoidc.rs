//! An OpenID Provider that trades tokens: PyPI's `idpyoidc`, which `cargo xtask conformance idpyoidc`
//! starts. Without it these tests are skipped.

mod exchange;
mod person;
mod server;
mod token;
