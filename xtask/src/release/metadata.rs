//! What a registry shows of a crate, and whether it gets each that it should and no other.

mod papers;
mod requirements;

use semver::Version;

use super::plan;
use crate::step::Outcome;
use crate::workspace::{self, Dependency, File, Package};

pub(super) use papers::FILES;

pub(super) fn check() -> Outcome {
    let all = workspace::packages()?;
    let packages = plan::crates()?;
    let files = workspace::files("")?;
    let mut faults: Vec<_> = all.iter().filter_map(misplaced).collect();
    faults.extend(packages.iter().flat_map(missing));
    faults.extend(different_versions(&packages));
    for package in &packages {
        faults.extend(requirements::faults(package, &packages));
    }
    faults.extend(forgotten(&all, &files));
    faults.extend(outdated(
        &workspace::packages_in("tests/downstream")?,
        &packages,
    ));
    faults.extend(papers::faults(&packages, &files));
    match faults.is_empty() {
        true => Ok(format!("{} crates", packages.len())),
        false => Err(faults.join("; ")),
    }
}

/// Registries get what lies in `crates/`, and nothing else.
fn misplaced(package: &Package) -> Option<String> {
    let Package { name, folder, .. } = package;
    match (folder.starts_with("crates/"), package.is_published) {
        (true, false) => Some(format!(
            "{name}: {folder}/Cargo.toml says `publish`, so that a registry never gets it"
        )),
        (false, true) => Some(format!(
            "{name}: {folder}/Cargo.toml does not say `publish = false`, so that a registry would get it"
        )),
        _ => None,
    }
}

/// Manifests of crates that cargo does not know.
fn forgotten(packages: &[Package], files: &[File]) -> Vec<String> {
    let manifests = files
        .iter()
        .filter(|file| file.path.starts_with("crates/") && file.path.ends_with("/Cargo.toml"));
    let is_known = |file: &&File| {
        let mut folders = packages.iter().map(|package| &package.folder);
        folders.any(|folder| file.path == format!("{folder}/Cargo.toml"))
    };
    let forgotten = manifests.filter(|file| !is_known(file));
    forgotten
        .map(|File { path, .. }| {
            format!("{path} is of no member of the workspace, so that a registry never gets it")
        })
        .collect()
}

/// Programs of `tests/downstream` that ask for another version than would go out: they would get it from a registry.
fn outdated(programs: &[Package], packages: &[Package]) -> Vec<String> {
    let needs = programs
        .iter()
        .flat_map(|program| program.dependencies.iter().map(move |need| (program, need)));
    let outdated = needs.filter_map(|(Package { folder, .. }, need)| {
        let Dependency {
            name, requirement, ..
        } = need;
        let package = packages.iter().find(|package| package.name == *name)?;
        let version = asked_for(&Version::parse(&package.version).ok()?);
        (*requirement != format!("^{version}")).then(|| {
            format!(
                "{folder}/Cargo.toml: {name} is not asked for as \"{version}\", which would go out"
            )
        })
    });
    outdated.collect()
}

fn missing(package: &Package) -> Vec<String> {
    let Package { name, folder, .. } = package;
    let missing = [
        ("description", package.description.is_empty()),
        ("keywords", package.keywords.is_empty()),
        ("categories", package.categories.is_empty()),
        (
            "readme = \"README.md\"",
            package.readme.as_deref() != Some("README.md"),
        ),
        (
            "license = \"MIT OR Apache-2.0\"",
            package.license.as_deref() != Some("MIT OR Apache-2.0"),
        ),
        ("rust-version", package.rust_version.is_none()),
        (
            "package.metadata.docs.rs with all-features = true",
            package.is_library && !package.is_documented,
        ),
    ];
    let missing = missing.into_iter().filter(|(_, missing)| *missing);
    let mut faults: Vec<_> = missing
        .map(|(key, _)| format!("{name}: {folder}/Cargo.toml has no {key}"))
        .collect();
    if package.keywords.len() > 5 {
        faults.push(format!("{name}: a registry takes five keywords at most"));
    }
    let odd = package
        .keywords
        .iter()
        .filter(|keyword| !is_keyword(keyword));
    faults.extend(odd.map(|odd| format!("{name}: a registry takes no keyword `{odd}`")));
    let unknown = package
        .categories
        .iter()
        .filter(|category| !CATEGORIES.contains(&&***category));
    faults.extend(unknown.map(|unknown| {
        format!(
            "{name}: is `{unknown}` a category of crates.io? Then add it to {}",
            file!()
        )
    }));
    faults
}

fn is_keyword(text: &str) -> bool {
    let taken = |c: char| c.is_ascii_alphanumeric() || "_-+".contains(c);
    text.len() <= 20
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(taken)
}

/// Versions move together.
fn different_versions(packages: &[Package]) -> Option<String> {
    let first = packages.first()?;
    let other = packages
        .iter()
        .find(|other| other.version != first.version)?;
    Some(format!(
        "{} has version {} and {} has {}: versions move together",
        first.name, first.version, other.name, other.version
    ))
}

/// How a program asks for a version and for what will be compatible: `0.2`. One that comes before a release is found by those
/// alone who name it.
fn asked_for(version: &Version) -> String {
    match version.pre.is_empty() {
        true => format!("{}.{}", version.major, version.minor),
        false => version.to_string(),
    }
}

/// Those of crates.io that crates like ours may be in; it leaves out what it does not know, without a word.
const CATEGORIES: [&str; 7] = [
    "api-bindings",
    "authentication",
    "command-line-utilities",
    "cryptography",
    "development-tools::testing",
    "network-programming",
    "web-programming",
];

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;

    fn whole() -> Package {
        let text = |text: &str| Some(text.to_owned());
        Package {
            name: "auth-x".to_owned(),
            version: "0.1.0".to_owned(),
            description: "Tokens".to_owned(),
            folder: "crates/auth-x".to_owned(),
            keywords: vec!["oauth2".to_owned()],
            categories: vec!["authentication".to_owned()],
            readme: text("README.md"),
            license: text("MIT OR Apache-2.0"),
            rust_version: text("1.89"),
            is_documented: true,
            is_library: true,
            is_published: true,
            ..Package::default()
        }
    }

    #[test]
    fn a_forgotten_readme_and_another_licence_are_named() {
        assert!(missing(&whole()).is_empty());
        let package = Package {
            readme: None,
            license: Some("MIT".to_owned()),
            ..whole()
        };
        assert_eq!(
            missing(&package),
            [
                "auth-x: crates/auth-x/Cargo.toml has no readme = \"README.md\"",
                "auth-x: crates/auth-x/Cargo.toml has no license = \"MIT OR Apache-2.0\""
            ]
        );
    }

    #[test]
    fn a_program_of_others_that_asks_for_an_older_version_is_named() {
        let next = Package {
            version: "0.2.0".to_owned(),
            ..whole()
        };
        let poller = |requirement: &str| Package {
            folder: "tests/downstream/poller".to_owned(),
            dependencies: ["auth-x", "url"]
                .map(|name| Dependency {
                    name: name.to_owned(),
                    requirement: requirement.to_owned(),
                    ..Dependency::default()
                })
                .into(),
            ..Package::default()
        };
        let candidate = Package {
            version: "0.2.0-rc.1".to_owned(),
            ..whole()
        };
        for (asks, gets, wanted) in [
            ("^0.1", slice::from_ref(&next), "0.2"),
            ("=0.2.0", slice::from_ref(&next), "0.2"),
            ("^0.2", slice::from_ref(&candidate), "0.2.0-rc.1"),
        ] {
            assert_eq!(
                outdated(&[poller(asks)], gets),
                [format!(
                    "tests/downstream/poller/Cargo.toml: auth-x is not asked for as \"{wanted}\", which would go out"
                )]
            );
        }
        assert_eq!(outdated(&[poller("^0.2")], &[next]), [""; 0]);
        assert_eq!(outdated(&[poller("^0.2.0-rc.1")], &[candidate]), [""; 0]);
    }

    #[test]
    fn a_library_whose_features_nobody_would_read_of_and_a_category_that_is_none_are_named() {
        let package = Package {
            is_documented: false,
            categories: vec!["authentification".to_owned()],
            ..whole()
        };
        let faults = missing(&package);
        assert!(
            faults[0].contains("docs.rs with all-features = true"),
            "{faults:?}"
        );
        assert!(
            faults[1].contains("is `authentification` a category of crates.io?"),
            "{faults:?}"
        );
        let program = Package {
            is_library: false,
            is_documented: false,
            ..whole()
        };
        assert_eq!(missing(&program), [""; 0]);
    }

    #[test]
    fn a_crate_that_is_no_member_is_named() {
        let file = |path: &str| File {
            path: path.to_owned(),
            text: String::new(),
        };
        let files = [
            file("crates/auth-x/Cargo.toml"),
            file("crates/auth-y/Cargo.toml"),
            file("fuzz/Cargo.toml"),
        ];
        assert_eq!(
            forgotten(&[whole()], &files),
            [
                "crates/auth-y/Cargo.toml is of no member of the workspace, so that a registry never gets it"
            ]
        );
    }

    #[test]
    fn a_keyword_that_no_registry_takes_is_named() {
        for odd in ["to ken", "-token", "authentication-of-everybody"] {
            let package = Package {
                keywords: vec![odd.to_owned()],
                ..whole()
            };
            assert_eq!(
                missing(&package),
                [format!("auth-x: a registry takes no keyword `{odd}`")]
            );
        }
    }

    #[test]
    fn versions_move_together() {
        let other = Package {
            name: "auth-y".to_owned(),
            version: "0.2.0".to_owned(),
            ..whole()
        };
        assert!(different_versions(&[whole(), whole()]).is_none());
        assert_eq!(
            different_versions(&[whole(), other]).unwrap(),
            "auth-x has version 0.1.0 and auth-y has 0.2.0: versions move together"
        );
    }

    #[test]
    fn a_crate_that_is_held_back_and_a_tool_that_is_not_are_named() {
        assert!(misplaced(&whole()).is_none());
        let held_back = Package {
            is_published: false,
            ..whole()
        };
        assert_eq!(
            misplaced(&held_back).unwrap(),
            "auth-x: crates/auth-x/Cargo.toml says `publish`, so that a registry never gets it"
        );
        let tool = |is_published| Package {
            folder: "xtask".to_owned(),
            is_published,
            ..whole()
        };
        assert!(misplaced(&tool(false)).is_none());
        let why = misplaced(&tool(true)).unwrap();
        assert!(why.contains("does not say `publish = false`"), "{why}");
    }
}
