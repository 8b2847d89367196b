//! The grants that RFCs define for everyone, and the wrapper that refreshes.

mod client_credentials;
mod given_refresh_token;
mod refreshing;

pub use client_credentials::ClientCredentials;
pub use given_refresh_token::GivenRefreshToken;
pub use refreshing::Refreshing;
