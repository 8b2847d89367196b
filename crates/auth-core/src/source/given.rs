//! [`GivenSource`]: a token that somebody else keeps fresh.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::assertion::Claims;
use crate::error::{Challenge, Error, Result};
use crate::future::BoxFuture;
use crate::io::Io;
use crate::io::clock::Clock;
use crate::session::{Held, Need, Secret};
use crate::source::TokenSource;
use crate::store::SessionKey;
use crate::token::{AccessToken, Fingerprint};

/// A token that somebody else keeps fresh, wherever a [`Secret`] says it is: asked for anew each time. The subject of a
/// [`TokenExchange`](crate::TokenExchange) in a cluster or a workflow.
#[derive(Debug)]
pub struct GivenSource {
    secret: Arc<dyn Secret>,
    name: String,
    session: SessionKey,
    clock: Arc<dyn Clock>,
    is_at_hand: bool,
}

impl GivenSource {
    /// The tokens in `secret`. `session` names the place where they are: two places are two sessions. Does no I/O.
    pub fn new(secret: impl Secret + 'static, session: SessionKey, io: &Io) -> Self {
        Self {
            secret: Arc::new(secret),
            name: "the given token".to_owned(),
            session,
            clock: io.clock().clone(),
            is_at_hand: false,
        }
    }

    /// Says how messages call it. Without this, "the given token".
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { name, ..self }
    }

    /// Says that it costs nothing to look at the secret, as in a variable or a file: so that what was got for one subject
    /// is never handed out where another one's token lies meanwhile.
    #[must_use]
    pub fn with_origin(self) -> Self {
        let is_at_hand = true;
        Self { is_at_hand, ..self }
    }

    async fn reveal(&self, need: Need) -> Result<SecretString> {
        let now = self.clock.now().wall;
        let held = Held::new().with_need(need, now);
        let text = held.reveal(&*self.secret, &*self.clock).await?;
        Ok(text.expose_secret().trim().into())
    }
}

impl TokenSource for GivenSource {
    /// # Errors
    /// Those of the secret; `Config` for a JSON Web Token that has ended.
    fn get(&self, need: Need) -> BoxFuture<'_, Result<AccessToken>> {
        Box::pin(async move {
            let text = self.reveal(need).await?;
            let (now, shown) = (self.clock.now().wall, text.expose_secret());
            if !shown.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(Error::config(format!(
                    "{} holds characters that no token has",
                    self.name
                ))
                .with_advice("give the token alone, exactly as it was issued"));
            }
            let claims = Claims::of(shown);
            if let Some(claims) = &claims {
                claims.ensure_alive(&self.name, now)?;
            }
            let end = claims.and_then(|claims| claims.end());
            AccessToken::new(text, now, end.unwrap_or(now + UNKNOWN))
        })
    }

    fn session(&self) -> Option<&SessionKey> {
        Some(&self.session)
    }

    fn origin(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(async move {
            if !self.is_at_hand {
                return None;
            }
            let text = self.reveal(Need::new().with_nobody_asked()).await.ok()?;
            let text = text.expose_secret();
            let claims = Claims::of(text);
            let whose = claims.as_ref().and_then(Claims::whose);
            // One that is renewed stays the same one's.
            Some(match whose {
                Some((issuer, subject)) => format!("{subject} of {issuer}"),
                None => Fingerprint::of(text).name(),
            })
        })
    }

    fn discard(&self, _: &AccessToken, _: Option<&Challenge>) {
        self.secret.refused();
    }
}

/// How long a token is taken to live that does not say so.
const UNKNOWN: Duration = Duration::from_secs(60);
