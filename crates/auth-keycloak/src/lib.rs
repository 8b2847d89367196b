#![doc = include_str!("../README.md")]

pub mod preset;
mod realm;

pub use realm::Realm;
