//! [`Program`]: one of somebody else, who names a few crates and nothing more.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root::root;
use crate::step::{Step, Times};
use crate::workspace;

/// A package outside the workspace.
pub(super) struct Program {
    folder: PathBuf,
}

impl Program {
    /// Writes it down: its source, the lines of its dependencies, and the versions of `lock`, a file of ours.
    pub(super) fn new(
        name: &str,
        source: &str,
        dependencies: &str,
        lock: &str,
    ) -> Result<Self, String> {
        let folder = workspace::target()?.join(PROGRAM).join(name);
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        fs::create_dir_all(folder.join("src")).map_err(failed)?;
        fs::write(folder.join("src/main.rs"), source).map_err(failed)?;
        let manifest = format!(
            "[package]\nname = \"{PROGRAM}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n{dependencies}\n[workspace]\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest).map_err(failed)?;
        fs::copy(root().join(lock), folder.join("Cargo.lock")).map_err(failed)?;
        Step::cargo("fetch --quiet").within(&folder).run()?;
        Ok(Self { folder })
    }

    /// What it compiles, one a line, again wherever it is needed.
    pub(super) fn tree(&self) -> Result<String, String> {
        Step::cargo("tree --locked --target x86_64-unknown-linux-gnu --edges normal")
            .with(["--prefix", "none", "--no-dedupe"])
            .within(&self.folder)
            .output()
    }

    /// Builds it in a folder of its own, which is thrown away.
    pub(super) fn built(&self) -> Result<Times, String> {
        let target = self.folder.join("target");
        if target.exists() {
            remove(&target)?;
        }
        let build = Step::cargo("build --locked --offline --target-dir")
            .with([&target])
            .within(&self.folder);
        let times = build.timed(&self.folder.join("build.log"))?;
        remove(&target)?;
        Ok(times)
    }

    /// How many bytes its release has without its symbols, built in `target`, which others may share.
    pub(super) fn size(&self, target: &Path) -> Result<u64, String> {
        Step::cargo("build --quiet --release --locked --offline")
            .with(["--config", "profile.release.strip=true", "--target-dir"])
            .with([target])
            .within(&self.folder)
            .run()?;
        let program = target
            .join("release")
            .join(PROGRAM)
            .with_extension(std::env::consts::EXE_EXTENSION);
        let about = fs::metadata(&program);
        about.map_or_else(
            |error| Err(format!("{}: {error}", program.display())),
            |about| Ok(about.len()),
        )
    }
}

/// The line that depends on a crate of ours.
pub(super) fn own(name: &str) -> String {
    let folder = root().join("crates").join(name);
    format!("{name} = {{ path = {:?} }}\n", folder.display().to_string())
}

/// Removes a folder with all that is in it.
pub(super) fn remove(folder: &Path) -> Result<(), String> {
    fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

/// The name of each such package.
pub(super) const PROGRAM: &str = "outside";
