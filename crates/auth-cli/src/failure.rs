//! [`Failure`]: why a run ends early.

use auth_core::Error;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It failed.
    Failed(Error),
    /// It failed, and the exit code is that of `destinepyauth`.
    OfDespauth(Error),
    /// All has been said, and this is the exit code.
    Told(u8),
    /// Somebody pressed Ctrl-C.
    Interrupted,
    /// Nobody reads our output any more, so there is nothing left to do.
    Closed,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
