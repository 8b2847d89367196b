//! Linux without a C library: one file that runs anywhere, on x86_64 and ARM.

use std::fs;
use std::path::PathBuf;

use super::debian::{Debian, LIBRARY};
use super::missing::{Trouble, require};
use super::profile::Profile;
use super::trial::Trial;
use super::zig::Zig;
use super::{failed, folder};

pub(super) const X86: &str = "x86_64-unknown-linux-musl";
pub(super) const ARM: &str = "aarch64-unknown-linux-musl";

pub(super) fn build(profile: Profile) -> Result<String, Trouble> {
    require("qemu-aarch64", "qemu-user")?;
    // In a root with nothing else, not even certificates.
    let root = folder()?.join("empty");
    fs::create_dir_all(&root).map_err(|error| failed(&root, &error))?;
    let inside = root.join("auth");
    fs::copy(program(X86, profile)?, &inside).map_err(|error| failed(&inside, &error))?;
    let trial = Trial::in_root(&root)?;
    trial.demo()?;
    trial.crowd()?;
    let arm = program(ARM, profile)?;
    let trial = Trial::emulated("qemu-aarch64", &arm)?;
    trial.demo()?;
    trial.crowd()?;
    Ok("x86_64 runs in an empty root, aarch64 under qemu: demo and six processes each".to_owned())
}

/// The program for `target`.
pub(super) fn program(target: &str, profile: Profile) -> Result<PathBuf, Trouble> {
    let (debian, zig) = (Debian::fetched()?, Zig::fetched()?);
    let cargo = debian.environment(zig.step("rustc --locked -p auth-cli --bin auth")?)?;
    profile
        .on(cargo.with([LIBRARY, "--target", target]))?
        // zig brings the C library, so Rust's own copy of it is not linked. Here and not in RUSTFLAGS: all would build again.
        .with(["--", "-C", "link-self-contained=no"])
        .run()?;
    super::built(target, profile)
}
