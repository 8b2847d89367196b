//! An OpenID Provider that trades tokens: PyPI's `idpyoidc`, which `cargo xtask conformance idpyoidc`
//! starts. Without it these tests are left out.

mod exchange;
mod person;
mod server;
mod token;
