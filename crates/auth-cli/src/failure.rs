//! [`Failure`]: why a run ends early.

use auth_core::{Error, ErrorKind};

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

/// The exit code of an error.
pub(crate) fn code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Absent | ErrorKind::Config => 2,
        ErrorKind::Refused => 3,
        ErrorKind::Interaction => 4,
        ErrorKind::Unavailable => 5,
        ErrorKind::Store => 6,
        // `Protocol`, and what later versions of the core add.
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_exit_code_of_the_help() {
        let kinds = [
            (ErrorKind::Protocol, 1),
            (ErrorKind::Absent, 2),
            (ErrorKind::Config, 2),
            (ErrorKind::Refused, 3),
            (ErrorKind::Interaction, 4),
            (ErrorKind::Unavailable, 5),
            (ErrorKind::Store, 6),
        ];
        for (kind, expected) in kinds {
            assert_eq!(code(kind), expected, "{kind:?}");
        }
    }
}
