//! What a manifest requires of others: a version that a registry has, and of our own crates this one.

use std::collections::BTreeSet;

use crate::workspace::{Dependency, Package};

pub(super) fn faults(package: &Package, ours: &[Package]) -> Vec<String> {
    // A development dependency by its path alone is left out of a package.
    let of_tests =
        |need: &&Dependency| need.kind == "dev-dependency" && need.requirement == EVERYTHING;
    let needs = package.dependencies.iter().filter(|need| !of_tests(need));
    // A crate may be named for the program and for its tests.
    let faults: BTreeSet<_> = needs
        .filter_map(|need| {
            let ours = ours.iter().find(|other| other.name == need.name);
            let why = fault(need, ours)?;
            Some(format!("{}: {} {why}", package.name, need.name))
        })
        .collect();
    faults.into_iter().collect()
}

fn fault(need: &Dependency, ours: Option<&Package>) -> Option<String> {
    let Dependency { requirement, .. } = need;
    if need.is_from_git {
        return Some("comes from a repository, which no registry takes".to_owned());
    }
    match ours {
        _ if requirement == EVERYTHING && need.has_path => {
            Some("is named by its path alone, without a version".to_owned())
        }
        _ if requirement == EVERYTHING => Some("may have any version: name one".to_owned()),
        Some(Package { version, .. }) if *requirement != format!("^{version}") => Some(format!(
            "is asked for as {requirement}, and would go out as {version}"
        )),
        None if need.has_path => Some("is a folder here, and none of our crates".to_owned()),
        _ => None,
    }
}

const EVERYTHING: &str = "*";

#[cfg(test)]
mod tests {
    use super::*;

    fn found(need: Dependency) -> Vec<String> {
        let core = Package {
            name: "auth-core".to_owned(),
            version: "0.2.0".to_owned(),
            ..Package::default()
        };
        let package = Package {
            name: "auth-x".to_owned(),
            dependencies: vec![need],
            ..Package::default()
        };
        faults(&package, &[core])
    }

    fn need(name: &str, requirement: &str, has_path: bool) -> Dependency {
        Dependency {
            name: name.to_owned(),
            kind: "dependency".to_owned(),
            requirement: requirement.to_owned(),
            has_path,
            ..Dependency::default()
        }
    }

    #[test]
    fn what_a_registry_can_not_have_is_named() {
        for fine in [
            need("auth-core", "^0.2.0", true),
            need("url", "^2.5", false),
        ] {
            assert_eq!(found(fine), [""; 0]);
        }
        for (bad, why) in [
            (
                need("auth-core", "*", true),
                "auth-x: auth-core is named by its path alone, without a version",
            ),
            (
                need("auth-core", "^0.1.0", true),
                "auth-x: auth-core is asked for as ^0.1.0, and would go out as 0.2.0",
            ),
            (
                need("url", "*", false),
                "auth-x: url may have any version: name one",
            ),
            (
                need("mine", "^1", true),
                "auth-x: mine is a folder here, and none of our crates",
            ),
            (
                Dependency {
                    is_from_git: true,
                    ..need("url", "^2.5", false)
                },
                "auth-x: url comes from a repository, which no registry takes",
            ),
        ] {
            assert_eq!(found(bad), [why]);
        }
    }

    #[test]
    fn what_only_our_tests_need_may_have_no_version() {
        let of_tests = Dependency {
            kind: "dev-dependency".to_owned(),
            ..need("auth-testkit", "*", true)
        };
        assert_eq!(found(of_tests), [""; 0]);
    }
}
