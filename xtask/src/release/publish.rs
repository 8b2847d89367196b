//! Sending the crates to the registry: what was checked, each that it has not got yet.

use std::env;

use super::registry::{Standing, standing};
use super::tags::Tags;
use super::{changelog, checked, package, plan, program};
use crate::step::{Outcome, Step};
use crate::workspace::Package;

/// All of it but the sending.
pub(super) fn rehearse() -> Outcome {
    let left = left()?;
    if left.is_empty() {
        return Ok(ALL.to_owned());
    }
    step(&left).with(["--dry-run"]).run()?;
    let names: Vec<_> = left.iter().map(|package| &*package.name).collect();
    Ok(format!(
        "nothing was sent; this would be: {}",
        names.join(", ")
    ))
}

/// Sends the crates, in their order. The token comes from the environment and stands in no argument.
pub(super) fn upload() -> Outcome {
    if env::var_os(TOKEN).is_none_or(|token| token.is_empty()) {
        return Err(format!("{TOKEN} is not set: nothing was sent"));
    }
    let left = left().map_err(|why| format!("{why}; nothing was sent"))?;
    if !left.is_empty() {
        let sent = step(&left).run();
        sent.map_err(|why| format!("{why}; {GO_ON}"))?;
    }
    let version = program::version()?;
    Ok(format!("{ALL}; now `git tag --annotate v{version}`"))
}

/// What the registry has not got, in order.
///
/// # Errors
/// Names what must hold before anything is sent.
fn left() -> Result<Vec<Package>, String> {
    changelog::ensure_named()?;
    ensure_new(&program::version()?)?;
    let folder = package::pack()?;
    let tags = Tags::read()?;
    let was_ours = |package: &Package| tags.earlier().any(|tag| plan::has(&tag, &package.folder));
    let mut left = Vec::new();
    for package in plan::crates()? {
        let standing = standing(&package, &folder)?;
        if standing == Standing::Older && !was_ours(&package) {
            let name = package.name;
            return Err(format!(
                "the registry has a crate {name}, and no release of ours had it: the name is somebody else's"
            ));
        }
        if standing != Standing::There {
            left.push(package);
        }
    }
    // Last, so that what else is in the way can be known before the check, which takes long.
    checked::ensure()?;
    Ok(left)
}

/// Whether no other commit went out under this version.
fn ensure_new(version: &str) -> Result<(), String> {
    let commit = |name: &str| {
        let asked = Step::new("git").with(["rev-parse", "--verify", "--quiet", name]);
        asked.output().ok()
    };
    match commit(&format!("v{version}^{{commit}}")) {
        Some(tagged) if Some(&tagged) != commit("HEAD").as_ref() => Err(format!(
            "v{version} is the tag of another commit: raise the version"
        )),
        _ => Ok(()),
    }
}

/// Their packages were built by the check. The registry is named, since a person's configuration may have another one.
fn step(packages: &[Package]) -> Step {
    let step = Step::cargo("publish --locked --no-verify --registry crates-io");
    let names = packages.iter().map(|package| &package.name);
    step.with(names.flat_map(|name| ["--package", name]))
}

const ALL: &str = "the registry has all of them";

const TOKEN: &str = "CARGO_REGISTRY_TOKEN";

const GO_ON: &str = "what arrived stays there, and the same command sends the rest (crates.io takes five new crates at \
    once, then one in ten minutes)";
