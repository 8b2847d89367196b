//! `cargo xtask msrv`: the oldest Rust that we promise.

use crate::Task;
use crate::step::{Outcome, Step};
use crate::workspace::{self, Package};

pub(crate) const TASK: Task = Task {
    name: "msrv",
    takes: "",
    does: "installs the oldest Rust that we promise, and compiles everything with it",
    run,
};

fn run(_: &[String]) -> Outcome {
    let oldest = oldest()?;
    ensure_dependencies_keep(&oldest)?;
    Step::new("rustup")
        .with(["toolchain", "install", &oldest, "--profile", "minimal"])
        .run()?;
    let target = workspace::target()?.join("msrv");
    Step::new("rustup")
        .with(["run", &oldest, "cargo", "check", "--locked", "--workspace"])
        .with(["--all-features", "--target-dir"])
        .with([target])
        .run()?;
    Ok(format!("everything compiles with Rust {oldest}"))
}

/// Makes sure that no dependency needs a newer Rust than we do.
pub(crate) fn ensure_dependencies() -> Result<(), String> {
    ensure_dependencies_keep(&oldest()?)
}

fn oldest() -> Result<String, String> {
    let mut packages = workspace::packages()?.into_iter();
    let oldest = packages.find_map(|package| package.rust_version);
    oldest.ok_or_else(|| "Cargo.toml has no rust-version".to_owned())
}

fn ensure_dependencies_keep(oldest: &str) -> Result<(), String> {
    let newer = newer(&workspace::all_packages()?, oldest);
    if newer.is_empty() {
        return Ok(());
    }
    Err(format!(
        "these need a newer Rust than our {oldest}: {}; raise `rust-version` or take an older version of them",
        newer.join(", ")
    ))
}

fn newer(packages: &[Package], oldest: &str) -> Vec<String> {
    let needs = |package: &Package| {
        let version = package.rust_version.as_deref()?;
        (numbers(version) > numbers(oldest)).then(|| format!("{} ({version})", package.name))
    };
    packages.iter().filter_map(needs).collect()
}

/// The three numbers of a version, of which the last may be left out.
fn numbers(version: &str) -> [u32; 3] {
    let mut numbers = version
        .split('.')
        .map(|part| part.parse().unwrap_or_default());
    std::array::from_fn(|_| numbers.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_that_needs_a_newer_rust_is_named() {
        let package = |name: &str, version: Option<&str>| Package {
            name: name.to_owned(),
            rust_version: version.map(str::to_owned),
            ..Package::default()
        };
        let packages = [
            package("old", Some("1.9")),
            package("same", Some("1.89.0")),
            package("silent", None),
            package("patch", Some("1.89.1")),
            package("new", Some("1.100")),
        ];
        assert_eq!(newer(&packages, "1.89"), ["patch (1.89.1)", "new (1.100)"]);
    }
}
