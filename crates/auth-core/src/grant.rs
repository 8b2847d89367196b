//! The grants that RFCs define for everyone, and the wrapper that refreshes.

#[cfg(feature = "person")]
mod authorization_code;
mod client_credentials;
#[cfg(feature = "person")]
mod device_code;
#[cfg(feature = "file-store")]
mod file_refresh_token;
mod given_refresh_token;
mod identifying;
mod refreshing;
mod token_exchange;
#[cfg(feature = "person")]
mod wish;

#[cfg(feature = "person")]
pub use authorization_code::AuthorizationCode;
pub use client_credentials::ClientCredentials;
#[cfg(feature = "person")]
pub use device_code::DeviceCode;
#[cfg(feature = "file-store")]
pub use file_refresh_token::FileRefreshToken;
pub use given_refresh_token::GivenRefreshToken;
pub use identifying::Identifying;
pub use refreshing::Refreshing;
pub use token_exchange::TokenExchange;
