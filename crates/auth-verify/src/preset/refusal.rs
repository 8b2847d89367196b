//! [`Refusal`]: what a server of a preset answers to a request that it does not let in.

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::rejection::Rejection;

/// The status, the headers and the words of the system that a preset stands in for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// What a client shows.
    pub detail: String,
    /// The challenge, or when to try again.
    pub headers: HeaderMap,
}

impl Refusal {
    /// The body, as FastAPI writes it.
    pub fn body(&self) -> Value {
        json!({ "detail": self.detail })
    }

    /// An answer with other words, and with the headers that `rejection` has.
    pub(super) fn of(rejection: &Rejection, detail: impl Into<String>) -> Self {
        Self {
            status: rejection.status(),
            detail: detail.into(),
            headers: rejection.headers(),
        }
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}
