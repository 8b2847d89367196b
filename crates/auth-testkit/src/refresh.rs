//! Logins, and the refresh tokens that carry them on.

use std::collections::HashMap;
use std::time::SystemTime;

use crate::answer::Refusal;
use crate::policy::{Policy, Rotation};
use crate::token::Purpose;

/// Logins, each a family of refresh tokens that lives and dies together.
#[derive(Default)]
pub(crate) struct Logins {
    families: Vec<Family>,
    members: HashMap<String, Member>,
}

struct Family {
    purpose: Purpose,
    end: Option<End>,
}

/// How a login ended.
#[derive(Clone, Copy)]
pub(crate) enum End {
    /// The person, the program or somebody at the server wanted it.
    Left,
    /// A refresh token or a code was used twice.
    Stolen,
}

/// Why a refresh token opens nothing.
pub(crate) enum Closed {
    Unknown,
    Foreign,
    Ended { end: End, offline: bool },
    Expired { offline: bool },
    Spent,
}

impl From<Closed> for Refusal {
    fn from(closed: Closed) -> Self {
        let no = |why, keycloak| Self::new("invalid_grant", why).keycloak(keycloak);
        match closed {
            Closed::Unknown => no("The refresh token is not known.", "Invalid refresh token"),
            Closed::Foreign => no(
                "The refresh token belongs to another client.",
                "Invalid refresh token. Token client and authorized client don't match",
            ),
            Closed::Ended { end, offline } => no(
                "The login has ended.",
                match end {
                    End::Stolen => "Session doesn't have required client",
                    End::Left if offline => "Offline user session not found",
                    End::Left => "Session not active",
                },
            ),
            Closed::Expired { offline } => no(
                "The refresh token has expired.",
                match offline {
                    true => "Offline user session not found",
                    false => "Token is not active",
                },
            ),
            Closed::Spent => no(
                "The refresh token was used before, so the login has ended.",
                "Maximum allowed refresh token reuse exceeded",
            ),
        }
    }
}

struct Member {
    family: usize,
    uses: u32,
    spent_at: Option<SystemTime>,
    ends_at: Option<SystemTime>,
}

impl Logins {
    /// A new login, and `token` as its first refresh token.
    pub(crate) fn start(
        &mut self,
        token: String,
        purpose: Purpose,
        policy: &Policy,
        now: SystemTime,
    ) {
        self.families.push(Family { purpose, end: None });
        self.add(token, self.families.len() - 1, policy, now);
    }

    /// What the login of `token` was for. A token that was used up ends its login (RFC 9700 §4.14).
    pub(crate) fn open(
        &mut self,
        token: &str,
        client: &str,
        policy: &Policy,
        now: SystemTime,
    ) -> Result<Purpose, Closed> {
        let member = self.members.get(token).ok_or(Closed::Unknown)?;
        let family = &mut self.families[member.family];
        let offline = family.purpose.offline;
        if family.purpose.client != client {
            return Err(Closed::Foreign);
        }
        if let Some(end) = family.end {
            return Err(Closed::Ended { end, offline });
        }
        if member.ends_at.is_some_and(|end| end <= now) {
            return Err(Closed::Expired { offline });
        }
        let since = |spent| now.duration_since(spent).unwrap_or_default();
        if member.uses > policy.reuse_limit
            && member
                .spent_at
                .is_some_and(|spent| since(spent) >= policy.reuse_grace)
        {
            family.end = Some(End::Stolen);
            return Err(Closed::Spent);
        }
        Ok(family.purpose.clone())
    }

    /// Redeems `token`, which [`open`](Self::open) let pass, and gives the one for the answer: `next`,
    /// if there is to be a new one.
    pub(crate) fn rotate(
        &mut self,
        token: &str,
        next: String,
        policy: &Policy,
        now: SystemTime,
    ) -> Option<String> {
        let member = self.members.get_mut(token)?;
        let family = member.family;
        match policy.rotation {
            Rotation::Silent => return None,
            Rotation::Same => return Some(token.to_owned()),
            Rotation::Lenient => {}
            Rotation::OneUse => {
                member.uses += 1;
                member.spent_at.get_or_insert(now);
            }
        }
        self.add(next.clone(), family, policy, now);
        Some(next)
    }

    /// What the login of `token` is for, if the token is known.
    pub(crate) fn purpose(&self, token: &str) -> Option<&Purpose> {
        let family = self.members.get(token)?.family;
        Some(&self.families.get(family)?.purpose)
    }

    /// Ends the login of `token`.
    pub(crate) fn end(&mut self, token: &str, end: End) -> bool {
        let Some(member) = self.members.get(token) else {
            return false;
        };
        self.families[member.family].end.get_or_insert(end);
        true
    }

    /// Ends the logins of these clients that are in one session with that of `token`. Those that were meant to
    /// outlast it end with one of their own kind.
    pub(crate) fn end_beside(&mut self, token: &str, of: impl Fn(&str) -> bool) {
        let Some(own) = self.purpose(token).cloned() else {
            return;
        };
        for family in &mut self.families {
            let other = &family.purpose;
            let is_beside = other.session.is_some() && other.session == own.session;
            if is_beside && of(&other.client) && (own.offline || !other.offline) {
                family.end.get_or_insert(End::Left);
            }
        }
    }

    /// Ends a session: every login in it but those that were meant to outlast it.
    pub(crate) fn end_session(&mut self, session: &str) {
        for family in &mut self.families {
            if family.purpose.session.as_deref() == Some(session) && !family.purpose.offline {
                family.end.get_or_insert(End::Left);
            }
        }
    }

    /// Whether somebody is still logged in there.
    pub(crate) fn has_session(&self, session: &str) -> bool {
        self.families.iter().any(|family| {
            family.end.is_none() && family.purpose.session.as_deref() == Some(session)
        })
    }

    /// Whether the login of `token` goes on.
    pub(crate) fn is_open(&self, token: &str) -> bool {
        let member = self.members.get(token);
        member.is_some_and(|member| self.families[member.family].end.is_none())
    }

    /// Whether `token` would be taken now without harm.
    pub(crate) fn is_live(&self, token: &str, now: SystemTime) -> bool {
        self.members.get(token).is_some_and(|member| {
            self.families[member.family].end.is_none()
                && member.spent_at.is_none()
                && member.ends_at.is_none_or(|end| end > now)
        })
    }

    fn add(&mut self, token: String, family: usize, policy: &Policy, now: SystemTime) {
        let life = policy.life(&self.families[family].purpose);
        let member = Member {
            family,
            uses: 0,
            spent_at: None,
            ends_at: life.map(|life| now + life),
        };
        self.members.insert(token, member);
    }
}
