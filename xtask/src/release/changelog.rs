//! Whether the changelog speaks of the version.

use super::{plan, program};
use crate::step::{Outcome, Step};
use crate::workspace;

/// As long as the version was not released, the section of what is unreleased will do.
pub(super) fn check() -> Outcome {
    let version = program::version()?;
    let tag = plan::last_tag();
    let is_out = tag.is_some_and(|tag| tag.trim_start_matches('v') == version);
    section(&text()?, &version, is_out)
}

/// What goes out has a section of its own, of the day on which it was committed.
pub(super) fn ensure_named() -> Result<(), String> {
    let head = section(&text()?, &program::version()?, true)?;
    let commit = Step::new("git").with(["log", "-1", "--format=%cs"]);
    ensure_of(&head, commit.output()?.trim())
}

fn ensure_of(head: &str, day: &str) -> Result<(), String> {
    match head.trim_end_matches('`').ends_with(&format!(" - {day}")) {
        true => Ok(()),
        false => Err(format!(
            "CHANGELOG.md has {head}, and what would go out was committed on {day}: give the section that day"
        )),
    }
}

fn text() -> Result<String, String> {
    let files = workspace::files("")?;
    let file = files.into_iter().find(|file| file.path == "CHANGELOG.md");
    Ok(file.ok_or("there is no CHANGELOG.md")?.text)
}

/// Which section tells of `version`, or, unless it `must_be_named`, of what is unreleased.
fn section(text: &str, version: &str, must_be_named: bool) -> Outcome {
    let wanted = match must_be_named {
        true => version,
        false => "Unreleased",
    };
    let sections = text.split("\n## ").skip(1);
    let heads = |section: &str, name: &str| {
        let head = section.split_whitespace().next().unwrap_or_default();
        head.trim_matches(['[', ']']) == name
    };
    let mut found = sections.filter(|section| heads(section, wanted) || heads(section, version));
    let Some(section) = found.next() else {
        return Err(format!("CHANGELOG.md has no section `## {wanted}`"));
    };
    match section.lines().skip(1).any(|line| line.starts_with("- ")) {
        true => Ok(format!(
            "`## {}`",
            section.lines().next().unwrap_or_default()
        )),
        false => Err(format!(
            "the section `## {wanted}` of CHANGELOG.md says nothing"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_without_a_section_is_named() {
        let text = "# Changelog\n\n## Unreleased\n\n- a thing\n\n## 0.1.0\n\n- the first\n";
        assert!(section(text, "0.2.0", false).is_ok());
        assert!(section(text, "0.1.0", true).is_ok());
        assert!(section(text, "0.1.0", false).is_ok());
        let text = "# Changelog\n\n## 0.1.0\n\n- the first\n";
        let error = section(text, "0.2.0", false).unwrap_err();
        assert_eq!(error, "CHANGELOG.md has no section `## Unreleased`");
        let error = section("# C\n\n## Unreleased\n", "0.2.0", false).unwrap_err();
        assert!(error.contains("says nothing"), "{error}");
        let next = "# C\n\n## [0.2.0-rc.1] - 2026-01-02\n\n- a thing\n";
        assert!(section(next, "0.2.0-rc.1", true).is_ok() && section(next, "0.2.0", true).is_err());
        let error = section("# C\n\n## Unreleased\n\n- a thing\n", "0.2.0", true).unwrap_err();
        assert_eq!(error, "CHANGELOG.md has no section `## 0.2.0`");
    }

    #[test]
    fn a_section_of_another_day_or_of_none_is_named() {
        assert_eq!(ensure_of("`## [0.2.0] - 2026-01-02`", "2026-01-02"), Ok(()));
        for head in ["`## 0.2.0`", "`## 0.2.0 - 2025-01-02`"] {
            let error = ensure_of(head, "2026-01-02").unwrap_err();
            assert!(
                error.starts_with(&format!("CHANGELOG.md has {head}, and")),
                "{error}"
            );
        }
    }
}
