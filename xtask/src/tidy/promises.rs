//! Whether `api/` names what the libraries have. By names alone, which takes a moment and no compiler; what stands beside
//! them is compared by `cargo xtask release check api`.

use std::collections::BTreeSet;

use crate::workspace::File;

/// What is public and in no line of `api/`, and the other way round.
pub(super) fn breaches(files: &[File]) -> Vec<String> {
    let lists = files.iter().filter_map(|list| {
        let name = list.path.strip_prefix("api/")?.strip_suffix(".txt")?;
        let room = format!("crates/{name}/src/");
        let sources = files.iter().filter(|file| file.path.starts_with(&room));
        let sources: Vec<_> = sources.collect();
        (!sources.is_empty()).then(|| differences(list, &sources))
    });
    lists.flatten().collect()
}

fn differences(list: &File, sources: &[&File]) -> Vec<String> {
    let hidden: BTreeSet<_> = sources.iter().flat_map(|file| hidden(&file.text)).collect();
    let promised: BTreeSet<_> = list.text.lines().filter_map(promise).collect();
    let is_shown = |file: &File| {
        !file
            .path
            .split(['/', '.'])
            .any(|part| hidden.contains(part))
    };
    let mut found = Vec::new();
    for file in sources.iter().filter(|file| is_shown(file)) {
        for item in public(&file.text) {
            if !item.split("::").any(|part| hidden.contains(part))
                && !promised.iter().any(|path| ends(path, &item))
            {
                let (path, list) = (&file.path, &list.path);
                found.push(format!(
                    "{path}: `{item}` is public and not in {list}: {WRITE}"
                ));
            }
        }
    }
    let words: BTreeSet<_> = sources.iter().flat_map(|file| words(&file.text)).collect();
    let gone = promised.iter().filter(|path| !words.contains(last(path)));
    found.extend(gone.map(|path| format!("{}: `{path}` is there no more: {WRITE}", list.path)));
    found
}

/// The path of what a line of `api/` promises, without what it is generic over. An `impl` promises what stands below it.
fn promise(line: &str) -> Option<String> {
    let mut depth = 0;
    let plain: String = line
        .strip_prefix("#[non_exhaustive] ")
        .unwrap_or(line)
        .strip_prefix("pub ")?
        .chars()
        .filter(|c| {
            depth += i32::from(*c == '<') - i32::from(*c == '>');
            depth == 0 && *c != '>'
        })
        .collect();
    let path = plain
        .split(['(', ' ', '='])
        .find(|word| word.contains("::"))?;
    Some(path.trim_end_matches([':', '!']).to_owned())
}

/// What a file makes public: `name`, or `Type::name` of what belongs to a type or a trait.
fn public(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let (mut found, mut owner, mut is_public) = (Vec::new(), None, false);
    for line in code.lines() {
        if line.starts_with('}') {
            owner = None;
        }
        if let Some(rest) = line.strip_prefix("impl") {
            (owner, is_public) = (implemented(rest), false);
        }
        let (inner, line) = (line.starts_with("    "), line.trim_start());
        let item = match line.strip_prefix("pub ") {
            None if inner && is_public && owner.is_some() && line.starts_with("fn ") => line,
            None => continue,
            Some(item) => item,
        };
        let item = item.strip_prefix("async ").unwrap_or(item);
        let function = item.strip_prefix("const ");
        let item = function.filter(|it| it.starts_with("fn ")).unwrap_or(item);
        let mut parts = words(item);
        let (Some(kind), Some(name)) = (parts.next(), parts.next()) else {
            continue;
        };
        if !KINDS.contains(&kind) {
            continue;
        }
        found.push(match owner {
            Some(owner) if inner => format!("{owner}::{name}"),
            _ => name.to_owned(),
        });
        if kind == "trait" {
            (owner, is_public) = (Some(name), true);
        }
    }
    found
}

/// Whose the methods are that follow `impl`.
fn implemented(rest: &str) -> Option<&str> {
    let rest = match rest.strip_prefix('<') {
        Some(generic) => generic.split_once("> ")?.1,
        None => rest,
    };
    words(rest).next()
}

/// What no documentation shows.
fn hidden(text: &str) -> impl Iterator<Item = &str> {
    let marks = text.split("#[doc(hidden)]\n").skip(1);
    let items = marks.filter_map(|rest| rest.lines().find(|line| !line.trim().starts_with('#')));
    let names = items.filter_map(|line| {
        let head = line.split(['(', '<', '{', ';']).next()?;
        words(head).last()
    });
    names.chain(["_docs"])
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| !word.is_empty())
}

fn ends(path: &str, item: &str) -> bool {
    path.strip_suffix(item)
        .is_some_and(|rest| rest.ends_with("::"))
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

const KINDS: [&str; 8] = [
    "const", "enum", "fn", "mod", "static", "struct", "trait", "type",
];

const WRITE: &str = "`cargo xtask release api` writes it anew";

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "pub mod auth_x\n#[non_exhaustive] pub struct auth_x::a::Place\nimpl auth_x::a::Place\n\
        pub const fn auth_x::a::Place::new<T: core::convert::Into<u8>>(T) -> Self\n\
        pub auth_x::a::Place::at: u8\npub type auth_x::Answer<T> = core::result::Result<T, u8>\n\
        pub trait auth_x::Asks\npub fn auth_x::Asks::ask(&self)\npub macro auth_x::rule!\n";

    const SOURCE: &str = "pub struct Place {\n    pub at: u8,\n}\n\n\
        impl Place {\n    pub const fn new<T: Into<u8>>(at: T) -> Self {\n    }\n}\n\n\
        impl fmt::Debug for Place {\n    fn fmt(&self) {\n    }\n}\n\n\
        pub type Answer<T> = Result<T, u8>;\n\npub trait Asks {\n    fn ask(&self);\n}\n\nmacro_rules! rule {\n}\n\n\
        #[doc(hidden)]\n#[derive(Clone)]\npub struct Inside;\n\nimpl Inside {\n    pub fn it() {\n    }\n}\n\n#[doc(hidden)]\npub mod within;\n\n\
        pub(crate) fn ours() {\n}\n\n#[cfg(test)]\nmod tests {\n    pub fn there() {\n    }\n}\n";

    fn found(list: &str, source: &str) -> Vec<String> {
        let files = [
            ("api/auth-x.txt", list),
            ("api/compiler.txt", "rustc 1.99.0\n"),
            ("crates/auth-x/src/place.rs", source),
            ("crates/auth-x/src/within.rs", "pub fn hidden() {\n}\n"),
        ];
        let files = files.map(|(path, text)| File {
            path: path.to_owned(),
            text: text.to_owned(),
        });
        breaches(&files)
    }

    #[test]
    fn a_list_that_names_what_is_public_is_tidy() {
        assert_eq!(found(LIST, SOURCE), [""; 0]);
    }

    #[test]
    fn a_new_name_and_one_that_is_gone_are_named() {
        let path = "crates/auth-x/src/place.rs";
        for (at, new, name) in [
            (
                "    pub const fn",
                "    pub async fn there() {\n    }\n",
                "Place::there",
            ),
            ("    fn ask", "    fn told(&self);\n", "Asks::told"),
            (
                "pub type",
                "impl<'a> Way<'a>\nwhere\n{\n    pub fn new() {\n    }\n}\n",
                "Way::new",
            ),
            ("pub trait", "pub static PLACE: u8 = 0;\n", "PLACE"),
        ] {
            let more = SOURCE.replacen(at, &format!("{new}{at}"), 1);
            assert_eq!(
                found(LIST, &more),
                [format!(
                    "{path}: `{name}` is public and not in api/auth-x.txt: {WRITE}"
                )]
            );
        }
        let renamed = SOURCE.replace("fn new", "fn at");
        assert_eq!(
            found(LIST, &renamed),
            [
                "api/auth-x.txt: `auth_x::a::Place::new` is there no more: `cargo xtask release api` writes it anew"
            ]
        );
    }
}
