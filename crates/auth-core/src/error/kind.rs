//! [`ErrorKind`] and [`Recall`]: what a caller does with an error, and what a cache does.

/// What the caller does next; `auth` turns each into an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nothing is configured here: a chain goes on to the next.
    Absent,
    /// Fix the configuration.
    Config,
    /// Put a person in front of it.
    Interaction,
    /// Report a bug, theirs or ours.
    Protocol,
    /// Read the OAuth `error` code.
    Refused,
    /// Check the token store.
    Store,
    /// Try again later; see [`Error::retry_after`](crate::Error::retry_after).
    Unavailable,
}

/// How long a cache may answer with an error instead of trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recall {
    /// Until the cache is built anew: a configured password that was refused must not be sent again,
    /// or the account gets locked.
    Always,
    /// For a short, jittered pause.
    Briefly,
    /// Not at all: what a person typed or cancelled.
    Never,
}
