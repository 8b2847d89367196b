//! [`Provider`]: an OpenID Provider or authorization server, known by its issuer.

#![expect(
    clippy::disallowed_types,
    reason = "one caller asks for the metadata, the others wait for it"
)]

mod metadata;
mod spelling;
mod user_info;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tokio::sync::Mutex;
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::io::Io;
use crate::io::http::Body;
use crate::io::{may_carry_secrets_near, shown};
#[cfg(feature = "person")]
use crate::token::TokenIssuer;

pub use metadata::Metadata;
pub use user_info::UserInfo;

/// How long metadata is believed before it is asked for again.
const REMEMBERED: Duration = Duration::from_secs(86_400);

/// How long after a failure before it is asked for again.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

const DEADLINE: Duration = Duration::from_secs(10);

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
    /// RFC 8414. What is known already is believed on while somebody asks, and if that fails, for a minute before the
    /// next try.
    ///
    /// # Errors
    /// `Protocol` if the answer names another issuer (RFC 8414 §3.3) or an endpoint that is not https;
    /// `Config` if it names the same in another spelling, or if there is no metadata at either place; `Unavailable`.
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

    /// What is known, unless it is time to ask again.
    fn fresh(&self) -> Option<Arc<Metadata>> {
        let now = self.inner.io.clock().now().monotonic;
        let known = self.inner.known.load();
        let known = known.as_ref().filter(|known| now < known.until)?;
        Some(known.metadata.clone())
    }

    async fn discover(&self) -> Result<Metadata> {
        let [openid, oauth] = self.places();
        let answer = match self.ask(&openid).await? {
            answer if answer.status() == StatusCode::NOT_FOUND => self.ask(&oauth).await?,
            answer => answer,
        };
        self.read(&answer).map_err(|error| {
            let error = error.with_status(answer.status().as_u16());
            match (&self.place, error.kind()) {
                (Some(place), ErrorKind::Config) => error.context(place),
                _ => error,
            }
        })
    }

    async fn ask(&self, url: &Url) -> Result<Response<Bytes>> {
        tracing::debug!(url = %shown(url), "discovery");
        let request = Request::get(url.as_str())
            .header(http::header::ACCEPT, "application/json")
            .body(Body::empty())
            .map_err(|_| Error::config(format!("{} is no usable URL", shown(url))))?;
        self.inner.io.fetch(request, DEADLINE).await
    }

    fn read(&self, answer: &Response<Bytes>) -> Result<Metadata> {
        let (issuer, status) = (shown(&self.inner.issuer), answer.status());
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(
                Error::unavailable(format!("{issuer} answered {status} to discovery"))
                    .with_advice("try again later"),
            );
        }
        if !status.is_success() {
            return Err(
                Error::config(format!("{issuer} has no metadata: it answered {status}"))
                    .with_advice("check the issuer, or give the token URL instead"),
            );
        }
        let metadata: Metadata = serde_json::from_slice(answer.body()).map_err(|_| {
            Error::protocol(format!(
                "{issuer} answered discovery with something else than metadata"
            ))
            .with_advice("check the issuer, or give the token URL instead")
        })?;
        if metadata.issuer != self.inner.spelling {
            return Err(spelling::another(&self.inner.spelling, &metadata.issuer));
        }
        self.inner.check(&metadata)?;
        Ok(metadata)
    }

    /// OpenID Connect appends to the path, RFC 8414 §3.1 inserts before it.
    fn places(&self) -> [Url; 2] {
        let path = self.inner.issuer.path().trim_end_matches('/');
        let at = |path: &str| {
            let mut url = self.inner.issuer.clone();
            url.set_path(path);
            url
        };
        [
            at(&format!("{path}/.well-known/openid-configuration")),
            at(&format!("/.well-known/oauth-authorization-server{path}")),
        ]
    }
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

    fn places(issuer: &str) -> [String; 2] {
        Provider::new(issuer, Io::new())
            .unwrap()
            .places()
            .map(String::from)
    }

    #[test]
    fn rfc8414_s3_1_and_oidc_discovery_s4_1_say_where_the_metadata_is() {
        let oidc = "https://a.b/x/.well-known/openid-configuration";
        let oauth = "https://a.b/.well-known/oauth-authorization-server/x";
        assert_eq!(places("https://a.b/x"), [oidc, oauth]);
        assert_eq!(places("https://a.b/x/"), [oidc, oauth]);
        assert_eq!(
            places("https://a.b")[0],
            "https://a.b/.well-known/openid-configuration"
        );
    }

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
