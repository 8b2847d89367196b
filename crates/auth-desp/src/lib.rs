#![doc = include_str!("../README.md")]

pub mod netrc;
pub mod otp;
mod platform;
pub mod polytope;
pub mod preset;
mod service;
mod shared_file;

pub use platform::Platform;
pub use service::{Exchange, Service};
