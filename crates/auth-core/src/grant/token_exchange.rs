//! [`TokenExchange`]: a token of one session, traded for a token of another.

use std::sync::Arc;

use crate::endpoint::TOKEN_EXCHANGE;
use crate::endpoint::{Form, TokenEndpoint};
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::session::{Held, TokenSet};
use crate::source::{Grant, TokenSource};
use crate::store::StoreKey;
use crate::token::AccessToken;

/// The token exchange grant (RFC 8693). Its subject is the token of another source, asked for anew each
/// time; what it gets is a session of its own, which a [`Refreshing`](crate::Refreshing) may go round.
///
/// A subject that the server calls invalid is discarded at its source, and its successor tried once.
#[derive(Debug)]
pub struct TokenExchange {
    endpoint: TokenEndpoint,
    subject: Arc<dyn TokenSource>,
    subject_type: String,
    account: String,
    scopes: Vec<String>,
    parameters: Vec<(String, String)>,
}

impl TokenExchange {
    /// Trades the tokens of `subject` at `endpoint`. `account` is the label of the new session: sources
    /// with different subjects need different ones, or they would share what they got.
    pub fn new(
        endpoint: TokenEndpoint,
        subject: Arc<dyn TokenSource>,
        account: impl Into<String>,
    ) -> Self {
        Self {
            endpoint,
            subject,
            subject_type: ACCESS_TOKEN.to_owned(),
            account: account.into(),
            scopes: Vec::new(),
            parameters: Vec::new(),
        }
    }

    /// Says what the subject's token is (RFC 8693 §3). Without this it is an access token.
    #[must_use]
    pub fn with_subject_type(self, subject_type: impl Into<String>) -> Self {
        Self {
            subject_type: subject_type.into(),
            ..self
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

    /// Adds a parameter that is no secret: `audience`, `resource`, `requested_token_type`, or Keycloak's
    /// `subject_issuer`.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    async fn trade(&self, held: &Held, subject: &AccessToken) -> Result<TokenSet> {
        let form = Form::new(TOKEN_EXCHANGE)
            .with_secret("subject_token", subject.expose_secret().into())
            .with("subject_token_type", &self.subject_type)
            .with_scopes(&self.scopes);
        let form = self
            .parameters
            .iter()
            .fold(form, |form, (name, value)| form.with(name, value));
        self.endpoint.request(held, form).await
    }
}

impl Grant for TokenExchange {
    /// Never the key of the subject, even at the same server and for the same client. A refresh changes
    /// neither audience nor scope, so they belong to the session.
    fn key(&self) -> StoreKey {
        let mut scopes = self.scopes.clone();
        scopes.sort();
        let session = self
            .endpoint
            .session(&self.account)
            .with("grant", "token-exchange")
            .with("scope", scopes.join(" "));
        let mut parameters = self.parameters.clone();
        parameters.sort();
        let parameters = parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let parameters = parameters.collect::<Vec<_>>().join(" ");
        StoreKey::new(session.with("parameters", parameters))
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            let subject = self.subject.token().await?;
            let error = match self.trade(held, &subject).await {
                Err(error) if is_about_the_subject(&error) => error,
                outcome => return outcome,
            };
            self.subject.discard(&subject, None);
            let next = self.subject.token().await?;
            if next.is_same(&subject) {
                return Err(error);
            }
            self.trade(held, &next).await
        })
    }
}

fn is_about_the_subject(error: &Error) -> bool {
    error.is_refusal("invalid_token") || error.is_refusal("invalid_grant")
}

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
