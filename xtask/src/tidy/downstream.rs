//! The programs of `tests/downstream`, which are as short as our crates let them be.

use std::collections::BTreeMap;

use crate::workspace::File;

/// Those that became long.
pub(super) fn breaches(files: &[File]) -> Vec<String> {
    let mut programs: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files {
        if let Some((program, _)) = file.path.split_once("/src/")
            && program.starts_with("tests/downstream/")
        {
            *programs.entry(program).or_default() += file.text.lines().count();
        }
    }
    let long = programs.into_iter().filter(|(_, lines)| *lines >= LINES);
    long.map(|(program, lines)| {
        format!("{program}: {lines} lines, and a program needs fewer than {LINES}: mend what hurts in the crates")
    })
    .collect()
}

const LINES: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_became_long_is_named_however_many_files_it_has() {
        let file = |path: &str, lines: usize| File {
            path: path.to_owned(),
            text: "\n".repeat(lines),
        };
        let files = [
            file("tests/downstream/a/src/main.rs", 40),
            file("tests/downstream/a/src/lib.rs", 40),
            file("tests/downstream/b/src/main.rs", 79),
            file("tests/downstream/b/tests/all.rs", 200),
            file("xtask/src/main.rs", 200),
        ];
        let found = breaches(&files);
        assert!(
            found[0].starts_with("tests/downstream/a: 80 lines"),
            "{found:?}"
        );
        assert_eq!(found.len(), 1);
    }
}
