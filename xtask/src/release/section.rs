//! [`Section`]: what the changelog says of one version.

use semver::Version;

use crate::workspace;

/// A part of CHANGELOG.md below `## 0.2.0 - 2026-03-01`, or below `## Unreleased`.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// Its heading, without the `## `.
    pub(super) head: &'a str,
    pub(super) says_something: bool,
}

impl<'a> Section<'a> {
    /// Of which version it is; `None` is what nobody has got yet, or no version.
    pub(super) fn version(&self) -> Option<Version> {
        Version::parse(self.name()).ok()
    }

    pub(super) fn is_unreleased(&self) -> bool {
        self.name() == "Unreleased"
    }

    /// The day of the release, as it stands there.
    pub(super) fn day(&self) -> Option<&'a str> {
        let (_, day) = self.head.split_once(" - ")?;
        // As Keep a Changelog has it for what was withdrawn.
        Some(day.trim_end_matches("[YANKED]").trim())
    }

    fn name(&self) -> &'a str {
        let name = self.head.split_whitespace().next().unwrap_or_default();
        name.trim_matches(['[', ']'])
    }
}

/// All of them, as they stand there.
pub(super) fn sections(text: &str) -> Vec<Section<'_>> {
    let parts = text.split("\n## ").skip(1);
    let sections = parts.map(|part| Section {
        head: part.lines().next().unwrap_or_default().trim(),
        says_something: part.lines().skip(1).any(|line| line.starts_with("- ")),
    });
    sections.collect()
}

/// CHANGELOG.md.
pub(super) fn changelog() -> Result<String, String> {
    let files = workspace::files("")?;
    let file = files.into_iter().find(|file| file.path == "CHANGELOG.md");
    Ok(file.ok_or("there is no CHANGELOG.md")?.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_has_a_version_and_a_day_and_says_something() {
        let text = "# C\n\n## Unreleased\n\n## [0.2.0-rc.1] - 2026-01-02 [YANKED]\r\n\r\n### Added\n- a thing\n## 0.1.0\n";
        let sections = sections(text);
        let read: Vec<_> = sections
            .iter()
            .map(|section| {
                let version = section.version().map(|version| version.to_string());
                (version, section.day(), section.says_something)
            })
            .collect();
        let version = |text: &str| Some(text.to_owned());
        assert_eq!(
            read,
            [
                (None, None, false),
                (version("0.2.0-rc.1"), Some("2026-01-02"), true),
                (version("0.1.0"), None, false)
            ]
        );
        assert!(sections[0].is_unreleased() && !sections[1].is_unreleased());
    }
}
