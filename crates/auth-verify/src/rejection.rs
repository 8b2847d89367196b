//! [`Rejection`]: why a request is not let in, for the log, and what to answer, for everybody.

mod answer;
mod kind;

use std::fmt;
use std::time::Duration;

use auth_core::error::Untrusted;
use auth_core::{Error, ErrorKind};

pub use kind::RejectionKind;

/// Why a token, or the lack of one, does not let a request in.
///
/// `Display` is for the log: a kind, what to look at, and never a token, a claim or a key. What the
/// caller is told is only [`status`](Self::status) and [`challenge`](Self::challenge), whose texts
/// are constants.
///
/// Each refusal is one event of `tracing`, at INFO and with the target `auth_verify`, with the fields `kind`, `issuer` (its
/// name, once it is known to be one of ours), `key` and `hint`, and this text as message. It is told where it is found: by
/// the [`Verifier`](crate::Verifier), by [`TokenLookup`](crate::TokenLookup) and by [`Rule::check`](crate::Rule::check). What is
/// the service's own fault (500) is told at ERROR.
#[derive(Clone)]
pub struct Rejection(Box<Inner>);

#[derive(Clone, Default)]
struct Inner {
    kind: RejectionKind,
    issuer: Option<usize>,
    name: Option<String>,
    detail: Option<String>,
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

    /// The keys can't be had: nobody knows whether the token is good. What no other try can mend says so.
    pub(crate) fn unavailable(error: Error) -> Self {
        let is_ours = matches!(error.kind(), ErrorKind::Config | ErrorKind::Refused);
        let mut rejection = Self::new(match is_ours {
            true => RejectionKind::Misconfigured,
            false => RejectionKind::KeysUnavailable,
        });
        if !is_ours {
            let pause = error.retry_after().unwrap_or(Duration::from_secs(5));
            rejection.0.retry_after = Some(pause);
        }
        rejection.0.source = Some(error);
        rejection
    }

    /// A handler that knows its caller stands behind no layer that checks tokens.
    #[cfg(feature = "tower")]
    pub(crate) fn unchecked() -> Self {
        Self::new(RejectionKind::Unchecked)
            .with_hint("put a `RequireToken` layer around the route")
            .told()
    }

    pub(crate) fn with_issuer(mut self, index: usize, name: &str) -> Self {
        self.0.issuer = Some(index);
        self.0.name = Some(Untrusted::new(name).to_string());
        self
    }

    pub(crate) fn of_issuer(mut self, name: &str) -> Self {
        self.0.name = Some(Untrusted::new(name).to_string());
        self
    }

    /// Beside the kind, what was found. Whatever is of a token in it was made harmless.
    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Tells whoever runs the service, once.
    pub(crate) fn told(self) -> Self {
        let Inner {
            kind,
            name,
            key,
            hint,
            ..
        } = &*self.0;
        let (kind, issuer, key) = (kind.name(), name.as_deref(), key.as_deref());
        match self.status().is_server_error() && !self.is_transient() {
            true => tracing::error!(target: TARGET, kind, issuer, key, hint, "{self}"),
            false => tracing::info!(target: TARGET, kind, issuer, key, hint, "{self}"),
        }
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

    /// Of two rules neither of which is met: what is missing of both, if it is of one kind.
    pub(crate) fn or(mut self, other: Self) -> Self {
        if self.0.kind != other.0.kind || self.0.step_up.is_some() {
            return other;
        }
        self.0.missing.extend(other.0.missing);
        self.0.scopes.extend(other.0.scopes);
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

    /// Which of the verifier's [issuers](crate::Verifier::issuers) it is about, once that is known.
    pub fn issuer(&self) -> Option<usize> {
        self.0.issuer
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

    /// Why the keys could not be had.
    pub fn cause(&self) -> Option<&Error> {
        self.0.source.as_ref()
    }

    /// What is wrong, for whoever is told in other words what to do about it.
    pub(crate) fn unhinted(&self) -> Unhinted<'_> {
        Unhinted(self)
    }

    /// What the operator can do about it, if there is more to say than the kind says.
    pub fn hint(&self) -> Option<&'static str> {
        self.0.hint
    }
}

/// A refusal without its hint.
pub(crate) struct Unhinted<'a>(&'a Rejection);

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.unhinted().fmt(f)?;
        match self.0.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Unhinted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            name,
            key,
            missing,
            source,
            detail,
            ..
        } = &*self.0.0;
        f.write_str(kind.meaning())?;
        if let Some(detail) = detail {
            write!(f, ": {detail}")?;
        }
        if let Some(error) = source {
            write!(f, ": {error}")?;
        }
        if !missing.is_empty() {
            write!(f, ": {}", missing.join(", "))?;
        }
        match (name, key) {
            (Some(issuer), Some(key)) => write!(f, " (issuer {issuer}, key {key})"),
            (Some(issuer), None) => write!(f, " (issuer {issuer})"),
            (None, Some(key)) => write!(f, " (key {key})"),
            (None, None) => Ok(()),
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

/// Of the events, whichever file they are told in.
const TARGET: &str = "auth_verify";
