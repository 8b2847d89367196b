//! The published facts of the systems that people asked for.

pub mod open_pectus;
