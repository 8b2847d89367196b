//! [`TokenLookup`]: tokens that only their issuer can read (RFC 7662).

mod asking;
mod belief;
mod explained;
mod outage;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::clock::Now;
use auth_core::{Error, Result, TokenEndpoint};
use http::HeaderMap;
use secrecy::SecretString;

use self::asking::Asking;
use self::belief::Belief;
use self::outage::Outage;
use crate::audience::Audience;
use crate::bearer::{Bearer, BearerHeader, is_b64token};
use crate::claims::Claims;
use crate::issuer::{Habit, Mark, Policy};
use crate::json::{Json, Object};
use crate::memory::Memory;
use crate::rejection::{Rejection, RejectionKind as Kind};
use crate::role_claim::RoleClaim;
use crate::span::Span;
use crate::span::time;
use crate::verified::Verified;

/// Asks the issuer about each token: for opaque ones, and for those that leave out what matters, such
/// as Keycloak's lightweight ones. An answer that a token is active is believed until the token ends,
/// and for a minute at most; a revoked token may live for so long. A refusal is believed for half a minute.
///
/// It costs a request where a [`Verifier`](crate::Verifier) costs microseconds: one for all who come with the same token
/// at once, and one try. While the issuer does not answer, tries are 1, 2, 4 … 30 seconds apart, whoever asks for which
/// token, and nobody waits for them in between. Cheap to clone; clones share what they know.
#[derive(Clone)]
pub struct TokenLookup(Arc<Settings>);

struct Settings {
    endpoint: TokenEndpoint,
    audience: Audience,
    policy: Arc<Policy>,
    header: BearerHeader,
    good: Memory<(Verified, Belief)>,
    /// Apart from the good ones, so that junk takes no place of theirs.
    refused: Memory<(Rejection, Belief)>,
    asking: Asking<Result<Verified, Rejection>>,
    outage: Outage,
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
            endpoint: endpoint.with_deadline(DEADLINE).with_one_try(),
            audience,
            policy: Arc::new(Policy::new(Habit::OpenId)),
            header: BearerHeader::authorization(),
            good: Memory::new(REMEMBERED),
            refused: Memory::new(REMEMBERED),
            asking: Asking::default(),
            outage: Outage::default(),
        })))
    }

    /// Takes only tokens of this issuer. Where an answer does not name one, it is this one's.
    #[must_use]
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        let issuer = Some(issuer.into());
        self.edit(|settings| Arc::make_mut(&mut settings.policy).issuer = issuer)
    }

    /// Where an answer has no `aud`, the client that the token was issued to (`client_id`) must be one of the names that are
    /// the audience, as with [`Issuer::with_client_for_audience`](crate::Issuer::with_client_for_audience): GitLab's answers
    /// are so, and those of Django OAuth Toolkit.
    #[must_use]
    pub fn with_client_for_audience(self) -> Self {
        self.edit(|settings| Arc::make_mut(&mut settings.policy).takes_client_for_audience = true)
    }

    /// Reads roles the way Keycloak writes them: `realm:x` and `client:y:x`.
    #[must_use]
    pub fn with_keycloak_roles(self) -> Self {
        self.edit(|settings| Arc::make_mut(&mut settings.policy).habit = Habit::Keycloak)
    }

    /// Takes roles from this member of answers, as [`Issuer::with_roles_from`](crate::Issuer::with_roles_from) does.
    #[must_use]
    pub fn with_roles_from(self, claim: impl Into<RoleClaim>) -> Self {
        let claim = claim.into();
        self.edit(|settings| Arc::make_mut(&mut settings.policy).role_claims.push(claim))
    }

    /// Where a request carries its token.
    pub fn header(&self) -> &BearerHeader {
        &self.0.header
    }

    /// Finds the token in another header. `Authorization` then counts for nothing.
    #[must_use]
    pub fn with_header(self, header: BearerHeader) -> Self {
        self.edit(|settings| settings.header = header)
    }

    /// Checks the token of a request.
    ///
    /// # Errors
    /// Why the request is not let in.
    pub async fn verify_request(&self, headers: &HeaderMap) -> Result<Verified, Rejection> {
        let bearer = self.0.header.read(headers).map_err(Rejection::told)?;
        self.verify(bearer).await
    }

    /// Checks a token.
    ///
    /// # Errors
    /// Why it is not accepted. An issuer that does not answer is `KeysUnavailable`; one that can't be asked with this
    /// configuration is `Misconfigured`.
    pub async fn verify(&self, bearer: Bearer<'_>) -> Result<Verified, Rejection> {
        let outcome = self.checked(bearer.text()).await;
        outcome.map_err(|rejection| match &self.0.policy.issuer {
            Some(issuer) => rejection.of_issuer(issuer).told(),
            None => rejection.told(),
        })
    }

    async fn checked(&self, token: &str) -> Result<Verified, Rejection> {
        ensure_askable(token)?;
        let settings = &self.0;
        if let Some(known) = settings.known(token) {
            return known;
        }
        let run = {
            let (settings, token) = (settings.clone(), SecretString::from(token));
            move || async move { settings.asked(&token).await }
        };
        let outcome = settings.asking.one_for(token, run).await;
        outcome.unwrap_or_else(|| Err(Rejection::unavailable(Error::unavailable(NOBODY_ASKED))))
    }

    fn edit(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            endpoint: self.0.endpoint.clone(),
            audience: self.0.audience.clone(),
            policy: self.0.policy.clone(),
            header: self.0.header.clone(),
            good: Memory::new(REMEMBERED),
            refused: Memory::new(REMEMBERED),
            asking: Asking::default(),
            outage: Outage::default(),
        };
        change(&mut settings);
        Self(Arc::new(settings))
    }
}

impl Settings {
    /// What was found out about the token, as long as it is believed.
    fn known(&self, token: &str) -> Option<Result<Verified, Rejection>> {
        let now = self.now();
        let good = |(verified, so): &(Verified, Belief)| so.holds(now).then(|| verified.clone());
        let no = |(why, so): &(Rejection, Belief)| so.holds(now).then(|| why.clone());
        match self.good.find(token, good) {
            Some(verified) => Some(Ok(verified.of(token))),
            None => self.refused.find(token, no).map(Err),
        }
    }

    /// Asks, and remembers what came of it.
    async fn asked(&self, token: &SecretString) -> Result<Verified, Rejection> {
        use secrecy::ExposeSecret as _;
        let text = token.expose_secret();
        // Whoever came just too late to share a run finds what it has found.
        if let Some(known) = self.known(text) {
            return known;
        }
        self.outage.ensure_over(self.now().monotonic)?;
        let answer = self.ask(token).await;
        self.outage.note(&answer, self.now().monotonic);
        let claims = answer.map_err(|error| self.unanswered(error, text))?;
        let now = self.now();
        let outcome = match self.ensure_good(Claims(&claims), &Span::at(now.wall)) {
            Err(kind) => Err(self.explain(kind, Claims(&claims), text)),
            Ok(end) => {
                let belief = Belief::new(now, LONGEST_BELIEF, end);
                let verified = Verified::new(&self.policy, claims, now.wall);
                verified
                    .map(|verified| (verified, belief))
                    .map_err(|(kind, _)| kind.into())
            }
        };
        match outcome {
            Ok((verified, belief)) => {
                self.good.keep(text, (verified.clone(), belief));
                Ok(verified.of(text))
            }
            Err(why) => {
                self.remember_refusal(text, &why);
                Err(why)
            }
        }
    }

    fn remember_refusal(&self, token: &str, why: &Rejection) {
        let belief = Belief::new(self.now(), LONGEST_REFUSAL, None);
        self.refused.keep(token, (why.clone(), belief));
    }

    async fn ask(&self, token: &SecretString) -> Result<Object> {
        let answer = self.endpoint.introspect(token).await?;
        // Once more through our own eyes, so that claims are read in one way only.
        let members = serde_json::to_vec(answer.members()).ok();
        members
            .and_then(Object::parse)
            .ok_or_else(|| Error::protocol("introspection answered with claims that are too deep"))
    }

    /// Whether the token opens this service; when it ends.
    fn ensure_good(&self, claims: Claims<'_>, span: &Span) -> Result<Option<SystemTime>, Kind> {
        if !claims.get("active").is_some_and(Json::is_true) {
            return Err(Kind::Inactive);
        }
        ensure_access(claims)?;
        let issuer = claims.text("iss")?;
        if let (Some(own), Some(named)) = (&self.policy.issuer, issuer)
            && *own != named
        {
            return Err(Kind::UnknownIssuer);
        }
        self.policy.ensure_audience(claims, &self.audience)?;
        let has_end = claims.says("exp");
        if has_end {
            claims.ensure_timely(span, self.policy.leeway, None)?;
        }
        self.policy.ensure_bearer(claims)?;
        match has_end {
            true => Ok(claims.number("exp")?.map(time)),
            false => Ok(None),
        }
    }

    fn now(&self) -> Now {
        self.endpoint.io().clock().now()
    }
}

/// What could be no token of anybody is not asked about.
fn ensure_askable(token: &str) -> Result<(), Kind> {
    match token {
        "" => Err(Kind::NoCredentials),
        token if token.len() > LONGEST_TOKEN => Err(Kind::TooLong),
        token if !is_b64token(token) => Err(Kind::BadEncoding),
        _ => Ok(()),
    }
}

/// A server says `active` of refresh tokens too (RFC 7662 §2.1), and some say which they are.
fn ensure_access(claims: Claims<'_>) -> Result<(), Kind> {
    match Mark::of(claims)? {
        Some(Mark::Id | Mark::Other) => Err(Kind::NotAnAccessToken),
        Some(Mark::Access) | None => Ok(()),
    }
}

impl fmt::Debug for TokenLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenLookup")
            .field("audience", &self.0.audience)
            .finish_non_exhaustive()
    }
}

const NOBODY_ASKED: &str =
    "the issuer was not asked: too many others wait for it, or the runtime has ended";
const DEADLINE: Duration = Duration::from_secs(5);
const LONGEST_BELIEF: Duration = Duration::from_secs(60);
const LONGEST_REFUSAL: Duration = Duration::from_secs(30);
const LONGEST_TOKEN: usize = 16 << 10;
const REMEMBERED: usize = 4_096;
