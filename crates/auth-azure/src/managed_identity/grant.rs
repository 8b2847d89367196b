//! [`ManagedIdentityGrant`]: asks the host for a token.

use std::fmt;
use std::time::Duration;

use auth_core::session::{Held, TokenSet};
use auth_core::store::{SessionKey, StoreKey};
use auth_core::{BoxFuture, ErrorKind, Grant, Io, Result};
use http::StatusCode;

use super::host::Host;
use super::tries::Tries;
use super::{Identity, answer, arc, imds};

/// Asks the host for a token of one identity for one API. Can be repeated without harm.
#[derive(Clone)]
pub(super) struct ManagedIdentityGrant {
    pub(super) host: Host,
    pub(super) identity: Identity,
    pub(super) resource: String,
    pub(super) io: Io,
}

impl ManagedIdentityGrant {
    async fn tokens(&self, held: &Held) -> Result<TokenSet> {
        // A service that was there once and does not answer now is not absent.
        if let (Host::Imds { endpoint, is_guess }, None) = (&self.host, held.notes().get(ANSWERED))
        {
            imds::probe(endpoint, *is_guess, &self.io).await?;
        }
        let mut tries = Tries::new(&self.io);
        let set = loop {
            let deadline = tries.deadline();
            held.ensure_lock_outlives(deadline, &**self.io.clock())?;
            match self.attempt(held, deadline).await {
                Err(error) if error.kind() == ErrorKind::Unavailable => tries.pause(error).await?,
                outcome => break outcome?,
            }
        };
        Ok(set.with_note(ANSWERED, "yes".into()))
    }

    async fn attempt(&self, held: &Held, deadline: Duration) -> Result<TokenSet> {
        let clock = self.io.clock();
        let asked = clock.now();
        let request = self.host.request(&self.resource, &self.identity, None)?;
        let mut answer = self.io.fetch(request, deadline).await?;
        let mut sent = self.host.header().cloned();
        if let (Host::Arc { keys, .. }, StatusCode::UNAUTHORIZED) = (&self.host, answer.status()) {
            let key = arc::key(&answer, keys, held, &**clock).await?;
            let request = self
                .host
                .request(&self.resource, &self.identity, Some(&key))?;
            let rest = deadline.saturating_sub(clock.now().monotonic - asked.monotonic);
            answer = self.io.fetch(request, rest).await?;
            sent = Some(key);
        }
        let (asked_at, now) = (asked.wall, clock.now().wall);
        answer::read(
            &self.host,
            &self.identity,
            sent.as_ref(),
            &answer,
            asked_at,
            now,
        )
    }
}

impl Grant for ManagedIdentityGrant {
    fn key(&self) -> StoreKey {
        let client = match self.identity.parameter("resource_id") {
            Some((name, id)) => format!("{name}={id}"),
            None => "system-assigned".to_owned(),
        };
        let session = SessionKey::new(self.host.endpoint().as_str(), client, "default");
        StoreKey::new(session).with("resource", &self.resource)
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(self.tokens(held))
    }
}

impl fmt::Debug for ManagedIdentityGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagedIdentityGrant")
            .field("host", &self.host)
            .field("identity", &self.identity)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

/// The note that the service has answered.
const ANSWERED: &str = "answered";
