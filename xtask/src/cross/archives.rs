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
        ("x86_64-linux", linux::program(profile)?),
        ("x86_64-linux-static", musl::program(musl::X86, profile)?),
        ("aarch64-linux-static", musl::program(musl::ARM, profile)?),
        ("x86_64-windows", windows::build(profile)?),
    ];
    let tree = program::cloned(&place)?;
    let version = program::version()?;
    let archives = Archive::new(&tree, &place, &version);
    let [(_, speaks), ..] = &programs;
    for (system, program) in &programs {
        archives.pack(program, system, speaks)?;
    }
    Ok(format!(
        "{} archives in {}",
        programs.len(),
        place.display()
    ))
}
