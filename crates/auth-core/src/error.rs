//! [`Error`]: one type, its kinds named after what the caller does next.

mod challenge;
pub(crate) mod hint;
mod kind;
mod reason;
mod refused;
mod untrusted;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use challenge::Challenge;
pub use kind::{ErrorKind, Recall};
pub(crate) use reason::{markup, reason};
pub use untrusted::{Untrusted, is_harmful};

/// The result of everything in this workspace that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in a form that waiters can share.
///
/// `Display` is one line: what failed, why, and what to do next; below it stands one line more for each source that a
/// [`Chain`](crate::Chain) tried before. It never holds a token, a secret, a body or the query of a URL, and text that came from a server is bounded and escaped
/// ([`Untrusted`]). `Debug` is the same text, so that `fn main() -> Result<()>` ends with it; `{:#?}` shows
/// the fields. `Clone` is a reference count.
#[derive(Clone, thiserror::Error)]
#[error(transparent)]
pub struct Error(Arc<Inner>);

impl Error {
    /// An error of `kind`. `message` says what failed and why, without a final full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            advice: None,
            code: None,
            status: None,
            retry_after: None,
            clock_ahead: None,
            challenge: None,
            ids: Vec::new(),
            sent: true,
            recall: match kind {
                ErrorKind::Interaction => Recall::Never,
                _ => Recall::Briefly,
            },
            tried: Vec::new(),
            source: None,
        }))
    }

    /// Nothing is configured here; a chain goes on.
    pub fn absent(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Absent, message)
    }

    /// The configuration is wrong.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// A person is needed.
    pub fn interaction(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Interaction, message)
    }

    /// The other side, or we, broke the protocol.
    pub fn protocol(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Protocol, message)
    }

    /// The server said no.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Refused, message)
    }

    /// The token store failed.
    pub fn store(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Store, message)
    }

    /// It may work later.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, message)
    }

    /// Adds what to do next, as an imperative without a final full stop. The last advice wins.
    #[must_use]
    pub fn with_advice(self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.edit(|inner| inner.advice = Some(advice.into()))
    }

    /// Adds the OAuth `error` code (RFC 6749 §5.2), exactly as the server spelled it.
    #[must_use]
    pub fn with_code(self, code: impl Into<String>) -> Self {
        self.edit(|inner| inner.code = Some(code.into()))
    }

    /// Adds the HTTP status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        self.edit(|inner| inner.status = Some(status))
    }

    /// Adds the pause that the server asked for (RFC 9110 §10.2.3). A day is the most.
    #[must_use]
    pub fn with_retry_after(self, pause: Duration) -> Self {
        self.edit(|inner| inner.retry_after = Some(pause.min(LONGEST_PAUSE)))
    }

    /// Adds by how many seconds the local clock is ahead of the server's `Date` (behind: negative).
    #[must_use]
    pub fn with_clock_ahead(self, seconds: i64) -> Self {
        self.edit(|inner| inner.clock_ahead = Some(seconds))
    }

    /// Adds what the server asks of the next login: the `claims` in the error of a token endpoint (Entra).
    #[must_use]
    pub fn with_challenge(self, challenge: Challenge) -> Self {
        self.edit(|inner| inner.challenge = Some(challenge))
    }

    /// Adds an id by which whoever runs the server finds the request in its logs, under the name that the server has for
    /// it. It is bounded and escaped.
    #[must_use]
    pub fn with_id(self, name: impl Into<Cow<'static, str>>, id: &str) -> Self {
        let id = Untrusted::new(id).with_limit(LONGEST_ID).to_string();
        self.edit(|inner| inner.ids.push((name.into(), id)))
    }

    /// Says that the request certainly never reached the server, so that repeating it is safe.
    #[must_use]
    pub fn with_nothing_sent(self) -> Self {
        self.edit(|inner| inner.sent = false)
    }

    /// Says how long a cache may answer with this error instead of trying again.
    #[must_use]
    pub fn with_recall(self, recall: Recall) -> Self {
        self.edit(|inner| inner.recall = recall)
    }

    /// Adds the error that caused this one. Its text must be free of secrets: it is shown.
    #[must_use]
    pub fn with_source(self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.edit(|inner| inner.source = Some(Arc::new(source)))
    }

    /// Adds the sources that had nothing, by name, before this happened.
    #[must_use]
    pub(crate) fn with_tried(self, tried: Vec<(String, Self)>) -> Self {
        self.edit(|inner| inner.tried.splice(..0, tried).for_each(drop))
    }

    /// Puts `context` before the message: the profile, the file, the step.
    #[must_use]
    pub fn context(self, context: impl fmt::Display) -> Self {
        self.edit(|inner| inner.message = format!("{context}: {}", inner.message))
    }

    /// What the caller does next.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What failed and why, without the advice.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do next, if there is more to say than the kind says.
    pub fn advice(&self) -> Option<&str> {
        self.0.advice.as_deref()
    }

    /// The OAuth `error` code, if the server sent one. Control flow keys on this and on nothing else
    /// that a server wrote.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The pause that the server asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// By how many seconds the local clock was ahead of the server's `Date` (behind: negative).
    /// Good for explaining, never for trusting.
    pub fn clock_ahead(&self) -> Option<i64> {
        self.0.clock_ahead
    }

    /// What the server asks of the next login, if it said so. Untrusted.
    pub fn challenge(&self) -> Option<&Challenge> {
        self.0.challenge.as_ref()
    }

    /// By what whoever runs the server finds the request in its logs: the name and the value of each id.
    pub fn ids(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.ids.iter().map(|(name, id)| (&**name, &**id))
    }

    /// Whether the request may have reached the server. `false` means that repeating it is safe even
    /// if it spends something.
    pub fn may_have_arrived(&self) -> bool {
        self.0.sent
    }

    /// How long a cache may answer with this error instead of trying again.
    pub fn recall(&self) -> Recall {
        self.0.recall
    }

    /// The sources of a [`Chain`](crate::Chain) that had nothing before this happened: name and error of each.
    pub fn tried(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.0.tried.iter().map(|(name, error)| (&**name, error))
    }

    fn edit(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            f.debug_tuple("Error").field(&self.0).finish()
        } else {
            fmt::Display::fmt(self, f)
        }
    }
}

#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}{}{}{}", if advice.is_some() { "; " } else { "" }, advice.as_deref().unwrap_or(""), Lines(tried))]
struct Inner {
    kind: ErrorKind,
    message: String,
    advice: Option<Cow<'static, str>>,
    code: Option<String>,
    status: Option<u16>,
    retry_after: Option<Duration>,
    clock_ahead: Option<i64>,
    challenge: Option<Challenge>,
    ids: Vec<(Cow<'static, str>, String)>,
    sent: bool,
    recall: Recall,
    tried: Vec<(String, Error)>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What was tried: a line each, and deeper what a chain in the chain tried.
struct Lines<'a>(&'a [(String, Error)]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, error) in self.0 {
            write!(f, "\n  {name}: {}", error.to_string().replace('\n', "\n  "))?;
        }
        Ok(())
    }
}

/// No server's id is longer.
const LONGEST_ID: usize = 80;

/// The longest pause that a server can ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(86_400);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_is_the_sentence_and_its_alternate_the_fields() {
        let error = Error::refused("a.b refused: no")
            .with_advice("log in again")
            .with_code("invalid_grant");
        assert_eq!(format!("{error:?}"), "a.b refused: no; log in again");
        let outcome: Result<()> = Err(error.clone());
        assert_eq!(format!("{outcome:?}"), "Err(a.b refused: no; log in again)");
        assert!(format!("{error:#?}").contains("code: Some("));
    }
}
