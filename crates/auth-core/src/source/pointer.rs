//! A box or an `Arc` of a source is a source, and of a grant a grant: every method is the inner one's.
//! Clippy says when one is forgotten.

use std::sync::Arc;

use super::{Grant, TokenSource};
use crate::error::{Challenge, Result};
use crate::future::BoxFuture;
use crate::session::{Held, Need, TokenSet};
use crate::store::{SessionKey, StoreKey};
use crate::token::AccessToken;

macro_rules! forward {
    ($($pointer:ident),+) => {$(
        #[warn(clippy::missing_trait_methods)]
        impl<T: TokenSource + ?Sized> TokenSource for $pointer<T> {
            fn get(&self, need: Need) -> BoxFuture<'_, Result<AccessToken>> {
                (**self).get(need)
            }

            fn at_hand(&self) -> Option<AccessToken> {
                (**self).at_hand()
            }

            fn token(&self) -> BoxFuture<'_, Result<AccessToken>> {
                (**self).token()
            }

            fn settled(&self) -> BoxFuture<'_, ()> {
                (**self).settled()
            }

            fn session(&self) -> Option<&SessionKey> {
                (**self).session()
            }

            fn origin(&self) -> BoxFuture<'_, Option<String>> {
                (**self).origin()
            }

            fn discard(&self, refused: &AccessToken, challenge: Option<&Challenge>) {
                (**self).discard(refused, challenge);
            }
        }

        #[warn(clippy::missing_trait_methods)]
        impl<T: Grant + ?Sized> Grant for $pointer<T> {
            fn key(&self) -> StoreKey {
                (**self).key()
            }

            fn is_user(&self, configured: &str, account: &str) -> bool {
                (**self).is_user(configured, account)
            }

            fn origin(&self) -> BoxFuture<'_, Option<String>> {
                (**self).origin()
            }

            fn settled(&self) -> BoxFuture<'_, ()> {
                (**self).settled()
            }

            fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
                (**self).exchange(held)
            }
        }
    )+};
}

forward!(Arc, Box);
