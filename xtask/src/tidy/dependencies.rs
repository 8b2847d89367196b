//! The table of dependencies, which a changed Cargo.toml makes stale: a row each, with the features that are on.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{File, Package};

/// Where the table stands.
const PAGE: &str = "docs/dependencies.md";

/// How the table differs from what stands in the manifests.
pub(super) fn breaches(packages: &[Package], files: &[File]) -> Vec<String> {
    let page = files.iter().find(|file| file.path == PAGE);
    let rows: BTreeMap<_, _> = page
        .map_or("", |page| &page.text)
        .lines()
        .filter_map(row)
        .collect();
    let now = features(packages);
    let known = now.iter().filter_map(|(name, features)| {
        let features = match features.is_empty() {
            true => "none".to_owned(),
            false => features.iter().copied().collect::<Vec<_>>().join(", "),
        };
        let Some(row) = rows.get(name) else {
            return Some(format!(
                "{PAGE}: {name} has no row: `| {name} | {features} | why it is there | who else could do it |`"
            ));
        };
        if row.features != features {
            return Some(format!(
                "{PAGE}: {name} has the features `{features}`, and its row says `{}`",
                row.features
            ));
        }
        let silent = row.why.is_empty() || row.instead.is_empty();
        silent.then(|| format!("{PAGE}: say why {name} is there, and who else could do it"))
    });
    let gone = rows.keys().filter(|name| !now.contains_key(*name));
    let gone = gone.map(|name| format!("{PAGE}: nothing depends on {name} any more"));
    known.chain(gone).collect()
}

/// What others wrote and a manifest of ours names, each with all features that one of ours turns on.
fn features(packages: &[Package]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut all: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for dependency in packages.iter().flat_map(|package| &package.dependencies) {
        let on = dependency.features.iter().map(String::as_str);
        all.entry(&*dependency.name).or_default().extend(on);
    }
    for feature in packages.iter().flat_map(|package| &package.turns_on) {
        if let Some((name, feature)) = feature.split_once('/')
            && let Some(on) = all.get_mut(name.trim_end_matches('?'))
        {
            on.insert(feature);
        }
    }
    all.retain(|name, _| !packages.iter().any(|own| own.name == *name));
    all
}

struct Row<'a> {
    features: &'a str,
    why: &'a str,
    instead: &'a str,
}

fn row(line: &str) -> Option<(&str, Row<'_>)> {
    let cells: Vec<_> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
    let [name, features, why, instead, _] = cells[..] else {
        return None;
    };
    let is_row = name != "crate" && !name.starts_with("---");
    is_row.then_some((
        name,
        Row {
            features,
            why,
            instead,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn found(table: &str) -> Vec<String> {
        let needs = |name: &str, features: &[&str]| Dependency {
            name: name.to_owned(),
            features: features.iter().map(ToString::to_string).collect(),
            ..Dependency::default()
        };
        let package = |name: &str, dependencies: Vec<Dependency>| Package {
            name: name.to_owned(),
            dependencies,
            ..Package::default()
        };
        let core = package(
            "auth-core",
            vec![needs("tokio", &["rt"]), needs("url", &[])],
        );
        let other = package(
            "auth-x",
            vec![needs("tokio", &["macros"]), needs("auth-core", &["x"])],
        );
        let core = Package {
            turns_on: vec!["tokio?/net".to_owned(), "reqwest".to_owned()],
            ..core
        };
        let page = File {
            path: PAGE.to_owned(),
            text: format!(
                "# T\n\n| crate | features | why | instead |\n| --- | --- | --- | --- |\n{table}"
            ),
        };
        breaches(&[core, other], &[page])
    }

    #[test]
    fn a_table_that_is_in_step_with_the_manifests_is_tidy() {
        let table = "| tokio | macros, net, rt | time | smol |\n| url | none | URLs | nobody |\n";
        assert_eq!(found(table), [""; 0]);
    }

    #[test]
    fn whatever_the_table_lacks_or_has_too_much_is_named() {
        assert_eq!(
            found(
                "| tokio | macros, rt | time | smol |\n| gone | none | it | was |\n| url | none | | |\n"
            ),
            [
                "docs/dependencies.md: tokio has the features `macros, net, rt`, and its row says `macros, rt`",
                "docs/dependencies.md: say why url is there, and who else could do it",
                "docs/dependencies.md: nothing depends on gone any more",
            ]
        );
        assert!(found("| tokio | macros, net, rt | time | smol |\n")[0].contains("url has no row"));
    }
}
