//! [`Wine`]: programs of Windows on this machine.

use std::fs;
use std::path::{Path, PathBuf};

use super::missing::{Trouble, require};
use super::{failed, folder};
use crate::step::Step;

/// A Windows of its own.
pub(super) struct Wine {
    prefix: PathBuf,
}

impl Wine {
    /// Sets it up, unless that was done.
    pub(super) fn ready() -> Result<Self, Trouble> {
        if !Path::new(PROGRAM).exists() {
            require("wine64", "wine64")?;
        }
        let prefix = folder()?.join("wine");
        let wine = Self { prefix };
        let library = wine.prefix.join("drive_c/windows/system32").join(RANDOM);
        if !library.exists() {
            fs::create_dir_all(&wine.prefix).map_err(|error| failed(&wine.prefix, &error))?;
            wine.step().with(["wineboot", "-i"]).run()?;
            wine.step().with(["winecfg", "-v", "win10"]).run()?;
            make_random(&library)?;
        }
        Ok(wine)
    }

    /// Wine, which takes a program and its arguments.
    pub(super) fn step(&self) -> Step {
        self.environment(Step::new(program()))
    }

    /// Has `step`, which calls wine, use this one.
    pub(super) fn environment(&self, step: Step) -> Step {
        step.with_env("WINEPREFIX", &self.prefix)
            .with_env("WINEARCH", "win64")
            .with_env("WINEDEBUG", "-all")
    }

    /// Has it run until [`Self::end`], also while no program does: one that starts while it ends fails.
    pub(super) fn begin(&self) -> Result<(), String> {
        self.server().with(["--persistent"]).run()?;
        // Its services begin with the first program, and keep the output of that open.
        self.step().with(["cmd", "/c", "ver"]).run()
    }

    /// Ends whatever still runs in it.
    pub(super) fn end(&self) -> Result<(), String> {
        self.server().with(["--kill", "--wait"]).run()
    }

    fn server(&self) -> Step {
        self.environment(Step::new(found(SERVER, "wineserver")))
    }
}

pub(super) fn program() -> &'static str {
    found(PROGRAM, "wine64")
}

fn found(place: &'static str, name: &'static str) -> &'static str {
    match Path::new(place).exists() {
        true => place,
        false => name,
    }
}

/// Where Debian has them, outside the search path.
const PROGRAM: &str = "/usr/lib/wine/wine64";
const SERVER: &str = "/usr/lib/wine/wineserver64";

const RANDOM: &str = "bcryptprimitives.dll";

/// The library that Rust's standard library takes random numbers from, which wine has since version 9 only.
fn make_random(library: &Path) -> Result<(), String> {
    let source = folder()?.join("random.c");
    fs::write(&source, SOURCE).map_err(|error| failed(&source, &error))?;
    Step::new(super::mingw::COMPILER)
        .with(["-shared", "-O2", "-o"])
        .with([library, &source])
        .with(["-ladvapi32"])
        .run()
}

const SOURCE: &str = "#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG length);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length) {
    return SystemFunction036(bytes, (ULONG)length);
}
";
