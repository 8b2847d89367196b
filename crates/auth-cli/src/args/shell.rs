//! [`Shell`]: who reads what we print.

use clap::ValueEnum;

/// A shell that reads what we print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// Any POSIX shell
    Sh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
    /// cmd.exe
    Cmd,
}

#[cfg(feature = "demo")]
impl Shell {
    /// All of them, each with the ending of its scripts.
    pub(crate) const ALL: [(Self, &'static str); 4] = [
        (Self::Sh, ""),
        (Self::Fish, ".fish"),
        (Self::Powershell, ".ps1"),
        (Self::Cmd, ".cmd"),
    ];

    /// The one that people type into here, as far as a system tells.
    pub(super) fn usual() -> Self {
        match cfg!(windows) {
            true => Self::Powershell,
            false => Self::Sh,
        }
    }
}
