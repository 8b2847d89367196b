//! What lies in a package: README, licences, sources, and what cargo adds.

use std::fs;

use super::metadata::FILES;
use super::{package, plan};
use crate::step::Outcome;

pub(super) fn check() -> Outcome {
    let packages = plan::crates()?;
    let folder = package::pack()?;
    let mut faults = Vec::new();
    for one in &packages {
        let name = format!("{}-{}", one.name, one.version);
        let listed = package::listed(&folder.join(format!("{name}.crate")))?;
        let listed: Vec<_> = listed
            .iter()
            .filter_map(|path| path.strip_prefix(&*name)?.strip_prefix('/'))
            .collect();
        faults.extend(surprises(&one.name, &listed));
        let size = fs::metadata(folder.join(format!("{name}.crate")));
        let size = size.map_err(|error| format!("{name}: {error}"))?.len();
        println!(
            "{:<18} {:>4} files {:>5} KiB",
            one.name,
            listed.len(),
            size.div_ceil(1024)
        );
    }
    match faults.is_empty() {
        true => Ok(format!("in {}", folder.display())),
        false => Err(faults.join("; ")),
    }
}

/// What is too many or too few.
fn surprises(name: &str, listed: &[&str]) -> Vec<String> {
    let expected = |path: &str| {
        FILES.contains(&path)
            || CARGOS.contains(&path)
            || OURS.contains(&path)
            || FOLDERS.iter().any(|folder| path.starts_with(folder))
    };
    let many = listed.iter().filter(|path| !expected(path));
    let many = many.map(|path| format!("{name}: {path} is in the package, and should not"));
    let few = FILES.iter().filter(|file| !listed.contains(file));
    let few = few.map(|file| format!("{name}: {file} is not in the package"));
    many.chain(few).collect()
}

/// What cargo puts into each package.
const CARGOS: [&str; 4] = [
    "Cargo.toml",
    "Cargo.toml.orig",
    "Cargo.lock",
    ".cargo_vcs_info.json",
];

/// What belongs to some.
const OURS: [&str; 5] = [
    "RULES.md",
    "SERVICES.md",
    "SOURCES.md",
    "build.rs",
    "order.ld",
];

const FOLDERS: [&str; 2] = ["src/", "examples/"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_too_many_and_a_missing_licence_are_named() {
        let good = [
            "Cargo.toml",
            "README.md",
            "LICENSE-MIT",
            "LICENSE-APACHE",
            "src/lib.rs",
        ];
        assert!(surprises("x", &good).is_empty());
        let more = [&good[..], &["secret.pem"]].concat();
        assert_eq!(
            surprises("x", &more),
            ["x: secret.pem is in the package, and should not"]
        );
        assert_eq!(surprises("x", &good[..3]).len(), 1);
        assert_eq!(
            surprises("x", &good[..3]),
            ["x: LICENSE-APACHE is not in the package"]
        );
    }
}
