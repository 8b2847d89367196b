//! What a registry shows of a crate.

use std::fs;

use super::plan;
use crate::root::root;
use crate::step::Outcome;
use crate::workspace::Package;

pub(super) fn check() -> Outcome {
    let packages = plan::crates()?;
    let mut faults: Vec<_> = packages.iter().flat_map(faults).collect();
    faults.extend(different_versions(&packages));
    for Package { name, folder, .. } in &packages {
        for file in FILES {
            let own = fs::read(root().join(folder).join(file)).ok();
            let ours = fs::read(root().join(file)).ok();
            match own {
                None => faults.push(format!("{name}: {folder}/{file} is missing")),
                Some(_) if *file != "README.md" && own != ours => {
                    faults.push(format!(
                        "{name}: {folder}/{file} is not that of the workspace"
                    ));
                }
                Some(_) => {}
            }
        }
    }
    match faults.is_empty() {
        true => Ok(format!("{} crates", packages.len())),
        false => Err(faults.join("; ")),
    }
}

/// What each package has beside its sources.
pub(super) const FILES: &[&str] = &["README.md", "LICENSE-MIT", "LICENSE-APACHE"];

fn faults(package: &Package) -> Vec<String> {
    let missing = [
        ("description", package.description.is_empty()),
        ("keywords", package.keywords.is_empty()),
        ("categories", package.categories.is_empty()),
        ("readme", package.readme.is_none()),
        ("license", package.license.is_none()),
        ("rust-version", package.rust_version.is_none()),
        ("package.metadata.docs.rs", !package.has_docs_rs),
    ];
    let missing = missing.into_iter().filter(|(_, missing)| *missing);
    let mut faults: Vec<_> = missing
        .map(|(key, _)| {
            format!(
                "{}: {}/Cargo.toml has no {key}",
                package.name, package.folder
            )
        })
        .collect();
    if package.keywords.len() > 5 {
        faults.push(format!(
            "{}: a registry takes five keywords at most",
            package.name
        ));
    }
    faults
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

#[cfg(test)]
mod tests {
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
            license: text("MIT"),
            rust_version: text("1.89"),
            has_docs_rs: true,
            ..Package::default()
        }
    }

    #[test]
    fn a_forgotten_readme_is_named() {
        assert!(faults(&whole()).is_empty());
        let package = Package {
            readme: None,
            ..whole()
        };
        assert_eq!(
            faults(&package),
            ["auth-x: crates/auth-x/Cargo.toml has no readme"]
        );
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
}
