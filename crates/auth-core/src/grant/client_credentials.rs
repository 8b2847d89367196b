//! [`ClientCredentials`]: a program asks for itself.

use crate::endpoint::{Form, Parameters, TokenEndpoint};
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
    parameters: Parameters,
}

impl ClientCredentials {
    /// Asks `endpoint` with the client that it authenticates as.
    pub fn new(endpoint: TokenEndpoint) -> Self {
        Self {
            endpoint,
            scopes: Vec::new(),
            parameters: Parameters::default(),
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

    /// Adds a parameter that is no secret: `audience` and `resource` (RFC 8707), as often as there are several, a vendor's
    /// own.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.add(name, value);
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
        let parts = self.parameters.parts();
        parts.fold(key, |key, (name, value)| key.with(name, value))
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        let form = Form::new("client_credentials").with_scopes(&self.scopes);
        let form = self.parameters.added_to(form);
        Box::pin(self.endpoint.request(held, form))
    }
}
