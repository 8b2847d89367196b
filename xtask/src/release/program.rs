//! The program as people get it: installed from a clean clone, and as an archive that says what is in it.

use std::fs;
use std::path::{Path, PathBuf};

use super::archive::Archive;
use super::plan;
use super::tool::Tool;
use crate::root::root;
use crate::step::{Outcome, Step};
use crate::workspace;

pub(super) fn check() -> Outcome {
    let place = workspace::target()?.join("release-program");
    let clone = cloned(&place)?;
    let program = installed(&clone, &place)?;
    let version = version()?;
    let said = Step::new(&program).with(["--version"]).output()?;
    if said.trim() != format!("auth {version}") {
        let said = said.trim();
        return Err(format!(
            "the installed program calls itself `{said}`, not `auth {version}`"
        ));
    }
    ensure_clean(&fs::read(&program).map_err(|error| failed(&program, &error))?)?;
    let system = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let archive = Archive::new(&clone, &place, &version).pack(&program, &system, &program)?;
    let size = fs::metadata(&archive)
        .map_err(|error| failed(&archive, &error))?
        .len();
    Ok(format!(
        "{}, {} KiB",
        archive.display(),
        size.div_ceil(1024)
    ))
}

/// The version of what would be released.
pub(crate) fn version() -> Result<String, String> {
    let first = plan::crates()?.into_iter().next();
    Ok(first.map(|package| package.version).unwrap_or_default())
}

/// The commit that is checked out, as others get it, below `place`.
pub(crate) fn cloned(place: &Path) -> Result<PathBuf, String> {
    let clone = place.join("clone");
    if clone.exists() {
        fs::remove_dir_all(&clone).map_err(|error| failed(&clone, &error))?;
    }
    let origin = format!("file://{}", root().display());
    Step::new("git")
        .with(["clone", "--quiet", "--depth", "1", &origin])
        .with([&clone])
        .run()?;
    Ok(clone)
}

/// What a person installs, with the list of what it is made of inside (`cargo auditable`) and no path of this machine.
fn installed(clone: &Path, place: &Path) -> Result<PathBuf, String> {
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| place.to_owned(), PathBuf::from);
    let remap = [(clone, "auth"), (&cargo_home, "cargo")]
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    Tool("cargo-auditable@0.7.7")
        .step()?
        .with([
            "install",
            "--path",
            "crates/auth-cli",
            "--locked",
            "--force",
            "--root",
        ])
        .with([place])
        .with(["--target-dir"])
        .with([place.join("target")])
        .with_env("CARGO_ENCODED_RUSTFLAGS", remap.join("\u{1f}"))
        .within(clone)
        .run()?;
    Ok(place
        .join("bin")
        .join(format!("auth{}", std::env::consts::EXE_SUFFIX)))
}

/// Whether the program tells what it is made of, and nothing of the machine that made it.
fn ensure_clean(program: &[u8]) -> Result<(), String> {
    let has = |text: &str| {
        program
            .windows(text.len())
            .any(|bytes| bytes == text.as_bytes())
    };
    if !has(".dep-v0") {
        return Err(
            "the program has no list of its dependencies: was it built with cargo auditable?"
                .to_owned(),
        );
    }
    match has(&root().to_string_lossy()) {
        true => Err("the program names a folder of the machine that made it".to_owned()),
        false => Ok(()),
    }
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_names_this_machine_or_not_its_dependencies_is_refused() {
        assert!(ensure_clean(b"code .dep-v0 more").is_ok());
        assert!(
            ensure_clean(b"code")
                .unwrap_err()
                .contains("no list of its dependencies")
        );
        let path = format!(".dep-v0 {}/crates", root().display());
        assert!(
            ensure_clean(path.as_bytes())
                .unwrap_err()
                .contains("names a folder")
        );
    }
}
