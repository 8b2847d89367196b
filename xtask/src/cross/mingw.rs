//! The C compiler for Windows.

use super::missing::{self, Trouble};

pub(super) const COMPILER: &str = "x86_64-w64-mingw32-gcc";

/// Makes sure that it is installed, and what it needs.
pub(super) fn require() -> Result<(), Trouble> {
    missing::require(COMPILER, "gcc-mingw-w64-x86-64")?;
    missing::require("nasm", "nasm")
}
