//! What tests ask of Unix: rights, links, signals. The tests that need what another system has not got are ignored there,
//! and say why.

use std::io::Result;
use std::path::Path;
use std::process::Child;

/// What the file for the passwords of a person's programs is called.
pub(crate) const NETRC: &str = if cfg!(windows) { "_netrc" } else { ".netrc" };

/// Gives a file the rights of Unix, where there are such.
#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Elsewhere a file can be written or not.
#[cfg(not(unix))]
pub(crate) fn set_mode(path: &Path, mode: u32) {
    let mut rights = path.metadata().unwrap().permissions();
    rights.set_readonly(mode & 0o200 == 0);
    std::fs::set_permissions(path, rights).unwrap();
}

/// The rights of Unix that a file has, or the one that a link leads to.
#[cfg(unix)]
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[cfg(not(unix))]
pub(crate) fn mode(path: &Path) -> u32 {
    panic!("{} has no such rights", path.display());
}

/// Who has a file: the user and the group.
#[cfg(unix)]
pub(crate) fn owner(path: &Path) -> (u32, u32) {
    use std::os::unix::fs::MetadataExt;
    let data = path.metadata().unwrap();
    (data.uid(), data.gid())
}

#[cfg(not(unix))]
pub(crate) fn owner(path: &Path) -> (u32, u32) {
    panic!("{} has no such owner", path.display());
}

/// Gives a file to a user, or to a group.
#[cfg(unix)]
pub(crate) fn give_away(path: &Path, user: Option<u32>, group: Option<u32>) -> Result<()> {
    std::os::unix::fs::chown(path, user, group)
}

#[cfg(not(unix))]
pub(crate) fn give_away(path: &Path, _: Option<u32>, _: Option<u32>) -> Result<()> {
    panic!("{} has no such owner", path.display());
}

/// Makes a link.
pub(crate) fn symlink(to: impl AsRef<Path>, link: impl AsRef<Path>) -> Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::symlink(to, link);
    #[cfg(not(unix))]
    panic!(
        "{} is no link to {}",
        link.as_ref().display(),
        to.as_ref().display()
    );
}

/// Sends a process one of `INT`, `TERM`, `HUP`.
#[cfg(unix)]
pub(crate) fn signal(child: &Child, name: &str) {
    use rustix::process::{Pid, Signal, kill_process};
    let signal = match name {
        "INT" => Signal::INT,
        "TERM" => Signal::TERM,
        "HUP" => Signal::HUP,
        _ => panic!("{name}"),
    };
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[cfg(not(unix))]
pub(crate) fn signal(child: &Child, name: &str) {
    panic!("{} gets no {name}", child.id());
}
