//! The wheel, installed as people install it, under the oldest and the newest Python.

use std::path::Path;

use super::{Counterpart, python};
use crate::root::root;
use crate::step::{Outcome, Step};
use crate::wheel;
use crate::workspace;

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "python-module",
    does: "the wheel in new environments of Python 3.9 and 3.13; scripts of others with our import",
    run,
};

fn run() -> Outcome {
    let wheel = wheel::of_development()?;
    for version in [OLDEST, NEWEST] {
        let python = python::fresh(version)?;
        python::install(&python, &["--requirement", "python/tests/requirements.txt"])?;
        python::install(&python, &[&wheel.display().to_string()])?;
        ensure_it_is_ours(&python)?;
        ensure_it_is_found_in_a_folder(&python, &wheel)?;
        at(&python, &["-B", "-m", "pytest", "-p", "no:cacheprovider"]).run()?;
        if version == NEWEST {
            at(&python, &["-m", "ruff", "check", "--no-cache", "."]).run()?;
            at(
                &python,
                &["-m", "ruff", "format", "--no-cache", "--check", "."],
            )
            .run()?;
            at(&python, &["-m", "mypy", "--cache-dir", "../target/mypy"]).run()?;
        }
    }
    Ok(String::new())
}

/// Whether the environment has the program beside the module, of this version.
fn ensure_it_is_ours(python: &Path) -> Result<(), String> {
    let said = Step::new(python.with_file_name("auth"))
        .with(["--version"])
        .output()?;
    let expected = format!("auth {}", env!("CARGO_PKG_VERSION"));
    match said.trim() == expected {
        true => Ok(()),
        false => Err(format!("the wheel's program says `{}`", said.trim())),
    }
}

/// Whether a module that pip has put into a folder of its own finds its program there.
fn ensure_it_is_found_in_a_folder(python: &Path, wheel: &Path) -> Result<(), String> {
    let folder = workspace::target()?.join("wheels/folder");
    python::install(
        python,
        &[
            "--upgrade",
            "--target",
            &folder.display().to_string(),
            &wheel.display().to_string(),
        ],
    )?;
    let said = at(
        python,
        &["-c", "import authkeep; print(authkeep.program())"],
    )
    .with_env("PYTHONPATH", &folder)
    .output()?;
    match Path::new(said.trim()).starts_with(&folder) {
        true => Ok(()),
        false => Err(format!("in {} it finds {said}", folder.display())),
    }
}

/// A run in the module's folder, which finds the wheel's program and no other.
fn at(python: &Path, arguments: &[&str]) -> Step {
    Step::new(python)
        .with(arguments)
        .with_env("AUTH_PROGRAM", "")
        .within(&root().join("python"))
}

/// What clusters have: the Python of RHEL 9.
const OLDEST: &str = "3.9";
const NEWEST: &str = "3.13";
