//! The published facts of the systems that people asked for.

pub mod destiny;
pub mod open_pectus;
pub mod provena;
mod refusal;

pub use refusal::Refusal;
