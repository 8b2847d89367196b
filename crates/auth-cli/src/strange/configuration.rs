//! Configuration files with slips.

use std::path::Path;

use super::dice::Dice;
use super::words::{URLS, path, text};
use crate::config::{FIELDS, Field, Kind, Shape};

/// Profiles as people write them, with slips.
pub(super) fn configuration(dice: &mut Dice, place: &Path) -> String {
    let mut all = String::new();
    for name in ["lab", "me", "job", "odd.name", "provena", "disruptive"] {
        if dice.one_in(3) {
            continue;
        }
        all.push_str(&format!("[profile.{name}]\n"));
        let kind = dice.pick(&[
            "client-credentials",
            "jwt-bearer",
            "refresh",
            "keycloak",
            "oidc",
            "desp",
            "entra",
            "managed-identity",
            "token-exchange",
            "chain",
            "client_credentials",
            "",
        ]);
        if !dice.one_in(20) {
            all.push_str(&format!("kind = \"{kind}\"\n"));
        }
        let basics = [
            ("issuer", "https://id.example/realms/lab"),
            ("client-id", "robot"),
            ("tenant", "contoso.onmicrosoft.com"),
            ("scope", "openid"),
            ("subject", "me"),
        ];
        let fits = |name: &str| {
            let kind = Kind::parse(kind);
            kind.is_some_and(|kind| Field::named(name).is_some_and(|field| field.fits(kind)))
        };
        for (key, value) in basics {
            if fits(key) && !dice.one_in(15) {
                all.push_str(&format!("{key} = \"{value}\"\n"));
            }
        }
        for _ in 0..dice.below(3) {
            let field = &FIELDS[dice.below(FIELDS.len())];
            let is_usual = basics.iter().any(|(key, _)| *key == field.name) || field.name == "kind";
            if !is_usual && (fits(field.name) || dice.one_in(12)) {
                let value = value(field, dice, place);
                all.push_str(&format!("{} = {value}\n", field.name));
            }
        }
    }
    if dice.one_in(12) {
        let mut letters: Vec<char> = all.chars().collect();
        let at = dice.below(letters.len() + 1);
        let slip = dice.pick(&[
            "\"", "[", "]", "=", "\n", "#", "'", "\u{0}", "{", "\u{feff}",
        ]);
        letters.splice(at..at, slip.chars()).for_each(drop);
        all = letters.into_iter().collect();
    }
    all
}

fn value(field: &Field, dice: &mut Dice, place: &Path) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    if dice.one_in(10) {
        return dice
            .pick(&[
                "things",
                "1",
                "true",
                "[1]",
                "{}",
                "\"\"",
                "1979-05-27",
                "[\"a\"]",
            ])
            .to_owned();
    }
    match field.shape {
        Shape::Texts if dice.one_in(3) => {
            format!("[{}, {}]", quoted(&text(dice)), quoted(&text(dice)))
        }
        Shape::Text | Shape::Texts | Shape::List if dice.one_in(3) => quoted(dice.pick(URLS)),
        Shape::Text | Shape::Texts | Shape::List => quoted(&text(dice)),
        Shape::Url => quoted(dice.pick(URLS)),
        Shape::Path => quoted(&path(dice, place)),
        // What opens a browser stays out of a test.
        Shape::Choice(_) if field.name == "login" => quoted("device-code"),
        Shape::Choice(choices) => quoted(dice.pick(choices)),
        Shape::Switch => dice.pick(&["true", "false"]).to_owned(),
        Shape::Duration => quoted(dice.pick(&["10s", "5m", "0", "-1s", "forever"])),
        Shape::Secret => match dice.below(6) {
            0 => "{ stdin = true }".to_owned(),
            1 => "{ prompt = \"What\" }".to_owned(),
            2 => "{ command = [\"no-such-program\", \"x\"] }".to_owned(),
            3 => format!("{{ file = {} }}", quoted(&path(dice, place))),
            _ => "{ env = \"SECRET\" }".to_owned(),
        },
    }
}
