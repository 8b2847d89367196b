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
    let all = packages
        .iter()
        .flat_map(|package| tried(package).into_iter().map(|what| (&package.name, what)));
    let failed: Vec<_> = all
        .filter(|(name, what)| built(&folder, name, what).is_err())
        .map(|(name, what)| format!("{name}: `cargo {what}` fails in its package"))
        .collect();
    match failed.is_empty() {
        true => Ok(format!("built and tested in {}", folder.display())),
        false => Err(failed.join("; ")),
    }
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

/// What is tried: that it compiles with each of its features alone and with none, that its documentation holds as a user finds
/// it, and, with all that it has, its own tests and examples, too.
fn tried(package: &Package) -> Vec<String> {
    let features = package.features.iter().filter(|name| *name != "default");
    let mut tried: Vec<_> = features
        .map(|name| format!("check --no-default-features --features {name}"))
        .collect();
    if !package.features.is_empty() {
        tried.push("check --no-default-features".to_owned());
        // A program has no documentation that could hold.
        let default = if package.is_library {
            "test --doc"
        } else {
            "check"
        };
        tried.push(default.to_owned());
    }
    tried.push("test --all-features".to_owned());
    tried
}

fn built(folder: &Path, name: &str, what: &str) -> Result<(), String> {
    let target = workspace::target()?.join("alone");
    Step::cargo(what)
        .with(["--quiet", "--offline", "--package", name, "--target-dir"])
        .with([&target])
        .with_env("CARGO_INCREMENTAL", "0")
        .with_env("CARGO_PROFILE_DEV_DEBUG", "0")
        .within(folder)
        .run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feature_is_tried_without_the_others() {
        let package = Package {
            features: ["default", "person", "sign"].map(str::to_owned).into(),
            is_library: true,
            ..Package::default()
        };
        assert_eq!(
            tried(&package),
            [
                "check --no-default-features --features person",
                "check --no-default-features --features sign",
                "check --no-default-features",
                "test --doc",
                "test --all-features"
            ]
        );
        assert_eq!(tried(&Package::default()), ["test --all-features"]);
    }

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
