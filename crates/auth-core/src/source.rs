//! [`TokenSource`], which applications hold, and [`Grant`], which providers implement.

mod chain;
mod given;
mod pointer;
mod static_source;

use std::fmt;

use crate::error::{Challenge, Result};
use crate::future::BoxFuture;
use crate::session::{Held, Need, TokenSet};
use crate::store::{SessionKey, StoreKey};
use crate::token::AccessToken;

pub use chain::Chain;
pub use given::GivenSource;
pub use static_source::StaticSource;

/// Hands out a token that works now. Applications hold an `Arc<dyn TokenSource>`.
///
/// Safe for concurrent use. [`CachedSource`](crate::CachedSource) makes one from a [`Grant`].
pub trait TokenSource: fmt::Debug + Send + Sync {
    /// A token for this need. May wait for the network, and for a person where the grant needs one and
    /// `need` allows it.
    ///
    /// # Errors
    /// Every kind; see [`ErrorKind`](crate::ErrorKind) for what to do about each.
    fn get(&self, need: Need) -> BoxFuture<'_, Result<AccessToken>>;

    /// The token at hand if it is fresh: no waiting, no network, no allocation. The default has none at
    /// hand.
    fn at_hand(&self) -> Option<AccessToken> {
        None
    }

    /// A token that works: [`get`](Self::get) for the default [`Need`].
    ///
    /// # Errors
    /// As [`get`](Self::get).
    fn token(&self) -> BoxFuture<'_, Result<AccessToken>> {
        self.get(Need::new())
    }

    /// Completes when no renewal is in progress. Touches the network only through that renewal.
    fn settled(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Whose tokens these are. `None` where nothing tells one user of this source from another.
    fn session(&self) -> Option<&SessionKey> {
        None
    }

    /// The login that its tokens come from now, under a name without secrets: another login has another
    /// name. `None`, the default, where that is not known or can't change. May touch the store, not the network.
    fn origin(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(std::future::ready(None))
    }

    /// The resource server refused this one: it is never handed out again. `challenge` is what the
    /// server asked for instead, if it said so. Does not touch the network. The default forgets it.
    fn discard(&self, refused: &AccessToken, challenge: Option<&Challenge>) {
        let _ = (refused, challenge);
    }
}

/// Turns what is held so far into the tokens to hold next. Providers implement this.
///
/// A grant keeps no state between calls: what must be remembered is in [`Held`]. It is called by one
/// renewal of a session at a time.
pub trait Grant: fmt::Debug + Send + Sync {
    /// Whose tokens these are, and for which question: known before any request, no secret in it.
    fn key(&self) -> StoreKey;

    /// Whether who logged in is the user that the [key](StoreKey::with_user) names: an entry of another
    /// one counts as empty. The default compares without regard to case.
    fn is_user(&self, configured: &str, account: &str) -> bool {
        configured.to_lowercase() == account.to_lowercase()
    }

    /// The [login](TokenSource::origin) of somebody else's that an exchange would start from now: an entry that
    /// came from another one counts as empty. `None`, the default, is for a session that starts by itself.
    fn origin(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(std::future::ready(None))
    }

    /// Completes when nothing is in progress that this grant started elsewhere, as at the source of a subject. The default
    /// starts nothing.
    fn settled(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Gets the next tokens. Touches the network. A person is asked through [`Held::asking`] and nowhere
    /// else.
    ///
    /// # Errors
    /// Every kind. An error that names `invalid_grant` makes the cache drop the refresh token, after
    /// it has looked whether somebody else has a newer one.
    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>>;
}
