//! [`Library`]: a way to get tokens, as the crowd sees it; and ours.

use std::collections::HashMap;
use std::sync::Arc;

use auth_core::store::{MemoryStore, TokenStore};
use auth_core::{
    BoxFuture, CachedSource, ClientAuth, ClientCredentials, Io, TokenEndpoint, TokenSource,
};
use secrecy::SecretString;
use url::Url;

/// Sources of tokens for the scopes `read` and `write`.
pub trait Library: Send + Sync {
    /// Asks for a token with that scope, and says whether one came.
    fn ask(&self, scope: &'static str) -> BoxFuture<'_, bool>;
}

/// How to get a library with nothing in its cache.
pub struct Maker {
    pub name: &'static str,
    /// Where it asks for tokens.
    pub path: &'static str,
    /// Whether one source of it can ask for either scope, or two can share a login.
    pub takes_scopes: bool,
    pub make: Box<dyn Fn() -> Arc<dyn Library>>,
}

/// Two sources of one session, so that they share a store, its lock and a login.
pub struct Ours(HashMap<&'static str, CachedSource>);

impl Ours {
    pub fn new(token_url: Url) -> Self {
        let io = Io::new();
        let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
        let client = ClientAuth::basic("robot", SecretString::from("s3cret"));
        let endpoint = TokenEndpoint::new(token_url, client, io.clone());
        let sources = ["read", "write"].map(|scope| {
            let grant = ClientCredentials::new(endpoint.clone()).with_scopes([scope]);
            let source = CachedSource::new(grant, io.clone());
            (scope, source.with_store(store.clone()))
        });
        Self(sources.into())
    }

    pub fn maker(token_url: Url) -> Maker {
        Maker {
            name: "auth-core",
            path: "/token",
            takes_scopes: true,
            make: Box::new(move || Arc::new(Self::new(token_url.clone()))),
        }
    }

    pub fn source(&self, scope: &str) -> &CachedSource {
        &self.0[scope]
    }
}

impl Library for Ours {
    fn ask(&self, scope: &'static str) -> BoxFuture<'_, bool> {
        Box::pin(async move { self.source(scope).token().await.is_ok() })
    }
}
