//! [`TokenSource`], which applications hold, and [`Grant`], which providers implement.

mod static_source;

use std::fmt;

use crate::error::{Challenge, Result};
use crate::future::BoxFuture;
use crate::session::{Held, TokenSet};
use crate::store::StoreKey;
use crate::token::AccessToken;

pub use static_source::StaticSource;

/// Hands out a token that works now. Applications hold an `Arc<dyn TokenSource>`.
///
/// Safe for concurrent use. [`CachedSource`](crate::CachedSource) makes one from a [`Grant`].
pub trait TokenSource: fmt::Debug + Send + Sync {
    /// The token at hand if it is fresh: no waiting, no network, no allocation.
    fn at_hand(&self) -> Option<AccessToken>;

    /// A token that works. May wait for the network, and for a person where the grant needs one.
    ///
    /// # Errors
    /// Every kind; see [`ErrorKind`](crate::ErrorKind) for what to do about each.
    fn token(&self) -> BoxFuture<'_, Result<AccessToken>>;

    /// The resource server refused this one: it is never handed out again. `challenge` is what the
    /// server asked for instead, if it said so. Does not touch the network.
    fn discard(&self, refused: &AccessToken, challenge: Option<&Challenge>);
}

/// Turns what is held so far into the tokens to hold next. Providers implement this.
///
/// A grant keeps no state between calls: what must be remembered is in [`Held`]. It is called by one
/// renewal of a session at a time.
pub trait Grant: fmt::Debug + Send + Sync {
    /// Whose tokens these are, and for which question: known before any request, no secret in it.
    fn key(&self) -> StoreKey;

    /// Gets the next tokens. Touches the network. A grant that would ask a person returns
    /// `Interaction` while [`Held::access`] works: nobody is asked while a token works.
    ///
    /// # Errors
    /// Every kind. An error that names `invalid_grant` makes the cache drop the refresh token, after
    /// it has looked whether somebody else has a newer one.
    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>>;
}
