//! [`Assertion`]: what a client or an account says about itself, as a JSON Web Token.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use serde_json::Value;

use crate::assertion::jws::{self, Audience, Claims};
use crate::assertion::{ClientAssertion, SigningKey};
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::io::clock::{Clock, SystemClock};
use crate::random;
use crate::session::Held;

/// A JSON Web Token (RFC 7523 §3) with everything but its time and its key: once the key is
/// [revealed](Self::revealed), each call of [`signed_at`](Self::signed_at) makes a new one.
///
/// `iat` lies 5 seconds back, so that a server whose clock is a little behind does not see a token
/// from the future, and `exp` is never more than an hour after `iat`.
///
/// As a [`ClientAssertion`] it authenticates a client (RFC 7523 §2.2): the issuer is the client id and
/// also the subject, the audience is the one asked for unless one was set here, there is always a `jti`,
/// and the life is at most 5 minutes.
#[derive(Clone)]
pub struct Assertion {
    issuer: String,
    key: SigningKey,
    subject: Option<String>,
    audience: Option<Audience>,
    scopes: Vec<String>,
    has_jti: bool,
    life: Duration,
    claims: BTreeMap<String, Value>,
    clock: Arc<dyn Clock>,
}

impl Assertion {
    /// An assertion of `issuer` (`iss`), signed by `key`.
    pub fn new(issuer: impl Into<String>, key: SigningKey) -> Self {
        Self {
            issuer: issuer.into(),
            key,
            subject: None,
            audience: None,
            scopes: Vec::new(),
            has_jti: false,
            life: LONGEST_LIFE,
            claims: BTreeMap::new(),
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// Sets whom the token is to be for (`sub`). RFC 7523 §3 requires one, some vendors want none.
    #[must_use]
    pub fn with_subject(self, subject: impl Into<String>) -> Self {
        Self {
            subject: Some(subject.into()),
            ..self
        }
    }

    /// Sets for whom the assertion is (`aud`), as a string.
    #[must_use]
    pub fn with_audience(self, audience: impl Into<String>) -> Self {
        Self {
            audience: Some(Audience::One(audience.into())),
            ..self
        }
    }

    /// Sets for whom the assertion is (`aud`), as an array (RFC 7519 §4.1.3), even of one.
    #[must_use]
    pub fn with_audiences(self, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let audiences = audiences.into_iter().map(Into::into).collect();
        Self {
            audience: Some(Audience::Many(audiences)),
            ..self
        }
    }

    /// Adds a `scope` claim, as some vendors want it.
    #[must_use]
    pub fn with_scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let scopes = scopes.into_iter().map(Into::into).collect();
        Self { scopes, ..self }
    }

    /// Adds a `jti` (RFC 7519 §4.1.7): 256 random bits, others each time.
    #[must_use]
    pub fn with_jti(self) -> Self {
        Self {
            has_jti: true,
            ..self
        }
    }

    /// Sets the time from `iat` to `exp`: at least a minute, at most an hour, which is the default.
    #[must_use]
    pub fn with_life(self, life: Duration) -> Self {
        let life = life.clamp(SHORTEST_LIFE, LONGEST_LIFE);
        Self { life, ..self }
    }

    /// Adds another claim, which is no secret: it is part of the name under which the token is kept.
    ///
    /// # Errors
    /// `Config` if the claim has a setting of its own.
    pub fn with_claim(mut self, name: impl Into<String>, value: Value) -> Result<Self> {
        let name = name.into();
        if RESERVED.contains(&name.as_str()) {
            return Err(Error::config(format!(
                "the claim `{name}` can't be set as an additional claim"
            ))
            .with_advice("use the setting of its own"));
        }
        self.claims.insert(name, value);
        Ok(self)
    }

    /// Another clock, for when a person is asked for the key and for when it authenticates a client.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The key.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Whom the token is to be for, if that was set.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The audience as one line, if one was set.
    pub fn audience(&self) -> Option<String> {
        self.audience.as_ref().map(Audience::to_string)
    }

    /// Whether each one has a `jti`, so that a server may take it only once.
    pub fn has_jti(&self) -> bool {
        self.has_jti
    }

    /// What of it decides which token is handed out, besides the account itself.
    pub fn question(&self) -> Vec<(String, String)> {
        let claims = self.claims.iter();
        claims
            .map(|(name, value)| (format!("claim {name}"), value.to_string()))
            .chain(
                self.audience()
                    .map(|audience| ("audience".to_owned(), audience)),
            )
            .chain([("scope claim".to_owned(), self.scopes.join(" "))])
            .collect()
    }

    /// The same assertion with its key at hand: for one request, before its deadline starts.
    ///
    /// # Errors
    /// Those of [`SigningKey::revealed`].
    pub async fn revealed(&self, held: &Held) -> Result<Self> {
        Ok(Self {
            key: self.key.revealed(held, &*self.clock).await?,
            ..self.clone()
        })
    }

    /// The assertion as a compact JWS, made at `now`.
    ///
    /// # Errors
    /// `Config` if it can't be signed, `Protocol` if its key was not [revealed](Self::revealed).
    pub fn signed_at(&self, now: SystemTime) -> Result<SecretString> {
        let since_epoch = now.duration_since(SystemTime::UNIX_EPOCH);
        let now = since_epoch.unwrap_or_default().as_secs();
        let iat = now.saturating_sub(BACK_DATING.as_secs());
        jws::compact(
            &self.key,
            &Claims {
                iat,
                exp: iat.saturating_add(self.life.as_secs()),
                aud: self.audience.as_ref(),
                iss: &self.issuer,
                sub: self.subject.as_deref(),
                scope: (!self.scopes.is_empty()).then(|| self.scopes.join(" ")),
                jti: self.has_jti.then(random::text).transpose()?,
                more: &self.claims,
            },
        )
    }
}

impl ClientAssertion for Assertion {
    fn sign<'a>(&'a self, audience: &'a str) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move {
            let own = self.clone();
            let assertion = Self {
                subject: Some(self.issuer.clone()),
                audience: own
                    .audience
                    .or_else(|| Some(Audience::One(audience.into()))),
                has_jti: true,
                life: self.life.min(LONGEST_LIFE_OF_CLIENT),
                ..own
            };
            assertion.signed_at(self.clock.now().wall)
        })
    }

    fn revealed<'a>(
        &'a self,
        held: &'a Held,
    ) -> BoxFuture<'a, Result<Option<Arc<dyn ClientAssertion>>>> {
        Box::pin(async move {
            let revealed = Self::revealed(self, held).await?;
            Ok(Some(Arc::new(revealed) as _))
        })
    }

    fn fitting(&self, listed: &[String]) -> Option<Arc<dyn ClientAssertion>> {
        let key = self.key.fitting(listed)?;
        Some(Arc::new(Self {
            key,
            ..self.clone()
        }))
    }

    fn refused(&self) {
        self.key.refused();
    }
}

impl fmt::Debug for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assertion")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("audience", &self.audience)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

const BACK_DATING: Duration = Duration::from_secs(5);
const SHORTEST_LIFE: Duration = Duration::from_secs(60);
const LONGEST_LIFE: Duration = Duration::from_secs(3600);
const LONGEST_LIFE_OF_CLIENT: Duration = Duration::from_secs(300);
const RESERVED: [&str; 7] = ["iat", "exp", "aud", "iss", "sub", "scope", "jti"];
