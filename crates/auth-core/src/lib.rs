//! [SOURCES.md]: _docs::sources
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(doc)]
pub mod _docs;

// The rooms, from the ground up: each uses those above it and none below.
pub mod error;
#[doc(hidden)]
pub mod flight;
mod future;
mod io;
#[cfg(any(feature = "person", feature = "sign"))]
mod random;

#[cfg(feature = "file-store")]
pub mod shared_file;

pub mod token;

pub mod store;

pub mod session;

pub mod assertion;

#[cfg(feature = "file-store")]
pub mod token_file;

mod source;

pub mod prompt;

#[cfg(feature = "person")]
mod person;

mod api;
pub mod provider;

pub mod endpoint;

mod cache;
pub mod grant;

#[cfg(feature = "blocking")]
mod blocking;

pub use api::ApiClient;
#[cfg(feature = "blocking")]
pub use blocking::blocking;
pub use cache::{CachedSource, Callers};
pub use endpoint::{ClientAuth, TokenEndpoint};
pub use error::{Error, ErrorKind, Result};
pub use future::BoxFuture;
#[cfg(feature = "person")]
pub use grant::{AuthorizationCode, DeviceCode};
pub use grant::{ClientCredentials, Refreshing, TokenExchange};
pub use io::{Io, clock, http};
#[cfg(feature = "person")]
pub use person::RedirectUri;
pub use prompt::Prompt;
pub use provider::Provider;
pub use source::{Chain, GivenSource, Grant, StaticSource, TokenSource};
pub use token::{AccessToken, RefreshToken};
