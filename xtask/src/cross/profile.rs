//! [`Profile`]: how much the compiler makes of a program.

/// How much the compiler makes of a program.
#[derive(Clone, Copy)]
pub(super) enum Profile {
    /// As people get it.
    Release,
    /// In a quarter of the time, for a look.
    Dev,
}

impl Profile {
    /// What tells cargo.
    pub(super) fn flag(self) -> &'static str {
        match self {
            Self::Release => "--release",
            Self::Dev => "--profile=dev",
        }
    }

    /// The folder in which cargo puts what it builds so.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "debug",
        }
    }
}
