//! [`Deferred`]: a grant whose secrets are fetched when it first needs them, so that a token at hand
//! runs no command and asks nobody.

use std::fmt;
use std::time::Duration;

use auth_core::session::{Held, TokenSet};
use auth_core::store::StoreKey;
use auth_core::{BoxFuture, Error, Grant, Io, Result};
use tokio::sync::OnceCell;

use crate::config::Profile;
use crate::profile::{self, Fetched};
use crate::secret::{SecretSource, Secrets};

/// The grant of a profile, made at its first exchange.
pub(crate) struct Deferred {
    key: StoreKey,
    recipe: Option<Recipe>,
    made: OnceCell<Box<dyn Grant>>,
}

/// What the grant is made from.
#[derive(Debug)]
pub(crate) struct Recipe {
    pub(crate) profile: Profile,
    pub(crate) io: Io,
    pub(crate) secrets: Secrets,
    /// Secrets that were fetched already.
    pub(crate) known: Fetched,
}

impl Deferred {
    /// A grant that is made when it is needed. `key` is what it will answer to: it depends on no secret.
    pub(crate) fn later(key: StoreKey, recipe: Recipe) -> Self {
        Self {
            key,
            recipe: Some(recipe),
            made: OnceCell::new(),
        }
    }

    /// A grant that is there.
    pub(crate) fn made(key: StoreKey, grant: Box<dyn Grant>) -> Self {
        Self {
            key,
            recipe: None,
            made: OnceCell::new_with(Some(grant)),
        }
    }

    /// Fetches the secrets now.
    ///
    /// # Errors
    /// `Config` where one is not, or `Interaction` where nobody can be asked.
    pub(crate) async fn prepare(&self) -> Result<&dyn Grant> {
        let made = self.made.get_or_try_init(|| async {
            match &self.recipe {
                Some(recipe) => recipe.make().await,
                None => Err(Error::protocol("a grant without a recipe was not made")),
            }
        });
        made.await.map(|grant| &**grant)
    }

    /// As [`prepare`](Self::prepare), on behalf of those who wait, which may take a person's time.
    async fn ask(&self, held: &Held, recipe: &Recipe) -> Result<&dyn Grant> {
        held.asking(&**recipe.io.clock(), PATIENCE, self.prepare())
            .await
    }
}

impl Recipe {
    async fn make(&self) -> Result<Box<dyn Grant>> {
        let fetched = profile::fetch(&self.profile, &self.secrets, &self.known).await?;
        profile::grant(&self.profile, &self.io, &fetched)
    }

    /// Whether a secret that is still to be fetched is in such a place.
    fn wants(&self, place: impl Fn(&SecretSource) -> bool) -> bool {
        let matches =
            |(field, source): (&str, &SecretSource)| !self.known.has(field) && place(source);
        profile::needed(&self.profile).is_ok_and(|needed| needed.into_iter().any(matches))
    }
}

impl Grant for Deferred {
    fn key(&self) -> StoreKey {
        self.key.clone()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            let grant = match &self.recipe {
                Some(recipe) if !self.made.initialized() && recipe.wants(SecretSource::may_ask) => {
                    self.ask(held, recipe).await?
                }
                _ => self.prepare().await?,
            };
            grant.exchange(held).await
        })
    }
}

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// How long a person has to answer: others wait for the same login meanwhile.
const PATIENCE: Duration = Duration::from_secs(120);
