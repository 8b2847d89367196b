//! [`Packed`]: a file in a package.

use std::path::Path;

use crate::step::Step;

pub(super) struct Packed {
    /// Below the folder of the package.
    pub(super) path: String,
    /// In bytes.
    pub(super) size: u64,
    /// And not a link or what else a file system has.
    pub(super) is_file: bool,
}

/// What lies in the package `name`.
pub(super) fn list(archive: &Path, name: &str) -> Result<Vec<Packed>, String> {
    let said = Step::new("tar")
        .with(["--list", "--verbose", "--numeric-owner", "--file"])
        .with([archive])
        .output()?;
    Ok(said.lines().filter_map(|line| packed(line, name)).collect())
}

/// Of `-rw-r--r-- 0/0  519 2006-07-24 01:21 name/src/lib.rs`.
fn packed(line: &str, name: &str) -> Option<Packed> {
    let mut words = line.split_whitespace();
    let (mode, _owner, size) = (words.next()?, words.next()?, words.next()?);
    let (_, path) = line.split_once(&format!(" {name}/"))?;
    Some(Packed {
        path: path.to_owned(),
        size: size.parse().ok()?,
        is_file: mode.starts_with('-'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_tar_is_a_file_or_a_link() {
        let file = packed(
            "-rw-r--r-- 0/0   519 2006-07-24 01:21 x-1.0.0/src/lib.rs",
            "x-1.0.0",
        );
        let file = file.unwrap();
        assert_eq!(
            (&*file.path, file.size, file.is_file),
            ("src/lib.rs", 519, true)
        );
        let link = packed(
            "lrwxrwxrwx 0/0 0 2006-07-24 01:21 x-1.0.0/a -> /etc",
            "x-1.0.0",
        );
        let link = link.unwrap();
        assert_eq!((&*link.path, link.is_file), ("a -> /etc", false));
    }
}
