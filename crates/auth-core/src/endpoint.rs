//! [`TokenEndpoint`]: the one POST that every grant ends in.

mod accept;
mod answer;
mod ask;
#[cfg(feature = "person")]
mod authorization;
mod claims;
mod client;
mod client_secret;
#[cfg(feature = "person")]
mod device_authorization;
mod echo;
#[cfg(feature = "person")]
mod end_session;
mod form;
#[cfg(feature = "person")]
mod identity;
mod introspection;
mod log_out;
#[cfg(feature = "person")]
mod login_page;
mod parameters;
mod post;
mod refusal;
mod revocation;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

#[cfg(feature = "person")]
pub use authorization::AuthorizationRequest;
pub use client::ClientAuth;
#[cfg(feature = "person")]
pub(crate) use device_authorization::DeviceAuthorization;
pub use form::Form;
pub use introspection::Introspection;
pub use log_out::LoggedOut;
pub(crate) use parameters::Parameters;
#[cfg(feature = "person")]
pub(crate) use refusal::Refusal;

use crate::error::Result;
use crate::io::Io;
use crate::io::clock::bound;
use crate::io::shown;
use crate::provider::{Metadata, Provider, unknown};
use crate::session::Held;
use crate::store::SessionKey;
use crate::token::Fingerprint;
#[cfg(feature = "person")]
use crate::token::TokenIssuer;

/// A token endpoint (RFC 6749 §3.2) and the client that talks to it.
///
/// A request that can be repeated without harm is tried up to three times within one deadline, with
/// growing, jittered pauses and obeying `Retry-After`. One that spends something ([`Form::once`]) is
/// repeated only when it certainly did not arrive, or was turned away with 429. Redirects are never followed,
/// answers are read up to [`ANSWER_LIMIT`](crate::http::ANSWER_LIMIT). Cheap to clone, safe for concurrent use.
#[derive(Clone)]
pub struct TokenEndpoint {
    place: Place,
    client: ClientAuth,
    deadline: Duration,
    is_tried_once: bool,
    claims: Option<String>,
    parameters: Parameters,
    compares_scopes: bool,
    /// Where its address is configured.
    said_at: Option<Arc<str>>,
    io: Io,
}

#[derive(Clone)]
enum Place {
    Discovered(Provider),
    Known(Url),
}

impl TokenEndpoint {
    /// The endpoint at `url`. Does no I/O.
    pub fn new(url: Url, client: ClientAuth, io: Io) -> Self {
        Self {
            place: Place::Known(url),
            client,
            deadline: Duration::from_secs(30),
            is_tried_once: false,
            claims: None,
            parameters: Parameters::default(),
            compares_scopes: true,
            said_at: None,
            io,
        }
    }

    /// The endpoint that `provider` names in its metadata, which is asked for at the first request.
    pub fn discovered(provider: Provider, client: ClientAuth) -> Self {
        let io = provider.io().clone();
        let deadline = Duration::from_secs(30);
        Self {
            place: Place::Discovered(provider),
            client,
            deadline,
            is_tried_once: false,
            claims: None,
            parameters: Parameters::default(),
            compares_scopes: true,
            said_at: None,
            io,
        }
    }

    /// Sets how long one request may take, all its tries together. The default is 30 s.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        let deadline = bound::length(deadline);
        Self { deadline, ..self }
    }

    /// Sends each request once, for who comes again by itself and would rather know at once. Without this, one that
    /// may be repeated is sent up to three times.
    #[must_use]
    pub fn with_one_try(self) -> Self {
        Self {
            is_tried_once: true,
            ..self
        }
    }

    /// Asks for these claims with every token, whether by a login or by a request (OpenID Connect Core §5.5): the JSON of
    /// a claims request. What an API asks for is merged into it and goes before it. They belong to
    /// the question: a grant says so in its [`StoreKey`](crate::store::StoreKey), as the ones of this crate do.
    #[must_use]
    pub fn with_claims(self, request: impl Into<String>) -> Self {
        Self {
            claims: Some(request.into()),
            ..self
        }
    }

    /// The claims that are always asked for.
    pub fn standing_claims(&self) -> Option<&str> {
        self.claims.as_deref()
    }

    /// Says where the address is configured, so that an error about it begins with this place.
    #[must_use]
    pub fn with_place(self, place: impl Into<Arc<str>>) -> Self {
        let said_at = Some(place.into());
        Self { said_at, ..self }
    }

    /// Adds a parameter that is no secret to every request for tokens, refreshes too, that does not set it itself:
    /// `resource` (RFC 8707 §2.2), as often as there are several, a vendor's own. It belongs to the
    /// [`session`](Self::session), so that what was got with it answers nothing that asks without, or for more or fewer of
    /// them, or in another order: which one counts may depend on that.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.add(name, value);
        self
    }

    /// Says that the server answers with scopes in a spelling of its own, so that no warning compares them with those
    /// that were asked for.
    #[must_use]
    pub fn with_own_scopes(self) -> Self {
        Self {
            compares_scopes: false,
            ..self
        }
    }

    /// The key of the session that this client has here under the label `account`. Of a URL's user, password and query,
    /// which may be secrets, it holds a fingerprint.
    pub fn session(&self, account: impl Into<String>) -> SessionKey {
        let parts = self.parameters.parts();
        parts.fold(self.bare_session(account), |key, (name, value)| {
            key.with(name, value)
        })
    }

    fn bare_session(&self, account: impl Into<String>) -> SessionKey {
        match &self.place {
            Place::Discovered(provider) => {
                SessionKey::new(provider.issuer(), self.client.id(), account)
            }
            Place::Known(url) => {
                let place = shown(url);
                let key = SessionKey::new(&place, self.client.id(), account);
                if place == url.as_str() {
                    return key;
                }
                key.with("url", Fingerprint::of(url.as_str()).name())
            }
        }
    }

    /// The network and the clock that requests use.
    pub fn io(&self) -> &Io {
        &self.io
    }

    /// Who the server says it is, where that is known.
    #[cfg(feature = "person")]
    pub(crate) fn issuer(&self) -> Option<TokenIssuer> {
        match &self.place {
            Place::Discovered(provider) => Some(provider.token_issuer()),
            Place::Known(_) => None,
        }
    }

    /// How long one request may take.
    #[cfg(feature = "person")]
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The client that asks.
    pub fn client_id(&self) -> &str {
        self.client.id()
    }

    /// The same endpoint with the client's secret or key revealed: once for each request, or for all of a login,
    /// before a person is sent to a browser.
    ///
    /// # Errors
    /// Those of the [`Secret`](crate::session::Secret), and `Config` for a key that can't sign.
    pub async fn revealed(&self, held: &Held) -> Result<Self> {
        Ok(Self {
            client: self.client.revealed(held, &**self.io.clock()).await?,
            ..self.clone()
        })
    }

    /// Where tokens are asked for.
    async fn url(&self) -> Result<Url> {
        match &self.place {
            Place::Discovered(_) => self.place("token endpoint", "token_endpoint").await,
            Place::Known(url) => Ok(url.clone()),
        }
    }

    /// Another endpoint of the same server, which only its metadata names: `member`.
    async fn place(&self, what: &str, member: &str) -> Result<Url> {
        match &self.place {
            Place::Discovered(provider) => provider.endpoint(what, member).await,
            Place::Known(url) => Err(unknown(what, &shown(url))),
        }
    }

    /// What the server says about itself, where it is asked.
    async fn metadata(&self) -> Result<Option<Arc<Metadata>>> {
        match &self.place {
            Place::Discovered(provider) => provider.metadata().await.map(Some),
            Place::Known(_) => Ok(None),
        }
    }
}

impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.place {
            Place::Discovered(provider) => provider.issuer().to_owned(),
            Place::Known(url) => shown(url),
        };
        f.debug_struct("TokenEndpoint")
            .field("place", &place)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// The grant type of RFC 8693.
pub(crate) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
