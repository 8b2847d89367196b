//! Published facts of the systems we were asked for.

pub mod destiny;
pub mod pectus;
