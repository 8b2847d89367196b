//! The rooms of `auth-core`: each uses those that its `lib.rs` names before it, and none after.

use std::collections::BTreeSet;

use crate::workspace::{self, File};

const SOURCES: &str = "crates/auth-core/src";

/// The arrows between rooms that go up, each with where it starts.
pub(super) fn breaches() -> Result<BTreeSet<String>, String> {
    let lib = format!("{SOURCES}/lib.rs");
    let files = workspace::files(SOURCES)?;
    let contents = files.iter().find(|file| file.path == lib);
    let contents = contents.ok_or_else(|| format!("{lib} is not there"))?;
    let rooms = Rooms::of(&contents.text);
    Ok(files
        .iter()
        .filter(|file| file.path != lib && file.path.ends_with(".rs"))
        .flat_map(|file| rooms.breaches(file))
        .collect())
}

/// The table of contents: the rooms from the ground up, and in which room a name of the root is.
struct Rooms<'a> {
    order: Vec<&'a str>,
    names: Vec<(&'a str, &'a str)>,
}

impl<'a> Rooms<'a> {
    fn of(lib: &'a str) -> Self {
        let lines = lib.lines().map(|line| line.trim_start_matches("pub "));
        let order = lines
            .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
            .collect();
        let exports = lib.split("pub use ").skip(1);
        let names = exports
            .filter_map(|export| export.split(';').next()?.split_once("::"))
            .flat_map(|(room, names)| {
                let names = names.split(|c: char| !c.is_alphanumeric() && c != '_');
                names.map(move |name| (name, room))
            })
            .collect();
        Self { order, names }
    }

    fn breaches(&self, file: &File) -> Vec<String> {
        let path = file.path.trim_start_matches(SOURCES);
        let from = path.split(['/', '.']).find(|part| !part.is_empty());
        let Some(from) = from else { return Vec::new() };
        let code = file.text.lines().filter(|line| {
            let line = line.trim_start();
            !line.starts_with("//")
        });
        let used = code.flat_map(|line| line.split("crate::").skip(1));
        let used = used.filter_map(|rest| {
            rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
        });
        used.filter_map(|name| {
            let room = self.room(name)?;
            let goes_up = self.rank(room)? > self.rank(from)?;
            goes_up.then(|| {
                format!(
                    "{} uses {name} of {room}, which lib.rs names after {from}",
                    file.path
                )
            })
        })
        .collect()
    }

    fn room<'n>(&'n self, name: &'n str) -> Option<&'n str> {
        if self.rank(name).is_some() {
            return Some(name);
        }
        let mut names = self.names.iter();
        names.find(|(ours, _)| *ours == name).map(|(_, room)| *room)
    }

    fn rank(&self, room: &str) -> Option<usize> {
        self.order.iter().position(|name| *name == room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "mod error;\n#[doc(hidden)]\npub mod io;\nmod cache;\n\n\
                       pub use cache::CachedSource;\npub use error::{Error,\n    Result};\npub use io::{Io, clock};\n";

    fn found(path: &str, text: &str) -> Vec<String> {
        let path = format!("{SOURCES}/{path}");
        let text = text.to_owned();
        Rooms::of(LIB).breaches(&File { path, text })
    }

    #[test]
    fn a_room_may_use_those_before_it_also_by_their_names_at_the_root() {
        for text in [
            "use crate::error::Error;",
            "use crate::Error;",
            "use crate::clock::Clock;",
            "//! [`CachedSource`](crate::CachedSource)",
            "    /// See [`crate::cache`].",
            "use std::io;",
        ] {
            assert!(found("io/http.rs", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_goes_up_is_found_in_whatever_form() {
        for text in [
            "use crate::cache::Cell;",
            "use crate::CachedSource;",
            "fn f() -> crate::CachedSource {",
            "    pub(crate) use crate::cache;",
        ] {
            let found = found("io.rs", text);
            assert_eq!(found.len(), 1, "{text}");
            assert!(found[0].contains("of cache"), "{found:?}");
        }
        assert_eq!(found("error/hint.rs", "use crate::clock;").len(), 1);
    }
}
