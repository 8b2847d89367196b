//! Pages beside the reference: a guide for who builds a service, and the list of what is checked.

#[doc = include_str!("../RULES.md")]
pub mod rules {}

#[doc = include_str!("../SERVICES.md")]
pub mod services {}
