//! [`root`]: an old Linux, which is the C library of Debian 11 and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use super::missing::{Trouble, require};
use super::{debian, failed, folder};
use crate::step::Step;

/// The root of its file system, fetched once.
pub(super) fn root() -> Result<PathBuf, Trouble> {
    let root = folder()?.join("bullseye");
    let done = root.join("fetched");
    if done.exists() {
        return Ok(root);
    }
    require("apt-get", "apt")?;
    let lists = folder()?.join("bullseye-lists");
    let packages = folder()?.join("bullseye-packages");
    for place in [&lists.join("partial"), &packages] {
        fs::create_dir_all(place).map_err(|error| failed(place, &error))?;
    }
    // Not among the lists, of which apt takes away what it does not know.
    let source = folder()?.join("bullseye.list");
    let line = format!("deb [signed-by={KEYS}] {} bullseye main\n", origin()?);
    fs::write(&source, line).map_err(|error| failed(&source, &error))?;
    let apt = |command: &[&str]| {
        let step = apt(&source, &lists).with(command).within(&packages);
        let outcome = step.run();
        outcome.map_err(|why| Trouble::Missing(format!("Debian 11: {why}")))
    };
    apt(&["update"])?;
    apt(&["download", "libc6:amd64"])?;
    debian::unpack(&packages, &root)?;
    fs::write(&done, "").map_err(|error| failed(&done, &error))?;
    Ok(root)
}

/// apt-get that knows `source` alone, and leaves this machine's own lists as they are.
fn apt(source: &Path, lists: &Path) -> Step {
    Step::new("apt-get").with([
        format!("--option=Dir::Etc::SourceList={}", source.display()),
        "--option=Dir::Etc::SourceParts=/dev/null".to_owned(),
        format!("--option=Dir::State::Lists={}", lists.display()),
        format!("--option=Dir::Cache={}", lists.display()),
        // What is installed here is no version of it.
        "--option=Dir::State::Status=/dev/null".to_owned(),
        "--option=Acquire::Check-Valid-Until=false".to_owned(),
    ])
}

const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Where this machine gets its packages of Debian from.
fn origin() -> Result<String, Trouble> {
    let said = Step::new("apt-get")
        .with([
            "indextargets",
            "--format",
            "$(SITE) $(REPO_URI)",
            "Created-By: Packages",
        ])
        .output()?;
    let mut uris = said.lines().filter_map(|line| line.split(' ').nth(1));
    let origin = uris.find(|uri| !uri.contains("security"));
    origin.map(str::to_owned).ok_or_else(|| {
        Trouble::Missing("a source of Debian's packages: is this Debian?".to_owned())
    })
}
