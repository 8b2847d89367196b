//! [`Debian`]: a Rust compiler of Debian's with the sources of its library, unpacked and not installed, since other
//! systems' libraries are compiled from them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::missing::{Trouble, require};
use super::{failed, folder};
use crate::step::Step;

/// The compiler.
pub(super) struct Debian {
    root: PathBuf,
}

impl Debian {
    /// Fetches it, unless that was done.
    pub(super) fn fetched() -> Result<Self, Trouble> {
        let root = folder()?.join("debian");
        let done = root.join("fetched");
        if !done.exists() {
            require("apt-get", "apt")?;
            require("dpkg", "dpkg")?;
            fetch(&root)?;
            fs::write(&done, "").map_err(|error| failed(&done, &error))?;
        }
        Ok(Self { root })
    }

    /// Its cargo, for a target whose library it compiles on the way.
    pub(super) fn cargo(&self, command: &str, target: &str) -> Result<Step, String> {
        let cargo = Step::new(self.root.join("usr/bin/cargo"));
        self.calling(cargo.with(command.split_whitespace()), target)
    }

    /// The same for a program that calls cargo and hands its flags on.
    pub(super) fn calling(&self, step: Step, target: &str) -> Result<Step, String> {
        let step = self.environment(step)?;
        Ok(step.with(["--locked", LIBRARY, "--target", target]))
    }

    /// Has `step`, which calls cargo, use this one.
    pub(super) fn environment(&self, step: Step) -> Result<Step, String> {
        let bin = self.root.join("usr/bin");
        let path = std::env::var("PATH").unwrap_or_default();
        Ok(step
            .with_env("PATH", format!("{}:{path}", bin.display()))
            .with_env("CARGO", bin.join("cargo"))
            .with_env("RUSTC", bin.join("rustc"))
            .with_env("RUSTDOC", bin.join("rustdoc"))
            .with_env("RUSTC_BOOTSTRAP", "1")
            .with_env(
                "LD_LIBRARY_PATH",
                self.root.join("usr/lib/x86_64-linux-gnu"),
            )
            .with_env("CARGO_TARGET_DIR", folder()?.join("build")))
    }

    /// Compiles one file of the library's sources into an object of the library for `target`.
    pub(super) fn object(&self, target: &str, name: &str) -> Result<(), String> {
        let library = self.root.join("usr/lib/rustlib");
        let place = library.join(target).join("lib/self-contained");
        let object = place.join(format!("{name}.o"));
        if object.exists() {
            return Ok(());
        }
        fs::create_dir_all(&place).map_err(|error| failed(&place, &error))?;
        let source = library.join(format!("src/rust/library/rtstartup/{name}.rs"));
        self.environment(Step::new(self.root.join("usr/bin/rustc")))?
            .with(["--target", target, "--emit=obj", "-O", "-o"])
            .with([object, source])
            .run()
    }
}

/// All of a library that programs and tests need.
pub(super) const LIBRARY: &str = "-Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test";

fn fetch(root: &Path) -> Result<(), Trouble> {
    let packages = wanted()?;
    let place = folder()?.join("packages");
    fs::create_dir_all(&place).map_err(|error| failed(&place, &error))?;
    Step::new("apt-get")
        .with(["download"])
        .with(&packages)
        .within(&place)
        .run()
        .map_err(|why| Trouble::Missing(format!("Debian's Rust: {why}; run `apt-get update`")))?;
    unpack(&place, root)?;
    Ok(())
}

/// Unpacks every package in `place` below `root`.
pub(super) fn unpack(place: &Path, root: &Path) -> Result<(), String> {
    let entries = fs::read_dir(place).map_err(|error| failed(place, &error))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    for package in paths.filter(|path| path.extension().is_some_and(|end| end == "deb")) {
        Step::new("dpkg")
            .with(["-x"])
            .with([&package, root])
            .run()?;
    }
    fs::remove_dir_all(place).map_err(|error| failed(place, &error))
}

const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// The packages, and those that they need and this machine has not got.
fn wanted() -> Result<BTreeSet<String>, Trouble> {
    let plan = Step::new("apt-get")
        .with(["install", "--simulate", "--no-install-recommends"])
        .with(PACKAGES)
        .output()
        .map_err(|why| Trouble::Missing(format!("Debian's Rust: {why}; run `apt-get update`")))?;
    let mut wanted = installed(&plan);
    wanted.extend(PACKAGES.map(str::to_owned));
    Ok(wanted)
}

/// What would be installed, as `apt-get --simulate` says it.
fn installed(plan: &str) -> BTreeSet<String> {
    let lines = plan.lines().filter_map(|line| line.strip_prefix("Inst "));
    lines
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_of_apt_names_what_is_missing() {
        let plan = "Reading package lists...\nInst libllvm22 (1:22.1 Debian [amd64])\n\
                    Inst rustc-web (1.96 Debian [amd64])\nConf libllvm22 (1:22.1 Debian [amd64])\n";
        assert_eq!(
            installed(plan).into_iter().collect::<Vec<_>>(),
            ["libllvm22", "rustc-web"]
        );
    }
}
