#![doc = include_str!("../README.md")]

#[doc(hidden)]
pub mod cookie;
mod credentials;
mod login;
mod mirror;
pub mod netrc;
pub mod otp;
#[doc(hidden)]
pub mod page;
mod person;
mod platform;
pub mod polytope;
pub mod preset;
mod service;
mod shared_file;

pub use credentials::Credentials;
pub use mirror::FileMirror;
pub use person::Person;
pub use platform::Platform;
pub use service::{Exchange, Service};
