//! [`Draft`]: a token on its way to be checked.

use std::sync::Arc;
use std::time::SystemTime;

use crate::Algorithm;
use crate::claims::Claims;
use crate::issuer::Issuer;
use crate::json::Object;
use crate::jws::Compact;
use crate::keys::Key;
use crate::memory::Memory;
use crate::rejection::{Rejection, RejectionKind as Kind};
use crate::span::Span;
use crate::verified::Verified;

/// A token in order, of an issuer that is known, whose signature was not checked.
pub(super) struct Draft<'t> {
    pub(super) token: Compact<'t>,
    pub(super) claims: Object,
    pub(super) index: usize,
    pub(super) issuer: &'t Issuer,
    pub(super) algorithm: Algorithm,
    pub(super) now: SystemTime,
    pub(super) span: Span,
    pub(super) text: &'t str,
    pub(super) memory: Option<&'t Memory<Arc<Key>>>,
}

impl Draft<'_> {
    pub(super) async fn verify(self) -> Result<Verified, Rejection> {
        let key = match self.key_at_hand() {
            Some(key) => key,
            None => match self.ensure_plausible() {
                Ok(()) => {
                    let keys = self.issuer.keys();
                    keys.find(&self.token, self.algorithm).await
                }
                Err(rejection) => Err(rejection),
            },
        };
        self.conclude(key)
    }

    pub(super) fn key_at_hand(&self) -> Option<Result<Arc<Key>, Rejection>> {
        self.issuer.keys().at_hand(&self.token, self.algorithm)
    }

    pub(super) fn ensure_plausible(&self) -> Result<(), Rejection> {
        let claims = Claims(&self.claims);
        let outcome = self.issuer.ensure_plausible(claims, &self.span);
        outcome.map_err(|kind| self.issuer.explain(kind, Some(claims)))
    }

    pub(super) fn conclude(self, key: Result<Arc<Key>, Rejection>) -> Result<Verified, Rejection> {
        let id = self.token.header.key_id();
        let explain = |why| self.issuer.explain_key(why, self.algorithm, id.as_deref());
        let key = key.map_err(explain);
        let outcome = key.and_then(|key| {
            self.ensure_signed(&key)?;
            let (claims, issuer) = (Claims(&self.claims), self.issuer);
            let explain = |kind| issuer.explain(kind, Some(claims));
            issuer
                .ensure_good(claims, &key, &self.span)
                .map_err(explain)?;
            Ok(())
        });
        let refused = |rejection: Rejection, claims: &Object| {
            let name = Claims(claims)
                .text("iss")
                .ok()
                .flatten()
                .unwrap_or_default();
            let key = self.token.header.key_id();
            let rejection = rejection.with_issuer(self.index, &name);
            rejection.with_key(key.as_deref()).told()
        };
        if let Err(rejection) = outcome {
            return Err(refused(rejection, &self.claims));
        }
        Verified::new(self.issuer.policy(), self.claims, self.now)
            .map(|verified| verified.of(self.text))
            .map_err(|(kind, claims)| refused(self.issuer.explain(kind, None), &claims))
    }

    /// The signature is the key's, or was found to be before.
    fn ensure_signed(&self, key: &Arc<Key>) -> Result<(), Kind> {
        let Some(memory) = self.memory else {
            return key.verify(&self.token);
        };
        let same = |known: &Arc<Key>| known.is_same(key).then_some(());
        if memory.find(self.text, same).is_none() {
            key.verify(&self.token)?;
            memory.keep(self.text, key.clone());
        }
        Ok(())
    }
}
