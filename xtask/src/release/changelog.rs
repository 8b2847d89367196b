//! Whether the changelog speaks of the version, and of each before it.

use semver::Version;

use super::program;
use super::section::{Section, changelog, sections};
use super::tags::Tags;
use crate::step::{Outcome, Step};

/// As long as the version was not released, the section of what is unreleased will do.
pub(super) fn check() -> Outcome {
    let version = version()?;
    let (text, is_out) = (changelog()?, Tags::read()?.has(&version));
    let sections = sections(&text);
    let faults = faults(&sections, &version);
    if !faults.is_empty() {
        return Err(format!("CHANGELOG.md: {}", faults.join("; ")));
    }
    section(&sections, &version, is_out).map(|section| format!("`## {}`", section.head))
}

/// What goes out has a section of its own, of the day on which it was committed, and leaves nothing behind.
pub(super) fn ensure_named() -> Result<(), String> {
    let text = changelog()?;
    let sections = sections(&text);
    let section = section(&sections, &version()?, true)?;
    let commit = Step::new("git").with(["log", "-1", "--format=%cs"]);
    ensure_of(section, commit.output()?.trim())?;
    ensure_none_left(&sections)
}

fn version() -> Result<Version, String> {
    let version = program::version()?;
    Version::parse(&version).map_err(|error| format!("{version} is no version: {error}"))
}

fn ensure_of(section: &Section<'_>, day: &str) -> Result<(), String> {
    match section.day() == Some(day) {
        true => Ok(()),
        false => Err(format!(
            "CHANGELOG.md has `## {}`, and what would go out was committed on {day}: give the section that day",
            section.head
        )),
    }
}

fn ensure_none_left(sections: &[Section<'_>]) -> Result<(), String> {
    let mut left = sections.iter().filter(|section| section.is_unreleased());
    match left.any(|section| section.says_something) {
        true => Err(
            "CHANGELOG.md still has something in `## Unreleased`, which would go out: move it to the version"
                .to_owned(),
        ),
        false => Ok(()),
    }
}

/// Sections that no reader finds where they look for them, or that are of no release.
fn faults(sections: &[Section<'_>], version: &Version) -> Vec<String> {
    let mut faults = Vec::new();
    let mut above: Option<Version> = None;
    for (at, section) in sections.iter().enumerate() {
        let head = section.head;
        if section.is_unreleased() {
            if at > 0 {
                faults.push("`## Unreleased` is not the first section".to_owned());
            }
            continue;
        }
        let Some(own) = section.version() else {
            faults.push(format!("`## {head}` names no version"));
            continue;
        };
        if own > *version {
            faults.push(format!(
                "`## {head}` is later than {version}, which would go out"
            ));
        }
        if above.as_ref().is_some_and(|above| own >= *above) {
            faults.push(format!("`## {head}` stands below what it is no older than"));
        }
        if !section.day().is_some_and(is_day) {
            faults.push(format!("`## {head}` has no day: `## {own} - 2026-03-01`"));
        }
        above = Some(own);
    }
    faults
}

/// Whether it is one of the calendar: `2026-02-28`.
fn is_day(text: &str) -> bool {
    humantime::parse_rfc3339(&format!("{text}T00:00:00Z")).is_ok()
}

/// Which section tells of `version`, or, unless it `must_be_named`, of what is unreleased.
fn section<'a, 's>(
    sections: &'s [Section<'a>],
    version: &Version,
    must_be_named: bool,
) -> Result<&'s Section<'a>, String> {
    let wanted = match must_be_named {
        true => version.to_string(),
        false => "Unreleased".to_owned(),
    };
    let tells = |section: &&Section<'_>| {
        section.version().as_ref() == Some(version) || (!must_be_named && section.is_unreleased())
    };
    let mut found = sections.iter().filter(tells);
    let Some(section) = found.next() else {
        return Err(format!("CHANGELOG.md has no section `## {wanted}`"));
    };
    // Once the version has its own section, that of what is unreleased may be empty.
    match [Some(section), found.next()]
        .into_iter()
        .flatten()
        .find(|section| section.says_something)
    {
        Some(section) => Ok(section),
        None => Err(format!(
            "the section `## {wanted}` of CHANGELOG.md says nothing"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, version: &str, must_be_named: bool) -> Outcome {
        let version = Version::parse(version).unwrap();
        let sections = sections(text);
        section(&sections, &version, must_be_named).map(|section| section.head.to_owned())
    }

    #[test]
    fn a_version_without_a_section_is_named() {
        let text = "# Changelog\n\n## Unreleased\n\n- a thing\n\n## 0.1.0\n\n- the first\n";
        assert!(found(text, "0.2.0", false).is_ok());
        assert!(found(text, "0.1.0", true).is_ok());
        assert!(found(text, "0.1.0", false).is_ok());
        let text = "# Changelog\n\n## 0.1.0\n\n- the first\n";
        let error = found(text, "0.2.0", false).unwrap_err();
        assert_eq!(error, "CHANGELOG.md has no section `## Unreleased`");
        let error = found("# C\n\n## Unreleased\n", "0.2.0", false).unwrap_err();
        assert!(error.contains("says nothing"), "{error}");
        let next = "# C\n\n## [0.2.0-rc.1] - 2026-01-02\n\n- a thing\n";
        assert!(found(next, "0.2.0-rc.1", true).is_ok() && found(next, "0.2.0", true).is_err());
        let error = found("# C\n\n## Unreleased\n\n- a thing\n", "0.2.0", true).unwrap_err();
        assert_eq!(error, "CHANGELOG.md has no section `## 0.2.0`");
        let begun = "# C\n\n## Unreleased\n\n## 0.2.0 - 2026-01-02\n\n- a thing\n";
        assert_eq!(found(begun, "0.2.0", false).unwrap(), "0.2.0 - 2026-01-02");
    }

    #[test]
    fn a_section_of_another_day_or_of_none_is_named() {
        let of = |head: &str| {
            let text = format!("# C\n\n## {head}\n");
            ensure_of(&sections(&text)[0], "2026-01-02")
        };
        assert_eq!(of("[0.2.0] - 2026-01-02"), Ok(()));
        for head in ["0.2.0", "0.2.0 - 2025-01-02"] {
            let error = of(head).unwrap_err();
            let start = format!("CHANGELOG.md has `## {head}`, and");
            assert!(error.starts_with(&start), "{error}");
        }
    }

    #[test]
    fn sections_out_of_order_of_no_day_or_of_no_version_are_named() {
        let of = |text: &str| faults(&sections(text), &Version::parse("0.2.0").unwrap());
        let good = "# C\n\n## Unreleased\n\n## 0.2.0 - 2026-02-28\n\n## 0.2.0-rc.1 - 2024-02-29\n\n## 0.1.0 - 2023-12-31\n";
        assert_eq!(of(good), [""; 0]);
        for (text, why) in [
            (
                "## 0.1.0 - 2026-01-01\n\n## Unreleased",
                "`## Unreleased` is not the first section",
            ),
            (
                "## Unreleased\n\n## Unreleased",
                "`## Unreleased` is not the first section",
            ),
            (
                "## Next - 2026-01-01",
                "`## Next - 2026-01-01` names no version",
            ),
            (
                "## 0.3.0 - 2026-01-01",
                "`## 0.3.0 - 2026-01-01` is later than 0.2.0, which would go out",
            ),
            (
                "## 0.1.0 - 2026-01-01\n\n## 0.2.0 - 2026-01-02",
                "`## 0.2.0 - 2026-01-02` stands below what it is no older than",
            ),
            (
                "## 0.1.0 - 2026-01-01\n\n## 0.1.0 - 2026-01-01",
                "`## 0.1.0 - 2026-01-01` stands below what it is no older than",
            ),
            ("## 0.1.0", "`## 0.1.0` has no day: `## 0.1.0 - 2026-03-01`"),
            (
                "## 0.1.0 - 2026-02-29",
                "`## 0.1.0 - 2026-02-29` has no day: `## 0.1.0 - 2026-03-01`",
            ),
            (
                "## 0.1.0 - 2026-1-1",
                "`## 0.1.0 - 2026-1-1` has no day: `## 0.1.0 - 2026-03-01`",
            ),
        ] {
            assert_eq!(of(&format!("# C\n\n{text}\n")), [why]);
        }
    }

    #[test]
    fn what_would_be_left_behind_is_named() {
        let left = |text: &str| ensure_none_left(&sections(text));
        assert_eq!(
            left("# C\n\n## Unreleased\n\n## 0.2.0 - 2026-01-02\n\n- a thing\n"),
            Ok(())
        );
        let why = left("# C\n\n## Unreleased\n\n- more\n\n## 0.2.0 - 2026-01-02\n\n- a thing\n");
        assert!(
            why.unwrap_err()
                .contains("still has something in `## Unreleased`")
        );
    }
}
