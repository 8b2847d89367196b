//! [`Verified`]: a token that was checked.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::token::Fingerprint;
use auth_core::{AccessToken, Error, Io, Result, StaticSource};
use secrecy::SecretString;
use serde::de::DeserializeOwned;

use crate::claims::Claims;
use crate::issuer::{Habit, Policy};
use crate::json::{Json, Object};
use crate::rejection::{Rejection, RejectionKind as Kind};
use crate::role::Roles;
use crate::span::time;

/// What a token says, after a [`Verifier`](crate::Verifier) checked it. Nothing else makes one:
///
/// ```compile_fail
/// let verified = auth_verify::Verified::default();
/// ```
///
/// `Debug` shows who it is about by fingerprint, and no claim.
#[derive(Clone)]
pub struct Verified {
    claims: Object,
    policy: Arc<Policy>,
    now: SystemTime,
    token: Arc<SecretString>,
}

impl Verified {
    /// Takes claims whose signature and policy were checked. Roles and scopes are read when somebody asks
    /// for them: issuers write into tokens what they like, and what nobody asks for spoils nothing.
    pub(crate) fn new(
        policy: &Arc<Policy>,
        claims: Object,
        now: SystemTime,
    ) -> Result<Self, (Kind, Object)> {
        match Self::ensure_readable(policy, Claims(&claims)) {
            Err(kind) => Err((kind, claims)),
            Ok(()) => Ok(Self {
                claims,
                policy: policy.clone(),
                now,
                token: Arc::default(),
            }),
        }
    }

    fn ensure_readable(policy: &Policy, read: Claims<'_>) -> Result<(), Kind> {
        if policy.opens_something() {
            let has_role = Roles::exist(policy, read);
            if policy.needs_readable_roles {
                has_role?;
            }
            let has_scope = || read.scopes().is_ok_and(|scopes| !scopes.is_empty());
            if policy.is_roleless(has_role.unwrap_or_default() || has_scope()) {
                return Err(Kind::RoleMissing);
            }
            if policy.habit.insists_on_form() {
                read.text("scope")?;
            }
        }
        Ok(())
    }

    /// A rejection of this caller, which is told.
    pub(crate) fn refused(&self, rejection: Rejection) -> Rejection {
        rejection.of_issuer(&self.issuer()).told()
    }

    /// Keeps the token itself, for what is got on the caller's behalf.
    pub(crate) fn of(self, token: &str) -> Self {
        let token = Arc::new(token.into());
        Self { token, ..self }
    }

    /// The issuer, which is one that was configured. Empty where a token that was looked up does not name one, and the
    /// lookup knows of none ([`TokenLookup::with_issuer`](crate::TokenLookup::with_issuer)).
    pub fn issuer(&self) -> Cow<'_, str> {
        self.named_issuer().unwrap_or_default()
    }

    pub(crate) fn named_issuer(&self) -> Option<Cow<'_, str>> {
        let named = self.text("iss").filter(|name| !name.is_empty());
        named.or_else(|| self.policy.issuer.as_deref().map(Cow::Borrowed))
    }

    /// `sub`: the caller, for this issuer (and at Entra for this application).
    pub fn subject(&self) -> Option<Cow<'_, str>> {
        self.text("sub")
    }

    /// For whom the token is: every name in `aud`. Those of an issuer that names nobody are none.
    pub fn audiences(&self) -> Vec<Cow<'_, str>> {
        self.view().audiences().unwrap_or_default()
    }

    /// `jti`: what tells the token from every other one of its issuer.
    pub fn id(&self) -> Option<Cow<'_, str>> {
        self.text("jti")
    }

    /// The token itself, for a request that goes on with it where that is what its audience allows. What is got on the
    /// caller's behalf goes by [`caller`](Self::caller).
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// What identifies the caller for ever: the tenant and the object at Entra, elsewhere the issuer and
    /// the subject. Names and e-mail addresses do not: they change hands. `None` where one of the two is not known.
    pub fn identity(&self) -> Option<(String, String)> {
        let pair = match self.policy.habit {
            Habit::Entra(_) => (self.tenant()?, self.text("oid")?),
            _ => (self.named_issuer()?, self.subject()?),
        };
        Some((pair.0.into_owned(), pair.1.into_owned()))
    }

    /// The caller's token as a source, told from every other caller's: the subject of what this service
    /// gets on the caller's behalf, such as by a [`TokenExchange`](auth_core::TokenExchange).
    /// [`Callers`](auth_core::Callers) holds what was got. The source never touches the network, and its time is
    /// that of `io`.
    ///
    /// # Errors
    /// `Config` where the token does not say who calls, or who says so.
    pub fn caller(&self, io: &Io) -> Result<StaticSource> {
        let (issuer, subject) = self.identity().ok_or_else(|| {
            Error::config("the caller's token does not name both its issuer and who calls")
                .with_advice("let the issuer write `iss` and `sub` into its tokens (at Entra `tid` and `oid`)")
        })?;
        let end = self.number("exp").map_or(self.now + SHORT_LIFE, time);
        let token = AccessToken::new((*self.token).clone(), self.now, end)?;
        Ok(StaticSource::of_caller(token, &issuer, &subject, io))
    }

    /// A name to show to people, and to nothing else: a user may choose it, and change it.
    pub fn display_name(&self) -> Option<Cow<'_, str>> {
        ["name", "preferred_username", "upn", "unique_name", "email"]
            .into_iter()
            .find_map(|name| self.text(name))
    }

    /// The client that the token was issued to.
    pub fn client(&self) -> Option<Cow<'_, str>> {
        self.view().client().ok().flatten()
    }

    /// The roles, read now. None where they are written in a way that can't be read.
    pub fn roles(&self) -> Roles {
        self.readable_roles().unwrap_or_default()
    }

    /// The roles, if they are written in a way that can be read.
    pub(crate) fn readable_roles(&self) -> Result<Roles, Kind> {
        Roles::read(&self.policy, self.view())
    }

    /// The tenant, if Entra ID issued the token.
    pub fn tenant(&self) -> Option<Cow<'_, str>> {
        match &self.policy.habit {
            Habit::Entra(issuers) => {
                let issuer = self.issuer();
                let tenant = issuers.tenant_of(&issuer)?;
                Some(Cow::Owned(tenant.to_owned()))
            }
            _ => None,
        }
    }

    /// The scopes (`scope` or `scp`). None where they are written in a way that can't be read.
    pub fn scopes(&self) -> Vec<Cow<'_, str>> {
        self.view().scopes().unwrap_or_default()
    }

    /// Whether the token has this scope, byte for byte.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().iter().any(|own| own == scope)
    }

    /// Whether the caller is a program that asks for itself. `None` where the token does not say: at
    /// Entra `idtyp` must be configured, and its absence means nothing.
    pub fn is_application(&self) -> Option<bool> {
        match self.text("idtyp").as_deref() {
            Some("app") => Some(true),
            Some(_) => Some(false),
            None => self.claims.has("scp").then_some(false),
        }
    }

    /// When the token ends.
    pub fn expires_at(&self) -> SystemTime {
        time(self.number("exp").unwrap_or_default())
    }

    /// When it was issued.
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.number("iat").map(time)
    }

    /// How long ago the caller logged in, where the token says so. A login that is still to come (written in
    /// milliseconds, for one) says nothing.
    pub fn login_age(&self) -> Option<Duration> {
        let login = time(self.number("auth_time")?);
        match self.now.duration_since(login) {
            Ok(age) => Some(age),
            Err(ahead) => (ahead.duration() <= self.policy.leeway).then_some(Duration::ZERO),
        }
    }

    /// A claim as a type of the caller's. `None` if it is not there, or `null`.
    ///
    /// # Errors
    /// `Protocol` if it is of another type.
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        match self.claims.get(name).filter(|value| !value.is_null()) {
            None => Ok(None),
            Some(value) => value.read().map(Some).map_err(|_| mistyped()),
        }
    }

    /// All claims as a type of the caller's.
    ///
    /// # Errors
    /// `Protocol` if they do not fit.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T> {
        self.claims.read().map_err(|_| mistyped())
    }

    /// A claim, if it is a string. [`claims`](Self::claims) reads what is none.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.claims.get(name).and_then(Json::text)
    }

    pub(crate) fn view(&self) -> Claims<'_> {
        Claims(&self.claims)
    }

    /// Membership in one of `groups`, unless Entra left them out because they are too many.
    pub(crate) fn is_in_group(&self, groups: &[String]) -> Result<bool, Rejection> {
        let claims = self.view();
        let is_asked = |own: &str| groups.iter().any(|group| group == own);
        let value = claims.get("groups").filter(|value| !value.is_null());
        let own = match value {
            None => Some(Vec::new()),
            Some(value) => match value.written_list() {
                Some(list) if self.policy.habit.writes_lists_as_text() => Some(list),
                _ => value
                    .texts()
                    .map(|all| all.into_iter().map(Cow::into_owned).collect()),
            },
        };
        let Some(own) = own else {
            return Err(Rejection::new(Kind::UnknownGroups)
                .with_hint("the claim `groups` is of another shape than a list of words"));
        };
        if own.iter().any(|own| is_asked(own)) {
            return Ok(true);
        }
        let elsewhere = claims
            .get("_claim_names")
            .and_then(|names| names.get("groups"));
        let too_many = elsewhere.is_some() || claims.get("hasgroups").is_some_and(Json::says_true);
        match too_many {
            true => Err(Rejection::new(Kind::UnknownGroups)
                .with_hint("assign application roles to the groups, and ask for those")),
            false => Ok(false),
        }
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.claims.get(name).and_then(Json::number)
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.subject().unwrap_or_default();
        f.debug_struct("Verified")
            .field("subject", &Fingerprint::of(&subject))
            .field("roles", &self.roles())
            .finish_non_exhaustive()
    }
}

/// Of a token whose issuer does not say when it ends: as long as it is believed.
const SHORT_LIFE: Duration = Duration::from_secs(60);

fn mistyped() -> Error {
    Error::protocol("a claim of the token is of another type than this program reads")
        .with_advice("compare what the issuer puts into its tokens with what is asked for")
}
