//! huskarl: a client's own tokens, kept in memory. One cache asks for one list of scopes.

use std::collections::HashMap;
use std::sync::Arc;

use auth_core::BoxFuture;
use http::{HeaderMap, Method, Uri};
use huskarl::authorizer::HttpAuthorizer;
use huskarl::cache::{
    GrantTokenSource, InMemoryRefreshTokenStore, InMemoryTokenCache, TokenError, TokenSource,
};
use huskarl::core::client_auth::ClientSecret;
use huskarl::core::secrets::{ProvidedSecret, SecretString};
use huskarl::grant::client_credentials::{
    ClientCredentialsGrant, ClientCredentialsGrantParameters,
};
use huskarl::grant::core::TokenResponse;
use huskarl_reqwest::ReqwestClient;
use url::Url;

use crate::library::{Library, Maker};

pub(crate) const PATH: &str = "/huskarl";

type Cache =
    InMemoryTokenCache<GrantTokenSource<ClientCredentialsGrant, InMemoryRefreshTokenStore>>;

pub(crate) struct Huskarl(HashMap<&'static str, Cache>);

/// What puts a cached token on requests.
pub(crate) struct Headers(HttpAuthorizer, Uri);

impl Headers {
    pub(crate) fn new(token_url: &Url) -> Self {
        let http = ReqwestClient::from(reqwest::Client::new());
        let authorizer = HttpAuthorizer::builder().cache(cache(&http, token_url, "read"));
        Self(
            authorizer.build(),
            Uri::from_static("https://api.example.org/things"),
        )
    }

    pub(crate) async fn get(&self) -> Result<HeaderMap, TokenError> {
        self.0.get_headers(&Method::GET, &self.1).await
    }
}

fn cache(http: &ReqwestClient, token_url: &Url, scope: &str) -> Cache {
    let secret = ProvidedSecret::new(SecretString::new("s3cret"));
    let grant = ClientCredentialsGrant::builder()
        .token_endpoint(token_url.as_str().parse().unwrap())
        .client_id("robot")
        .http_client(http.clone())
        .client_auth(ClientSecret::new(secret))
        .build();
    let wanted = ClientCredentialsGrantParameters::builder()
        .scope(vec![scope.to_owned()])
        .build();
    let source = GrantTokenSource::builder()
        .grant(grant)
        .grant_parameters(wanted)
        .refresh_store(InMemoryRefreshTokenStore::default())
        .build();
    InMemoryTokenCache::builder().source(source).build()
}

impl Huskarl {
    pub(crate) fn new(token_url: &Url) -> Self {
        let http = ReqwestClient::from(reqwest::Client::new());
        let caches = ["read", "write"].map(|scope| (scope, cache(&http, token_url, scope)));
        Self(caches.into())
    }

    pub(crate) fn maker(token_url: Url) -> Maker {
        Maker {
            name: "huskarl",
            path: PATH,
            takes_scopes: true,
            make: Box::new(move || Arc::new(Self::new(&token_url))),
        }
    }

    pub(crate) async fn token(&self, scope: &str) -> Result<Arc<TokenResponse>, TokenError> {
        self.0[scope].token().await
    }
}

impl Library for Huskarl {
    fn ask(&self, scope: &'static str) -> BoxFuture<'_, bool> {
        Box::pin(async move { self.token(scope).await.is_ok() })
    }
}
