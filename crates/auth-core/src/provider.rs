//! [`Provider`]: an OpenID Provider or authorization server, known by its issuer.

#![expect(
    clippy::disallowed_types,
    reason = "one caller asks for the metadata, the others wait for it"
)]

mod discovery;
mod metadata;
mod spelling;
mod user_info;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::Mutex;
use url::Url;

use crate::error::{Error, Result};
use crate::io::Io;
use crate::io::{may_carry_secrets_near, shown};
#[cfg(feature = "person")]
use crate::token::TokenIssuer;

pub use metadata::Metadata;
pub use user_info::UserInfo;

/// How long metadata is believed before it is asked for again.
const REMEMBERED: Duration = Duration::from_secs(86_400);

/// How long after a failure before it is asked for again.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// Finds an issuer's endpoints by discovery and remembers them for a day. Cheap to clone; clones share
/// what they know. Safe for concurrent use: one request serves all who wait.
#[derive(Clone)]
pub struct Provider {
    inner: Arc<Inner>,
    place: Option<Arc<str>>,
    #[cfg(feature = "person")]
    token_issuer: Option<Arc<str>>,
}

struct Inner {
    issuer: Url,
    spelling: String,
    io: Io,
    known: ArcSwapOption<Known>,
    /// Held by whoever asks for the metadata.
    asking: Mutex<()>,
    fixed: Option<Arc<Metadata>>,
}

/// What an issuer said, and until when it is not asked again, by the monotonic clock.
struct Known {
    metadata: Arc<Metadata>,
    until: Duration,
}

impl Provider {
    /// The provider with this issuer, spelled as the provider spells it. Does no I/O.
    ///
    /// # Errors
    /// `Config` if the issuer is no https URL (plain http is for loopback), or has a query or fragment.
    pub fn new(issuer: impl Into<String>, io: Io) -> Result<Self> {
        let spelling = issuer.into();
        let issuer = spelling::checked(&spelling)?;
        Ok(Self {
            inner: Arc::new(Inner {
                issuer,
                spelling,
                io,
                known: ArcSwapOption::empty(),
                asking: Mutex::new(()),
                fixed: None,
            }),
            place: None,
            #[cfg(feature = "person")]
            token_issuer: None,
        })
    }

    /// A provider whose endpoints are known, so that it is never asked for them. Does no I/O.
    ///
    /// # Errors
    /// `Config` as [`new`](Self::new), `Protocol` if an endpoint is not https.
    pub fn known(metadata: Metadata, io: Io) -> Result<Self> {
        let mut provider = Self::new(&metadata.issuer, io)?;
        provider.inner.check(&metadata)?;
        if let Some(inner) = Arc::get_mut(&mut provider.inner) {
            inner.fixed = Some(Arc::new(metadata));
        }
        Ok(provider)
    }

    /// Says what its tokens call their issuer (`iss`), where that is not [`issuer`](Self::issuer): for a provider that
    /// serves many tenants under one address. `{tenantid}` stands for the tenant that the token itself names (`tid`).
    /// Logins go by [`issuer`](Self::issuer) all the same.
    #[cfg(feature = "person")]
    #[must_use]
    pub fn with_token_issuer(self, template: impl Into<Arc<str>>) -> Self {
        let token_issuer = Some(template.into());
        Self {
            token_issuer,
            ..self
        }
    }

    /// Says where the issuer is configured: what is wrong with it is found when it is asked, and then begins with this
    /// place.
    #[must_use]
    pub fn with_place(self, place: impl Into<Arc<str>>) -> Self {
        let place = Some(place.into());
        Self { place, ..self }
    }

    /// Whether its endpoints are known without asking it.
    pub(crate) fn is_fixed(&self) -> bool {
        self.inner.fixed.is_some()
    }

    /// The issuer, as it was given.
    pub fn issuer(&self) -> &str {
        &self.inner.spelling
    }

    /// What its tokens and its answers in the browser call their issuer.
    #[cfg(feature = "person")]
    pub(crate) fn token_issuer(&self) -> TokenIssuer {
        TokenIssuer::new(
            self.token_issuer
                .as_deref()
                .unwrap_or_else(|| self.issuer()),
        )
    }

    /// The network and the clock.
    pub fn io(&self) -> &Io {
        &self.inner.io
    }

    /// The metadata: remembered, or asked for now. OpenID Connect's place is tried first, then that of
    /// RFC 8414, then the one where some servers have it instead. What is known already is believed on while somebody
    /// asks, and if that fails, for a minute before the next try. An endpoint that can't be used is absent
    /// ([`Metadata::fault`]).
    ///
    /// # Errors
    /// `Protocol` if the answer names another issuer (RFC 8414 §3.3), or is no metadata; `Config` if it names the same in
    /// another spelling, or if there is none at any place; `Unavailable`.
    pub async fn metadata(&self) -> Result<Arc<Metadata>> {
        if let Some(metadata) = &self.inner.fixed {
            return Ok(metadata.clone());
        }
        if let Some(metadata) = self.fresh() {
            return Ok(metadata);
        }
        let known = self.inner.known.load_full();
        let _asking = match (&known, self.inner.asking.try_lock()) {
            (_, Ok(asking)) => asking,
            (Some(known), Err(_)) => return Ok(known.metadata.clone()),
            (None, Err(_)) => self.inner.asking.lock().await,
        };
        // Somebody else may have asked meanwhile.
        if let Some(metadata) = self.fresh() {
            return Ok(metadata);
        }
        let (found, known) = (self.discover().await, self.inner.known.load_full());
        let (metadata, pause) = match (found, known) {
            (Ok(metadata), _) => (Arc::new(metadata), REMEMBERED),
            (Err(error), Some(known)) => {
                tracing::warn!(%error, "discovery failed; the endpoints of last time are used");
                (known.metadata.clone(), AFTER_FAILURE)
            }
            (Err(error), None) => return Err(error),
        };
        self.inner.known.store(Some(Arc::new(Known {
            metadata: metadata.clone(),
            until: self.inner.io.clock().now().monotonic + pause,
        })));
        Ok(metadata)
    }

    /// An endpoint that the metadata call `member`, and people `what`.
    ///
    /// # Errors
    /// `Config` where the provider names none, `Protocol` where it names one that can't be used, which is said; as
    /// [`metadata`](Self::metadata).
    pub(crate) async fn endpoint(&self, what: &str, member: &str) -> Result<Url> {
        let metadata = self.metadata().await?;
        if let Some(url) = metadata.endpoint(member) {
            return Ok(url.clone());
        }
        let issuer = shown(&self.inner.issuer);
        Err(match metadata.fault(member) {
            Some(fault) => Error::protocol(format!("the metadata of {issuer} name {fault}"))
                .with_advice("ask whoever runs the server to mend its metadata"),
            None => match member {
                "authorization_endpoint" => unknown(what, &issuer)
                    .with_advice("the server does not offer it: log in with a device code"),
                "device_authorization_endpoint" => unknown(what, &issuer)
                    .with_advice("the server does not offer it: log in in the browser"),
                "token_endpoint" => {
                    unknown(what, &issuer).with_advice("give the token URL instead of the issuer")
                }
                _ => unknown(what, &issuer),
            },
        })
    }

    /// What is known, unless it is time to ask again.
    fn fresh(&self) -> Option<Arc<Metadata>> {
        let now = self.inner.io.clock().now().monotonic;
        let known = self.inner.known.load();
        let known = known.as_ref().filter(|known| now < known.until)?;
        Some(known.metadata.clone())
    }
}

/// The error for an endpoint that nobody named.
pub(crate) fn unknown(what: &str, server: &str) -> Error {
    Error::config(format!("no {what} is known of {server}"))
        .with_advice("the server does not offer it, or its metadata must be given")
}

impl Inner {
    fn check(&self, metadata: &Metadata) -> Result<()> {
        let private = |url: &&Url| may_carry_secrets_near(url, &self.issuer);
        match metadata.endpoints().find(|url| !private(url)) {
            Some(url) => Err(Error::protocol(format!(
                "{} names the endpoint {}, which is not https",
                shown(&self.issuer),
                shown(url)
            ))),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Provider")
            .field(&self.inner.spelling)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s18_an_issuer_is_https_or_on_loopback() {
        for bad in [
            "http://a.b",
            "a.b",
            "https://a.b?x",
            "https://a.b/#f",
            "ftp://localhost",
        ] {
            assert!(Provider::new(bad, Io::new()).is_err(), "{bad}");
        }
        assert!(Provider::new("http://localhost:8080/realms/x", Io::new()).is_ok());
    }
}
