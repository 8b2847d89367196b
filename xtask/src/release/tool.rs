//! Programs that a release needs and Rust does not bring. Each is installed once, below `target/tools`.

use crate::step::Step;
use crate::workspace;

/// A subcommand of cargo, which is a crate of that name: `cargo-name@version`, since what one says is compared with what
/// another one said.
pub(super) struct Tool(pub(super) &'static str);

impl Tool {
    /// Runs it.
    ///
    /// # Errors
    /// Names what can't be had.
    pub(super) fn step(&self) -> Result<Step, String> {
        let Self(which) = self;
        let (name, _) = which.split_once('@').unwrap_or((which, ""));
        let place = workspace::target()?.join("tools").join(which);
        let program = place.join("bin").join(name);
        if !program.exists() {
            Step::cargo("install --locked --debug --root")
                .with([&place])
                .with([which])
                .run()
                .map_err(|why| format!("{which} can't be had: {why}"))?;
        }
        let subcommand = name.trim_start_matches("cargo-");
        Ok(Step::new(program).with([subcommand]))
    }
}
