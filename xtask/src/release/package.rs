//! Each crate built from its package alone, elsewhere, with the others taken from their packages.

use std::fs;
use std::path::{Path, PathBuf};

use super::plan;
use crate::root::root;
use crate::step::{Outcome, Step};
use crate::workspace::{self, Package};

pub(super) fn check() -> Outcome {
    let packages = plan::crates()?;
    let folder = unpacked(&packages, &pack()?)?;
    for package in &packages {
        for features in features(package) {
            built(&folder, &package.name, features)?;
        }
    }
    Ok(format!("built and doc-tested in {}", folder.display()))
}

/// The packages, and the folder in which they are.
pub(super) fn pack() -> Result<PathBuf, String> {
    let mut step = Step::cargo("package --locked --no-verify --quiet --allow-dirty");
    for package in plan::crates()? {
        step = step.with(["--package", &package.name]);
    }
    step.run()?;
    Ok(workspace::target()?.join("package"))
}

/// What makes cargo take our crates from their packages, as arguments.
pub(crate) fn patches() -> Result<Vec<String>, String> {
    let packages = plan::crates()?;
    let folder = unpacked(&packages, &pack()?)?;
    let patches = packages.iter().flat_map(|Package { name, version, .. }| {
        let place = folder.join(format!("{name}-{version}"));
        let patch = format!("patch.crates-io.{name}.path=\"{}\"", place.display());
        ["--config".to_owned(), patch]
    });
    Ok(patches.collect())
}

/// The paths in an archive.
pub(super) fn listed(archive: &Path) -> Result<Vec<String>, String> {
    let list = Step::new("tar").with(["-tzf"]).with([archive]).output()?;
    Ok(list.lines().map(str::to_owned).collect())
}

/// A workspace of the unpacked packages.
pub(super) fn unpacked(packages: &[Package], from: &Path) -> Result<PathBuf, String> {
    let folder = workspace::target()?.join("unpacked");
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(failed)?;
    }
    fs::create_dir_all(&folder).map_err(failed)?;
    for Package { name, version, .. } in packages {
        let archive = from.join(format!("{name}-{version}.crate"));
        Step::new("tar")
            .with(["-xzf"])
            .with([&archive])
            .with(["-C"])
            .with([&folder])
            .run()?;
    }
    fs::write(folder.join("Cargo.toml"), manifest(packages)).map_err(failed)?;
    for file in ["Cargo.lock", "rust-toolchain.toml"] {
        fs::copy(root().join(file), folder.join(file)).map_err(failed)?;
    }
    Ok(folder)
}

fn manifest(packages: &[Package]) -> String {
    let folders = packages
        .iter()
        .map(|package| format!("{}-{}", package.name, package.version));
    let members: Vec<_> = folders.map(|folder| format!("\"{folder}\"")).collect();
    let patches = packages.iter().map(|Package { name, version, .. }| {
        format!("{name} = {{ path = \"{name}-{version}\" }}\n")
    });
    format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[patch.crates-io]\n{}",
        members.join(", "),
        patches.collect::<String>()
    )
}

fn features(package: &Package) -> Vec<&'static str> {
    match package.has_features {
        true => vec!["", "--no-default-features", "--all-features"],
        false => vec![""],
    }
}

fn built(folder: &Path, name: &str, features: &str) -> Result<(), String> {
    let target = workspace::target()?.join("alone");
    let step = |what: &str| {
        Step::cargo(&format!(
            "{what} --offline --package {name} {features} --target-dir"
        ))
        .with([&target])
        .within(folder)
    };
    if name == "auth-cli" {
        return step("build").run();
    }
    step("test --doc").run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_others_are_taken_from_their_packages() {
        let package = |name: &str| Package {
            name: name.to_owned(),
            version: "1.2.3".to_owned(),
            ..Package::default()
        };
        let manifest = manifest(&[package("a"), package("b")]);
        assert!(
            manifest.contains("members = [\"a-1.2.3\", \"b-1.2.3\"]"),
            "{manifest}"
        );
        assert!(manifest.ends_with("a = { path = \"a-1.2.3\" }\nb = { path = \"b-1.2.3\" }\n"));
    }
}
