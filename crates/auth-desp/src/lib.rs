#![doc = include_str!("../README.md")]

#[doc(hidden)]
pub mod cookie;
pub mod netrc;
pub mod otp;
#[doc(hidden)]
pub mod page;
mod platform;
pub mod polytope;
pub mod preset;
mod service;
mod shared_file;

pub use platform::Platform;
pub use service::{Exchange, Service};
