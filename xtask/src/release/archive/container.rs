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

/// It takes the modes and times of the files, and adds to an archive that is there.
const ZIP: &str = "rm -f \"$2\" && chmod -R a+rX,u+w,go-w \"$1\" && find \"$1\" -exec touch -d \"$3\" {} + && \
                   find \"$1\" -type f | LC_ALL=C sort | zip -X -q \"$2\" -@";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_gets_what_it_opens_by_itself() {
        assert_eq!(Container::of("x86_64-pc-windows-gnu").ending(), "zip");
        assert_eq!(Container::of("aarch64-unknown-linux-musl"), Container::Tar);
    }
}
