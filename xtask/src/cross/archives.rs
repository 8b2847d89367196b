//! An archive for each system.

use std::fs;
use std::path::Path;

use super::missing::{Trouble, require};
use super::profile::Profile;
use super::wine::Wine;
use super::{failed, folder, linux, musl, windows};
use crate::release::archive::Archive;
use crate::release::program;
use crate::step::Step;

pub(super) fn build(profile: Profile) -> Result<String, Trouble> {
    for program in ["qemu-aarch64", "zip", "unzip"] {
        require(program, program.trim_end_matches("-aarch64"))?;
    }
    let wine = Wine::ready()?;
    let place = folder()?.join("archives");
    fs::create_dir_all(&place).map_err(|error| failed(&place, &error))?;
    let here = |program: &Path| Step::new(program);
    let emulated = |program: &Path| Step::new("qemu-aarch64").with([program]);
    let in_wine = |program: &Path| wine.step().with([program]);
    let programs: [(_, _, Run<'_>); 4] = [
        (linux::TARGET, linux::program(profile)?, &here),
        (musl::X86, musl::program(musl::X86, profile)?, &here),
        (musl::ARM, musl::program(musl::ARM, profile)?, &emulated),
        (windows::TARGET, windows::build(profile)?, &in_wine),
    ];
    let tree = program::cloned(&place)?;
    let version = program::version()?;
    let archives = Archive::new(&tree, &place, &version);
    let [(_, speaks, _), ..] = &programs;
    for (target, program, run) in &programs {
        let archive = archives.pack(program, target, speaks)?;
        archives.try_out(&archive, run)?;
    }
    Ok(format!(
        "{} archives in {}, tried",
        programs.len(),
        place.display()
    ))
}

/// What runs a program of another system here.
type Run<'a> = &'a dyn Fn(&Path) -> Step;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root::root;

    #[test]
    fn what_goes_into_an_archive_was_looked_through_for_its_system() {
        let looks_at = fs::read_to_string(root().join("deny.toml")).unwrap();
        for target in [linux::TARGET, musl::X86, musl::ARM, windows::TARGET] {
            assert!(
                looks_at.contains(&format!("\"{target}\"")),
                "deny.toml lacks {target}"
            );
        }
    }
}
