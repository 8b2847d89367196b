//! Rules about one file: its length, its name, its first line, and what must not stand in it.

use crate::workspace::File;

/// What is wrong with a file.
pub(super) fn breaches(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    if file.path.ends_with(".rs") {
        found.extend(empty_name(&file.path));
        if is_source(&file.path) {
            found.extend(too_long(file));
            found.extend(nameless(file));
        }
        found.extend(marked(file, &UNFINISHED, "finish it, or open an issue"));
    }
    found.extend(machine_paths(file));
    found
}

/// Whether the file is code of a crate or of xtask, and not a test.
pub(super) fn is_source(path: &str) -> bool {
    let room = path.starts_with("crates/") || path.starts_with("xtask/");
    room && path.ends_with(".rs")
        && path.contains("/src/")
        && !path.ends_with("/tests.rs")
        && !path.contains("/tests/")
}

/// The lines of a source without its test module, which stands at the end (clippy sees to that).
pub(super) fn code(text: &str) -> impl Iterator<Item = &str> {
    let tests = text.find("\nmod tests {").unwrap_or(text.len());
    let attribute = text[..tests].rfind("\n#[cfg(test)]").unwrap_or(tests);
    text[..attribute].lines()
}

fn too_long(file: &File) -> Option<String> {
    let lines = code(&file.text).count();
    (lines > LONGEST).then(|| {
        format!(
            "{}: {lines} lines without its tests, {LONGEST} at most; look for the second noun in it",
            file.path
        )
    })
}

fn nameless(file: &File) -> Option<String> {
    let documented = file.text.starts_with("//!") || file.text.starts_with("#![doc");
    (!documented).then(|| format!("{}: begin with `//!` and what this file is", file.path))
}

fn empty_name(path: &str) -> Option<String> {
    let mut parts = path.split(['/', '.']);
    let name = parts.find(|part| EMPTY_NAMES.contains(part))?;
    Some(format!(
        "{path}: {name} says nothing; name the file after its noun"
    ))
}

fn marked(file: &File, marks: &[&str], advice: &str) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    let hits = lines.filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)));
    hits.map(|(at, line)| format!("{}:{}: `{}`; {advice}", file.path, at + 1, line.trim()))
        .collect()
}

fn machine_paths(file: &File) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    let hits = lines.filter(|(_, line)| names_machine_path(line));
    hits.map(|(at, _)| {
        format!(
            "{}:{}: names a path of one machine; nobody else has it",
            file.path,
            at + 1
        )
    })
    .collect()
}

/// Whether a line names an absolute path in somebody's folders. The path of a URL is none.
fn names_machine_path(line: &str) -> bool {
    MACHINE_FOLDERS.iter().any(|folder| {
        line.match_indices(folder).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || "/._-~$}>".contains(c))
        })
    })
}

const LONGEST: usize = 300;

const EMPTY_NAMES: [&str; 8] = [
    "common", "helper", "helpers", "manager", "misc", "types", "util", "utils",
];

// Put together here, so that this file does not find itself.
const UNFINISHED: [&str; 4] = [
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

const MACHINE_FOLDERS: [&str; 5] = [
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/t", "mp/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn the_tests_of_a_file_do_not_count_as_its_length() {
        let code = format!("//! A noun.\n{}", "fn f() {}\n".repeat(299));
        let tests = format!("\n#[cfg(test)]\nmod tests {{\n{}}}\n", "\n".repeat(500));
        let path = "crates/a/src/noun.rs";
        assert_eq!(breaches(&file(path, &format!("{code}{tests}"))), [""; 0]);
        assert_eq!(breaches(&file(path, &format!("{code}\n{tests}"))).len(), 1);
    }

    #[test]
    fn a_file_is_named_after_a_noun_and_says_what_it_is() {
        assert_eq!(
            breaches(&file("tests/it/utils.rs", "//! Parts.\n")).len(),
            1
        );
        assert_eq!(
            breaches(&file("crates/a/src/misc/b.rs", "//! B.\n")).len(),
            1
        );
        assert_eq!(breaches(&file("crates/a/src/b.rs", "mod c;\n")).len(), 1);
        let root = "#![doc = include_str!(\"../README.md\")]\n";
        assert_eq!(breaches(&file("crates/a/src/lib.rs", root)), [""; 0]);
    }

    #[test]
    fn unfinished_code_is_found() {
        for mark in UNFINISHED {
            let text = format!("//! B.\nfn f() {{ {mark}) }}\n");
            assert_eq!(
                breaches(&file("crates/a/src/b.rs", &text)).len(),
                1,
                "{mark}"
            );
        }
    }

    #[test]
    fn a_path_of_one_machine_is_found_and_a_url_is_not() {
        let [folder, ..] = MACHINE_FOLDERS;
        assert!(names_machine_path(&format!("see {folder}me/notes")));
        assert!(names_machine_path(&format!("PATH=\"{folder}me\"")));
        assert!(!names_machine_path(&format!(
            "https://example.org{folder}me"
        )));
        assert!(!names_machine_path("$HOME/notes and ~/notes"));
    }
}
