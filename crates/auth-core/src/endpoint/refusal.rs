//! [`Refusal`]: an `error` of a server, wherever it stands (RFC 6749 §4.1.2.1 and §5.2).

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Untrusted, hint};

/// What a server said instead of doing what it was asked for.
pub(crate) struct Refusal<'a> {
    /// Who said it, in words for people.
    pub(crate) place: &'a str,
    pub(crate) code: &'a str,
    pub(crate) text: Option<&'a str>,
    /// Whether the status says that it may work later.
    pub(crate) is_busy: bool,
    /// By how many seconds our clock is ahead of the server's.
    pub(crate) clock_ahead: Option<i64>,
    /// What to do about a code that has no advice of its own, where the answer tells.
    pub(crate) more: Option<String>,
}

impl Refusal<'_> {
    pub(crate) fn into_error(self) -> Error {
        let (place, code) = (self.place, Untrusted::new(self.code).with_limit(80));
        let said = match self.text {
            Some(text) => format!("{code}: {}", Untrusted::new(sentence(text))),
            None => code.to_string(),
        };
        let error = if self.is_busy || BUSY.contains(&self.code) {
            Error::unavailable(format!("{place} can't serve us now: {said}"))
        } else if INTERACTION.contains(&self.code) {
            Error::interaction(format!("{place} needs a person: {said}"))
        } else {
            Error::refused(format!("{place} refused: {said}"))
        };
        let unknown = match error.kind() {
            ErrorKind::Unavailable => "try again later",
            ErrorKind::Interaction => "log in again",
            _ => "ask whoever runs the server what is wrong: its log says more",
        };
        let advice = hint::advice(Some(self.code), self.text, self.clock_ahead);
        let advice = advice.or_else(|| self.more.map(Cow::Owned));
        error
            .with_code(self.code)
            .with_advice(advice.unwrap_or(Cow::Borrowed(unknown)))
    }
}

/// What people want of a description: its first line, without the ids that some servers put behind it.
fn sentence(text: &str) -> &str {
    let line = text.trim_start().lines().next().unwrap_or_default();
    let said = line.split(" Trace ID: ").next().unwrap_or_default();
    said.trim_end().trim_end_matches('.')
}

/// A person can do something about these (OpenID Connect Core §3.1.2.6): from the login page, and from a
/// token endpoint that wants more of a login than a refresh can give.
const INTERACTION: [&str; 4] = [
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "login_required",
];

/// These may work later.
const BUSY: [&str; 5] = [
    "rate_limit_exceeded",
    "server_error",
    "slow_down",
    "temporarily_unavailable",
    "too_many_requests",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Recall;

    fn said(code: &str, is_busy: bool) -> Error {
        let refusal = Refusal {
            place: "a",
            code,
            text: Some("why.\n"),
            is_busy,
            clock_ahead: None,
            more: None,
        };
        refusal.into_error()
    }

    #[test]
    fn a_code_says_who_acts_next_and_is_kept() {
        for (code, kind) in [
            ("access_denied", ErrorKind::Refused),
            ("account_selection_required", ErrorKind::Interaction),
            ("consent_required", ErrorKind::Interaction),
            ("interaction_required", ErrorKind::Interaction),
            ("login_required", ErrorKind::Interaction),
            ("server_error", ErrorKind::Unavailable),
            ("temporarily_unavailable", ErrorKind::Unavailable),
            ("slow_down", ErrorKind::Unavailable),
            ("nobody_knows", ErrorKind::Refused),
        ] {
            let error = said(code, false);
            assert_eq!((error.kind(), error.code()), (kind, Some(code)));
            assert!(error.message().ends_with(": why"), "{error}");
            assert!(error.advice().is_some(), "{error}");
            let forgotten = error.recall() == Recall::Never;
            assert_eq!(forgotten, kind == ErrorKind::Interaction, "{code}");
        }
        assert_eq!(said("access_denied", true).kind(), ErrorKind::Unavailable);
    }
}
