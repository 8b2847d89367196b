//! What a token of an issuer must say.

use super::{Habit, Issuer, Policy};
use crate::claims::Claims;
use crate::keys::Key;
use crate::rejection::RejectionKind as Kind;
use crate::span::Span;

impl Issuer {
    /// What decides whether a fetch of keys is worth it, before anybody knows that the token is real.
    pub(crate) fn ensure_plausible(&self, claims: Claims<'_>, span: &Span) -> Result<(), Kind> {
        let Policy {
            leeway, max_age, ..
        } = *self.policy;
        // Of two faults, each vendor's own servers name the other one first.
        match self.policy.habit {
            Habit::Entra(_) => {
                claims.ensure_timely(span, leeway, max_age)?;
                self.ensure_audience(claims)
            }
            _ => {
                self.ensure_audience(claims)?;
                claims.ensure_timely(span, leeway, max_age)
            }
        }
    }

    /// All that a token whose signature is good must say.
    pub(crate) fn ensure_good(
        &self,
        claims: Claims<'_>,
        key: &Key,
        span: &Span,
    ) -> Result<(), Kind> {
        self.identifier.ensure_coherent(claims, key)?;
        self.policy.ensure_kind(claims)?;
        self.ensure_plausible(claims, span)?;
        self.policy.ensure_bearer(claims)
    }

    fn ensure_audience(&self, claims: Claims<'_>) -> Result<(), Kind> {
        if self.audience.is_whoever() {
            return Ok(());
        }
        match self.policy.ensure_audience(claims, &self.audience) {
            Err(Kind::WrongAudience) if self.policy.habit.is_for_graph(claims) => {
                Err(Kind::GraphToken)
            }
            other => other,
        }
    }
}
