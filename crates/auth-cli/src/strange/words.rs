//! What people type, write and set.

use std::path::Path;

use super::dice::Dice;

/// What people type that nobody thought of, and what they should.
const TEXTS: &[&str] = &[
    "lab",
    "me",
    "job",
    "",
    " ",
    "a b",
    "it's",
    "\"",
    "\\",
    "\u{1b}[2J",
    "\u{202e}x",
    "é",
    "日本",
    "--",
    "-",
    "0",
    "-1",
    "99999999999999999999",
    "true",
    "none",
    "openid",
    "read write",
    "${HOME}",
    "$(id)",
    "~",
    "~/x",
    "a=b",
    "a:b",
    "=",
    ":",
    ".",
    "..",
    "a/../b",
    "%00",
    "%",
    "@",
    "@x",
    "{}",
    "[]",
    "null",
    "\u{feff}x",
    "a\nb",
    "a\tb",
    "client_credentials",
    "urn:x:y",
];

pub(super) const URLS: &[&str] = &[
    "https://id.example",
    "https://id.example/",
    "https://id.example/realms/lab",
    "https://id.example/realms/lab/",
    "https://id.example/realms/my lab",
    "http://id.example",
    "http://127.0.0.1:1",
    "http://localhost:1/cb",
    "http://[::1]/cb",
    "https://",
    "https:///x",
    "id.example",
    "https://u:canary@id.example",
    "https://id.example?q=canary",
    "https://id.example/.well-known/openid-configuration",
    "file:///etc/passwd",
    "ftp://a.b",
    "https://login.microsoftonline.com/contoso/v2.0",
    "https://id.example:99999",
    "https://é.example",
    "http://127.0.0.1/callback",
    "javascript:x",
    "https://[::1",
];

pub(super) const PROFILES: &[&str] = &[
    "lab",
    "me",
    "job",
    "lba",
    "odd.name",
    "destiny",
    "provena",
    "provena-person",
    "disruptive",
    "pectus",
    "highway",
    "cacheb",
    "data-lake",
    "destiny-azure",
    "nobody",
];

/// A text of any kind.
pub(super) fn text(dice: &mut Dice) -> String {
    match dice.below(8) {
        0 => dice.pick(URLS).to_owned(),
        1 => "x".repeat(dice.below(400)),
        2 => dice.pick(PROFILES).to_owned(),
        _ => dice.pick(TEXTS).to_owned(),
    }
}

/// A file that is there, is not, or is none.
pub(super) fn path(dice: &mut Dice, place: &Path) -> String {
    let name = dice.pick(&[
        "",
        "config.toml",
        "gone",
        "gone/too",
        "\u{1b}",
        "secret",
        "é",
    ]);
    place.join(name).display().to_string()
}

pub(super) fn profile(dice: &mut Dice) -> String {
    match dice.below(12) {
        0 if dice.one_in(3) => text(dice),
        0..=3 => dice.pick(PROFILES).to_owned(),
        _ => dice.pick(&["lab", "me", "job"]).to_owned(),
    }
}
