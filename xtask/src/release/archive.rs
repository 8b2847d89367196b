//! [`Archive`]: the program with all that goes with it, packed for one system.

mod bill;
mod container;
mod trial;

use std::fs;
use std::path::{Path, PathBuf};

use self::container::Container;
use super::metadata::FILES;
use super::notices::{self, NOTICES, PROGRAM};
use crate::step::Step;

/// Archives of one version, from one tree of sources.
pub(crate) struct Archive<'a> {
    tree: &'a Path,
    place: &'a Path,
    version: &'a str,
}

impl<'a> Archive<'a> {
    /// Archives in `place`, of the sources in `tree`.
    pub(crate) fn new(tree: &'a Path, place: &'a Path, version: &'a str) -> Self {
        Self {
            tree,
            place,
            version,
        }
    }

    /// The stripped program for `target`, as the compiler calls it, with README, licences, a list of what it is made of,
    /// manual, completions, and sums. What a program says about itself is asked of `speaks`, which is the same one and
    /// runs here.
    pub(crate) fn pack(
        &self,
        program: &Path,
        target: &str,
        speaks: &Path,
    ) -> Result<PathBuf, String> {
        let name = format!("auth-{}-{target}", self.version);
        let folder = self.place.join(&name);
        emptied(&folder)?;
        let copy = |from: &Path, name: &str| {
            let done = fs::copy(from, folder.join(name));
            done.map_err(|error| failed(from, &error))
        };
        let write = |name: &str, text: String| {
            let done = fs::write(folder.join(name), text);
            done.map_err(|error| failed(&folder, &error))
        };
        let file = program.file_name().unwrap_or_default().to_string_lossy();
        copy(program, &file)?;
        for file in FILES {
            copy(&self.tree.join("crates/auth-cli").join(file), file)?;
        }
        let parts = notices::parts(PROGRAM, target)?;
        write(NOTICES, notices::of(&parts)?)?;
        write(BILL, bill::of(self.tree, target, &parts)?)?;
        teach(speaks, &folder)?;
        let sums = Step::new("sh")
            .with(["-c", SUMS])
            .within(&folder)
            .output()?;
        write("SHA256SUMS", sums)?;
        let archive = Container::of(target).pack(self.place, &name, self.tree)?;
        let sum = Step::new("sha256sum")
            .with([&archive])
            .within(self.place)
            .output()?;
        let beside = self.place.join(format!("{archive}.sha256"));
        fs::write(&beside, sum).map_err(|error| failed(&beside, &error))?;
        Ok(self.place.join(archive))
    }
}

/// A folder with nothing in it.
fn emptied(folder: &Path) -> Result<(), String> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| failed(folder, &error))?;
    }
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))
}

/// The pages of the manual and the completions, where the program can make them.
fn teach(program: &Path, folder: &Path) -> Result<(), String> {
    let asked = |arguments: &[&str]| Step::new(program).with(arguments);
    if asked(&["man", "--help"]).succeeds() {
        asked(&["man"]).with([folder.join("man")]).output()?;
    }
    if !asked(&["completions", "--help"]).succeeds() {
        return Ok(());
    }
    let place = folder.join("completions");
    fs::create_dir_all(&place).map_err(|error| failed(&place, &error))?;
    for (shell, file) in [
        ("bash", "auth.bash"),
        ("zsh", "_auth"),
        ("fish", "auth.fish"),
        ("powershell", "auth.ps1"),
    ] {
        let script = asked(&["completions", shell]).output()?;
        fs::write(place.join(file), script).map_err(|error| failed(&place, &error))?;
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

const SUMS: &str = "find . -type f | LC_ALL=C sort | sed 's,^./,,' | xargs sha256sum";

const BILL: &str = "auth.cdx.json";
