//! Logins, and the refresh tokens that carry them on.

use std::collections::HashMap;
use std::time::SystemTime;

use crate::answer::Refusal;
use crate::policy::{Policy, Rotation};
use crate::random;
use crate::token::Purpose;

/// Logins, each a family of refresh tokens that lives and dies together.
#[derive(Default)]
pub(crate) struct Logins {
    families: Vec<Family>,
    members: HashMap<String, Member>,
}

struct Family {
    purpose: Purpose,
    alive: bool,
}

struct Member {
    family: usize,
    spent_at: Option<SystemTime>,
    ends_at: Option<SystemTime>,
}

impl Logins {
    /// The first refresh token of a new login.
    pub(crate) fn start(&mut self, purpose: Purpose, policy: &Policy, now: SystemTime) -> String {
        self.families.push(Family {
            purpose,
            alive: true,
        });
        self.add(self.families.len() - 1, policy, now)
    }

    /// What the login of `token` was for. A token that was used up ends its login (RFC 9700 §4.14).
    pub(crate) fn open(
        &mut self,
        token: &str,
        client: &str,
        policy: &Policy,
        now: SystemTime,
    ) -> Result<Purpose, Refusal> {
        let no = |why| Err(Refusal::new("invalid_grant", why));
        let Some(member) = self.members.get(token) else {
            return no("The refresh token is not known.");
        };
        let family = &mut self.families[member.family];
        if family.purpose.client != client {
            return no("The refresh token belongs to another client.");
        }
        if !family.alive {
            return no("The login has ended.");
        }
        if member.ends_at.is_some_and(|end| end <= now) {
            return no("The refresh token has expired.");
        }
        let since = |spent| now.duration_since(spent).unwrap_or_default();
        if member
            .spent_at
            .is_some_and(|spent| since(spent) >= policy.reuse_grace)
        {
            family.alive = false;
            return no("The refresh token was used before, so the login has ended.");
        }
        Ok(family.purpose.clone())
    }

    /// Redeems `token`, which [`open`](Self::open) let pass, and gives the one for the answer.
    pub(crate) fn rotate(
        &mut self,
        token: &str,
        policy: &Policy,
        now: SystemTime,
    ) -> Option<String> {
        let member = self.members.get_mut(token)?;
        let family = member.family;
        match policy.rotation {
            Rotation::Silent => None,
            Rotation::Same => Some(token.to_owned()),
            Rotation::Lenient => Some(self.add(family, policy, now)),
            Rotation::OneUse => {
                member.spent_at.get_or_insert(now);
                Some(self.add(family, policy, now))
            }
        }
    }

    /// Whose `token` is, if it is known.
    pub(crate) fn client(&self, token: &str) -> Option<&str> {
        let family = self.members.get(token)?.family;
        Some(&self.families.get(family)?.purpose.client)
    }

    /// Ends the login of `token`.
    pub(crate) fn end(&mut self, token: &str) -> bool {
        let Some(member) = self.members.get(token) else {
            return false;
        };
        self.families[member.family].alive = false;
        true
    }

    /// Ends a session: every login in it.
    pub(crate) fn end_session(&mut self, session: &str) {
        for family in &mut self.families {
            if family.purpose.session.as_deref() == Some(session) {
                family.alive = false;
            }
        }
    }

    /// Whether somebody is still logged in there.
    pub(crate) fn has_session(&self, session: &str) -> bool {
        self.families
            .iter()
            .any(|family| family.alive && family.purpose.session.as_deref() == Some(session))
    }

    /// Whether `token` would be taken now without harm.
    pub(crate) fn is_live(&self, token: &str, now: SystemTime) -> bool {
        self.members.get(token).is_some_and(|member| {
            self.families[member.family].alive
                && member.spent_at.is_none()
                && member.ends_at.is_none_or(|end| end > now)
        })
    }

    fn add(&mut self, family: usize, policy: &Policy, now: SystemTime) -> String {
        let token = random::hex(32);
        let member = Member {
            family,
            spent_at: None,
            ends_at: policy.refresh_life.map(|life| now + life),
        };
        self.members.insert(token.clone(), member);
        token
    }
}
