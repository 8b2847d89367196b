//! [`Keycloak`]: tokens of one realm.

use auth_core::{Error, Io, Result};
use url::Url;

use crate::audience::Audience;
use crate::issuer::{Habit, Identifier, Policy};
use crate::{Issuer, Keys};

/// A realm of a Keycloak server, and for whom its tokens must be.
///
/// A client's tokens name another audience than `account` only if the realm says so: add an audience
/// mapper to the client (or to a client scope), with this service as the included audience. To check
/// the client besides, see [`Issuer::with_clients`].
///
/// Roles of the realm are called `realm:x`, those of a client `client:y:x`.
///
/// ```
/// # use auth_core::Io;
/// # use auth_verify::Keycloak;
/// # fn main() -> auth_core::Result<()> {
/// let realm = Keycloak::new("https://login.example.org/realms/main", "orders");
/// let issuer = realm.with_keys_at("http://localhost:8080/realms/main".parse().expect("a URL")).issuer(Io::new())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Keycloak {
    realm: String,
    audience: Audience,
    client: Option<String>,
    internal: Option<Url>,
    keys: Option<Keys>,
}

impl Keycloak {
    /// The realm at this public URL, as its tokens spell it: without a final slash.
    pub fn new(realm: impl Into<String>, audience: impl Into<Audience>) -> Self {
        Self {
            realm: realm.into(),
            audience: audience.into(),
            client: None,
            internal: None,
            keys: None,
        }
    }

    /// The realm as the client `client_id` sees it: tokens that were issued to it (`azp`), for whomever they are. For a
    /// client that checks what it got before it goes on with it; a service says who it is, by [`new`](Self::new).
    pub fn issued_to(realm: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            client: Some(client_id.into()),
            ..Self::new(realm, Audience::whoever())
        }
    }

    /// Fetches the keys from the realm under another URL, the one inside the cluster.
    #[must_use]
    pub fn with_keys_at(self, realm: Url) -> Self {
        Self {
            internal: Some(realm),
            ..self
        }
    }

    /// Keys from somewhere else than the realm's own address.
    #[must_use]
    pub fn with_keys(self, keys: Keys) -> Self {
        Self {
            keys: Some(keys),
            ..self
        }
    }

    /// The issuer of its tokens. Does no I/O.
    ///
    /// # Errors
    /// `Config` if the realm is no https URL and its keys come from there, if it ends with a slash, or if keys are to come from two places.
    pub fn issuer(self, io: Io) -> Result<Issuer> {
        if self.realm.ends_with('/') {
            return Err(Error::config("the realm's URL ends with a slash")
                .with_advice("tokens spell the issuer without one: leave it out"));
        }
        let identifier = match self.keys.is_some() || self.internal.is_some() {
            true => Identifier::spelled(&self.realm)?,
            false => Identifier::exact(&self.realm)?,
        };
        let keys = match (self.keys, &self.internal) {
            (Some(_), Some(_)) => {
                return Err(
                    Error::config("`with_keys_at` and `with_keys` exclude each other")
                        .with_advice("leave out one of them: the keys come from one place"),
                );
            }
            (Some(keys), None) => keys,
            (None, Some(internal)) => Keys::at(certificates(internal.as_str())?, io)?,
            (None, None) => Keys::at(certificates(&self.realm)?, io)?,
        };
        let policy = Policy::new(Habit::Keycloak);
        let issuer = Issuer::with_parts(identifier, self.audience, keys, policy)?;
        match self.client {
            Some(client) => issuer.with_clients([client]),
            None => Ok(issuer),
        }
    }
}

fn certificates(realm: &str) -> Result<Url> {
    let realm = realm.trim_end_matches('/');
    Url::parse(&format!("{realm}/protocol/openid-connect/certs"))
        .map_err(|_| Error::config("the realm's URL is no URL"))
}
