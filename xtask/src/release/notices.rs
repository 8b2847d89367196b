//! The licences of what a program is made of, which its archive must have with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::step::Step;
use crate::workspace::{self, Package};

/// One of the crates of others that a program is made of.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) version: String,
}

/// What people get.
pub(super) const PROGRAM: &str = "auth-cli";

/// What the file of them is called.
pub(crate) const NOTICES: &str = "THIRD-PARTY.txt";

/// The licences of what our program is made of on `target`.
pub(crate) fn of_program(target: &str) -> Result<String, String> {
    of(&parts(PROGRAM, target)?)
}

/// What `program` is made of on `target`, in order of their names.
pub(super) fn parts(program: &str, target: &str) -> Result<Vec<Part>, String> {
    let tree = Step::cargo("tree --locked --edges normal --prefix none --no-dedupe")
        .with(["--format", "{p}", "--package", program, "--target", target])
        .output()?;
    let packages = workspace::packages()?;
    let is_ours = |part: &Part| packages.iter().any(|package| package.name == part.name);
    let parts: BTreeSet<_> = tree.lines().filter_map(part).collect();
    Ok(parts.into_iter().filter(|part| !is_ours(part)).collect())
}

/// The text of each licence, below the crates that come under it.
///
/// # Errors
/// Names a crate that has none in its package.
pub(super) fn of(parts: &[Part]) -> Result<String, String> {
    let mut whose: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in workspace::all_packages()? {
        let Package { name, version, .. } = &package;
        let is_it = |part: &Part| (&part.name, &part.version) == (name, version);
        if parts.iter().any(is_it) {
            let licence = package.license.as_deref().unwrap_or("as below");
            for text in texts(&package)? {
                let crates = whose.entry(text).or_default();
                crates.push(format!("{name} {version} ({licence})"));
            }
        }
    }
    let sections = whose
        .iter()
        .map(|(text, crates)| format!("{}\n\n{text}\n\n{RULE}\n\n", crates.join("\n")));
    Ok(sections.collect())
}

/// `serde v1.0.0 (proc-macro)` is serde 1.0.0.
fn part(line: &str) -> Option<Part> {
    let mut words = line.split(' ');
    let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
    Some(Part {
        name: name.to_owned(),
        version: version.to_owned(),
    })
}

/// The licences in a package.
fn texts(package: &Package) -> Result<Vec<String>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", package.folder);
    let mut texts = Vec::new();
    for entry in fs::read_dir(Path::new(&package.folder)).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if is_licence(&entry.file_name().to_string_lossy()) && entry.path().is_file() {
            let text = fs::read_to_string(entry.path()).map_err(failed)?;
            texts.push(text.replace("\r\n", "\n").trim().to_owned());
        }
    }
    match texts.is_empty() {
        true => Err(format!(
            "{} {} has no licence in its package",
            package.name, package.version
        )),
        false => Ok(texts),
    }
}

fn is_licence(name: &str) -> bool {
    let name = name.to_uppercase();
    BEGINNINGS
        .iter()
        .any(|beginning| name.starts_with(beginning))
}

const BEGINNINGS: [&str; 5] = ["COPYING", "COPYRIGHT", "LICENCE", "LICENSE", "NOTICE"];

const RULE: &str = "----------------------------------------------------------------------";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_licences_of_a_package_are_found_and_a_package_without_one_is_named() {
        let package = Package {
            name: "serde_json".to_owned(),
            version: "1.0.0".to_owned(),
            folder: env!("CARGO_MANIFEST_DIR").to_owned() + "/../crates/auth-core",
            ..Package::default()
        };
        assert_eq!(texts(&package).unwrap().len(), 2);
        let none = Package {
            folder: env!("CARGO_MANIFEST_DIR").to_owned(),
            ..package
        };
        let error = texts(&none).unwrap_err();
        assert_eq!(error, "serde_json 1.0.0 has no licence in its package");
    }

    #[test]
    fn a_line_of_a_tree_is_a_name_and_a_version() {
        let part = part("serde_derive v1.0.2 (proc-macro)").unwrap();
        assert_eq!((&*part.name, &*part.version), ("serde_derive", "1.0.2"));
        assert!(super::part("").is_none());
    }
}
