//! The program as people get it: installed from a clean clone, and as an archive that says what is in it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::archive::Archive;
use super::plan;
use crate::root::root;
use crate::step::{Outcome, Step};
use crate::tool::Tool;
use crate::workspace;

pub(super) fn check() -> Outcome {
    let place = workspace::target()?.join("release-program");
    let clone = cloned(&place)?;
    let program = installed(&clone, &place)?;
    ensure_clean(&fs::read(&program).map_err(|error| failed(&program, &error))?)?;
    let version = version()?;
    let archives = Archive::new(&clone, &place, &version);
    let archive = archives.pack(&program, &host()?, &program)?;
    archives.try_out(&archive, &|program| Step::new(program))?;
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

/// What a person installs, with the list of what it is made of inside (`cargo auditable`), the commit that it is of, and no
/// path of this machine.
fn installed(clone: &Path, place: &Path) -> Result<PathBuf, String> {
    nameless(Tool("cargo-auditable@0.7.7").step()?, clone)?
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
        .within(clone)
        .run()?;
    Ok(place
        .join("bin")
        .join(format!("auth{}", env::consts::EXE_SUFFIX)))
}

/// Has cargo, which `step` calls, build from `tree` a program that says of which commit it is and names no folder of this
/// machine.
pub(crate) fn nameless(step: Step, tree: &Path) -> Result<Step, String> {
    let commit = Step::new("git").with([
        "describe",
        "--always",
        "--dirty",
        "--exclude=*",
        "--abbrev=40",
    ]);
    let commit = commit.within(tree).output()?;
    // The last one that fits is taken.
    let folders = [
        (&*workspace::target()?, "target"),
        (tree, "auth"),
        (&cargo_home(), "cargo"),
    ];
    let remap = folders.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    Ok(step
        .with_env("CARGO_ENCODED_RUSTFLAGS", remap.join("\u{1f}"))
        .with_env("AUTH_BUILD_REVISION", commit.trim()))
}

/// Where cargo keeps the sources of others.
fn cargo_home() -> PathBuf {
    let named = env::var_os("CARGO_HOME").map(PathBuf::from);
    named.unwrap_or_else(|| env::home_dir().unwrap_or_default().join(".cargo"))
}

/// What the compiler calls this machine.
pub(crate) fn host() -> Result<String, String> {
    let said = Step::new("rustc").with(["-vV"]).output()?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| "`rustc -vV` names no host".to_owned())
}

/// Whether the program tells what it is made of, and nothing of the machine that made it, and lies as it should.
fn ensure_clean(program: &[u8]) -> Result<(), String> {
    if !contains(program, b".dep-v0") {
        return Err(
            "the program has no list of its dependencies: was it built with cargo auditable?"
                .to_owned(),
        );
    }
    ensure_nameless(program)
}

/// Whether the program is stripped, and tells nothing of the machine that made it.
pub(crate) fn ensure_nameless(program: &[u8]) -> Result<(), String> {
    let has = |text: &str| contains(program, text.as_bytes());
    if has(".symtab") {
        return Err("the program is not stripped".to_owned());
    }
    if cfg!(target_os = "linux") && !has(ORDERED) {
        return Err(
            "the linker made nothing of crates/auth-cli/order.ld, so each start takes more memory: link with GNU's or LLVM's"
                .to_owned(),
        );
    }
    for folder in [root(), cargo_home()] {
        let folder = folder.to_string_lossy();
        if has(&folder) {
            return Err(format!(
                "the program names {folder}, a folder of the machine that made it"
            ));
        }
    }
    Ok(())
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// The section of order.ld.
const ORDERED: &str = ".text.start";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_names_this_machine_or_not_its_dependencies_or_lies_in_no_order_is_refused() {
        let refused = |program: String| ensure_clean(program.as_bytes()).unwrap_err();
        assert!(ensure_clean(b"code .dep-v0 .text.start more").is_ok());
        assert!(refused("code".to_owned()).contains("no list of its dependencies"));
        assert!(refused("code .dep-v0 .symtab".to_owned()).contains("not stripped"));
        if cfg!(target_os = "linux") {
            assert!(refused("code .dep-v0".to_owned()).contains("order.ld"));
        }
        for folder in [root(), cargo_home()] {
            let named = format!(".dep-v0 .text.start {}/crates", folder.display());
            assert!(refused(named).contains(&format!("names {}", folder.display())));
        }
    }
}
