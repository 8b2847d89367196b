//! [`Span`]: when a token must have been good.

use std::time::SystemTime;

use crate::claims::seconds;

/// A token must be good at a moment in it: mostly it is the moment at which the token is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// It must not have ended by then.
    pub(crate) from: f64,
    /// It must have begun by then.
    pub(crate) to: f64,
}

impl Span {
    /// The moment `now`.
    pub(crate) fn at(now: SystemTime) -> Self {
        Self::between(now, now)
    }

    /// From `from` to `to`. A clock that was set back in between makes no difference.
    pub(crate) fn between(from: SystemTime, to: SystemTime) -> Self {
        Self {
            from: seconds(from),
            to: seconds(to.max(from)),
        }
    }
}
