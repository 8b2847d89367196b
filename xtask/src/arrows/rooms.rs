//! The rooms of a crate: its modules, and inside a module that has several files, those. No circle of arrows leads through
//! the rooms of one place. `auth-core`'s have an order, too: each uses those that its `lib.rs` names before it, and none after.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::{self, Path};
use crate::workspace::{self, File};

/// The rooms of one crate.
pub(super) struct Rooms {
    /// The modules, each with its file.
    files: BTreeMap<Path, File>,
    /// What each module hands out that stands in another one.
    handed_out: BTreeMap<Path, Path>,
    /// The arrows of each place that has rooms.
    arrows: BTreeMap<Path, Arrows>,
}

/// The arrows between the rooms of one place: from, to, and a file that makes it one.
type Arrows = BTreeMap<String, BTreeMap<String, String>>;

impl Rooms {
    /// Those of the crate in this folder.
    pub(super) fn of(folder: &str) -> Result<Self, String> {
        let sources = format!("{folder}/src");
        Ok(Self::from(&sources, workspace::files(&sources)?))
    }

    fn from(sources: &str, files: Vec<File>) -> Self {
        let files: BTreeMap<Path, File> = files
            .into_iter()
            .filter_map(|file| Some((module(sources, &file.path)?, file)))
            .collect();
        let handed_out = files.iter().flat_map(|(module, file)| {
            let paths = paths::handed_out(module, &file.text);
            paths.into_iter().filter_map(|path| {
                let mut name = module.clone();
                name.push(path.last()?.clone());
                Some((name, path))
            })
        });
        let mut rooms = Self {
            handed_out: handed_out.collect(),
            files,
            arrows: BTreeMap::new(),
        };
        rooms.arrows = rooms.arrows();
        rooms
    }

    /// How many rooms the crate has, and how many arrows are between them.
    pub(super) fn count(&self) -> (usize, usize) {
        let outer = self.arrows.get(&Path::new());
        let rooms = self.files.keys().filter(|module| module.len() == 1);
        let arrows = outer.into_iter().flat_map(BTreeMap::values);
        (rooms.count(), arrows.map(BTreeMap::len).sum())
    }

    /// The circles, in words.
    pub(super) fn circles(&self) -> Vec<String> {
        let places = self.arrows.iter().filter_map(|(place, arrows)| {
            let circle = circle(arrows)?;
            let steps = circle.windows(2).map(|pair| {
                let (from, to) = (&pair[0], &pair[1]);
                format!("{from} uses {to} ({})", arrows[from][to])
            });
            let steps: Vec<_> = steps.collect();
            let place = if place.is_empty() {
                String::new()
            } else {
                format!("in {}: ", place.join("::"))
            };
            Some(format!("a circle: {place}{}", steps.join(", ")))
        });
        places.collect()
    }

    /// The arrows from a room to one that the crate's root names after it.
    pub(super) fn upward(&self) -> Vec<String> {
        let Some(root) = self.files.get(&Path::new()) else {
            return Vec::new();
        };
        let lines = root
            .text
            .lines()
            .map(|line| line.trim_start_matches("pub "));
        let order: Vec<_> = lines
            .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
            .collect();
        let rank = |room: &str| order.iter().position(|name| *name == room);
        let outer = self.arrows.get(&Path::new()).into_iter().flatten();
        let all = outer.flat_map(|(from, to)| to.iter().map(move |(to, file)| (from, to, file)));
        all.filter(|(from, to, _)| rank(to) > rank(from))
            .map(|(from, to, file)| {
                format!("{file} uses {to}, which the root of its crate names after {from}")
            })
            .collect()
    }

    /// The arrows of each place that has rooms.
    fn arrows(&self) -> BTreeMap<Path, Arrows> {
        let mut arrows: BTreeMap<Path, Arrows> = BTreeMap::new();
        for (from, file) in &self.files {
            for path in paths::used(from, &file.text) {
                let to = self.home(&path);
                let shared = from.iter().zip(&to).take_while(|(one, other)| one == other);
                let shared = shared.count();
                // Whoever stands above another one, or is it, is in no other room.
                let (Some(room), Some(other)) = (from.get(shared), to.get(shared)) else {
                    continue;
                };
                let place = arrows.entry(from[..shared].to_vec()).or_default();
                let rooms = place.entry(room.clone()).or_default();
                rooms
                    .entry(other.clone())
                    .or_insert_with(|| file.path.clone());
            }
        }
        arrows
    }

    /// The module in which stands what `path` leads to.
    fn home(&self, path: &[String]) -> Path {
        let mut module = Path::new();
        let mut seen = BTreeSet::new();
        let mut rest = path.to_vec();
        while !rest.is_empty() {
            let mut next = module.clone();
            next.push(rest.remove(0));
            if self.files.contains_key(&next) {
                module = next;
            } else if let Some(behind) = self.handed_out.get(&next)
                && seen.insert(next)
            {
                rest.splice(0..0, behind.iter().cloned());
                module.clear();
            } else {
                break;
            }
        }
        module
    }
}

/// The module of a source file. `None` for what is no module, or one of tests.
fn module(sources: &str, path: &str) -> Option<Path> {
    let path = path.strip_prefix(sources)?.strip_suffix(".rs")?;
    let module: Path = path.split('/').skip(1).map(str::to_owned).collect();
    match module.last()?.as_str() {
        "lib" | "main" if module.len() == 1 => Some(Path::new()),
        _ => (!module.iter().any(|name| name == "tests")).then_some(module),
    }
}

/// A way along the arrows that ends where it began.
fn circle(arrows: &Arrows) -> Option<Vec<String>> {
    arrows.keys().find_map(|start| {
        let mut way = vec![start.clone()];
        leads_back(arrows, start, &mut BTreeSet::new(), &mut way).then_some(way)
    })
}

fn leads_back(
    arrows: &Arrows,
    start: &str,
    seen: &mut BTreeSet<String>,
    way: &mut Vec<String>,
) -> bool {
    let here = way.last().cloned().unwrap_or_default();
    for to in arrows.get(&here).into_iter().flat_map(BTreeMap::keys) {
        way.push(to.clone());
        if to == start || (seen.insert(to.clone()) && leads_back(arrows, start, seen, way)) {
            return true;
        }
        way.pop();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "mod error;\n#[doc(hidden)]\npub mod io;\nmod cache;\n\n\
                       pub use cache::CachedSource;\npub use error::{Error,\n    Result};\npub use io::{Io, clock};\n";
    const IO: &str = "mod clock;\npub(crate) mod http;\npub use clock::Clock;\n";

    fn rooms(more: &[(&str, &str)]) -> Rooms {
        let files = [
            ("lib.rs", LIB),
            ("error.rs", ""),
            ("io.rs", IO),
            ("io/clock.rs", ""),
        ];
        let files = files.iter().chain(more).map(|(path, text)| File {
            path: format!("c/src/{path}"),
            text: (*text).to_owned(),
        });
        Rooms::from("c/src", files.collect())
    }

    #[test]
    fn a_room_may_use_those_before_it_also_by_their_names_at_the_root() {
        for text in [
            "use crate::error::Error;",
            "use crate::Error;",
            "use crate::clock::Clock;",
            "use super::clock::Clock;",
            "//! [`CachedSource`](crate::CachedSource)",
        ] {
            let rooms = rooms(&[("io/http.rs", text), ("cache.rs", "use crate::io::Io;")]);
            assert!(rooms.upward().is_empty(), "{text}");
            assert!(rooms.circles().is_empty(), "{text}");
        }
    }

    #[test]
    fn what_goes_up_is_found_by_whatever_name() {
        for text in [
            "use crate::cache::Cell;",
            "use crate::CachedSource;",
            "fn f() -> crate::CachedSource {",
        ] {
            let found = rooms(&[("io/http.rs", text), ("cache.rs", "")]).upward();
            assert_eq!(found.len(), 1, "{text}");
            assert!(
                found[0].starts_with("c/src/io/http.rs uses cache"),
                "{found:?}"
            );
        }
    }

    #[test]
    fn a_circle_is_found_between_rooms_and_inside_one() {
        let both = [
            ("error.rs", "use crate::clock::Clock;"),
            ("io/clock.rs", "use crate::Error;"),
        ];
        let found = rooms(&both).circles();
        assert_eq!(found.len(), 1);
        assert!(
            found[0].contains("error uses io (c/src/error.rs)"),
            "{found:?}"
        );
        assert!(
            found[0].contains("io uses error (c/src/io/clock.rs)"),
            "{found:?}"
        );
        let inside = [
            ("io/http.rs", "use super::Clock;"),
            ("io/clock.rs", "fn f() { super::http::g() }"),
        ];
        let found = rooms(&inside).circles();
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("a circle: in io: clock uses http"),
            "{found:?}"
        );
    }

    #[test]
    fn rooms_and_arrows_are_counted() {
        let rooms = rooms(&[("cache.rs", "use crate::{Error, Io, clock::Clock};")]);
        assert_eq!(rooms.count(), (3, 2));
    }
}
