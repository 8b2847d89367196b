//! macOS: compiled, so that no code for it rots. Apple's libraries are not to be had here, so nothing is linked or run.

use super::debian::Debian;
use super::missing::Trouble;
use super::profile::Profile;
use super::zig::Zig;

pub(super) fn check(_: Profile) -> Result<String, Trouble> {
    let (debian, zig) = (Debian::fetched()?, Zig::fetched()?);
    debian
        .environment(zig.step("check --locked --all-targets")?)?
        .with([super::debian::LIBRARY, "--target", "aarch64-apple-darwin"])
        .with(super::windows::PACKAGES)
        .run()?;
    Ok("the program and every test compile for macOS (linked and run: nothing)".to_owned())
}
