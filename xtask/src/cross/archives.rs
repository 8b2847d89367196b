//! An archive for each system.

use std::fs;

use super::missing::Trouble;
use super::profile::Profile;
use super::{failed, folder, linux, musl, windows};
use crate::release::archive::Archive;
use crate::release::program;

pub(super) fn build(profile: Profile) -> Result<String, Trouble> {
    let place = folder()?.join("archives");
    fs::create_dir_all(&place).map_err(|error| failed(&place, &error))?;
    let programs = [
        (linux::TARGET, linux::program(profile)?),
        (musl::X86, musl::program(musl::X86, profile)?),
        (musl::ARM, musl::program(musl::ARM, profile)?),
        (windows::TARGET, windows::build(profile)?),
    ];
    let tree = program::cloned(&place)?;
    let version = program::version()?;
    let archives = Archive::new(&tree, &place, &version);
    let [(_, speaks), ..] = &programs;
    for (target, program) in &programs {
        archives.pack(program, target, speaks)?;
    }
    Ok(format!(
        "{} archives in {}",
        programs.len(),
        place.display()
    ))
}
