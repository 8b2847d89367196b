//! What a renewal writes down.

use super::Renewal;
use crate::error::{Challenge, Error, ErrorKind};
use crate::session::{Held, Login, TokenSet};
use crate::store::StoreLock;

impl Renewal {
    /// Memory first, then the store.
    pub(super) async fn keep(&self, set: &TokenSet, held: &Held, lock: Option<&StoreLock>) {
        let (parts, now) = (&self.parts, self.parts.clock.now().wall);
        let (login, _) = parts.cell.login();
        let login = match self.is_ours(&login) {
            true => login,
            false => Login::default().with_mirrors_of(&login),
        };
        let (check, question) = (self.check_name(), parts.key.question());
        let login = login.after(&question, set, check, now);
        // Whether by a login or by a refresh that carried claims.
        let answered = held.challenge().is_some_and(Challenge::wants_more);
        let login = match answered {
            true => login.without_challenge(&question),
            false => login,
        };
        parts.cell.keep(login.mirroring().unwrap_or(login));
        parts.save(lock).await;
        parts.mirror(lock).await;
        let rotated = match (set.refresh(), held.refresh()) {
            (Some(new), Some(old)) => !new.is_same(old),
            // One that was given from outside is not held.
            _ => set.is_rotated(),
        };
        // The next one need not wonder what became of the old one.
        if !rotated || parts.cell.unsaved().is_none() {
            held.settle().await;
        }
        if let (true, Some(refresh), Some(observer)) = (rotated, set.refresh(), &parts.observer) {
            observer.rotated(&parts.key, refresh);
        }
    }

    /// What a failure leaves behind. Spent is spent, whatever the answer was worth: a refresh token that
    /// the server has replaced is never sent again. What only a login can answer waits for one. And a token that an API
    /// refused is handed out by no other process either.
    pub(super) async fn note(&self, error: &Error, held: &Held, lock: Option<&StoreLock>) {
        let (parts, question) = (&self.parts, self.parts.key.question());
        let (login, generation) = parts.cell.login();
        let asked = held.challenge().filter(|challenge| challenge.wants_more());
        let news = asked.filter(|asked| {
            let is_known = login.challenge_of(&question) == Some(asked);
            error.kind() == ErrorKind::Interaction && generation.is_some() && !is_known
        });
        let answer = login.answer(&question).filter(|_| generation.is_some());
        let is_refused = answer.is_some_and(|answer| parts.cell.is_refused(&answer.token));
        if !held.is_spent() && news.is_none() && !is_refused {
            return;
        }
        let login = match news {
            Some(challenge) => login.with_challenge(&question, challenge.clone()),
            None => login,
        };
        let login = match is_refused {
            true => login.without_answer(&question),
            false => login,
        };
        parts.cell.amend(match held.is_spent() {
            true => login.without_refresh(),
            false => login,
        });
        parts.save(lock).await;
    }
}
