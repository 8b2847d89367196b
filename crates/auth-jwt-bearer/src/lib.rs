#![doc = include_str!("../README.md")]

mod algorithm;
mod assertion;
mod key;

pub use algorithm::Algorithm;
pub use assertion::Assertion;
pub use key::SigningKey;
