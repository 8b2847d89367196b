//! [`Zig`]: a C compiler and linker for every system in one package, and the program that lets cargo use it.

use std::path::PathBuf;

use super::folder;
use super::missing::{Trouble, require};
use crate::step::Step;

/// The folder with both.
pub(super) struct Zig(PathBuf);

impl Zig {
    /// Fetches them, unless that was done.
    pub(super) fn fetched() -> Result<Self, Trouble> {
        let place = folder()?.join("zig");
        if !place.join("bin/cargo-zigbuild").exists() {
            require("python3", "python3")?;
            Step::new("python3")
                .with(["-m", "pip", "install", "--quiet", "--target"])
                .with([&place])
                .with(["ziglang", "cargo-zigbuild"])
                .run()
                .map_err(|why| Trouble::Missing(format!("zig: {why}")))?;
        }
        Ok(Self(place))
    }

    /// `cargo zigbuild`, or another of its commands.
    pub(super) fn step(&self, command: &str) -> Result<Step, String> {
        Ok(Step::new(self.0.join("bin/cargo-zigbuild"))
            .with(command.split_whitespace())
            .with_env("PYTHONPATH", &self.0)
            .with_env("CARGO_TARGET_DIR", folder()?.join("build")))
    }
}
