#![doc = include_str!("../README.md")]

mod api;
mod blocking;
#[cfg(feature = "person")]
mod browser;
mod cache;
mod challenge;
mod check;
mod clock;
mod endpoint;
mod error;
mod fingerprint;
mod flight;
mod grant;
mod held;
mod hint;
mod http;
mod id_token;
mod io;
mod login;
#[cfg(feature = "person")]
mod loopback;
mod observer;
mod prompt;
mod provider;
#[cfg(feature = "person")]
mod random;
#[cfg(feature = "person")]
mod redirect_uri;
mod source;
mod static_source;
mod store;
mod token;
mod token_set;
mod untrusted;
mod user_info;

pub use api::ApiClient;
pub use blocking::blocking;
pub use cache::CachedSource;
pub use challenge::Challenge;
pub use check::TokenCheck;
pub use clock::{Clock, Now, SystemClock};
pub use endpoint::{
    ClientAssertion, ClientAuth, Form, Introspection, LoggedOut, TokenEndpoint, retry_after,
};
pub use error::{Error, ErrorKind, Recall, Result};
pub use fingerprint::Fingerprint;
pub use flight::{Callers, Flight, Ticket};
#[cfg(feature = "person")]
pub use grant::{AuthorizationCode, DeviceCode};
pub use grant::{
    ClientCredentials, FileRefreshToken, GivenRefreshToken, Refreshing, TokenExchange,
};
pub use held::Held;
pub use http::{ANSWER_LIMIT, Body, DefaultHttpClient, HttpClient};
pub use id_token::IdToken;
pub use io::Io;
pub use login::Login;
pub use observer::Observer;
#[cfg(feature = "person")]
pub use prompt::UserCode;
pub use prompt::{NoPrompt, Prompt};
pub use provider::{Metadata, Provider};
#[cfg(feature = "person")]
pub use redirect_uri::RedirectUri;
pub use source::{BoxFuture, Grant, TokenSource};
pub use static_source::StaticSource;
pub use store::{
    Attempt, Entry, FileStore, Generation, LockGuard, MemoryStore, RefreshTokenFile,
    ReservedTokenFile, SessionKey, StoreKey, StoreLock, TokenStore,
};
pub use token::{AccessToken, RefreshToken};
pub use token_set::TokenSet;
pub use untrusted::Untrusted;
pub use user_info::UserInfo;
