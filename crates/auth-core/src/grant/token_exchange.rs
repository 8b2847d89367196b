//! [`TokenExchange`]: a token of one session, traded for a token of another.

use std::sync::Arc;

use serde_json::json;
use url::form_urlencoded;

use crate::endpoint::TOKEN_EXCHANGE;
use crate::endpoint::{Form, TokenEndpoint};
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::session::{Held, TokenSet};
use crate::source::{Grant, TokenSource};
use crate::store::{SessionKey, StoreKey};
use crate::token::AccessToken;

/// The token exchange grant (RFC 8693). Its subject is the token of another source, asked for anew each
/// time; what it gets is a session of its own, which a [`Refreshing`](crate::Refreshing) may go round.
///
/// The session follows from that of the subject, so what is got on behalf of one is never given to
/// another. A subject that the server calls invalid is discarded at its source, and its successor tried
/// once.
#[derive(Debug)]
pub struct TokenExchange {
    endpoint: TokenEndpoint,
    subject: Arc<dyn TokenSource>,
    whose: Whose,
    subject_type: String,
    scopes: Vec<String>,
    parameters: Vec<(String, String)>,
}

/// What tells the sessions of different subjects apart.
#[derive(Debug)]
enum Whose {
    /// The subject's own session.
    Subject(SessionKey),
    /// A label that the caller chose.
    Label(String),
}

impl TokenExchange {
    /// Trades the tokens of `subject` at `endpoint`. Does no I/O.
    ///
    /// # Errors
    /// `Config` where the subject does not say whose tokens it hands out
    /// ([`TokenSource::session`]): then [`labelled`](Self::labelled) is asked for.
    pub fn new(endpoint: TokenEndpoint, subject: Arc<dyn TokenSource>) -> Result<Self> {
        let session = subject.session().cloned().ok_or_else(|| {
            Error::config("the subject of the exchange does not say whose tokens it hands out")
                .with_advice("name the session, with another label for each subject")
        })?;
        Ok(Self::of(endpoint, subject, Whose::Subject(session)))
    }

    /// Trades the tokens of `subject` at `endpoint`, and keeps what it gets under the label `account`
    /// whoever the subject is: two subjects under one label share what they got.
    pub fn labelled(
        endpoint: TokenEndpoint,
        subject: Arc<dyn TokenSource>,
        account: impl Into<String>,
    ) -> Self {
        Self::of(endpoint, subject, Whose::Label(account.into()))
    }

    fn of(endpoint: TokenEndpoint, subject: Arc<dyn TokenSource>, whose: Whose) -> Self {
        Self {
            endpoint,
            subject,
            whose,
            subject_type: ACCESS_TOKEN.to_owned(),
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

    /// Adds a parameter that is no secret: `audience` and `resource`, as often as there are several,
    /// `requested_token_type`, or Keycloak's `subject_issuer`.
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
        let session = match &self.whose {
            Whose::Subject(subject) => {
                let session = self.endpoint.session(subject.account());
                session.with("subject", json!(subject).to_string())
            }
            Whose::Label(account) => self.endpoint.session(account),
        };
        let mut scopes = self.scopes.clone();
        scopes.sort();
        scopes.dedup();
        // A parameter may be repeated (RFC 8707 §2), and the order of its values may matter.
        let mut parameters = self.parameters.clone();
        parameters.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.append_pair("subject_token_type", &self.subject_type)
            .extend_pairs(&parameters);
        StoreKey::new(
            session
                .with("grant", "token-exchange")
                .with("scope", scopes.join(" "))
                .with("parameters", text.finish()),
        )
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
