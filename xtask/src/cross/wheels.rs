//! A wheel for each system: the module for Python, which is the same everywhere, with the program of that system.

use std::fs;
use std::path::{Path, PathBuf};

use super::missing::{Trouble, require};
use super::profile::Profile;
use super::wine::Wine;
use super::{failed, folder, linux, musl, windows};
use crate::step::Step;
use crate::wheel::{self, Unpacked};

pub(super) fn build(profile: Profile) -> Result<String, Trouble> {
    require("qemu-aarch64", "qemu-user")?;
    let wine = Wine::ready()?;
    let systems = [
        System {
            tags: &["manylinux_2_17_x86_64", "manylinux2014_x86_64"],
            target: linux::TARGET,
            program: linux::program(profile)?,
            emulator: None,
        },
        System {
            tags: &["musllinux_1_1_x86_64"],
            target: musl::X86,
            program: musl::program(musl::X86, profile)?,
            emulator: None,
        },
        System {
            tags: &[
                "manylinux_2_17_aarch64",
                "manylinux2014_aarch64",
                "musllinux_1_1_aarch64",
            ],
            target: musl::ARM,
            program: musl::program(musl::ARM, profile)?,
            emulator: Some(Step::new("qemu-aarch64")),
        },
        System {
            tags: &["win_amd64"],
            target: windows::TARGET,
            program: windows::build(profile)?,
            emulator: Some(wine.step()),
        },
    ];
    let place = folder()?.join("wheels");
    if place.exists() {
        fs::remove_dir_all(&place).map_err(|error| failed(&place, &error))?;
    }
    // One for this machine, as it is tested, whose program is replaced.
    let mould = Unpacked::of(&wheel::of_development()?, &place.join("mould"))?;
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
    /// What the compiler calls it.
    target: &'static str,
    program: PathBuf,
    /// What runs its programs here.
    emulator: Option<Step>,
}

impl System {
    /// The wheel, in `place`.
    fn pack(&self, mould: &Unpacked, place: &Path) -> Result<PathBuf, String> {
        mould.put_program(&self.program)?;
        mould.put_tags(self.tags)?;
        mould.put_notices(self.target)?;
        mould.pack(&place.join(self.tags[0]))
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
