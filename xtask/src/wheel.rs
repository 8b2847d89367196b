//! `cargo xtask wheel`: the program and its module for Python, as one wheel.

mod unpacked;

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use self::unpacked::Unpacked;
use crate::Task;
use crate::release::program::{ensure_nameless, host, nameless};
use crate::root::root;
use crate::step::{Outcome, Step};
use crate::workspace;

pub(crate) const TASK: Task = Task {
    name: "wheel",
    takes: "",
    does: "the program and its module for Python, as people install them",
    run,
};

fn run(_: &[String]) -> Outcome {
    let target = workspace::target()?.join("wheel");
    let mut step = nameless(maturin()?, &root())?
        .with(["build", "--release", "--target-dir"])
        .with([&target]);
    if cfg!(target_os = "linux") {
        // It runs on what has glibc 2.17 or newer, wherever it is built.
        step = step.with(["--zig", "--compatibility", "manylinux2014"]);
    }
    let plain = built(step, "plain")?;
    let unpacked = Unpacked::of(&plain, &emptied("unpacked")?)?;
    ensure_nameless(&unpacked.program()?)?;
    unpacked.put_notices(&host()?)?;
    let wheel = unpacked.pack(&emptied("release")?)?;
    Ok(wheel.display().to_string())
}

/// The wheel with the program as it is tested: quickly built, for this machine alone.
pub(crate) fn of_development() -> Result<PathBuf, String> {
    let step = maturin()?.with(["build", "--compatibility", "linux"]);
    built(step, "development")
}

/// Runs a build, and finds the wheel, which alone is in its folder.
fn built(step: Step, name: &str) -> Result<PathBuf, String> {
    let folder = emptied(name)?;
    step.with(["--out"])
        .with([&folder])
        .within(&root().join("python"))
        .run()?;
    let mut files = fs::read_dir(&folder).map_err(|error| failed(&folder, &error))?;
    let wheel = files.find_map(|file| Some(file.ok()?.path()));
    wheel.ok_or_else(|| format!("there is no wheel in {}", folder.display()))
}

/// A folder for one kind of wheel, without those of before.
fn emptied(name: &str) -> Result<PathBuf, String> {
    let folder = workspace::target()?.join("wheels").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    }
    Ok(folder)
}

/// The builder of wheels, and the linker for old systems that it calls, installed once below `target/tools`.
fn maturin() -> Result<Step, String> {
    let tools = workspace::target()?.join("tools/wheel");
    let program = tools.join("bin/maturin");
    if !program.exists() {
        Step::new("python3")
            .with(["-m", "pip", "install", "--quiet", "--target"])
            .with([&tools])
            .with(["maturin", "ziglang"])
            .run()
            .map_err(|why| format!("{why}; install Python 3 with pip"))?;
    }
    Ok(Step::new(program).with_env("PYTHONPATH", tools))
}

fn failed(folder: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", folder.display())
}
