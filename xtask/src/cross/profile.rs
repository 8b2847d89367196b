//! [`Profile`]: how much the compiler makes of a program.

use crate::release::program::nameless;
use crate::root::root;
use crate::step::Step;

/// How much the compiler makes of a program.
#[derive(Clone, Copy)]
pub(super) enum Profile {
    /// As people get it.
    Release,
    /// In a quarter of the time, for a look.
    Dev,
}

impl Profile {
    /// Has cargo, which `step` calls, build so.
    pub(super) fn on(self, step: Step) -> Result<Step, String> {
        match self {
            Self::Release => nameless(step.with(["--release"]), &root()),
            Self::Dev => Ok(step.with(["--profile=dev"])),
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
