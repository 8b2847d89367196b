//! [`Need`]: what a caller wants of a token beyond that it works.

use std::time::Duration;

use crate::io::clock::bound;

/// The whole question that a [`TokenSource`](crate::TokenSource) is asked. The default: any token that
/// works, and a person may be asked for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Need {
    /// It must work for that long from now.
    pub min_ttl: Duration,
    /// Who may be asked for it.
    pub ask: Ask,
    /// It must be another one than is at hand, issued from now on.
    pub another: bool,
}

/// Who may be asked for a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ask {
    /// Servers, and a person where there is no other way.
    #[default]
    Anybody,
    /// Servers only: where a person would be needed, the answer is an `Interaction` error.
    Nobody,
}

impl Need {
    /// Any token that works. Where there is none, a person may be asked.
    pub fn new() -> Self {
        Self::default()
    }

    /// A token that works for that long from now, up to a hundred years.
    #[must_use]
    pub fn with_min_ttl(self, min_ttl: Duration) -> Self {
        let min_ttl = bound::length(min_ttl);
        Self { min_ttl, ..self }
    }

    /// No person may be asked: where one would be needed, the answer is an `Interaction` error.
    #[must_use]
    pub fn with_nobody_asked(self) -> Self {
        let ask = Ask::Nobody;
        Self { ask, ..self }
    }

    /// Another token than the one at hand, issued from now on.
    #[must_use]
    pub fn with_another(self) -> Self {
        let another = true;
        Self { another, ..self }
    }

    /// Whether what is got for this need answers `other` too.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.min_ttl >= other.min_ttl && self.ask == other.ask && self.another >= other.another
    }
}
