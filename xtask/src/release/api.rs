//! What each library promises: one file a crate below `api/`, which a change of the promise has to change, too; and whose
//! types stand in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::plan;
use super::tool::Tool;
use crate::root::root;
use crate::step::Outcome;

pub(super) fn check() -> Outcome {
    let mut faults = Vec::new();
    for name in libraries()? {
        let now = promised(&name)?;
        let known = fs::read_to_string(file(&name)).unwrap_or_default();
        faults.extend(changed(&name, &known, &now));
        faults.extend(foreign(&name, &now));
    }
    match faults.is_empty() {
        true => Ok(semver()?),
        false => Err(faults.join("; ")),
    }
}

/// Writes down what the libraries promise now.
pub(super) fn write() -> Outcome {
    for name in libraries()? {
        let file = file(&name);
        let failed = |error: std::io::Error| format!("{}: {error}", file.display());
        fs::create_dir_all(root().join("api")).map_err(failed)?;
        fs::write(&file, promised(&name)?).map_err(failed)?;
    }
    Ok("look through the difference of api/".to_owned())
}

fn file(name: &str) -> PathBuf {
    root().join("api").join(format!("{name}.txt"))
}

fn libraries() -> Result<Vec<String>, String> {
    let names = plan::crates()?.into_iter().map(|package| package.name);
    Ok(names.filter(|name| name != "auth-cli").collect())
}

/// Needs the nightly compiler.
fn promised(name: &str) -> Result<String, String> {
    Tool("cargo-public-api")
        .step()?
        .with(["--package", name, "--all-features", "-sss"])
        .output()
}

/// Whether it still is what it was since the last release.
fn semver() -> Outcome {
    let Some(tag) = plan::last_tag() else {
        return Ok("nothing was released that could be broken".to_owned());
    };
    Tool("cargo-semver-checks")
        .step()?
        .with(["--workspace", "--baseline-rev", &tag])
        .run()?;
    Ok(format!("breaks nothing since {tag}"))
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

/// Whose types stand in signatures and are neither ours nor on the list.
fn foreign(name: &str, api: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    for line in api.lines() {
        let words = line.split(|c: char| !(c.is_alphanumeric() || "_:".contains(c)));
        for word in words {
            let Some((root, rest)) = word.split_once("::") else {
                continue;
            };
            let is_crate = root.starts_with(|c: char| c.is_ascii_lowercase()) && !rest.is_empty();
            let is_known = OWN.contains(&root) || root.starts_with("auth_");
            let may = FOREIGN
                .iter()
                .any(|(known, at, _)| *known == root && at.is_none_or(|at| at == name));
            if is_crate && !is_known && !may {
                found.insert(format!(
                    "{name}: a type of {root} stands in `{}`",
                    line.trim()
                ));
            }
        }
    }
    found.into_iter().collect()
}

const OWN: [&str; 6] = ["alloc", "core", "crate", "self", "std", "Self"];

/// Whose types may stand in our signatures: in which crate, and why.
const FOREIGN: [(&str, Option<&str>, &str); 12] = [
    ("http", None, "the vocabulary of HTTP, with a version 1"),
    ("url", None, "addresses, with a version 2"),
    ("secrecy", None, "what is secret"),
    (
        "bytes",
        Some("auth-core"),
        "the pieces of a body, with a version 1",
    ),
    (
        "serde",
        None,
        "what reads and writes claims, with a version 1",
    ),
    ("serde_core", None, "the same"),
    ("serde_json", None, "claims that nobody foresaw"),
    (
        "reqwest",
        Some("auth-core"),
        "one's own client, behind the feature reqwest-0-13",
    ),
    (
        "tower_service",
        Some("auth-verify"),
        "behind the feature tower",
    ),
    (
        "tower_layer",
        Some("auth-verify"),
        "behind the feature tower",
    ),
    (
        "http_body",
        Some("auth-verify"),
        "behind the feature tower, with a version 1",
    ),
    ("axum_core", Some("auth-verify"), "behind the feature axum"),
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
    fn a_foreign_type_made_public_is_named() {
        let fine = "pub fn auth_core::Io::of(http: alloc::sync::Arc<dyn auth_core::http::HttpClient>) -> http::uri::Uri";
        assert!(foreign("auth-core", fine).is_empty());
        let line = "pub fn auth_x::Y::client(&self) -> &hyper::client::Client";
        assert_eq!(
            foreign("auth-x", line),
            [format!("auth-x: a type of hyper stands in `{line}`")]
        );
        let only_there = "pub fn auth_x::f(reqwest::Client)";
        assert_eq!(foreign("auth-x", only_there).len(), 1);
        assert!(foreign("auth-core", only_there).is_empty());
    }
}
