//! A wheel for each system: the module for Python, which is the same everywhere, with the program of that system.

use std::fs;
use std::path::{Path, PathBuf};

use super::missing::{Trouble, require};
use super::profile::Profile;
use super::wine::Wine;
use super::{failed, folder, linux, musl, windows};
use crate::step::Step;
use crate::wheel;

pub(super) fn build(profile: Profile) -> Result<String, Trouble> {
    require("qemu-aarch64", "qemu-user")?;
    let wine = Wine::ready()?;
    let systems = [
        System {
            tags: &["manylinux_2_17_x86_64", "manylinux2014_x86_64"],
            program: linux::program(profile)?,
            emulator: None,
        },
        System {
            tags: &["musllinux_1_1_x86_64"],
            program: musl::program(musl::X86, profile)?,
            emulator: None,
        },
        System {
            tags: &[
                "manylinux_2_17_aarch64",
                "manylinux2014_aarch64",
                "musllinux_1_1_aarch64",
            ],
            program: musl::program(musl::ARM, profile)?,
            emulator: Some(Step::new("qemu-aarch64")),
        },
        System {
            tags: &["win_amd64"],
            program: windows::build(profile)?,
            emulator: Some(wine.step()),
        },
    ];
    let place = folder()?.join("wheels");
    if place.exists() {
        fs::remove_dir_all(&place).map_err(|error| failed(&place, &error))?;
    }
    // One for this machine, as it is tested, whose program is replaced.
    let mould = unpacked(&wheel::of_development()?, &place.join("mould"))?;
    let count = systems.len();
    for system in systems {
        let wheel = system.pack(&mould, &place)?;
        system.try_out(&wheel, &place.join("trial"))?;
    }
    Ok(format!("{count} wheels in {}, tried", place.display()))
}

/// Whom a wheel is for.
struct System {
    /// What pip calls it.
    tags: &'static [&'static str],
    program: PathBuf,
    /// What runs its programs here.
    emulator: Option<Step>,
}

impl System {
    /// The wheel, in `place`.
    fn pack(&self, mould: &Path, place: &Path) -> Result<PathBuf, String> {
        let scripts = in_folder(mould, ".data")?.join("scripts");
        fs::remove_dir_all(&scripts).map_err(|error| failed(&scripts, &error))?;
        fs::create_dir_all(&scripts).map_err(|error| failed(&scripts, &error))?;
        let name = self.program.file_name().unwrap_or_default();
        fs::copy(&self.program, scripts.join(name))
            .map_err(|error| failed(&self.program, &error))?;
        let about = in_folder(mould, ".dist-info")?.join("WHEEL");
        let said = fs::read_to_string(&about).map_err(|error| failed(&about, &error))?;
        fs::write(&about, tagged(&said, self.tags)).map_err(|error| failed(&about, &error))?;
        let made = place.join(self.tags[0]);
        fs::create_dir_all(&made).map_err(|error| failed(&made, &error))?;
        tool(&["pack", "--dest-dir"])?
            .with([&made, mould])
            .output()?;
        in_folder(&made, ".whl")
    }

    /// Whether pip takes it for that system, and the program in it says its version.
    fn try_out(self, wheel: &Path, place: &Path) -> Result<(), String> {
        let place = place.join(self.tags[0]);
        for tag in self.tags {
            Step::new("python3")
                .with(["-m", "pip", "install", "--quiet", "--no-deps", "--no-index"])
                .with(["--upgrade", "--only-binary=:all:", "--python-version=3.9"])
                .with(["--platform", tag, "--target"])
                .with([&place, wheel])
                .run()?;
        }
        let program = place
            .join("bin")
            .join(self.program.file_name().unwrap_or_default());
        let step = match self.emulator {
            Some(emulator) => emulator.with([program]),
            None => Step::new(program),
        };
        let said = step.with(["--version"]).output()?;
        let expected = format!("auth {}", env!("CARGO_PKG_VERSION"));
        match said.trim() == expected {
            true => Ok(()),
            false => Err(format!("{}: it says `{}`", wheel.display(), said.trim())),
        }
    }
}

fn unpacked(wheel: &Path, place: &Path) -> Result<PathBuf, String> {
    tool(&["unpack", "--dest"])?.with([place, wheel]).output()?;
    in_folder(place, "")
}

/// What a wheel says of itself, but for other systems.
fn tagged(said: &str, tags: &[&str]) -> String {
    let lines = said.lines().filter(|line| !line.starts_with("Tag:"));
    let lines = lines.filter(|line| !line.is_empty()).map(str::to_owned);
    let tags = tags.iter().map(|tag| format!("Tag: py3-none-{tag}"));
    let lines: Vec<_> = lines.chain(tags).collect();
    lines.join("\n") + "\n"
}

/// What is in a folder, and has a name that ends so: there is one.
fn in_folder(folder: &Path, end: &str) -> Result<PathBuf, String> {
    let entries = fs::read_dir(folder).map_err(|error| failed(folder, &error))?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let found = paths.find(|path| path.to_string_lossy().ends_with(end));
    found.ok_or_else(|| format!("there is no `{end}` in {}", folder.display()))
}

/// Python's own tool for the files of wheels, installed once below `target/tools`.
fn tool(command: &[&str]) -> Result<Step, String> {
    let tools = crate::workspace::target()?.join("tools/wheels");
    if !tools.join("wheel").exists() {
        Step::new("python3")
            .with(["-m", "pip", "install", "--quiet", "--target"])
            .with([&tools])
            .with(["wheel"])
            .run()
            .map_err(|why| format!("{why}; install Python 3 with pip"))?;
    }
    Ok(Step::new("python3")
        .with_env("PYTHONPATH", tools)
        .with(["-m", "wheel"])
        .with(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_says_whom_it_is_for_and_nobody_else() {
        let said = "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-linux_x86_64\n";
        assert_eq!(
            tagged(said, &["win_amd64", "win_x"]),
            "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-win_amd64\nTag: py3-none-win_x\n"
        );
    }
}
