//! A Python of one counterpart's own, with the packages it needs, in the user's cache folder.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::step::Step;

/// The interpreter of a virtual environment called `name` that has what `requirements` lists, a
/// file below the root. Made at the first call, kept for the next.
pub(super) fn interpreter(name: &str, requirements: &str) -> Result<PathBuf, String> {
    if !Step::new("python3").with(["-c", VERSION]).succeeds() {
        return Err("python3 is missing or older than 3.11: install it".to_owned());
    }
    let folder = super::cache()?.join(name);
    let python = folder.join("bin/python");
    if !Step::new(&python)
        .with(["-m", "pip", "--version"])
        .succeeds()
    {
        make("python3", &folder)?;
    }
    install(&python, &["--requirement", requirements])?;
    Ok(python)
}

/// The interpreter of a new virtual environment of that version of Python, with nothing in it.
pub(super) fn fresh(version: &str) -> Result<PathBuf, String> {
    let named = format!("python{version}");
    let python = match Step::new(&named).with(["-c", ""]).succeeds() {
        true => PathBuf::from(named),
        false => of_pyenv(version)?,
    };
    let folder = super::cache()?.join(format!("python-{version}"));
    make(python, &folder)?;
    Ok(folder.join("bin/python"))
}

/// Installs what pip is told to.
pub(super) fn install(python: &Path, what: &[&str]) -> Result<(), String> {
    Step::new(python)
        .with(["-m", "pip", "install", "--quiet"])
        .with(what)
        .run()
        .map_err(|failure| format!("{failure}; pip can't install {}", what.join(" ")))
}

fn of_pyenv(version: &str) -> Result<PathBuf, String> {
    let prefix = Step::new("pyenv").with(["prefix", version]).output();
    let prefix = prefix.map_err(|_| format!("python{version} is missing: install it"))?;
    Ok(Path::new(prefix.trim()).join("bin/python"))
}

fn make(python: impl AsRef<OsStr>, folder: &Path) -> Result<(), String> {
    Step::new(python)
        .with(["-m", "venv", "--clear"])
        .with([folder])
        .run()
        .map_err(|failure| format!("{failure}; install Python's venv (python3-venv)"))
}

const VERSION: &str = "import sys; sys.exit(sys.version_info < (3, 11))";
