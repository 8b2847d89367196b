//! [`Introspection`]: tokens that only their issuer can read (RFC 7662).

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::{Body, Error, Io, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use crate::audience::Audience;
use crate::bearer::Bearer;
use crate::claims::{Claims, seconds, time};
use crate::issuer::{Habit, Policy};
use crate::json::{Json, Object};
use crate::memory::Memory;
use crate::rejection::{Rejection, RejectionKind as Kind};
use crate::verified::Verified;

/// Asks the issuer about each token: for opaque ones, and for those that leave out what matters, such
/// as Keycloak's lightweight ones. An answer that a token is active is believed until the token ends,
/// and for a minute at most; a revoked token may live for so long.
///
/// It costs a request where a [`Verifier`](crate::Verifier) costs microseconds. Cheap to clone; clones share
/// what they know.
#[derive(Clone)]
pub struct Introspection(Arc<Settings>);

struct Settings {
    endpoint: Url,
    authorization: HeaderValue,
    audience: Audience,
    issuer: Option<String>,
    policy: Policy,
    io: Io,
    memory: Memory<(Verified, SystemTime)>,
}

impl Introspection {
    /// Asks at `endpoint` as the client `client_id`, and takes tokens for `audience`. Does no I/O.
    ///
    /// # Errors
    /// `Config` if the endpoint is not https (plain http is for loopback), or the audience is empty.
    pub fn new(
        endpoint: Url,
        client_id: &str,
        secret: &SecretString,
        audience: impl Into<Audience>,
        io: Io,
    ) -> Result<Self> {
        crate::keys::ensure_usable(&endpoint)?;
        let audience = audience.into();
        if !audience.is_usable() {
            return Err(Error::config("the audience of tokens is empty"));
        }
        Ok(Self(Arc::new(Settings {
            endpoint,
            authorization: basic(client_id, secret)?,
            audience,
            issuer: None,
            policy: Policy::new(Habit::OpenId),
            io,
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
        self.edit(|settings| settings.policy = Policy::new(Habit::Keycloak))
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
        let now = settings.io.clock().now().wall;
        let known = settings.memory.find(token, |(verified, until)| {
            (now < *until).then(|| verified.clone())
        });
        if let Some(verified) = known {
            return Ok(verified);
        }
        let claims = settings.ask(token).await.map_err(Rejection::unavailable)?;
        settings.ensure_good(Claims(&claims), seconds(now))?;
        let end = Claims(&claims).number("exp")?.map(time);
        let until = (now + LONGEST_BELIEF).min(end.unwrap_or(now + LONGEST_BELIEF));
        let verified = Verified::new(&settings.policy, claims, now)?;
        settings.memory.keep(token, (verified.clone(), until));
        Ok(verified)
    }

    fn edit(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            endpoint: self.0.endpoint.clone(),
            authorization: self.0.authorization.clone(),
            audience: self.0.audience.clone(),
            issuer: self.0.issuer.clone(),
            policy: self.0.policy.clone(),
            io: self.0.io.clone(),
            memory: Memory::new(REMEMBERED),
        };
        change(&mut settings);
        Self(Arc::new(settings))
    }
}

impl Settings {
    async fn ask(&self, token: &str) -> Result<Object> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("token_type_hint", "access_token")
            .finish();
        let request = Request::post(self.endpoint.as_str())
            .header(AUTHORIZATION, &self.authorization)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .map_err(|_| Error::config("the introspection endpoint is no usable URL"))?;
        let exchange = async {
            let (head, body) = self.io.http().send(request).await?.into_parts();
            if head.status != StatusCode::OK {
                let error = Error::unavailable(format!("introspection answered {}", head.status));
                return Err(error.with_advice("check the client that asks, and its secret"));
            }
            let answer = body.bytes(ANSWER_LIMIT).await?;
            Object::parse(answer.into()).ok_or_else(|| {
                Error::protocol("introspection answered with something else than JSON")
            })
        };
        tokio::select! {
            biased;
            answer = exchange => answer,
            () = self.io.clock().sleep(DEADLINE) => Err(Error::unavailable(format!(
                "introspection took longer than {} s", DEADLINE.as_secs()
            ))),
        }
    }

    fn ensure_good(&self, claims: Claims<'_>, now: f64) -> Result<(), Kind> {
        if !claims.get("active").is_some_and(Json::is_true) {
            return Err(Kind::Inactive);
        }
        let issuer = claims.text("iss")?;
        if let (Some(own), Some(named)) = (&self.issuer, issuer)
            && *own != named
        {
            return Err(Kind::UnknownIssuer);
        }
        claims.ensure_for(&self.audience)?;
        if claims.has("exp") {
            claims.ensure_timely(now, self.policy.leeway, None)?;
        }
        self.policy.ensure_bearer(claims)
    }
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.0.endpoint.origin().ascii_serialization();
        f.debug_tuple("Introspection")
            .field(&format!("{place}{}", self.0.endpoint.path()))
            .finish()
    }
}

/// RFC 6749 §2.3.1: both parts are encoded like a form before they are joined.
fn basic(client_id: &str, secret: &SecretString) -> Result<HeaderValue> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(client_id), encoded(secret.expose_secret()));
    let value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)));
    let mut value = value.map_err(|_| Error::config("the client can't stand in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

const ANSWER_LIMIT: usize = 256 << 10;
const DEADLINE: Duration = Duration::from_secs(5);
const LONGEST_BELIEF: Duration = Duration::from_secs(60);
const LONGEST_TOKEN: usize = 16 << 10;
const REMEMBERED: usize = 4_096;
