//! Whose types may stand in our signatures.

use std::collections::BTreeSet;

/// Whose types stand in signatures and are neither of `ours` nor on the list.
pub(super) fn foreign(name: &str, api: &str, ours: &[String]) -> Vec<String> {
    let ours: Vec<_> = ours.iter().map(|own| own.replace('-', "_")).collect();
    let mut found = BTreeSet::new();
    for line in api.lines() {
        // What is ours stands where it is handed out, as what it is.
        if line.starts_with("pub use ") {
            found.insert(format!("{name}: `{line}` hands out what is of others"));
        }
        let words = line.split(|c: char| !(c.is_alphanumeric() || "_:".contains(c)));
        for word in words {
            let Some((root, rest)) = word.split_once("::") else {
                continue;
            };
            let is_crate = root.starts_with(|c: char| c.is_ascii_lowercase()) && !rest.is_empty();
            let is_known = OWN.contains(&root) || ours.iter().any(|own| own == root);
            let may = FOREIGN
                .iter()
                .any(|(known, at, _)| *known == root && at.is_none_or(|at| at == name));
            if is_crate && !is_known && !may {
                found.insert(format!(
                    "{name}: a type of {root} stands in `{}`",
                    line.trim()
                ));
            }
        }
    }
    found.into_iter().collect()
}

const OWN: [&str; 6] = ["alloc", "core", "crate", "self", "std", "Self"];

/// Whose types may stand in our signatures: in which crate, and why.
const FOREIGN: [(&str, Option<&str>, &str); 13] = [
    ("http", None, "the vocabulary of HTTP, with a version 1"),
    ("url", None, "addresses, with a version 2"),
    ("secrecy", None, "what is secret"),
    ("bytes", None, "the pieces of a body, with a version 1"),
    (
        "http_body",
        None,
        "a body that comes in pieces, with a version 1",
    ),
    (
        "serde",
        None,
        "what reads and writes claims, with a version 1",
    ),
    ("serde_core", None, "the same"),
    ("serde_json", None, "claims that nobody foresaw"),
    (
        "reqwest",
        Some("auth-core"),
        "one's own client, behind the feature reqwest-0-13",
    ),
    (
        "tower_service",
        Some("auth-verify"),
        "behind the feature tower",
    ),
    (
        "tower_layer",
        Some("auth-verify"),
        "behind the feature tower",
    ),
    ("axum_core", Some("auth-verify"), "behind the feature axum"),
    (
        "pin_project_lite",
        Some("auth-verify"),
        "what its macro writes, which nobody can name",
    ),
];

#[cfg(test)]
mod tests {
    fn foreign(name: &str, api: &str) -> Vec<String> {
        super::foreign(name, api, &["auth-core", "auth-x"].map(str::to_owned))
    }

    #[test]
    fn what_others_have_made_and_we_hand_out_is_named() {
        for line in ["pub use auth_core::url", "pub use auth_core::<<hyper::*>>"] {
            let found = foreign("auth-core", line);
            assert!(
                found.contains(&format!("auth-core: `{line}` hands out what is of others")),
                "{found:?}"
            );
        }
    }

    #[test]
    fn a_foreign_type_is_named_wherever_it_stands() {
        for line in [
            "pub auth_x::Place::at: hyper::Uri",
            "pub fn auth_x::send<B: hyper::body::Body>(B)",
            "impl core::convert::From<hyper::Error> for auth_x::Error",
            "pub type auth_x::Asks::Answer = hyper::Response",
            "pub struct auth_x::Held<T>(pub T) where T: hyper::rt::Timer",
            "pub fn auth_x::either() -> impl core::iter::Iterator<Item = hyper::Uri>",
            "pub fn auth_x::any(&dyn hyper::rt::Timer)",
            "default auth_x::Given T = hyper::Uri",
            "impl<T: hyper::rt::Timer> core::clone::Clone for auth_x::Given<T>",
        ] {
            assert_eq!(
                foreign("auth-x", line),
                [format!("auth-x: a type of hyper stands in `{line}`")]
            );
        }
    }

    #[test]
    fn a_crate_that_only_sounds_like_ours_is_foreign() {
        let line = "pub fn auth_x::f(auth_git2::Key)";
        let found = foreign("auth-x", line);
        assert_eq!(
            found,
            [format!("auth-x: a type of auth_git2 stands in `{line}`")]
        );
    }

    #[test]
    fn a_foreign_type_made_public_is_named() {
        let fine = "pub fn auth_core::Io::of(http: alloc::sync::Arc<dyn auth_core::http::HttpClient>) -> http::uri::Uri";
        assert!(foreign("auth-core", fine).is_empty());
        let line = "pub fn auth_x::Y::client(&self) -> &hyper::client::Client";
        assert_eq!(
            foreign("auth-x", line),
            [format!("auth-x: a type of hyper stands in `{line}`")]
        );
        let only_there = "pub fn auth_x::f(reqwest::Client)";
        assert_eq!(foreign("auth-x", only_there).len(), 1);
        assert!(foreign("auth-core", only_there).is_empty());
    }
}
