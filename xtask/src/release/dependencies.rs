//! What must hold of our dependencies, and of those of one of our crates on another.

use super::plan;
use crate::step::{Outcome, Step};
use crate::tool::Tool;
use crate::{arrows, deny};

pub(super) fn check() -> Outcome {
    (arrows::TASK.run)(&[])?;
    unused()?;
    idle()?;
    deny::whole()
}

/// What a manifest names and nothing uses.
fn unused() -> Result<(), String> {
    let machete = Tool("cargo-machete@0.9.2").step()?;
    let (holds, said) = machete.with(["crates", "tests", "xtask"]).says()?;
    match (holds, named(&said)) {
        (true, _) => Ok(()),
        (false, named) if named.is_empty() => Err(format!("cargo-machete failed: {said}")),
        (false, named) => Err(named.join("; ")),
    }
}

/// What a library is compiled with, and only its tests use, or one of its features.
fn idle() -> Result<(), String> {
    let mut found = Vec::new();
    for package in plan::crates()?.iter().filter(|package| package.is_library) {
        for features in ["--all-features", "--no-default-features"] {
            let step =
                Step::cargo("clippy --quiet --lib --package").with([&*package.name, features]);
            let step = step.with(["--", "-W", "unused_crate_dependencies"]);
            eprintln!("$ {step}");
            found.extend(never_named(&package.folder, features, &step.errors()?)?);
        }
    }
    match found.is_empty() {
        true => Ok(()),
        false => Err(found.join("; ")),
    }
}

/// Each that the compiler found.
///
/// # Errors
/// Its words where it did not compile.
fn never_named(folder: &str, features: &str, said: &str) -> Result<Vec<String>, String> {
    if let Some(error) = said.lines().find(|line| line.starts_with("error")) {
        return Err(format!("{folder} with {features}: {error}"));
    }
    let names = said.lines().filter_map(|line| {
        let rest = line.strip_prefix("warning: extern crate `")?;
        Some(rest.split_once("` is unused in crate")?.0)
    });
    Ok(names
        .map(|name| {
            format!("{folder}/Cargo.toml names {name}, and nothing but tests or a feature uses it ({features})")
        })
        .collect())
}

/// Each that cargo-machete found: a line for the manifest, then one for each name.
fn named(said: &str) -> Vec<String> {
    let (mut manifest, mut found) = ("", Vec::new());
    for line in said.lines() {
        if let Some((_, path)) = line.split_once(" -- ") {
            manifest = path.trim_end_matches(':');
        } else if let Some(name) = line.strip_prefix('\t') {
            found.push(format!("{manifest} names {name}, and nothing uses it"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_uses_is_named_with_its_manifest() {
        let said = "cargo-machete found the following unused dependencies in crates:\n\
                    auth-x -- crates/auth-x/Cargo.toml:\n\thttpdate\n\turl\nauth-y -- crates/auth-y/Cargo.toml:\n\thttp\n\
                    cargo-machete didn't find any unused dependencies in tests. Good job!\n";
        assert_eq!(
            named(said),
            [
                "crates/auth-x/Cargo.toml names httpdate, and nothing uses it",
                "crates/auth-x/Cargo.toml names url, and nothing uses it",
                "crates/auth-y/Cargo.toml names http, and nothing uses it",
            ]
        );
    }

    #[test]
    fn what_only_tests_use_is_named_and_what_does_not_compile_is_no_answer() {
        let said = "warning: extern crate `httpdate` is unused in crate `auth_x`\n --> crates/auth-x/src/lib.rs:1:1\n\
                    \nwarning: `auth-x` (lib) generated 1 warning\n";
        assert_eq!(
            never_named("crates/auth-x", "--all-features", said).unwrap(),
            [
                "crates/auth-x/Cargo.toml names httpdate, and nothing but tests or a feature uses it (--all-features)"
            ]
        );
        assert!(never_named("crates/auth-x", "", "").unwrap().is_empty());
        let broken = never_named("crates/auth-x", "--all-features", "error[E0432]: no `x`\n");
        assert_eq!(
            broken.unwrap_err(),
            "crates/auth-x with --all-features: error[E0432]: no `x`"
        );
    }
}
