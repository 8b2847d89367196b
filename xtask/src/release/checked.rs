//! Of which commit `release check` has said that it may be released.

use std::fs;
use std::path::PathBuf;

use crate::step::Step;
use crate::workspace;

/// Notes it.
pub(super) fn note(commit: &str) -> Result<(), String> {
    let file = file()?;
    fs::write(&file, commit).map_err(|error| format!("{}: {error}", file.display()))
}

/// Makes sure that it is what is here.
pub(super) fn ensure() -> Result<(), String> {
    let noted = fs::read_to_string(file()?).unwrap_or_default();
    ensure_same(&noted, &commit()?)
}

/// What is here, all of it.
///
/// # Errors
/// What is not committed has no name.
pub(super) fn commit() -> Result<String, String> {
    let changed = Step::new("git").with(["status", "--porcelain"]).output()?;
    if let Some(first) = changed.lines().next() {
        let first = first.trim();
        return Err(format!("there are changes that are not committed: {first}"));
    }
    let head = Step::new("git").with(["rev-parse", "HEAD"]).output()?;
    Ok(head.trim().to_owned())
}

fn ensure_same(noted: &str, commit: &str) -> Result<(), String> {
    let short = |commit: &str| commit.chars().take(10).collect::<String>();
    match noted {
        "" => Err("nothing was checked here: `cargo xtask release check`".to_owned()),
        noted if noted == commit => Ok(()),
        noted => Err(format!(
            "{} was checked, and {} would go out: `cargo xtask release check`",
            short(noted),
            short(commit)
        )),
    }
}

fn file() -> Result<PathBuf, String> {
    Ok(workspace::target()?.join("release-checked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_commit_that_was_checked_goes_out() {
        let (one, other) = ("a".repeat(40), "b".repeat(40));
        assert_eq!(ensure_same(&one, &one), Ok(()));
        assert_eq!(
            ensure_same(&one, &other).unwrap_err(),
            "aaaaaaaaaa was checked, and bbbbbbbbbb would go out: `cargo xtask release check`"
        );
        assert_eq!(
            ensure_same("", &other).unwrap_err(),
            "nothing was checked here: `cargo xtask release check`"
        );
    }
}
