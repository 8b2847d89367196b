//! A server in C with habits of its own, Debian's `glewlwyd`: errors without a body, one-use refresh tokens,
//! `slow_down`. `cargo xtask conformance glewlwyd` starts it; without it these tests are left out.

mod device;
mod person;
mod robot;
mod server;
