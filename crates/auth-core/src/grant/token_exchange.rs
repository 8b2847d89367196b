//! [`TokenExchange`]: a token of one session, traded for a token of another.

mod manner;
mod party;

use std::sync::Arc;

use serde_json::json;
use url::form_urlencoded;

use crate::endpoint::{Parameters, TokenEndpoint};
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::session::{Held, Need, TokenSet};
use crate::source::{Grant, TokenSource};
use crate::store::{SessionKey, StoreKey};
use crate::token::AccessToken;

use manner::Manner;
use party::{Actor, Tokens};

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
    actor: Option<Actor>,
    scopes: Vec<String>,
    parameters: Parameters,
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
        let session = party::session(&*subject, "subject")?;
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
            actor: None,
            scopes: Vec::new(),
            parameters: Parameters::default(),
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

    /// Says who acts for the subject (RFC 8693 §1.1): the tokens of `actor`, which are of the type `token_type`, such as
    /// `urn:ietf:params:oauth:token-type:access_token`. What is got through one actor is never given to another.
    ///
    /// # Errors
    /// `Config` where it does not say whose tokens it hands out.
    pub fn with_actor(
        self,
        actor: Arc<dyn TokenSource>,
        token_type: impl Into<String>,
    ) -> Result<Self> {
        let actor = Some(Actor::new(actor, token_type.into())?);
        Ok(Self { actor, ..self })
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
        self.parameters.add(name, value);
        self
    }

    /// The tokens to trade, and where they are from.
    async fn tokens(&self, held: &Held) -> Result<Tokens> {
        let clock = &**self.endpoint.io().clock();
        let before = self.origin().await;
        let subject = party::token(&*self.subject, held, clock).await?;
        let actor = match &self.actor {
            Some(actor) => Some(party::token(&*actor.source, held, clock).await?),
            None => None,
        };
        let is_asked_for =
            subject.is_asked_for || actor.as_ref().is_some_and(|actor| actor.is_asked_for);
        // Where the login changed meanwhile without us, the older name is the careful one.
        let origin = match before.filter(|_| !is_asked_for) {
            Some(before) => Some(before),
            None => self.origin().await,
        };
        Ok(Tokens {
            subject: subject.token,
            actor: actor.map(|actor| actor.token),
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

    async fn trade(&self, held: &Held, tokens: &Tokens) -> Result<TokenSet> {
        let secret = |token: &AccessToken| token.expose_secret().into();
        let form = self.manner.form(secret(&tokens.subject));
        let form = match self.actor.as_ref().zip(tokens.actor.as_ref()) {
            Some((actor, token)) => form
                .with_secret("actor_token", secret(token))
                .with("actor_token_type", &actor.token_type),
            None => form,
        };
        let form = self.parameters.added_to(form.with_scopes(&self.scopes));
        let answer = self.endpoint.request(held, form).await;
        let set = answer.map_err(|error| self.manner.explained(error, &tokens.subject))?;
        Ok(set.with_origin(tokens.origin.clone()))
    }

    /// What the server said about the tokens, `error`, is said to where they are from.
    fn discard(&self, tokens: &Tokens, error: &Error) {
        self.subject.discard(&tokens.subject, error.challenge());
        if let Some((actor, token)) = self.actor.as_ref().zip(tokens.actor.as_ref())
            && error.is_dead_token()
        {
            actor.source.discard(token, None);
        }
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
        let session = match &self.actor {
            Some(actor) => session
                .with("actor", json!(actor.session).to_string())
                .with("actor_token_type", &actor.token_type),
            None => session,
        };
        let mut text = form_urlencoded::Serializer::new(String::new());
        let grant = match &self.manner {
            Manner::Subject(of_type) => {
                text.append_pair("subject_token_type", of_type);
                "token-exchange"
            }
            Manner::Assertion => "jwt-bearer",
        };
        text.extend_pairs(self.parameters.by_name());
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
        Box::pin(async move {
            let subject = match self.whose {
                Whose::Subject(_) => self.subject.origin().await,
                Whose::Label(_) => None,
            };
            let actor = match &self.actor {
                Some(actor) => actor.source.origin().await,
                None => None,
            };
            match (subject, actor) {
                (Some(subject), Some(actor)) => Some(format!("{subject} through {actor}")),
                (subject, actor) => subject.or(actor),
            }
        })
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.subject.settled().await;
            if let Some(actor) = &self.actor {
                actor.source.settled().await;
            }
        })
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            self.pass_on(held).await;
            let tokens = self.tokens(held).await?;
            let error = match self.trade(held, &tokens).await {
                Err(error) if !tokens.is_asked_for && is_of_subject(&error) => error,
                outcome => return outcome,
            };
            self.discard(&tokens, &error);
            let next = match self.tokens(held).await {
                // Whoever can answer it must be told of it.
                Err(_) if error.challenge().is_some() => return Err(error),
                outcome => outcome?,
            };
            if next.are_same(&tokens) {
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

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
