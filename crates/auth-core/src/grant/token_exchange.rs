//! [`TokenExchange`]: a token of one session, traded for a token of another.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use url::form_urlencoded;

use crate::endpoint::TOKEN_EXCHANGE;
use crate::endpoint::{Form, TokenEndpoint};
use crate::error::{Error, ErrorKind, Result};
use crate::future::BoxFuture;
use crate::session::{Held, Need, TokenSet};
use crate::source::{Grant, TokenSource};
use crate::store::{SessionKey, StoreKey};
use crate::token::AccessToken;

/// The token exchange grant (RFC 8693). Its subject is the token of another source, asked for anew each
/// time; what it gets is a session of its own, which a [`Refreshing`](crate::Refreshing) may go round.
///
/// While an exchanged token works, nobody is asked for the subject's. Where a person is, both logins say
/// so, and it ends with the last caller of this one.
///
/// The session follows from that of the subject, so what is got on behalf of one is never given to
/// another, also where somebody else logs in under the same label. A subject that the server calls invalid is
/// discarded at its source, and its successor tried once; so is one that is not enough for what an API or the
/// server asks for, which then reaches the subject's login.
#[derive(Debug)]
pub struct TokenExchange {
    endpoint: TokenEndpoint,
    subject: Arc<dyn TokenSource>,
    whose: Whose,
    manner: Manner,
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

/// How the subject's token is sent.
#[derive(Debug)]
enum Manner {
    /// As the subject of RFC 8693, which is of this type.
    Subject(String),
    /// As the assertion of RFC 7523 §2.1.
    Assertion,
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
            manner: Manner::Subject(ACCESS_TOKEN.to_owned()),
            scopes: Vec::new(),
            parameters: Vec::new(),
        }
    }

    /// Says what the subject's token is (RFC 8693 §3). Without this it is an access token.
    #[must_use]
    pub fn with_subject_type(self, subject_type: impl Into<String>) -> Self {
        Self {
            manner: Manner::Subject(subject_type.into()),
            ..self
        }
    }

    /// Sends the subject's token as the assertion of a grant (RFC 7523 §2.1) instead: for servers that knew no other way
    /// when RFC 8693 came.
    #[must_use]
    pub fn with_assertion(self) -> Self {
        Self {
            manner: Manner::Assertion,
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

    /// The subject's token. A person is asked for it only where there is no other way and no exchanged token
    /// works. What the exchanged token is needed for is no need of the subject's.
    async fn subject_token(&self, held: &Held) -> Result<Subject> {
        let before = self.origin().await;
        let (token, is_asked_for) = match self.subject.get(Need::new().with_nobody_asked()).await {
            Err(error) if error.kind() == ErrorKind::Interaction && held.may_ask() => {
                let clock = &**self.endpoint.io().clock();
                let asked = self.subject.get(Need::new());
                (held.asking(clock, PATIENCE, asked).await?, true)
            }
            outcome => (outcome?, false),
        };
        // Where the login changed meanwhile without us, the older name is the careful one.
        let origin = match before.filter(|_| !is_asked_for) {
            Some(before) => Some(before),
            None => self.origin().await,
        };
        Ok(Subject {
            token,
            origin,
            is_asked_for,
        })
    }

    /// What an API asked for beyond the exchanged token is asked of the subject's login.
    async fn pass_on(&self, held: &Held) {
        let asked = held.challenge().filter(|asked| asked.wants_more());
        if let Some(asked) = asked
            && let Ok(token) = self.subject.get(Need::new().with_nobody_asked()).await
        {
            self.subject.discard(&token, Some(asked));
        }
    }

    async fn trade(&self, held: &Held, subject: &Subject) -> Result<TokenSet> {
        let token = subject.token.expose_secret().into();
        let form = match &self.manner {
            Manner::Subject(of_type) => Form::new(TOKEN_EXCHANGE)
                .with_secret("subject_token", token)
                .with("subject_token_type", of_type),
            Manner::Assertion => Form::new(JWT_BEARER).with_secret("assertion", token),
        };
        let form = form.with_scopes(&self.scopes);
        let form = self
            .parameters
            .iter()
            .fold(form, |form, (name, value)| form.with(name, value));
        let set = self.endpoint.request(held, form).await?;
        Ok(set.with_origin(subject.origin.clone()))
    }
}

/// The subject's token, and where it is from.
struct Subject {
    token: AccessToken,
    origin: Option<String>,
    is_asked_for: bool,
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
        // A parameter may be repeated (RFC 8707 §2), and the order of its values may matter.
        let mut parameters = self.parameters.clone();
        parameters.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut text = form_urlencoded::Serializer::new(String::new());
        let grant = match &self.manner {
            Manner::Subject(of_type) => {
                text.append_pair("subject_token_type", of_type);
                "token-exchange"
            }
            Manner::Assertion => "jwt-bearer",
        };
        text.extend_pairs(&parameters);
        StoreKey::new(
            session
                .with("grant", grant)
                .with_scopes(&self.scopes)
                .with("parameters", text.finish()),
        )
        .with(
            "claims",
            self.endpoint.standing_claims().unwrap_or_default(),
        )
    }

    fn origin(&self) -> BoxFuture<'_, Option<String>> {
        match self.whose {
            Whose::Subject(_) => self.subject.origin(),
            Whose::Label(_) => Box::pin(std::future::ready(None)),
        }
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            self.pass_on(held).await;
            let subject = self.subject_token(held).await?;
            let error = match self.trade(held, &subject).await {
                Err(error) if !subject.is_asked_for && is_of_subject(&error) => error,
                outcome => return outcome,
            };
            self.subject.discard(&subject.token, error.challenge());
            let next = match self.subject_token(held).await {
                // Whoever can answer it must be told of it.
                Err(_) if error.challenge().is_some() => return Err(error),
                outcome => outcome?,
            };
            if next.token.is_same(&subject.token) {
                return Err(error);
            }
            self.trade(held, &next).await
        })
    }
}

/// Whether another token of the subject may help.
fn is_of_subject(error: &Error) -> bool {
    error.is_dead_token() || error.challenge().is_some()
}

/// The subject's login has a limit of its own, and this is no shorter than any.
const PATIENCE: Duration = Duration::from_secs(3600);
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
