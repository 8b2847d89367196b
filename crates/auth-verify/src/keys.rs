//! [`Keys`]: where the public keys of an issuer come from, and how long they are believed.

mod bucket;
mod certificate;
mod document;
mod ed25519;
mod fetching;
mod jwk;
mod key;
mod place;
mod roca;
mod set;
mod source;
mod state;
mod stats;
mod supply;
mod unused;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::{Clock, SystemClock};
use auth_core::http::NoNetwork;
use auth_core::{Error, Io, Provider, Result};
use url::Url;

use self::place::Place;
use self::supply::Supply;
use crate::Algorithm;
use crate::jws::Compact;
use crate::rejection::Rejection;

pub(crate) use key::Key;
pub use set::KeySet;
pub use source::KeySource;
pub use stats::KeyStats;

/// The keys of one issuer. `Clone` is another handle on the same keys; making one does no I/O and
/// spawns nothing. Safe for concurrent use: no request with a known key ever waits for another one's.
///
/// Keys that come from a URL are fetched when first needed, renewed ahead of time in the background, and
/// still believed for a day when the issuer does not answer. An unknown key id leads to at most two
/// fetches at once and one more every 30 seconds, whatever is thrown at the server; a bad signature leads
/// to none. While nothing at all could be fetched, tries are 1, 2, 4 … 30 seconds apart.
#[derive(Clone)]
pub struct Keys(Source);

#[derive(Clone)]
enum Source {
    Fixed(Arc<KeySet>),
    Supplied(Arc<Supply>),
}

impl Keys {
    /// The keys at the `jwks_uri` that the issuer's metadata name. Its host must be the issuer's own;
    /// [`with_host`](Self::with_host) lets another one in.
    pub fn discovered(provider: Provider) -> Self {
        let io = provider.io().clone();
        let place = Place::Discovered {
            provider,
            hosts: Vec::new(),
        };
        Self::supplied(place, io)
    }

    /// The keys at a URL.
    ///
    /// # Errors
    /// `Config` if it is not https (plain http is for loopback), or has a user or a fragment.
    pub fn at(url: Url, io: Io) -> Result<Self> {
        place::ensure_usable(&url)?;
        Ok(Self::supplied(Place::Url(url), io))
    }

    /// The keys in a JWKS file, which is read again when it changes. Touches no network.
    pub fn file(path: impl AsRef<Path>) -> Self {
        let io = Io::of(NoNetwork::new(), SystemClock::new());
        Self::supplied(Place::File(path.as_ref().to_owned()), io)
    }

    /// The keys that `source` hands out, asked by the same policy as a URL.
    pub fn from_source(source: impl KeySource + 'static, io: Io) -> Self {
        Self::supplied(Place::Source(Arc::new(source)), io)
    }

    /// These keys, for ever: once the issuer signs with another one, its tokens are refused. Touches no network.
    pub fn fixed(set: KeySet) -> Self {
        Self(Source::Fixed(Arc::new(set)))
    }

    /// Also lets the issuer's metadata name a `jwks_uri` on another host.
    ///
    /// # Errors
    /// `Config` for keys that are not found by metadata: nothing names their host; and for what is no host.
    pub fn with_host(self, host: impl Into<String>) -> Result<Self> {
        let host = place::host(&host.into())?;
        self.edit("with_host", |supply| match &mut supply.place {
            Place::Discovered { hosts, .. } => {
                hosts.push(host);
                true
            }
            _ => false,
        })
    }

    /// What an RSA key that names no algorithm is for, instead of what the issuer's metadata name for ID tokens, or RS256
    /// where they name nothing or are not asked. Called again: for that one, too.
    ///
    /// # Errors
    /// `Config` for fixed keys, whose [`KeySet`] was read before, and for an algorithm that is none of RSA's.
    pub fn with_rsa_algorithm(self, algorithm: Algorithm) -> Result<Self> {
        if !algorithm.is_rsa() {
            let said = format!("no RSA key is for {algorithm}");
            return Err(Error::config(said).with_advice("name one of RS256 to PS512"));
        }
        self.edit("with_rsa_algorithm", |supply| {
            supply.reading.rsa.push(algorithm);
            true
        })
    }

    /// Lets a key be found where the ids of tokens and keys do not say which: a token without one may be signed by
    /// any of the keys that fit it otherwise (the first four are tried), and one with an id by a key that has none.
    /// Without this such tokens are refused.
    ///
    /// # Errors
    /// `Config` for fixed keys: see [`KeySet::with_loose_ids`].
    pub fn with_loose_ids(self) -> Result<Self> {
        self.edit("with_loose_ids", |supply| {
            supply.loose = true;
            true
        })
    }

    /// Also takes keys that are published as a certificate alone (`x5c`, RFC 7517 §4.7), which RFC 7518 §6 does not allow for:
    /// the key in it, and nothing else of it. Without this such keys are left out.
    ///
    /// # Errors
    /// `Config` for fixed keys: see [`KeySet::from_jwks_with_certificates`].
    pub fn with_keys_in_certificates(self) -> Result<Self> {
        self.edit("with_keys_in_certificates", |supply| {
            supply.reading.in_certificates = true;
            true
        })
    }

    /// Believes a key for `time` after it was last published, for an issuer whose nodes disagree.
    /// Without this a key that is gone is gone with the next fetch.
    ///
    /// # Errors
    /// `Config` for fixed keys, which are never removed.
    pub fn with_removed_kept(self, time: Duration) -> Result<Self> {
        self.edit("with_removed_kept", |supply| {
            supply.keep_removed = time;
            true
        })
    }

    /// Starts with keys that were good some time ago, so that a program can start while the issuer is
    /// down. They are replaced by the first fetch, and believed for a day without one.
    ///
    /// # Errors
    /// `Config` for fixed keys, which are there from the start.
    pub fn with_snapshot(self, set: KeySet) -> Result<Self> {
        let set = Arc::new(set);
        self.edit("with_snapshot", |supply| {
            supply.start_with(set);
            true
        })
    }

    /// Fetches the keys now, however fresh those at hand are: after this, a key that the issuer has withdrawn is not
    /// believed any more, not even where removed ones are kept. If it fails, what was at hand stays.
    ///
    /// # Errors
    /// As [`warm_up`](Self::warm_up); `Config` for fixed keys.
    pub async fn renew(&self) -> Result<()> {
        match &self.0 {
            Source::Fixed(_) => Err(no_effect("renew")),
            Source::Supplied(supply) => supply.renewed().await,
        }
    }

    /// Throws away all keys at hand, for one that must not be believed for another moment. The next token leads to a
    /// fetch; until one works, nobody can say whether a token is good (503).
    ///
    /// # Errors
    /// `Config` for fixed keys.
    pub fn forget(&self) -> Result<()> {
        match &self.0 {
            Source::Fixed(_) => Err(no_effect("forget")),
            Source::Supplied(supply) => {
                supply.forget();
                Ok(())
            }
        }
    }

    /// Fetches the keys now, for a program that would rather not start without them.
    ///
    /// # Errors
    /// `Unavailable`, `Protocol` or `Config`.
    pub async fn warm_up(&self) -> Result<()> {
        match &self.0 {
            Source::Fixed(_) => Ok(()),
            Source::Supplied(supply) => supply.fetched(fetching::Reason::Cold).await,
        }
    }

    /// Completes when no fetch is in progress.
    pub async fn settled(&self) {
        if let Source::Supplied(supply) = &self.0 {
            supply.settled().await;
        }
    }

    /// What has happened so far.
    pub fn stats(&self) -> KeyStats {
        match &self.0 {
            Source::Fixed(set) => KeyStats::of(set),
            Source::Supplied(supply) => supply.stats(),
        }
    }

    /// The key for `token`, if what is at hand decides that. `None`: somebody must wait for a fetch.
    pub(crate) fn at_hand(
        &self,
        token: &Compact<'_>,
        algorithm: Algorithm,
    ) -> Option<Result<Arc<Key>, Rejection>> {
        match &self.0 {
            Source::Fixed(set) => Some(set.find(token, algorithm).map_err(Rejection::from)),
            Source::Supplied(supply) => supply.at_hand(token, algorithm),
        }
    }

    /// The key for `token`, after a fetch if that is needed and permitted.
    pub(crate) async fn find(
        &self,
        token: &Compact<'_>,
        algorithm: Algorithm,
    ) -> Result<Arc<Key>, Rejection> {
        match &self.0 {
            Source::Fixed(set) => Ok(set.find(token, algorithm)?),
            Source::Supplied(supply) => supply.find(token, algorithm).await,
        }
    }

    /// Why the key called `id`, which is published, is not used.
    pub(crate) fn why_unused(&self, id: &str) -> Option<&'static str> {
        match &self.0 {
            Source::Fixed(set) => set.unused.reason(id),
            Source::Supplied(supply) => supply.state.load().good.as_ref()?.set.unused.reason(id),
        }
    }

    /// The clock that the keys go by; the system's for fixed ones.
    pub(crate) fn clock(&self) -> &dyn Clock {
        match &self.0 {
            Source::Fixed(_) => &SYSTEM,
            Source::Supplied(supply) => &**supply.io.clock(),
        }
    }

    fn supplied(place: Place, io: Io) -> Self {
        Self(Source::Supplied(Arc::new(Supply::new(place, io))))
    }

    /// The same with another setting, if `change` says that it can take effect.
    fn edit(self, name: &str, change: impl FnOnce(&mut Supply) -> bool) -> Result<Self> {
        if let Source::Supplied(supply) = &self.0 {
            let mut supply = supply.anew();
            if change(&mut supply) {
                return Ok(Self(Source::Supplied(Arc::new(supply))));
            }
        }
        Err(no_effect(name))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Fixed(set) => f.debug_tuple("Keys").field(set).finish(),
            Source::Supplied(supply) => f.debug_tuple("Keys").field(&supply.place).finish(),
        }
    }
}

fn no_effect(setting: &str) -> Error {
    Error::config(format!(
        "`Keys::{setting}` can't take effect on keys of this kind"
    ))
    .with_advice("leave it out, or take the keys from a place that it is for")
}

static SYSTEM: SystemClock = SystemClock::new();
