//! What lies beside a manifest: a README that a reader of the registry can follow, and the licences.

use crate::links;
use crate::workspace::{File, Package};

/// What each package has beside its sources.
pub(in crate::release) const FILES: &[&str] = &["README.md", "LICENSE-MIT", "LICENSE-APACHE"];

pub(super) fn faults(packages: &[Package], files: &[File]) -> Vec<String> {
    let text = |path: &str| files.iter().find(|file| file.path == path);
    let text = |path: &str| text(path).map(|file| &*file.text);
    let mut faults = Vec::new();
    for Package {
        name,
        folder,
        features,
        ..
    } in packages
    {
        for file in FILES {
            match text(&format!("{folder}/{file}")) {
                None => faults.push(format!("{name}: {folder}/{file} is missing")),
                own if *file != README && own != text(file) => {
                    faults.push(format!(
                        "{name}: {folder}/{file} is not that of the workspace"
                    ));
                }
                Some(_) => {}
            }
        }
        let readme = text(&format!("{folder}/{README}")).unwrap_or_default();
        let untold = features.iter().filter(|feature| *feature != "default");
        let untold = untold.filter(|feature| !readme.contains(&format!("`{feature}`")));
        faults.extend(untold.map(|feature| {
            format!("{name}: {folder}/{README} does not say what the feature `{feature}` is")
        }));
    }
    let broken = links::broken(files).into_iter();
    faults.extend(broken.filter(|why| why.starts_with("crates/")));
    faults
}

const README: &str = "README.md";

#[cfg(test)]
mod tests {
    use super::*;

    fn found(changed: &[(&str, Option<&str>)]) -> Vec<String> {
        let package = Package {
            name: "auth-x".to_owned(),
            folder: "crates/auth-x".to_owned(),
            features: vec!["default".to_owned(), "sign".to_owned()],
            ..Package::default()
        };
        let mut files = vec![
            ("LICENSE-MIT", "MIT"),
            ("LICENSE-APACHE", "Apache"),
            ("crates/auth-x/LICENSE-MIT", "MIT"),
            ("crates/auth-x/LICENSE-APACHE", "Apache"),
            ("crates/auth-x/README.md", "# auth-x\n\n`sign` signs.\n"),
        ];
        files.retain(|(path, _)| changed.iter().all(|(changed, _)| changed != path));
        files.extend(
            changed
                .iter()
                .filter_map(|(path, text)| Some((*path, (*text)?))),
        );
        let files = files.into_iter().map(|(path, text)| File {
            path: path.to_owned(),
            text: text.to_owned(),
        });
        faults(&[package], &files.collect::<Vec<_>>())
    }

    #[test]
    fn a_missing_or_another_licence_a_feature_that_nobody_explains_and_a_link_that_leads_out_are_named()
     {
        assert_eq!(found(&[]), [""; 0]);
        let licence = "crates/auth-x/LICENSE-MIT";
        assert_eq!(
            found(&[(licence, None)]),
            ["auth-x: crates/auth-x/LICENSE-MIT is missing"]
        );
        assert_eq!(
            found(&[(licence, Some("GPL"))]),
            ["auth-x: crates/auth-x/LICENSE-MIT is not that of the workspace"]
        );
        let readme = "crates/auth-x/README.md";
        assert_eq!(
            found(&[(readme, Some("# auth-x\n"))]),
            ["auth-x: crates/auth-x/README.md does not say what the feature `sign` is"]
        );
        assert_eq!(
            found(&[(readme, Some("# auth-x\n`sign` [out](../../Cargo.toml)\n"))]),
            [
                "crates/auth-x/README.md:2: `../../Cargo.toml` leads out of the package, where its readers can't follow"
            ]
        );
    }
}
