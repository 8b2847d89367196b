//! Rules about one crate: what belongs to it besides its code, and where else it must be known.

use crate::workspace::{File, Package};

/// What the crates lack.
pub(super) fn breaches(packages: &[Package], files: &[File]) -> Vec<String> {
    let tree = Tree { packages, files };
    let ours = packages
        .iter()
        .filter(|package| package.folder.starts_with("crates/"));
    let mut found = Vec::new();
    for package in ours {
        found.extend(tree.papers(package));
        if !NO_PROVIDER.contains(&package.name.as_str()) {
            found.extend(tree.provider(package));
        }
    }
    found
}

struct Tree<'a> {
    packages: &'a [Package],
    files: &'a [File],
}

impl Tree<'_> {
    /// What every crate has.
    fn papers(&self, package: &Package) -> Vec<String> {
        let Package { name, folder, .. } = package;
        let readme = self.text(&format!("{folder}/README.md"));
        let says_something = readme
            .lines()
            .any(|line| !line.is_empty() && !line.starts_with('#'));
        let manifest = self.text(&format!("{folder}/Cargo.toml"));
        failed([
            (
                *folder == format!("crates/{name}"),
                format!("{folder}: the folder of {name} is crates/{name}"),
            ),
            (
                !package.description.is_empty(),
                format!("{folder}/Cargo.toml: describe the crate in one sentence"),
            ),
            (
                manifest.contains("[lints]\nworkspace = true"),
                format!("{folder}/Cargo.toml: take the lints of the workspace"),
            ),
            (
                says_something,
                format!("{folder}/README.md: say what the crate is, and how to use it"),
            ),
            (
                names(self.text("crates/README.md"), name),
                format!("crates/README.md: add a line about {name}"),
            ),
            (
                names(self.text("README.md"), name),
                format!("README.md: {name} is not on the map of crates"),
            ),
        ])
    }

    /// What a crate has besides, if it knows a vendor or a way to get tokens.
    fn provider(&self, package: &Package) -> Vec<String> {
        let Package { name, folder, .. } = package;
        let module = name.replace('-', "_");
        let used_in = |room: &str| {
            let mut sources = self.files.iter().filter(|file| file.path.starts_with(room));
            sources.any(|file| file.path.ends_with(".rs") && file.text.contains(&module))
        };
        let preset = format!("{folder}/src/preset.rs");
        failed([
            (
                !self.text(&preset).is_empty(),
                format!("{preset}: put the published facts of the systems here, as data"),
            ),
            (
                self.program_knows(name) && used_in("crates/auth-cli/src/"),
                format!("crates/auth-cli: no profile is made from {name}"),
            ),
            (
                used_in("tests/it/"),
                format!("tests/it: no test uses {name}"),
            ),
            (
                names(self.text("CHANGELOG.md"), name),
                format!("CHANGELOG.md: does not mention {name}"),
            ),
        ])
    }

    fn program_knows(&self, name: &str) -> bool {
        let program = self.packages.iter().find(|other| other.name == "auth-cli");
        program.is_some_and(|program| program.dependencies.iter().any(|to| to.name == name))
    }

    fn text(&self, path: &str) -> &str {
        let file = self.files.iter().find(|file| file.path == path);
        file.map_or("", |file| &file.text)
    }
}

fn failed<const N: usize>(checks: [(bool, String); N]) -> Vec<String> {
    let failed = checks.into_iter().filter(|(holds, _)| !holds);
    failed.map(|(_, breach)| breach).collect()
}

fn names(text: &str, name: &str) -> bool {
    text.contains(&format!("`{name}`")) || text.contains(&format!("[{name}]"))
}

const NO_PROVIDER: [&str; 4] = ["auth-cli", "auth-core", "auth-testkit", "auth-verify"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn package(name: &str, uses: &[&str]) -> Package {
        let dependencies = uses.iter().map(|name| Dependency {
            name: (*name).to_owned(),
            kind: "dependency".to_owned(),
            ..Dependency::default()
        });
        Package {
            name: name.to_owned(),
            description: "Sentence".to_owned(),
            folder: format!("crates/{name}"),
            dependencies: dependencies.collect(),
            ..Package::default()
        }
    }

    fn complete() -> (Vec<Package>, Vec<File>) {
        let packages = vec![
            package("auth-x", &["auth-core"]),
            package("auth-cli", &["auth-x"]),
        ];
        let manifest = "[lints]\nworkspace = true\n";
        let files = [
            ("README.md", "`auth-x` `auth-cli`"),
            ("CHANGELOG.md", "`auth-x`"),
            ("crates/README.md", "`auth-x` `auth-cli`"),
            ("crates/auth-cli/Cargo.toml", manifest),
            ("crates/auth-cli/README.md", "# auth\n\nThe program."),
            ("crates/auth-cli/src/profile.rs", "use auth_x::Place;"),
            ("crates/auth-x/Cargo.toml", manifest),
            ("crates/auth-x/README.md", "# auth-x\n\nX."),
            ("crates/auth-x/src/preset.rs", "//! Facts."),
            ("tests/it/x.rs", "use auth_x::Place;"),
        ];
        let files = files.map(|(path, text)| File {
            path: path.to_owned(),
            text: text.to_owned(),
        });
        (packages, files.into())
    }

    #[test]
    fn a_complete_provider_is_tidy() {
        let (packages, files) = complete();
        assert_eq!(breaches(&packages, &files), [""; 0]);
    }

    #[test]
    fn whatever_a_crate_lacks_is_named() {
        let (packages, files) = complete();
        for missing in &files {
            let others = files.iter().filter(|file| file.path != missing.path);
            let others: Vec<File> = others
                .map(|file| File {
                    path: file.path.clone(),
                    text: file.text.clone(),
                })
                .collect();
            assert!(!breaches(&packages, &others).is_empty(), "{}", missing.path);
        }
        let alone = [package("auth-x", &[]), package("auth-cli", &[])];
        assert_eq!(breaches(&alone, &files).len(), 1);
    }
}
