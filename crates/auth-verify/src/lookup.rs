//! [`TokenLookup`]: tokens that only their issuer can read (RFC 7662).

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::{Error, Result, TokenEndpoint};
use secrecy::SecretString;

use crate::audience::Audience;
use crate::bearer::Bearer;
use crate::claims::{Claims, time};
use crate::issuer::{Habit, Policy};
use crate::json::{Json, Object};
use crate::memory::Memory;
use crate::rejection::{Rejection, RejectionKind as Kind};
use crate::span::Span;
use crate::verified::Verified;

/// Asks the issuer about each token: for opaque ones, and for those that leave out what matters, such
/// as Keycloak's lightweight ones. An answer that a token is active is believed until the token ends,
/// and for a minute at most; a revoked token may live for so long.
///
/// It costs a request where a [`Verifier`](crate::Verifier) costs microseconds. Cheap to clone; clones share
/// what they know.
#[derive(Clone)]
pub struct TokenLookup(Arc<Settings>);

struct Settings {
    endpoint: TokenEndpoint,
    audience: Audience,
    issuer: Option<String>,
    policy: Arc<Policy>,
    memory: Memory<(Verified, SystemTime)>,
}

impl TokenLookup {
    /// Asks the server of `endpoint`, whose metadata say where, and takes tokens for `audience`. Does no
    /// I/O.
    ///
    /// # Errors
    /// `Config` if the audience is empty.
    pub fn new(endpoint: TokenEndpoint, audience: impl Into<Audience>) -> Result<Self> {
        let audience = audience.into();
        if !audience.is_usable() {
            return Err(Error::config("the audience of tokens is empty")
                .with_advice("give the name under which the issuer knows this service"));
        }
        Ok(Self(Arc::new(Settings {
            endpoint: endpoint.with_deadline(DEADLINE),
            audience,
            issuer: None,
            policy: Arc::new(Policy::new(Habit::OpenId)),
            memory: Memory::new(REMEMBERED),
        })))
    }

    /// Takes only tokens of this issuer, where answers name one.
    #[must_use]
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        let issuer = Some(issuer.into());
        self.edit(|settings| settings.issuer = issuer)
    }

    /// Reads roles the way Keycloak writes them: `realm:x` and `client:y:x`.
    #[must_use]
    pub fn with_keycloak_roles(self) -> Self {
        self.edit(|settings| settings.policy = Arc::new(Policy::new(Habit::Keycloak)))
    }

    /// Checks a token.
    ///
    /// # Errors
    /// Why it is not accepted. An issuer that does not answer is `KeysUnavailable`.
    pub async fn verify(&self, bearer: Bearer<'_>) -> Result<Verified, Rejection> {
        let (token, settings) = (bearer.text(), &*self.0);
        if token.len() > LONGEST_TOKEN {
            return Err(Kind::TooLong.into());
        }
        let now = settings.endpoint.io().clock().now().wall;
        let known = settings.memory.find(token, |(verified, until)| {
            (now < *until).then(|| verified.clone())
        });
        if let Some(verified) = known {
            return Ok(verified.of(token));
        }
        let claims = settings.ask(token).await.map_err(Rejection::unavailable)?;
        settings.ensure_good(Claims(&claims), &Span::at(now))?;
        let end = Claims(&claims).number("exp")?.map(time);
        let until = (now + LONGEST_BELIEF).min(end.unwrap_or(now + LONGEST_BELIEF));
        let verified = Verified::new(&settings.policy, claims, now)?;
        settings.memory.keep(token, (verified.clone(), until));
        Ok(verified.of(token))
    }

    fn edit(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            endpoint: self.0.endpoint.clone(),
            audience: self.0.audience.clone(),
            issuer: self.0.issuer.clone(),
            policy: self.0.policy.clone(),
            memory: Memory::new(REMEMBERED),
        };
        change(&mut settings);
        Self(Arc::new(settings))
    }
}

impl Settings {
    async fn ask(&self, token: &str) -> Result<Object> {
        let token = SecretString::from(token);
        let answer = self.endpoint.introspect(&token).await?;
        // Once more through our own eyes, so that claims are read in one way only.
        let members = serde_json::to_vec(answer.members()).ok();
        members
            .and_then(Object::parse)
            .ok_or_else(|| Error::protocol("introspection answered with claims that are too deep"))
    }

    fn ensure_good(&self, claims: Claims<'_>, span: &Span) -> Result<(), Kind> {
        if !claims.get("active").is_some_and(Json::is_true) {
            return Err(Kind::Inactive);
        }
        ensure_access(claims)?;
        let issuer = claims.text("iss")?;
        if let (Some(own), Some(named)) = (&self.issuer, issuer)
            && *own != named
        {
            return Err(Kind::UnknownIssuer);
        }
        claims.ensure_for(&self.audience)?;
        if claims.has("exp") {
            claims.ensure_timely(span, self.policy.leeway, None)?;
        }
        self.policy.ensure_bearer(claims)
    }
}

/// A server says `active` of refresh tokens too (RFC 7662 §2.1), and some say which they are: Keycloak in
/// `typ`, others in `token_use`.
fn ensure_access(claims: Claims<'_>) -> Result<(), Kind> {
    let is_other = claims.text("token_use")?.is_some_and(|named| {
        ["refresh_token", "refresh", "id"]
            .iter()
            .any(|one| named.eq_ignore_ascii_case(one))
    });
    match is_other || Habit::is_foreign(claims)? {
        true => Err(Kind::NotAnAccessToken),
        false => Ok(()),
    }
}

impl fmt::Debug for TokenLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenLookup")
            .field("audience", &self.0.audience)
            .finish_non_exhaustive()
    }
}

const DEADLINE: Duration = Duration::from_secs(5);
const LONGEST_BELIEF: Duration = Duration::from_secs(60);
const LONGEST_TOKEN: usize = 16 << 10;
const REMEMBERED: usize = 4_096;
