//! The exits of secrets: where `expose_secret` may stand, and how often. A new exit changes the
//! table `exits.txt`, so that somebody looks at it.

use std::collections::BTreeMap;

use super::sources;
use crate::workspace::File;

/// Where the code and the table disagree. Each breach ends with the line to put.
pub(super) fn breaches(files: &[File]) -> Vec<String> {
    compare(&found(files), &allowed(include_str!("exits.txt")))
}

fn found(files: &[File]) -> BTreeMap<&str, usize> {
    let sources = files
        .iter()
        .filter(|file| file.path.starts_with("crates/") && sources::is_source(&file.path));
    let counts = sources.map(|file| (file.path.as_str(), exits(&file.text)));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn exits(text: &str) -> usize {
    let lines = sources::code(text).filter(|line| !line.trim_start().starts_with("//"));
    let per_line = lines.map(|line| {
        line.matches(EXIT).count() - line.matches(concat!("fn ", "expose_secret")).count()
    });
    per_line.sum()
}

fn allowed(table: &str) -> BTreeMap<&str, usize> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let entries = lines.filter_map(|line| line.split_once(' '));
    entries
        .filter_map(|(path, count)| Some((path, count.trim().parse().ok()?)))
        .collect()
}

fn compare(found: &BTreeMap<&str, usize>, allowed: &BTreeMap<&str, usize>) -> Vec<String> {
    let mut breaches = Vec::new();
    for (path, count) in found {
        let limit = allowed.get(path).copied().unwrap_or(0);
        if *count != limit {
            breaches.push(format!(
                "{path}: {count} exits of secrets, {limit} allowed; if each is where bytes leave, \
                 put into {TABLE}: {path} {count}"
            ));
        }
    }
    for path in allowed.keys().filter(|path| !found.contains_key(*path)) {
        breaches.push(format!(
            "{path}: no exit of a secret; take its line out of {TABLE}"
        ));
    }
    breaches
}

const EXIT: &str = "expose_secret";
const TABLE: &str = "xtask/src/tidy/exits.txt";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_count_and_definitions_comments_and_tests_do_not() {
        let text = "//! expose_secret\n\
                    fn expose_secret(&self) -> &str { self.0.expose_secret() }\n\
                    let f = Token::expose_secret; // where it leaves\n\
                    \n#[cfg(test)]\nmod tests {\n    fn f() { t.expose_secret(); }\n}\n";
        assert_eq!(exits(text), 2);
    }

    #[test]
    fn a_new_exit_is_named_with_the_line_to_put() {
        let [breach] = &compare(
            &BTreeMap::from([("crates/a/src/b.rs", 2)]),
            &allowed("# why\ncrates/a/src/b.rs 1\n"),
        )[..] else {
            panic!("one breach")
        };
        assert!(
            breach.ends_with("exits.txt: crates/a/src/b.rs 2"),
            "{breach}"
        );
    }

    #[test]
    fn a_line_without_an_exit_leaves_the_table() {
        let breaches = compare(&BTreeMap::new(), &allowed("crates/a/src/b.rs 1"));
        assert_eq!(breaches.len(), 1);
    }
}
