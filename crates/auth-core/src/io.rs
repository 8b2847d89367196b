//! [`Io`]: the outside world in one value, so that nothing reaches for it unseen.

mod address;
pub mod clock;
mod fetch;
pub mod http;

use std::sync::{Arc, LazyLock};

pub(crate) use address::{is_loopback, shown};
pub(crate) use fetch::fetch;

use crate::io::clock::{Clock, SystemClock};
use crate::io::http::{DefaultHttpClient, HttpClient};

/// The network and the clock that an endpoint uses. Cheap to clone; making one does no I/O.
#[derive(Clone, Debug)]
pub struct Io {
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
}

impl Io {
    /// The real ones: a [`DefaultHttpClient`], which all of the process share, and [`SystemClock`].
    pub fn new() -> Self {
        static REAL: LazyLock<Io> = LazyLock::new(|| Io {
            http: Arc::new(DefaultHttpClient::new()),
            clock: Arc::new(SystemClock::new()),
        });
        REAL.clone()
    }

    /// Another way out to the network.
    #[must_use]
    pub fn with_http(self, http: Arc<dyn HttpClient>) -> Self {
        Self { http, ..self }
    }

    /// Another clock.
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

impl Default for Io {
    fn default() -> Self {
        Self::new()
    }
}
