//! [`Io`]: the outside world in one value, so that nothing reaches for it unseen.

mod address;
pub mod clock;
mod fetch;
pub mod http;
mod members;
mod pauses;

use std::sync::Arc;

#[cfg(feature = "reqwest")]
pub(crate) use address::is_loopback;
pub(crate) use address::{leads_inside, may_carry_secrets_near, shown};
pub(crate) use members::{Members, quoted};
pub(crate) use pauses::pauses;

use crate::io::clock::Clock;
#[cfg(feature = "reqwest")]
use crate::io::clock::SystemClock;
#[cfg(feature = "reqwest")]
use crate::io::http::DefaultHttpClient;
use crate::io::http::HttpClient;

/// The network and the clock that an endpoint uses. Cheap to clone; making one does no I/O.
#[derive(Clone, Debug)]
pub struct Io {
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
}

impl Io {
    /// These two, of one's own: those of a test, or of a program that leaves the feature `reqwest` out. What a client must
    /// keep to stands at [`HttpClient`].
    pub fn of(http: impl HttpClient + 'static, clock: impl Clock + 'static) -> Self {
        Self {
            http: Arc::new(http),
            clock: Arc::new(clock),
        }
    }

    /// The real ones: a [`DefaultHttpClient`], which all of the process share, and [`SystemClock`].
    #[cfg(feature = "reqwest")]
    pub fn new() -> Self {
        static REAL: std::sync::LazyLock<Io> =
            std::sync::LazyLock::new(|| Io::of(DefaultHttpClient::new(), SystemClock::new()));
        REAL.clone()
    }

    /// As [`new`](Self::new), and plain `http` goes to link-local addresses too: for the managed identity of a cloud's
    /// machine, and for nothing that a server names. See [`DefaultHttpClient::with_link_local`].
    #[cfg(feature = "reqwest")]
    pub fn link_local() -> Self {
        static REAL: std::sync::LazyLock<Io> = std::sync::LazyLock::new(|| {
            Io::of(
                DefaultHttpClient::new().with_link_local(),
                SystemClock::new(),
            )
        });
        REAL.clone()
    }

    /// Another way out to the network. The clock stays.
    #[must_use]
    pub fn with_http(self, http: Arc<dyn HttpClient>) -> Self {
        Self { http, ..self }
    }

    /// Another clock, by which everything that uses this tells what has ended and waits. The network stays.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The way out to the network.
    pub fn http(&self) -> &Arc<dyn HttpClient> {
        &self.http
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }
}

#[cfg(feature = "reqwest")]
impl Default for Io {
    fn default() -> Self {
        Self::new()
    }
}
