//! [`Version`]: what a release is called, in the order in which releases follow each other (semver.org, §11).

use std::cmp::Ordering;
use std::fmt;

/// `0.2.0`, or `0.2.0-rc.1`, which comes before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    numbers: [u64; 3],
    /// The parts of what comes before a release; none of a release.
    before: Vec<String>,
}

impl Version {
    /// Reads one; `None` is what no registry takes as one.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (numbers, before) = text.split_once('-').unwrap_or((text, ""));
        let numbers: Option<Vec<u64>> = numbers.split('.').map(number).collect();
        let before: Vec<_> = match text.contains('-') {
            true => before.split('.').map(str::to_owned).collect(),
            false => Vec::new(),
        };
        let is_part = |part: &String| {
            let taken = |c: char| c.is_ascii_alphanumeric() || c == '-';
            !part.is_empty() && part.chars().all(taken)
        };
        before.iter().all(is_part).then_some(Self {
            numbers: numbers?.try_into().ok()?,
            before,
        })
    }

    /// Whether it comes before a release, and promises nothing yet.
    pub(super) fn is_prerelease(&self) -> bool {
        !self.before.is_empty()
    }

    /// How a program asks for it and for what will be compatible: `0.2`. One that comes before a release is found by those
    /// alone who name it.
    pub(super) fn asked_for(&self) -> String {
        match (self.is_prerelease(), self.numbers) {
            (true, _) => self.to_string(),
            (false, [major, minor, _]) => format!("{major}.{minor}"),
        }
    }
}

/// Of digits alone, and not one like `01`.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_part = |one: &String, other: &String| match (number(one), number(other)) {
            (Some(one), Some(other)) => one.cmp(&other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => one.cmp(other),
        };
        let parts = || {
            let mut pairs = self.before.iter().zip(&other.before);
            let differs = pairs
                .by_ref()
                .map(|(one, other)| by_part(one, other))
                .find(|it| it.is_ne());
            differs.unwrap_or_else(|| self.before.len().cmp(&other.before.len()))
        };
        let numbers = self.numbers.cmp(&other.numbers);
        // A release is after all that came before it.
        let kind = other.is_prerelease().cmp(&self.is_prerelease());
        numbers.then(kind).then_with(parts)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        match self.is_prerelease() {
            true => write!(f, "-{}", self.before.join(".")),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_each_other_as_semver_has_it() {
        let order = [
            "0.1.0",
            "0.2.0-alpha",
            "0.2.0-alpha.1",
            "0.2.0-alpha.beta",
            "0.2.0-rc.2",
            "0.2.0-rc.10",
            "0.2.0",
            "0.10.0",
            "1.0.0",
        ];
        let versions = order.map(|text| Version::read(text).unwrap());
        assert!(versions.is_sorted_by(|one, next| one < next));
        assert_eq!(versions.map(|version| version.to_string()), order);
    }

    #[test]
    fn what_no_registry_takes_is_no_version() {
        for odd in [
            "",
            "1",
            "1.2",
            "1.2.3.4",
            "1.02.3",
            "v1.2.3",
            "1.2.+3",
            "1.2.3-",
            "1.2.3-a..b",
            "1.2.3-a b",
        ] {
            assert_eq!(Version::read(odd), None, "{odd}");
        }
    }

    #[test]
    fn one_that_comes_before_a_release_is_asked_for_by_its_whole_name() {
        let asked = |text| Version::read(text).unwrap().asked_for();
        assert_eq!(asked("0.2.7"), "0.2");
        assert_eq!(asked("0.2.0-rc.1"), "0.2.0-rc.1");
    }
}
