//! Which crates go out, and in which order.

use crate::step::{Outcome, Step};
use crate::workspace::{self, Package};

/// The crates that are published, each after those that it depends on.
pub(super) fn crates() -> Result<Vec<Package>, String> {
    let packages = workspace::packages()?;
    ordered(
        packages
            .into_iter()
            .filter(|package| package.is_published)
            .collect(),
    )
}

/// The last release.
pub(super) fn last_tag() -> Option<String> {
    let describe = Step::new("git").with(["describe", "--tags", "--abbrev=0", "--match", "v*"]);
    let tag = describe.output().ok()?.trim().to_owned();
    (!tag.is_empty()).then_some(tag)
}

pub(super) fn show() -> Outcome {
    let tag = last_tag();
    for package in crates()? {
        let Package {
            name,
            folder,
            version,
            ..
        } = &package;
        let changes = match &tag {
            Some(tag) => commits(tag, folder)?,
            None => "new".to_owned(),
        };
        println!("{name} {version}  {changes}");
    }
    Ok(match tag {
        Some(tag) => format!("since {tag}"),
        None => "nothing was released yet".to_owned(),
    })
}

fn commits(tag: &str, folder: &str) -> Outcome {
    let range = format!("{tag}..HEAD");
    let log = Step::new("git").with(["log", "--oneline", &range, "--", folder]);
    Ok(match log.output()?.lines().count() {
        0 => "unchanged".to_owned(),
        1 => "1 commit".to_owned(),
        count => format!("{count} commits"),
    })
}

/// Each after those that it depends on: a registry takes a crate only once it has those. Among equals by name.
fn ordered(mut left: Vec<Package>) -> Result<Vec<Package>, String> {
    left.sort_by(|one, other| one.name.cmp(&other.name));
    let mut ordered: Vec<Package> = Vec::new();
    while !left.is_empty() {
        let waits = |package: &Package| {
            let mut needs = package
                .dependencies
                .iter()
                .filter(|need| need.kind != "dev-dependency");
            needs.any(|need| left.iter().any(|other| other.name == need.name))
        };
        let Some(next) = left.iter().position(|package| !waits(package)) else {
            let names: Vec<_> = left.iter().map(|package| &*package.name).collect();
            return Err(format!("these depend on each other: {}", names.join(", ")));
        };
        ordered.push(left.remove(next));
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn package(name: &str, needs: &[(&str, &str)]) -> Package {
        let dependencies = needs.iter().map(|(name, kind)| Dependency {
            name: (*name).to_owned(),
            kind: (*kind).to_owned(),
            ..Dependency::default()
        });
        Package {
            name: name.to_owned(),
            dependencies: dependencies.collect(),
            ..Package::default()
        }
    }

    #[test]
    fn a_crate_goes_out_after_those_that_it_depends_on() {
        let packages = vec![
            package("a", &[("c", "dependency"), ("b", "dev-dependency")]),
            package("b", &[("a", "dependency")]),
            package("c", &[("elsewhere", "dependency")]),
        ];
        let names = ordered(packages).unwrap();
        let names: Vec<_> = names.iter().map(|package| &*package.name).collect();
        assert_eq!(names, ["c", "a", "b"]);
    }

    #[test]
    fn a_circle_is_named() {
        let packages = vec![
            package("a", &[("b", "dependency")]),
            package("b", &[("a", "build-dependency")]),
        ];
        assert_eq!(
            ordered(packages).err().unwrap(),
            "these depend on each other: a, b"
        );
    }
}
