//! Who may read a file, on systems that have such rights. Elsewhere a user's profile keeps others out, and tests of
//! rights are ignored.

use std::io::Result;
use std::path::Path;

/// Gives a file the rights of Unix, where there are such.
#[cfg(unix)]
pub fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Elsewhere a file can be written or not.
#[cfg(not(unix))]
pub fn set_mode(path: &Path, mode: u32) {
    let mut rights = path.metadata().unwrap().permissions();
    rights.set_readonly(mode & 0o200 == 0);
    std::fs::set_permissions(path, rights).unwrap();
}

/// The rights of Unix that a file has.
#[cfg(unix)]
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.symlink_metadata().unwrap().permissions().mode() & 0o7777
}

#[cfg(not(unix))]
pub fn mode(path: &Path) -> u32 {
    panic!("{} has no such rights", path.display());
}

/// Gives a file away, if we may.
#[cfg(unix)]
pub fn give_away(path: &Path, owner: u32) {
    let _ = std::os::unix::fs::chown(path, Some(owner), Some(owner));
}

#[cfg(not(unix))]
pub fn give_away(_: &Path, _: u32) {}

/// Who has a file: the user and the group.
#[cfg(unix)]
pub fn owner(path: &Path) -> (u32, u32) {
    use std::os::unix::fs::MetadataExt;
    let data = path.metadata().unwrap();
    (data.uid(), data.gid())
}

#[cfg(not(unix))]
pub fn owner(path: &Path) -> (u32, u32) {
    panic!("{} has no such owner", path.display());
}

/// Makes a link to a file.
pub fn symlink(to: &Path, link: &Path) -> Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::symlink(to, link);
    #[cfg(windows)]
    return std::os::windows::fs::symlink_file(to, link);
}
