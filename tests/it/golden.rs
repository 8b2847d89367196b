//! What outlives a version: how a login is kept, and by which name it is found. The golden files were written by these
//! tests (`cargo test -p auth-tests golden -- --ignored`), without a secret of anybody.

mod login;
mod names;

use std::fs;
use std::path::{Path, PathBuf};

fn place() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("it/golden")
}

fn golden(name: &str) -> String {
    fs::read_to_string(place().join(name)).unwrap()
}

/// The lines that only one of the two has.
fn difference(old: &str, new: &str) -> String {
    let lacks = |text: &str, line: &str| !text.lines().any(|other| other == line);
    let gone = old.lines().filter(|line| lacks(new, line));
    let come = new.lines().filter(|line| lacks(old, line));
    let gone = gone.map(|line| format!("- {line}\n"));
    gone.chain(come.map(|line| format!("+ {line}\n"))).collect()
}

/// Stops the test if `now` is not what stands in the file; `means` says what that means for people.
fn ensure_golden(name: &str, now: &str, means: &str) {
    let known = golden(name);
    assert!(known == now, "{means}\n\n{}", difference(&known, now));
}
