#![doc = include_str!("../README.md")]

mod platform;
pub mod preset;
mod service;

pub use platform::Platform;
pub use service::{Exchange, Service};
