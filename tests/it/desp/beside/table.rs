//! [`Table`]: the differences that `docs/desp.md` names, and those that are found.

use std::collections::{BTreeMap, BTreeSet};

/// What was found to differ at one place.
pub(crate) struct Table {
    /// How the last column calls the place.
    place: &'static str,
    rows: BTreeMap<String, [BTreeSet<String>; 2]>,
}

impl Table {
    pub(crate) fn of(place: &'static str) -> Self {
        let rows = BTreeMap::new();
        Self { place, rows }
    }

    /// Something that differs: what destinepyauth does, and what we do.
    pub(crate) fn add(&mut self, what: impl Into<String>, theirs: &str, ours: &str) {
        let row = self.rows.entry(what.into()).or_default();
        row[0].insert(cell(theirs));
        row[1].insert(cell(ours));
    }

    /// All that differs in one case.
    pub(crate) fn extend(&mut self, found: Vec<(String, String, String)>) {
        for (what, theirs, ours) in found {
            self.add(what, &theirs, &ours);
        }
    }

    /// Compares with what is named.
    ///
    /// # Panics
    /// If a difference is not named, or one that is named does not occur.
    pub(crate) fn check(self) {
        let text = include_str!("../../../../docs/desp.md");
        let lines = text.lines().filter(|line| line.starts_with("| "));
        let mut named = BTreeSet::new();
        for line in lines.skip(2) {
            let (row, places) = line.trim_end_matches(" |").rsplit_once(" | ").unwrap();
            if places == "both" || places == self.place {
                named.insert(row.trim_end().to_owned());
            }
        }
        let joined = |set: BTreeSet<String>| {
            let words: Vec<String> = set.into_iter().filter(|one| !one.is_empty()).collect();
            words.join("; ")
        };
        let rows = self.rows.into_iter();
        let rows = rows.map(|(what, [theirs, ours])| {
            let row = format!("| {} | {} | {}", cell(&what), joined(theirs), joined(ours));
            row.trim_end().to_owned()
        });
        let found: BTreeSet<String> = rows.collect();
        let list = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
            let rows = one
                .difference(other)
                .map(|row| format!("{row} | {} |", self.place));
            rows.collect::<Vec<_>>().join("\n")
        };
        let (new, gone) = (list(&found, &named), list(&named, &found));
        assert!(
            new.is_empty() && gone.is_empty(),
            "not in the table:\n{new}\nin the table and not seen:\n{gone}"
        );
    }
}

/// A text as a cell of a table in Markdown has it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace("\\n", "⏎")
}
