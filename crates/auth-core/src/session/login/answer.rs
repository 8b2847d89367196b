//! [`Answer`]: the access token for one question, and how far it is checked.

use std::time::SystemTime;

use super::Unknown;
use crate::token::AccessToken;

/// The answer to one question.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) token: AccessToken,
    /// The check that it has passed.
    pub(super) checked: Option<String>,
    /// The one before, which had passed: it is good until this one has, too.
    pub(super) previous: Option<AccessToken>,
    /// Until then its check is not tried again: the keys for it could not be had.
    pub(super) unchecked_until: Option<SystemTime>,
    pub(super) unknown: Unknown,
}

impl Answer {
    pub(super) fn new(token: AccessToken, previous: Option<AccessToken>) -> Self {
        Self {
            token,
            checked: None,
            previous,
            unchecked_until: None,
            unknown: Unknown::default(),
        }
    }

    /// What it is after it has passed `check`.
    pub(crate) fn with_checked(self, check: &str) -> Self {
        Self {
            checked: Some(check.to_owned()),
            previous: None,
            unchecked_until: None,
            ..self
        }
    }

    /// What it is after it could not be checked.
    pub(crate) fn with_unchecked_until(self, until: SystemTime) -> Self {
        let unchecked_until = Some(until);
        Self {
            unchecked_until,
            ..self
        }
    }

    /// Whether it has passed `check`.
    pub(crate) fn is_checked(&self, check: &str) -> bool {
        self.checked.as_deref() == Some(check)
    }

    /// Whether somebody has just tried in vain to check it.
    pub(crate) fn is_left_unchecked(&self, now: SystemTime) -> bool {
        self.unchecked_until.is_some_and(|until| now < until)
    }

    /// The newest token that works and has passed `check`.
    pub(crate) fn passed(&self, check: &str, now: SystemTime) -> Option<AccessToken> {
        let newest = match self.is_checked(check) {
            true => Some(&self.token),
            false => self.previous.as_ref(),
        };
        newest.filter(|token| now < token.dead_at()).cloned()
    }
}
