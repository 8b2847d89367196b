//! Programs that a release needs and Rust does not bring. Each is installed once, below `target/tools`.

use std::path::PathBuf;

use crate::step::Step;
use crate::workspace;

/// A subcommand of cargo, which is a crate of that name.
pub(super) struct Tool(pub(super) &'static str);

impl Tool {
    /// Runs it.
    ///
    /// # Errors
    /// Names what can't be had.
    pub(super) fn step(&self) -> Result<Step, String> {
        let Self(name) = self;
        let program = self.program()?;
        if !program.exists() {
            let tools = Self::folder()?;
            Step::cargo("install --locked --debug --root")
                .with([&tools])
                .with([name])
                .run()
                .map_err(|why| format!("{name} can't be had: {why}"))?;
        }
        let subcommand = name.trim_start_matches("cargo-");
        Ok(Step::new(program).with([subcommand]))
    }

    fn program(&self) -> Result<PathBuf, String> {
        Ok(Self::folder()?.join("bin").join(self.0))
    }

    fn folder() -> Result<PathBuf, String> {
        Ok(workspace::target()?.join("tools"))
    }
}
