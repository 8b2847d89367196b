//! [`Tags`]: the releases that were made, as git knows them.

use semver::Version;

use super::section;
use crate::step::Step;

/// The tags that lead to what is here, such as `v0.1.0`, newest version first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tags(Vec<Tag>);

#[derive(Debug, PartialEq, Eq)]
struct Tag {
    version: Version,
    /// Whether it is the tag of the commit that is checked out, which is no release before it.
    is_here: bool,
}

impl Tags {
    /// Asks git.
    ///
    /// # Errors
    /// Says why what was released can't be known: outside of a repository, in a clone without its history or its tags.
    pub(super) fn read() -> Result<Self, String> {
        let git = |arguments: &[&str]| Step::new("git").with(arguments).output();
        let is_shallow = git(&["rev-parse", "--is-shallow-repository"]);
        let is_shallow = is_shallow.map_err(|_| NO_REPOSITORY.to_owned())?;
        if is_shallow.trim() == "true" {
            return Err(SHALLOW.to_owned());
        }
        let head = git(&["rev-parse", "HEAD"])?;
        let list = git(&["tag", "--list", "v*", "--merged", "HEAD", FORMAT])?;
        let tags = Self::of(&list, head.trim());
        tags.ensure_whole(&section::changelog()?)?;
        Ok(tags)
    }

    /// Of lines such as `v0.1.0 COMMIT`, or `v0.1.0 COMMIT TAG`.
    fn of(list: &str, head: &str) -> Self {
        let tags = list.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let version = Version::parse(words.next()?.strip_prefix('v')?).ok()?;
            let is_here = words.next() == Some(head);
            Some(Tag { version, is_here })
        });
        let mut tags: Vec<_> = tags.collect();
        tags.sort_by(|one, other| other.version.cmp(&one.version));
        Self(tags)
    }

    /// Each version below the first of the changelog has its tag; where it has not, the tags were left behind.
    fn ensure_whole(&self, changelog: &str) -> Result<(), String> {
        let sections = section::sections(changelog);
        let versions = sections.iter().filter_map(section::Section::version);
        let lost = versions.skip(1).find(|version| !self.has(version));
        match lost {
            None => Ok(()),
            Some(version) => Err(format!(
                "CHANGELOG.md tells of {version}, and no tag v{version} leads here: `git fetch --tags`, or tag its commit"
            )),
        }
    }

    /// The last release before what is here.
    pub(super) fn last(&self) -> Option<String> {
        self.earlier().next()
    }

    /// The last one that promised something.
    pub(super) fn last_promise(&self) -> Option<String> {
        let earlier = self.0.iter().filter(|tag| !tag.is_here);
        let mut promises = earlier.filter(|tag| tag.version.pre.is_empty());
        promises.next().map(|tag| format!("v{}", tag.version))
    }

    /// All before what is here.
    pub(super) fn earlier(&self) -> impl Iterator<Item = String> {
        let earlier = self.0.iter().filter(|tag| !tag.is_here);
        earlier.map(|tag| format!("v{}", tag.version))
    }

    /// Whether this version was released.
    pub(super) fn has(&self, version: &Version) -> bool {
        self.0.iter().any(|tag| tag.version == *version)
    }
}

/// The commit that a tag leads to, and, of a tag that says something, the tag itself.
const FORMAT: &str =
    "--format=%(refname:short) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)";

const NO_REPOSITORY: &str =
    "this is no clone of a repository with a commit, so what was released can't be known";

const SHALLOW: &str = "this clone has no history, so what was released can't be known: `git fetch --unshallow --tags`";

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "v0.1.0 aa\nv0.10.0 bb\nv0.2.0 cc\nv1.0.0-rc.1 dd\nvendor ee\nv1 ff\n";

    #[test]
    fn the_last_release_is_the_highest_version_and_no_candidate_promises_anything() {
        let tags = Tags::of(LIST, "00");
        assert_eq!(tags.last().unwrap(), "v1.0.0-rc.1");
        assert_eq!(tags.last_promise().unwrap(), "v0.10.0");
        let none = Tags::of("vendor ee\n", "00");
        assert_eq!((none.last(), none.last_promise()), (None, None));
    }

    #[test]
    fn the_tag_of_what_is_here_is_no_release_before_it() {
        let tags = Tags::of(LIST, "bb");
        assert_eq!(tags.last_promise().unwrap(), "v0.2.0");
        assert!(tags.has(&Version::parse("0.10.0").unwrap()));
    }

    #[test]
    fn a_release_that_the_changelog_tells_of_and_no_tag_leads_to_is_named() {
        let changelog =
            "# C\n\n## Unreleased\n\n## 0.3.0 - 2026-03-01\n\n## 0.2.0 - 2026-02-01\n\n## 0.1.0\n";
        assert_eq!(Tags::of(LIST, "00").ensure_whole(changelog), Ok(()));
        assert_eq!(
            Tags::of("v0.1.0 aa\n", "00")
                .ensure_whole(changelog)
                .unwrap_err(),
            "CHANGELOG.md tells of 0.2.0, and no tag v0.2.0 leads here: `git fetch --tags`, or tag its commit"
        );
    }
}
