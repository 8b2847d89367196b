//! What each library promises: one file a crate below `api/`, which a change of the promise has to change, too; and whose
//! types stand in it.

mod foreign;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use self::foreign::foreign;
use super::plan;
use super::tags::Tags;
use crate::root::root;
use crate::step::{Outcome, Step};
use crate::tool::Tool;
use crate::workspace;

pub(super) fn check() -> Outcome {
    let (compiler, described) = (compiler()?, described()?);
    let mut faults = Vec::new();
    for name in libraries()? {
        let now = promised(&name, &described)?;
        let known = fs::read_to_string(file(&name)).unwrap_or_default();
        faults.extend(changed(&name, &known, &now));
        faults.extend(foreign(&name, &now));
    }
    let written_by = fs::read_to_string(file(COMPILER)).unwrap_or_default();
    if !faults.is_empty() && written_by != compiler {
        faults.push(format!(
            "api/ was written with {} and this is {}: see whether it is only that",
            written_by.trim(),
            compiler.trim()
        ));
    }
    match faults.is_empty() {
        true => Ok(semver()?),
        false => Err(faults.join("; ")),
    }
}

/// Writes down what the libraries promise now.
pub(super) fn write() -> Outcome {
    let (compiler, described) = (compiler()?, described()?);
    let note = |name: &str, text: &str| {
        let file = file(name);
        fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))
    };
    fs::create_dir_all(root().join("api")).map_err(|error| format!("api: {error}"))?;
    for name in libraries()? {
        note(&name, &promised(&name, &described)?)?;
    }
    note(COMPILER, &compiler)?;
    Ok("look through the difference of api/".to_owned())
}

/// Which nightly compiler describes the libraries: another one may spell the same in another way.
fn compiler() -> Result<String, String> {
    let asked = Step::new("rustup").with(["run", "nightly", "rustc", "--version"]);
    asked.output().map_err(|_| {
        "the nightly compiler is missing, which describes an API: `rustup toolchain install nightly --profile minimal`"
            .to_owned()
    })
}

fn file(name: &str) -> PathBuf {
    root().join("api").join(format!("{name}.txt"))
}

fn libraries() -> Result<Vec<String>, String> {
    let libraries = plan::crates()?
        .into_iter()
        .filter(|package| package.is_library);
    Ok(libraries.map(|package| package.name).collect())
}

/// Describes the libraries as docs.rs does, all at once, and says in which folder.
fn described() -> Result<PathBuf, String> {
    let target = workspace::target()?.join("api");
    let packages = libraries()?
        .into_iter()
        .flat_map(|name| ["--package".to_owned(), name]);
    Step::new("rustup")
        .with([
            "run",
            "nightly",
            "cargo",
            "doc",
            "--lib",
            "--no-deps",
            "--all-features",
        ])
        .with(packages)
        .with(["--target-dir"])
        .with([&target])
        .with_env(
            "RUSTDOCFLAGS",
            "-Z unstable-options --output-format json -D rustdoc::broken_intra_doc_links --cfg docsrs",
        )
        .run()?;
    Ok(target.join("doc"))
}

/// What everybody may use of a library, one a line. Its pages of documentation are modules and no part of that.
fn promised(name: &str, described: &Path) -> Result<String, String> {
    let description = described.join(format!("{}.json", name.replace('-', "_")));
    let said = Tool("cargo-public-api@0.52.0")
        .step()?
        .with(["-sss", "--rustdoc-json"])
        .with([description])
        .output()?;
    let lines = said.lines().filter(|line| !line.contains("::_docs"));
    Ok(lines.map(|line| format!("{line}\n")).collect())
}

/// Whether it still is what it was since the last release.
fn semver() -> Outcome {
    let Some(tag) = Tags::read()?.last_promise() else {
        let why = "as api/ says; nothing was released yet that could be broken, so cargo-semver-checks waits for a tag";
        return Ok(why.to_owned());
    };
    Tool("cargo-semver-checks@0.51.0")
        .step()?
        .with(["--workspace", "--baseline-rev", &tag])
        .run()?;
    Ok(format!("as api/ says, and breaks nothing since {tag}"))
}

fn changed(name: &str, known: &str, now: &str) -> Option<String> {
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (known.lines().collect(), now.lines().collect());
    let gone = old.difference(&new).map(|line| format!("- {line}"));
    let come = new.difference(&old).map(|line| format!("+ {line}"));
    let lines: Vec<_> = gone.chain(come).collect();
    let first = lines.first()?;
    Some(format!(
        "{name} promises something else ({} lines, such as `{first}`): see whether it is meant, then \
         `cargo xtask release api`",
        lines.len()
    ))
}

const COMPILER: &str = "compiler";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_signature_is_named() {
        let known = "pub fn auth_x::f(u8)\npub fn auth_x::g()\n";
        assert!(changed("auth-x", known, known).is_none());
        let found = changed(
            "auth-x",
            known,
            "pub fn auth_x::f(u16)\npub fn auth_x::g()\n",
        )
        .unwrap();
        assert!(
            found.contains("auth-x promises something else (2 lines"),
            "{found}"
        );
        assert!(found.contains("- pub fn auth_x::f(u8)"), "{found}");
    }
}
