//! [`Issuer`]: whose tokens are believed, for whom they must be, and how they are written.

mod entra;
mod explained;
mod good;
mod habit;
mod identifier;
mod mark;
mod policy;

use std::sync::Arc;
use std::time::Duration;

use auth_core::{Error, Io, Provider, Result};

pub use entra::Entra;
pub(crate) use explained::CLIENT_FOR_AUDIENCE;
pub(crate) use habit::{Habit, Tell};
pub(crate) use identifier::{Identifier, shown};
pub(crate) use mark::Mark;
pub(crate) use policy::{Kinds, Policy};

use crate::audience::Audience;
use crate::role_claim::RoleClaim;
use crate::{Algorithm, Keys};

/// One issuer, and what its tokens must be like. There is none without an audience and keys:
///
/// ```compile_fail
/// # fn example(keys: auth_verify::Keys) -> auth_core::Result<()> {
/// let issuer = auth_verify::Issuer::new("https://login.example.org", keys)?;
/// # Ok(())
/// # }
/// ```
///
/// ```
/// # use auth_verify::{Issuer, Keys};
/// # fn example(keys: Keys) -> auth_core::Result<()> {
/// let issuer = Issuer::new("https://login.example.org", "api://orders", keys)?;
/// # Ok(())
/// # }
/// ```
///
/// A token needs an `exp`, may be off by a minute, may have the type `JWT`, `at+jwt` or none, and must
/// not be an ID token, nor one that needs a proof of possession. Any [`Algorithm`] is allowed: what the key itself is
/// for always decides.
#[derive(Clone, Debug)]
pub struct Issuer {
    identifier: Identifier,
    audience: Audience,
    keys: Keys,
    policy: Arc<Policy>,
}

impl Issuer {
    /// The issuer that tokens call `issuer`, byte for byte. `{tenantid}` in it stands for the tenant that the token itself
    /// names (`tid`), for an issuer that serves many: any tenant is let in, and its key must be its own or everybody's.
    ///
    /// # Errors
    /// `Config` if it is no https URL (plain http is for loopback; see [`named`](Self::named)), if it is one of Entra ID's
    /// (see [`Entra::of_issuer`](crate::Entra::of_issuer)), or if the audience is empty.
    pub fn new(issuer: &str, audience: impl Into<Audience>, keys: Keys) -> Result<Self> {
        let identifier = Identifier::of_access_tokens(issuer)?;
        Self::with_parts(
            identifier,
            audience.into(),
            keys,
            Policy::new(Habit::OpenId),
        )
    }

    /// An issuer whose tokens call it by a name that need not be a URL (`kubernetes/serviceaccount`,
    /// `accounts.google.com`), or need not be an https one (AD FS writes `http://…/adfs/services/trust` into access
    /// tokens, others a `urn:` or a `did:`), byte for byte. A name is only compared: the keys come from somewhere else.
    ///
    /// # Errors
    /// `Config` if the name or the audience is empty, or as [`new`](Self::new) if the name is an https URL.
    pub fn named(name: &str, audience: impl Into<Audience>, keys: Keys) -> Result<Self> {
        let identifier = Identifier::named(name)?;
        Self::with_parts(
            identifier,
            audience.into(),
            keys,
            Policy::new(Habit::OpenId),
        )
    }

    /// An issuer with the keys that its metadata name. Does no I/O.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn discovered(issuer: &str, audience: impl Into<Audience>, io: Io) -> Result<Self> {
        let keys = Keys::discovered(Provider::new(issuer, io)?);
        Self::new(issuer, audience, keys)
    }

    /// An issuer whose tokens follow RFC 9068: of the type `at+jwt` and no other, with `sub`,
    /// `client_id`, `iat` and `jti`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn rfc9068(issuer: &str, audience: impl Into<Audience>, keys: Keys) -> Result<Self> {
        let identifier = Identifier::of_access_tokens(issuer)?;
        Self::with_parts(
            identifier,
            audience.into(),
            keys,
            Policy::new(Habit::Rfc9068),
        )
    }

    /// An issuer whose ID tokens are checked, and nothing else: those that say who logged in at the
    /// client `client_id` (OpenID Connect Core §3.1.3.7). `{tenantid}` in the issuer is as in [`new`](Self::new).
    ///
    /// What belongs to one login, its nonce and how long ago the person may have logged in (`max_age`), is a rule's:
    /// `Rule::claim("nonce", nonce).and(Rule::login_within(max_age))`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn id_tokens(issuer: &str, client_id: &str, keys: Keys) -> Result<Self> {
        let mut policy = Policy::new(Habit::OpenId);
        policy.kinds = Kinds::IdTokensOf(client_id.to_owned());
        Self::with_parts(
            Identifier::of_id_tokens(issuer)?,
            client_id.into(),
            keys,
            policy,
        )
    }

    pub(crate) fn with_parts(
        identifier: Identifier,
        audience: Audience,
        keys: Keys,
        policy: Policy,
    ) -> Result<Self> {
        if !audience.is_usable() {
            return Err(Error::config("the audience of tokens is empty")
                .with_advice("give the name under which the issuer knows this service"));
        }
        Ok(Self {
            identifier,
            audience,
            keys,
            policy: Arc::new(policy),
        })
    }

    /// The signature algorithms to allow, instead of the usual ones.
    ///
    /// # Errors
    /// `Config` if there is none.
    pub fn with_algorithms(
        mut self,
        algorithms: impl IntoIterator<Item = Algorithm>,
    ) -> Result<Self> {
        self.edit().algorithms = algorithms.into_iter().collect();
        match self.policy.algorithms.is_empty() {
            false => Ok(self),
            true => Err(Error::config("no signature algorithm is allowed")
                .with_advice("name those that the issuer uses")),
        }
    }

    /// How far the two clocks may be apart, instead of a minute.
    ///
    /// # Errors
    /// `Config` if it is more than five minutes.
    pub fn with_leeway(mut self, leeway: Duration) -> Result<Self> {
        self.edit().leeway = leeway;
        match leeway <= LONGEST_LEEWAY {
            true => Ok(self),
            false => Err(Error::config("the leeway is longer than five minutes")
                .with_advice("let both machines ask a time server")),
        }
    }

    /// Refuses tokens that were issued longer ago, whatever their end.
    #[must_use]
    pub fn with_max_age(mut self, max_age: Duration) -> Self {
        self.edit().max_age = Some(max_age);
        self
    }

    /// Lets in only tokens that were issued to one of these clients (`azp`, `appid`, `client_id`).
    ///
    /// # Errors
    /// `Config` if there is none.
    pub fn with_clients<S: Into<String>>(
        mut self,
        clients: impl IntoIterator<Item = S>,
    ) -> Result<Self> {
        let clients: Vec<String> = clients.into_iter().map(Into::into).collect();
        if clients.is_empty() {
            return Err(Error::config("no client is allowed").with_advice("name at least one"));
        }
        self.edit().clients = Some(clients);
        Ok(self)
    }

    /// Also takes ID tokens that were issued to `client_id`, as if they were access tokens. They say
    /// who logged in, not what for: this is for services that have always done so.
    #[must_use]
    pub fn accept_id_tokens(mut self, client_id: impl Into<String>) -> Self {
        self.edit().kinds = Kinds::AlsoIdTokensOf(client_id.into());
        self
    }

    /// The access tokens of this issuer look like its ID tokens (Dex's are ID tokens in all but name, authentik's
    /// have the login's nonce): neither a nonce nor a hash makes one of them an ID token here. One that says that it
    /// is one, or a refresh token, is refused as ever.
    ///
    /// So its ID tokens open this API too, where they name it as audience. Where access tokens have a claim that ID
    /// tokens lack, name it instead: [`with_access_claim`](Self::with_access_claim).
    #[must_use]
    pub fn accept_lookalikes(mut self) -> Self {
        self.edit().tell = Tell::Nothing;
        self
    }

    /// Tells access tokens by a claim that ID tokens of this issuer lack (authentik's `uid`), instead of by the
    /// nonce and the hashes of ID tokens.
    #[must_use]
    pub fn with_access_claim(mut self, name: impl Into<String>) -> Self {
        self.edit().tell = Tell::Claim(name.into());
        self
    }

    /// Where a token has no `aud`, the client that it was issued to (`client_id`) must be one of the names that are the
    /// audience: Amazon Cognito writes its access tokens so. Every API that takes this client's tokens takes the same ones.
    #[must_use]
    pub fn with_client_for_audience(mut self) -> Self {
        self.edit().takes_client_for_audience = true;
        self
    }

    /// Takes roles from this claim (`groups`, `cognito:groups`, `permissions`, one of a namespace, one inside another),
    /// instead of from where issuers of this kind have them. Called again: from that one, too.
    #[must_use]
    pub fn with_roles_from(mut self, claim: impl Into<RoleClaim>) -> Self {
        self.edit().role_claims.push(claim.into());
        self
    }

    /// Takes a token that is bound to a key (`cnf`; RFC 9449, RFC 8705) from whoever carries it, where
    /// something in front of this service checks the proof.
    #[must_use]
    pub fn accept_bound_tokens(mut self) -> Self {
        self.edit().takes_bound = true;
        self
    }

    /// Where its keys come from.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    fn edit(&mut self) -> &mut Policy {
        Arc::make_mut(&mut self.policy)
    }

    pub(crate) fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Whether `name` is what this issuer's tokens call it.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.identifier.is(name)
    }

    /// Why tokens of an issuer called `name` are not this one's, if that looks like a mistake.
    pub(crate) fn near_miss(&self, name: &str) -> Option<&'static str> {
        self.identifier.near_miss(name)
    }

    /// Whether tokens of `other`, which comes after this one, would be taken for this one's.
    pub(crate) fn hides(&self, other: &Self) -> bool {
        self.identifier.hides(&other.identifier)
    }
}

const LONGEST_LEEWAY: Duration = Duration::from_secs(300);
