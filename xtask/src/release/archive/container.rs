//! [`Container`]: how the files of an archive become one, the same for the same files.

use std::path::Path;

use crate::step::Step;

/// What a system opens without a tool from elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Container {
    Tar,
    Zip,
}

impl Container {
    /// That of a target, as the compiler calls it.
    pub(super) fn of(target: &str) -> Self {
        match target.contains("windows") {
            true => Self::Zip,
            false => Self::Tar,
        }
    }

    /// Packs the folder `name` in `place`, as of the commit that `tree` is of; the archive's name.
    pub(super) fn pack(self, place: &Path, name: &str, tree: &Path) -> Result<String, String> {
        let date = Step::new("git").with(["log", "-1", "--format=@%ct"]);
        let date = date.within(tree).output()?;
        let date = date.trim();
        let archive = format!("{name}.{}", self.ending());
        match self {
            Self::Tar => Step::new("tar")
                .with(["--sort=name", "--owner=0", "--group=0", "--numeric-owner"])
                .with(["--mode=a+rX,u+w,go-w", &format!("--mtime={date}")])
                .with(["-czf", &archive, name])
                .within(place)
                .run()?,
            Self::Zip => Step::new("sh")
                .with(["-c", ZIP, "sh", name, &archive, date])
                .with_env("TZ", "UTC")
                .within(place)
                .run()?,
        }
        Ok(archive)
    }

    /// Unpacks it into a folder.
    pub(super) fn unpack(self, archive: &Path, folder: &Path) -> Result<(), String> {
        let step = match self {
            Self::Tar => Step::new("tar").with(["-xzf"]),
            Self::Zip => Step::new("unzip").with(["-q"]),
        };
        step.with([archive]).within(folder).run()
    }

    /// Makes sure that it is the same for everybody: of no person here, of one time, changed by its owner alone.
    pub(super) fn ensure_plain(self, archive: &Path) -> Result<(), String> {
        if self == Self::Zip {
            // It has neither owners nor links, and times in steps of two seconds.
            return Ok(());
        }
        let listed = Step::new("tar")
            .with([
                "--list",
                "--verbose",
                "--numeric-owner",
                "--full-time",
                "--utc",
            ])
            .with(["--file".as_ref(), archive.as_os_str()])
            .output()?;
        match odd(&listed) {
            None => Ok(()),
            Some(line) => Err(format!(
                "{}: `{line}` is of somebody, of a time of its own, or open to others",
                archive.display()
            )),
        }
    }

    /// What the program in it is called.
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Tar => "auth",
            Self::Zip => "auth.exe",
        }
    }

    /// How its name ends.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Tar => "tar.gz",
            Self::Zip => "zip",
        }
    }
}

/// The first of tar's lines that is not like the others should be, such as
/// `-rwxr-xr-x 0/0 6400 2026-03-01 12:00:00 auth-0.1.0/auth`.
fn odd(listed: &str) -> Option<&str> {
    let time = |line: &'_ str| line.split_whitespace().skip(3).take(2).collect::<String>();
    let first = listed.lines().next().map(time);
    let is_plain = |line: &&str| {
        let mut words = line.split_whitespace();
        let (mode, owner) = (words.next().unwrap_or_default(), words.next());
        MODES.contains(&mode) && owner == Some("0/0") && Some(time(line)) == first
    };
    listed.lines().find(|line| !is_plain(line))
}

/// Of folders, of files and of programs.
const MODES: [&str; 3] = ["drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"];

/// It takes the modes and times of the files, and adds to an archive that is there.
const ZIP: &str = "rm -f \"$2\" && chmod -R a+rX,u+w,go-w \"$1\" && find \"$1\" -exec touch -d \"$3\" {} + && \
                   find \"$1\" -type f | LC_ALL=C sort | zip -X -q \"$2\" -@";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_somebody_or_of_another_time_or_that_others_may_write_is_named() {
        let good = "drwxr-xr-x 0/0 0 2026-03-01 12:00:00 a/\n-rwxr-xr-x 0/0 64 2026-03-01 12:00:00 a/auth\n";
        assert_eq!(odd(good), None);
        for line in [
            "-rw-r--r-- 1000/1000 5 2026-03-01 12:00:00 a/README.md",
            "-rw-rw-r-- 0/0 5 2026-03-01 12:00:00 a/README.md",
            "-rw------- 0/0 5 2026-03-01 12:00:00 a/README.md",
            "-rw-r--r-- 0/0 5 2026-03-01 12:00:02 a/README.md",
            "lrwxrwxrwx 0/0 0 2026-03-01 12:00:00 a/README.md -> /etc",
        ] {
            assert_eq!(odd(&format!("{good}{line}\n")), Some(line));
        }
    }

    #[test]
    fn a_system_gets_what_it_opens_by_itself() {
        assert_eq!(Container::of("x86_64-pc-windows-gnu").ending(), "zip");
        assert_eq!(Container::of("aarch64-unknown-linux-musl"), Container::Tar);
    }
}
