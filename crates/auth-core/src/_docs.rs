//! Pages beside the reference: how it works, and why.

#[doc = include_str!("../SOURCES.md")]
pub mod sources {}
