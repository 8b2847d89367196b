//! [`ClientCredentials`]: a program asks for itself.

use crate::endpoint::{Form, TokenEndpoint};
use crate::error::Result;
use crate::future::BoxFuture;
use crate::session::{Held, TokenSet};
use crate::source::Grant;
use crate::store::StoreKey;

/// The client credentials grant (RFC 6749 §4.4). Can be repeated without harm.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    endpoint: TokenEndpoint,
    scopes: Vec<String>,
    parameters: Vec<(String, String)>,
}

impl ClientCredentials {
    /// Asks `endpoint` with the client that it authenticates as.
    pub fn new(endpoint: TokenEndpoint) -> Self {
        Self {
            endpoint,
            scopes: Vec::new(),
            parameters: Vec::new(),
        }
    }

    /// Asks for these scopes.
    #[must_use]
    pub fn with_scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            scopes: scopes.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// Adds a parameter that is no secret: `audience`, `resource` (RFC 8707), a vendor's own.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }
}

impl Grant for ClientCredentials {
    fn key(&self) -> StoreKey {
        let key = StoreKey::new(self.endpoint.session("default"))
            .with_scopes(&self.scopes)
            .with(
                "claims",
                self.endpoint.standing_claims().unwrap_or_default(),
            );
        self.parameters
            .iter()
            .fold(key, |key, (name, value)| key.with(name, value))
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        let form = Form::new("client_credentials").with_scopes(&self.scopes);
        let form = self
            .parameters
            .iter()
            .fold(form, |form, (name, value)| form.with(name, value));
        Box::pin(self.endpoint.request(held, form))
    }
}
