//! What a refusal means: a token that is dead, a person who is needed.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Error, ErrorKind};

impl Error {
    /// Says that a person is needed because a renewal without one was refused: why it was, and what helps.
    #[must_use]
    pub(crate) fn because(self, refusal: Self) -> Self {
        let advice = match (self.advice(), refusal.advice()) {
            (Some(ours), Some(why)) if why.contains("log in") => Some(format!("{ours} ({why})")),
            (Some(ours), None) => Some(ours.to_owned()),
            (_, why) => why.map(str::to_owned),
        };
        let code = refusal.code().map(str::to_owned);
        let status = refusal.status();
        let ids = refusal.0.ids.clone();
        self.edit(|inner| {
            inner.ids.extend(ids);
            inner.message = format!("{}: {}", inner.message, refusal.message());
            inner.advice = advice.map(Cow::Owned);
            inner.code = inner.code.take().or(code);
            inner.status = inner.status.or(status);
            inner.source = Some(Arc::new(refusal));
        })
    }

    /// Whether the server refused with this OAuth code.
    pub fn is_refusal(&self, code: &str) -> bool {
        self.kind() == ErrorKind::Refused && self.code() == Some(code)
    }

    /// Whether the server says that the token which was sent to it is dead, by whichever code.
    pub(crate) fn is_dead_token(&self) -> bool {
        DEAD_TOKEN.iter().any(|code| self.is_refusal(code))
    }
}

/// What servers say of a token that is dead: RFC 6749 §5.2, RFC 6750 §3.1, and what some say of a refresh
/// token instead.
const DEAD_TOKEN: [&str; 5] = [
    "invalid_grant",
    "invalid_token",
    "bad_refresh_token",
    "expired_token",
    "invalid_refresh_token",
];
