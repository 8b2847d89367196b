//! Whether the changelog speaks of the version.

use super::plan;
use crate::step::Outcome;
use crate::workspace;

pub(super) fn check() -> Outcome {
    let packages = plan::crates()?;
    let version = packages
        .first()
        .map(|package| package.version.clone())
        .unwrap_or_default();
    let files = workspace::files("")?;
    let file = files.iter().find(|file| file.path == "CHANGELOG.md");
    let file = file.ok_or("there is no CHANGELOG.md")?;
    let tag = plan::last_tag();
    section(&file.text, &version, tag.as_deref())
}

/// Which section tells of `version`. As long as it was not released, that of what is unreleased will do.
fn section(text: &str, version: &str, tag: Option<&str>) -> Outcome {
    let is_out = tag.is_some_and(|tag| tag.trim_start_matches('v') == version);
    let wanted = if is_out { version } else { "Unreleased" };
    let sections = text.split("\n## ").skip(1);
    let heads = |section: &str, name: &str| {
        let head = section.lines().next().unwrap_or_default();
        head.trim_matches(['[', ']']).starts_with(name)
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
        assert!(section(text, "0.2.0", Some("v0.1.0")).is_ok());
        assert!(section(text, "0.1.0", Some("v0.1.0")).is_ok());
        assert!(section(text, "0.1.0", None).is_ok());
        let text = "# Changelog\n\n## 0.1.0\n\n- the first\n";
        let error = section(text, "0.2.0", Some("v0.1.0")).unwrap_err();
        assert_eq!(error, "CHANGELOG.md has no section `## Unreleased`");
        let error = section("# C\n\n## Unreleased\n", "0.2.0", None).unwrap_err();
        assert!(error.contains("says nothing"), "{error}");
    }
}
