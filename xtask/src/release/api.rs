//! What each library promises: one file a crate below `api/`, which a change of the promise has to change, too; and whose
//! types stand in it.

mod defaults;
mod foreign;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use self::defaults::defaults;
use self::foreign::foreign;
use super::plan;
use super::tags::Tags;
use crate::root::root;
use crate::step::{Outcome, Step};
use crate::tool::Tool;
use crate::workspace;

pub(super) fn check() -> Outcome {
    let (compiler, described) = (compiler()?, described()?);
    let (libraries, mut faults) = (libraries()?, Vec::new());
    for name in &libraries {
        let now = promised(name, &described)?;
        let known = fs::read_to_string(file(name)).unwrap_or_default();
        faults.extend(changed(name, &known, &now));
        faults.extend(foreign(name, &now, &libraries));
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

/// What everybody may use of a library, one a line: what somebody wrote, what is derived, what a parameter is where nobody
/// says. Its pages of documentation are modules and no part of that.
fn promised(name: &str, described: &Path) -> Result<String, String> {
    let description = described.join(format!("{}.json", name.replace('-', "_")));
    let listed = |omitted: &str| {
        let step = Tool("cargo-public-api@0.52.0").step()?;
        let step = step.with([omitted, "--rustdoc-json"]);
        step.with([&description]).output()
    };
    let (written, all) = (listed("-sss")?, listed("-s")?);
    let text = fs::read_to_string(&description);
    let text = text.map_err(|error| format!("{}: {error}", description.display()))?;
    let defaults = defaults(&text)?;
    let lines = written.lines().chain(derived(&written, &all));
    let lines = lines.chain(defaults.iter().map(String::as_str));
    let lines = lines.filter(|line| !line.contains("::_docs"));
    Ok(lines.map(|line| format!("{line}\n")).collect())
}

/// The traits that a compiler or a macro implements, of `all` those that are not `written`: they are promised as well, and
/// a macro may put a type of others there. That a type goes from thread to thread is said of the one that does not.
fn derived<'a>(written: &str, all: &'a str) -> impl Iterator<Item = &'a str> {
    let written: BTreeSet<&str> = written.lines().collect();
    let is_silent = |line: &str| {
        SILENT
            .iter()
            .any(|name| line.contains(&format!(" {name} for ")))
            || NAMELESS.iter().any(|name| line.contains(name))
    };
    let lines = all.lines().filter(|line| line.starts_with("impl"));
    lines.filter(move |line| !is_silent(line) && !written.contains(line))
}

/// Whether it still is what it was since the last release.
fn semver() -> Outcome {
    let Some(tag) = Tags::read()?.last_promise() else {
        let why = "as api/ says; nothing was released yet that could be broken, so cargo-semver-checks waits for a tag";
        return Ok(why.to_owned());
    };
    // What that release had not got, nobody can miss.
    let packages = plan::crates()?
        .into_iter()
        .filter(|package| package.is_library);
    let packages = packages.filter(|package| plan::has(&tag, &package.folder));
    let names = packages.flat_map(|package| ["--package".to_owned(), package.name]);
    Tool("cargo-semver-checks@0.51.0")
        .step()?
        .with(["check-release", "--baseline-rev", &tag])
        .with(names)
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

/// What a compiler implements by itself, unless a type can't be it.
const SILENT: [&str; 3] = [
    "core::marker::Send",
    "core::marker::Sync",
    "core::marker::Unpin",
];

/// What says nothing to those who use a type.
const NAMELESS: [&str; 4] = [
    "core::marker::Freeze",
    "core::marker::StructuralPartialEq",
    "core::marker::UnsafeUnpin",
    "core::panic::unwind_safe::",
];

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

    #[test]
    fn a_derived_trait_is_promised_and_that_a_type_stays_on_its_thread_is_said() {
        let written = "pub struct auth_x::T\nimpl auth_x::T\n";
        let silent = "impl core::marker::Send for auth_x::T\nimpl core::marker::StructuralPartialEq for auth_x::T\n\
                      impl !core::panic::unwind_safe::UnwindSafe for auth_x::T\n\
                      pub fn auth_x::T::clone(&self) -> auth_x::T\n";
        assert_eq!(derived(written, &format!("{written}{silent}")).count(), 0);
        for line in [
            "impl core::clone::Clone for auth_x::T",
            "impl !core::marker::Send for auth_x::T",
            // As thiserror's `#[from]` has it.
            "impl core::convert::From<hyper::Error> for auth_x::T",
        ] {
            let all = format!("{written}{silent}{line}\n");
            assert_eq!(derived(written, &all).collect::<Vec<_>>(), [line]);
        }
    }
}
