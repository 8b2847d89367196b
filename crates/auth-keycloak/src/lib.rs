#![doc = include_str!("../README.md")]

mod person;
pub mod preset;
mod realm;

pub use person::Person;
pub use realm::Realm;
