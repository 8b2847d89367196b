//! Programs that some tasks need and Rust does not bring. Each is installed once, below `target/tools`.

use crate::step::Step;
use crate::workspace;

/// A program that is a crate: `name@version`, since what one says is compared with what another one said.
pub(crate) struct Tool(pub(crate) &'static str);

impl Tool {
    /// Runs it.
    ///
    /// # Errors
    /// Names what can't be had.
    pub(crate) fn step(&self) -> Result<Step, String> {
        self.step_built_with(&[])
    }

    /// Runs it, built with these options of `cargo install`.
    ///
    /// # Errors
    /// Names what can't be had.
    pub(crate) fn step_built_with(&self, options: &[&str]) -> Result<Step, String> {
        let Self(which) = self;
        let (name, _) = which.split_once('@').unwrap_or((which, ""));
        let place = workspace::target()?.join("tools").join(which);
        let program = place.join("bin").join(name);
        if !program.exists() {
            Step::cargo("install --locked --debug --root")
                .with([&place])
                .with([which])
                .with(options)
                .run()
                .map_err(|why| format!("{which} can't be had: {why}"))?;
        }
        let step = Step::new(program);
        Ok(match name.strip_prefix("cargo-") {
            Some(subcommand) => step.with([subcommand]),
            None => step,
        })
    }
}
