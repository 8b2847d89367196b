//! Linux with an old C library, where clusters are: RHEL 7 and 8, Debian 11, Ubuntu 20.04.

use std::fs;
use std::path::PathBuf;

use super::missing::{Trouble, require};
use super::profile::Profile;
use super::trial::Trial;
use super::zig::Zig;
use super::{bullseye, failed};
use crate::step::Step;

/// The oldest C library that we promise.
const OLDEST: [u32; 2] = [2, 17];
pub(super) const TARGET: &str = "x86_64-unknown-linux-gnu";

pub(super) fn build(profile: Profile) -> Result<String, Trouble> {
    require("objdump", "binutils")?;
    let program = program(profile)?;
    let symbols = Step::new("objdump")
        .with(["-T"])
        .with([&program])
        .output()?;
    let newest =
        newest(&symbols).ok_or_else(|| "objdump names no symbol of the C library".to_owned())?;
    if newest > OLDEST {
        return Err(Trouble::Failed(format!(
            "the program needs glibc {newest:?}"
        )));
    }
    let needs = Step::new("objdump")
        .with(["-p"])
        .with([&program])
        .output()?;
    if needs.contains("libgcc_s") || needs.contains("DT_RELR") {
        return Err(Trouble::Failed(
            "the program needs more than an old C library has".to_owned(),
        ));
    }
    let root = bullseye::root()?;
    let inside = root.join("auth");
    fs::copy(&program, &inside).map_err(|error| failed(&inside, &error))?;
    let trial = Trial::in_root(&root)?;
    trial.demo()?;
    trial.crowd()?;
    let [major, minor] = newest;
    Ok(format!(
        "{} needs glibc {major}.{minor}; demo and six processes on Debian 11",
        program.display()
    ))
}

/// The program.
pub(super) fn program(profile: Profile) -> Result<PathBuf, Trouble> {
    let [major, minor] = OLDEST;
    let cargo = Zig::fetched()?.step("zigbuild --locked -p auth-cli --bin auth --target")?;
    profile
        .on(cargo.with([format!("{TARGET}.{major}.{minor}")]))?
        .run()?;
    super::built(TARGET, profile)
}

/// The newest version of glibc that a symbol is of.
fn newest(symbols: &str) -> Option<[u32; 2]> {
    let versions = symbols.split("GLIBC_").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| c != '.' && !c.is_ascii_digit());
        let mut numbers = rest[..end.unwrap_or(rest.len())].split('.');
        let mut next = || numbers.next()?.parse::<u32>().ok();
        Some([next()?, next()?])
    });
    versions.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_of_a_symbol_counts_as_numbers_do() {
        let symbols = "DF *UND* (GLIBC_2.2.5) read\nDF *UND* (GLIBC_2.17) a\nDF (GLIBC_2.9)  b\nDF (GLIBC_PRIVATE) c";
        assert_eq!(newest(symbols), Some([2, 17]));
        assert_eq!(newest("nothing"), None);
    }
}
