//! [`Rejection`]: why a request is not let in, for the log, and what to answer, for everybody.

mod answer;
mod kind;

use std::fmt;
use std::time::Duration;

use auth_core::Error;
use auth_core::error::Untrusted;

pub use kind::RejectionKind;

/// Why a token, or the lack of one, does not let a request in.
///
/// `Display` is for the log: a kind, what to look at, and never a token, a claim or a key. What the
/// caller is told is only [`status`](Self::status) and [`challenge`](Self::challenge), whose texts
/// are constants.
#[derive(Clone)]
pub struct Rejection(Box<Inner>);

#[derive(Clone, Default)]
struct Inner {
    kind: RejectionKind,
    issuer: Option<usize>,
    key: Option<String>,
    hint: Option<&'static str>,
    missing: Vec<String>,
    scopes: Vec<String>,
    step_up: Option<String>,
    retry_after: Option<Duration>,
    source: Option<Error>,
}

impl Rejection {
    pub(crate) fn new(kind: RejectionKind) -> Self {
        Self(Box::new(Inner {
            kind,
            ..Inner::default()
        }))
    }

    /// The keys can't be had: nobody knows whether the token is good.
    pub(crate) fn unavailable(error: Error) -> Self {
        let mut rejection = Self::new(RejectionKind::KeysUnavailable);
        rejection.0.retry_after = Some(error.retry_after().unwrap_or(Duration::from_secs(5)));
        rejection.0.source = Some(error);
        rejection
    }

    pub(crate) fn with_issuer(mut self, index: usize) -> Self {
        self.0.issuer = Some(index);
        self
    }

    pub(crate) fn with_key(mut self, id: Option<&str>) -> Self {
        self.0.key = id.map(|id| Untrusted::new(id).with_limit(64).to_string());
        self
    }

    pub(crate) fn with_hint(mut self, hint: &'static str) -> Self {
        self.0.hint = Some(hint);
        self
    }

    pub(crate) fn with_missing(mut self, missing: Vec<String>) -> Self {
        self.0.missing = missing;
        self
    }

    pub(crate) fn with_scopes(mut self, scopes: Vec<String>) -> Self {
        self.0.scopes = scopes;
        self
    }

    pub(crate) fn with_step_up(mut self, parameters: String) -> Self {
        self.0.step_up = Some(parameters);
        self
    }

    /// What is wrong.
    pub fn kind(&self) -> RejectionKind {
        self.0.kind
    }

    /// Whether the same token may be accepted later: the keys could not be had.
    pub fn is_transient(&self) -> bool {
        self.kind() == RejectionKind::KeysUnavailable
    }

    /// When to try again, if that is of any use.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The roles of which the caller has none, or not all. They are the server's own words.
    pub fn missing_roles(&self) -> &[String] {
        &self.0.missing
    }

    /// What the operator can do about it, if there is more to say than the kind says.
    pub fn hint(&self) -> Option<&'static str> {
        self.0.hint
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            issuer,
            key,
            hint,
            missing,
            source,
            ..
        } = &*self.0;
        f.write_str(kind.meaning())?;
        if let Some(error) = source {
            write!(f, ": {error}")?;
        }
        if !missing.is_empty() {
            write!(f, ": {}", missing.join(", "))?;
        }
        match (issuer, key) {
            (Some(issuer), Some(key)) => write!(f, " (issuer {issuer}, key {key})"),
            (Some(issuer), None) => write!(f, " (issuer {issuer})"),
            (None, Some(key)) => write!(f, " (key {key})"),
            (None, None) => Ok(()),
        }?;
        match hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection")
            .field("kind", &self.0.kind)
            .field("issuer", &self.0.issuer)
            .field("key", &self.0.key)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Rejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.0.source.as_ref()?;
        Some(source)
    }
}

impl From<RejectionKind> for Rejection {
    fn from(kind: RejectionKind) -> Self {
        Self::new(kind)
    }
}
