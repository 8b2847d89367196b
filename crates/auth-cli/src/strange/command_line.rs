//! Command lines.

use std::ffi::OsString;
use std::path::Path;

use super::dice::Dice;
use super::words::{URLS, path, profile, text};

/// A command with some of its options, and some of others'.
pub(super) fn command_line(dice: &mut Dice, place: &Path) -> Vec<OsString> {
    let command = dice.pick(&[
        "token",
        "request",
        "login",
        "logout",
        "whoami",
        "netrc",
        "desp",
        "offline-token",
        "import",
        "status",
        "profiles",
        "config",
        "verify",
        "inspect",
        "kubernetes",
        "tokne",
    ]);
    let mut words = vec!["auth".to_owned(), command.to_owned()];
    match command {
        "status" | "profiles" | "inspect" => {}
        "config" => words.extend(["show".to_owned(), profile(dice)]),
        "verify" => {
            let issuer = dice.pick(URLS).to_owned();
            words.extend([
                "--issuer".to_owned(),
                issuer,
                "--audience".to_owned(),
                text(dice),
            ]);
        }
        "desp" => words.extend(["-s".to_owned(), profile(dice)]),
        // Nothing opens a browser in a test.
        "login" | "offline-token" => words.extend([
            profile(dice),
            "--no-browser".to_owned(),
            "--device-code".to_owned(),
        ]),
        "logout" => words.extend([profile(dice), "--no-browser".to_owned()]),
        "request" => words.extend([
            profile(dice),
            dice.pick(&["/x", "x", "GET", "https://a.b/", "//x", ""])
                .to_owned(),
        ]),
        _ => words.push(profile(dice)),
    }
    let options: &[&str] = match command {
        "token" => &[
            "--min-ttl",
            "--refresh",
            "--format",
            "--name",
            "--host",
            "--scope",
            "--audience",
            "--account",
        ],
        "kubernetes" => &["--token", "--account", "--scope"],
        "request" => &[
            "--data",
            "--header",
            "--include",
            "--allow-origin",
            "--scope",
        ],
        "verify" => &[
            "--kind",
            "--jwks",
            "--role",
            "--algorithm",
            "--introspect",
            "--json",
            "--roles-from",
        ],
        "logout" => &["--all", "--key", "--revoke", "--account"],
        "offline-token" => &["--output", "--check", "--revoke", "--from"],
        "desp" => &["-p", "-n", "--iam-url", "--redirect-uri", "--scope"],
        "import" | "netrc" => &["--stage", "--file", "--account"],
        _ => &["--json", "--account", "--scope", "--timeout"],
    };
    for _ in 0..dice.below(5).saturating_sub(2) {
        let option = match dice.one_in(8) {
            true => dice.pick(&[
                "--no-store",
                "--store",
                "--ca-file",
                "--config",
                "-v",
                "--secret",
                "--x",
            ]),
            false => dice.pick(options),
        };
        words.push(option.to_owned());
        let value = match option {
            "--refresh" | "--include" | "--introspect" | "--json" | "--all" | "--revoke"
            | "--check" | "-p" | "-n" | "--no-store" | "-v" => continue,
            // What is written stays in the place of this test.
            "--output" | "--file" | "--store" | "--config" | "--ca-file" | "--from" | "--jwks" => {
                path(dice, place)
            }
            "--format" => dice
                .pick(&[
                    "raw",
                    "json",
                    "header",
                    "env",
                    "yaml",
                    "cmd",
                    "netrc",
                    "kubernetes",
                ])
                .to_owned(),
            "--token" => dice.pick(&["id", "access", "refresh"]).to_owned(),
            "--kind" => dice
                .pick(&["openid", "keycloak", "entra", "id-token", "rfc9068"])
                .to_owned(),
            "--min-ttl" | "--timeout" => dice
                .pick(&["90", "10m", "0", "soon", "99999999999999999999", "-1"])
                .to_owned(),
            "--data" => dice.pick(&["x", "", "-", "@", "@/gone", "{}"]).to_owned(),
            "--header" => dice
                .pick(&["a: b", "a", "Authorization: x", "é: é", ":"])
                .to_owned(),
            _ => text(dice),
        };
        words.push(value);
    }
    words.into_iter().map(OsString::from).collect()
}
