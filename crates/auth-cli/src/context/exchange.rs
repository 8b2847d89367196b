//! Profiles that trade the tokens of others.

use std::sync::Arc;

use auth_core::{Grant, Result, TokenSource};

use super::Context;
use crate::config::{Kind, Profile};
use crate::profile::exchange::{self, Party};
use crate::profile::{self, Kept, Labelled};

impl Context {
    /// As [`profile::open`], with the sources of the profiles that this one names.
    pub(super) async fn open(&self, profile: &Profile, kept: &Kept) -> Result<Labelled> {
        let io = self.io(profile);
        if profile.kind != Kind::TokenExchange {
            return profile::open(profile, &io, &self.secrets, kept).await;
        }
        let subject = self.party(profile, &exchange::SUBJECT, profile.subject.as_deref());
        let subject = subject.await?;
        let has_actor = [exchange::ACTOR.profile, exchange::ACTOR.token]
            .iter()
            .any(|key| profile.settings.get(key).is_some());
        let actor = match has_actor {
            true => {
                let actor = self.party(profile, &exchange::ACTOR, profile.actor.as_deref());
                Some(actor.await?)
            }
            false => None,
        };
        let grant = exchange::grant(profile, &io, &self.secrets, subject, actor)?;
        Ok(Labelled::new(
            profile::labelled(grant.key(), profile),
            grant,
        ))
    }

    /// The tokens of one of those whom an exchange is about: of another profile, or from a place.
    async fn party(
        &self,
        profile: &Profile,
        party: &Party,
        named: Option<&Profile>,
    ) -> Result<Arc<dyn TokenSource>> {
        match named {
            Some(named) => Box::pin(self.source(named)).await,
            None => exchange::given(profile, &self.io(profile), &self.secrets, party),
        }
    }
}
