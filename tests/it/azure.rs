//! Entra ID.

mod chain;
mod managed_identity;
