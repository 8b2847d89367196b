//! The paths that a file's code names, from the root of its crate.

/// A path without `crate`: the names on the way, the last of which is mostly no module.
pub(super) type Path = Vec<String>;

/// Each path that begins with `crate`, `self` or `super` in `text`, which is the code of the module at `module`.
/// Comments and what is compiled for tests alone are left out.
pub(super) fn used(module: &[String], text: &str) -> Vec<Path> {
    let code = code(text);
    let mut paths = Vec::new();
    let mut rest = code.as_str();
    while let Some(at) = start(rest) {
        rest = &rest[at..];
        let base = base(&mut rest, module);
        tree(&mut rest, &base, &mut paths);
    }
    paths
}

/// What `text` hands out as its own: the paths of its public `use`s.
pub(super) fn handed_out(module: &[String], text: &str) -> Vec<Path> {
    let code = code(text);
    let mut paths = Vec::new();
    for line in code.split_inclusive(';') {
        let Some((before, mut path)) = line.split_once("use ") else {
            continue;
        };
        if before
            .lines()
            .last()
            .is_some_and(|seen| seen.trim_start().starts_with("pub"))
        {
            let base = base(&mut path, module);
            tree(&mut path, &base, &mut paths);
        }
    }
    paths
}

/// Where the next path from `crate`, `self` or `super` begins.
fn start(text: &str) -> Option<usize> {
    let starts = STARTS.iter().flat_map(|start| text.match_indices(start));
    let whole = starts.filter(|(at, _)| {
        let before = text[..*at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "_:".contains(c))
    });
    whole.map(|(at, _)| at).min()
}

/// Takes that beginning off, and says where it leads from `module`.
fn base(text: &mut &str, module: &[String]) -> Path {
    let mut base = module.to_vec();
    while let Some(start) = STARTS.iter().find(|start| text.starts_with(**start)) {
        match *start {
            "crate::" => base.clear(),
            "super::" => drop(base.pop()),
            _ => {}
        }
        *text = &text[start.len()..];
    }
    base
}

/// Takes one path off `text`, or a group of paths in braces, each of which goes on from `base`.
fn tree(text: &mut &str, base: &[String], paths: &mut Vec<Path>) {
    let mut path = base.to_vec();
    loop {
        *text = text.trim_start();
        if eat(text, "{") {
            while !eat(text, "}") && !text.is_empty() {
                let before = text.len();
                tree(text, &path, paths);
                *text = text.trim_start();
                if !eat(text, ",") && text.len() == before {
                    break;
                }
            }
            return;
        }
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (name, rest) = text.split_at(end.unwrap_or(text.len()));
        *text = rest;
        if name != "self" && !name.is_empty() {
            path.push(name.to_owned());
        }
        if name.is_empty() || !eat(text, "::") {
            break;
        }
    }
    if path.len() > base.len() {
        paths.push(path);
    }
}

fn eat(text: &mut &str, word: &str) -> bool {
    let rest = text.strip_prefix(word);
    *text = rest.unwrap_or(text);
    rest.is_some()
}

/// `text` without comments and without what is compiled for tests alone.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("#[cfg(test)]") {
            skip_item(&mut lines, line.len() - trimmed.len());
        } else if !trimmed.starts_with("//") {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
}

/// Goes past the item of an attribute that stands this far from the margin, as rustfmt writes it.
fn skip_item<'a>(lines: &mut impl Iterator<Item = &'a str>, indentation: usize) {
    let end = format!("{}}}", " ".repeat(indentation));
    let mut is_block = false;
    for line in lines {
        if is_block && line.starts_with(&end) {
            return;
        }
        is_block |= line.ends_with('{');
        if !is_block && line.ends_with([';', '}']) {
            return;
        }
    }
}

const STARTS: [&str; 3] = ["crate::", "self::", "super::"];

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(paths: Vec<Path>) -> Vec<String> {
        paths.iter().map(|path| path.join("::")).collect()
    }

    fn used_at(module: &str, text: &str) -> Vec<String> {
        let module: Path = module.split("::").map(str::to_owned).collect();
        joined(used(&module, text))
    }

    #[test]
    fn a_path_is_found_in_whatever_form() {
        for (text, found) in [
            ("use crate::io::Io;", vec!["io::Io"]),
            (
                "use crate::{Error, io::{Io, clock}};",
                vec!["Error", "io::Io", "io::clock"],
            ),
            ("use super::{Host, key};", vec!["a::Host", "a::key"]),
            ("use super::super::Deep;", vec!["Deep"]),
            (
                "fn f(x: &crate::Error) -> super::Host {",
                vec!["Error", "a::Host"],
            ),
            ("let x = self::secret(1);", vec!["a::b::secret"]),
            (
                "#[cfg(feature = \"x\")]\n    pub(crate) use crate::cache;",
                vec!["cache"],
            ),
            ("use std::io; // crate", vec![]),
            ("my_crate::Thing; other::super::x", vec![]),
        ] {
            assert_eq!(used_at("a::b", text), found, "{text}");
        }
    }

    #[test]
    fn comments_and_tests_use_nothing() {
        for text in [
            "//! [`X`](crate::X)",
            "    /// See [`crate::cache`].",
            "#[cfg(test)]\nuse crate::cache;",
            "#[cfg(test)]\nmod tests {\n    use super::*;\n    use crate::cache::X;\n    fn f() {\n    }\n}",
        ] {
            assert!(used_at("a", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn only_public_uses_are_handed_out() {
        let text =
            "use self::a::X;\npub use self::b::Y;\npub(crate) use c::{Z, d::W};\nfn f() {}\nmod e;";
        let found = handed_out(&["m".to_owned()], text);
        assert_eq!(joined(found), ["m::b::Y", "m::c::Z", "m::c::d::W"]);
    }
}
