//! Which crates go out, and in which order.

use super::checked;
use super::tags::Tags;
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

pub(super) fn show() -> Outcome {
    let (tag, changed) = (Tags::read()?.last(), checked::commit().err());
    let crates = crates()?;
    for package in &crates {
        let Package {
            name,
            folder,
            version,
            ..
        } = package;
        let changes = match &tag {
            Some(tag) if has(tag, folder) => commits(tag, &[folder])?,
            _ => "new".to_owned(),
        };
        println!("{name} {version}  {changes}");
    }
    if let Some(tag) = &tag {
        println!("{}  {}", SHARED.join(" and "), commits(tag, &SHARED)?);
        for gone in gone(tag, &crates)? {
            println!("{gone}  was in {tag}, and goes out no more");
        }
    }
    let since = match tag {
        Some(tag) => format!("since {tag}"),
        None => "nothing was released before".to_owned(),
    };
    Ok(match changed {
        Some(changed) => format!("{since}; {changed}"),
        None => since,
    })
}

/// Whether the release of this tag had the crate in this folder.
pub(super) fn has(tag: &str, folder: &str) -> bool {
    let manifest = format!("{tag}:{folder}/Cargo.toml");
    let asked = Step::new("git").with(["cat-file", "-e", &manifest]);
    asked.succeeds()
}

fn commits(tag: &str, paths: &[&str]) -> Outcome {
    let range = format!("{tag}..HEAD");
    let log = Step::new("git").with(["log", "--oneline", &range, "--"]);
    Ok(match log.with(paths).output()?.lines().count() {
        0 => "unchanged".to_owned(),
        1 => "1 commit".to_owned(),
        count => format!("{count} commits"),
    })
}

/// The folders of crates that the release of this tag had, and that go out no more.
fn gone(tag: &str, crates: &[Package]) -> Result<Vec<String>, String> {
    let list = Step::new("git").with(["ls-tree", "-d", "--name-only", tag, "crates/"]);
    let folders = list.output()?;
    let is_here = |folder: &&str| crates.iter().any(|package| package.folder == **folder);
    let gone = folders
        .lines()
        .filter(|folder| has(tag, folder) && !is_here(folder));
    Ok(gone.map(str::to_owned).collect())
}

/// Each after those that it depends on: a registry takes a crate only once it has those, and those that its tests want in a
/// version. Among equals by name.
fn ordered(mut left: Vec<Package>) -> Result<Vec<Package>, String> {
    left.sort_by(|one, other| one.name.cmp(&other.name));
    let mut ordered: Vec<Package> = Vec::new();
    while !left.is_empty() {
        let waits = |package: &Package| {
            let mut needs = package
                .dependencies
                .iter()
                .filter(|need| need.kind != "dev-dependency" || need.requirement != "*");
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

/// What each crate takes from.
const SHARED: [&str; 2] = ["Cargo.toml", "Cargo.lock"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn package(name: &str, needs: &[(&str, &str)]) -> Package {
        let dependencies = needs.iter().map(|(name, kind)| Dependency {
            name: (*name).to_owned(),
            kind: (*kind).to_owned(),
            requirement: "*".to_owned(),
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
    fn what_only_tests_need_comes_first_where_they_want_a_version() {
        let mut packages = vec![package("a", &[("b", "dev-dependency")]), package("b", &[])];
        packages[0].dependencies[0].requirement = "^1.0.0".to_owned();
        let names = ordered(packages).unwrap();
        assert_eq!((&*names[0].name, &*names[1].name), ("b", "a"));
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
