//! Command lines, configurations and environments by chance, the same in each run.

use std::ffi::OsString;
use std::path::Path;

use crate::config::{FIELDS, Field, Kind, Shape};
use crate::variables::given::Variables;

/// Numbers that are the same in each run (SplitMix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^= word >> 31;
        (word % end.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

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

const URLS: &[&str] = &[
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

const PROFILES: &[&str] = &[
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
fn text(dice: &mut Dice) -> String {
    match dice.below(8) {
        0 => dice.pick(URLS).to_owned(),
        1 => "x".repeat(dice.below(400)),
        2 => dice.pick(PROFILES).to_owned(),
        _ => dice.pick(TEXTS).to_owned(),
    }
}

/// A file that is there, is not, or is none.
fn path(dice: &mut Dice, place: &Path) -> String {
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

fn profile(dice: &mut Dice) -> String {
    match dice.below(12) {
        0 if dice.one_in(3) => text(dice),
        0..=3 => dice.pick(PROFILES).to_owned(),
        _ => dice.pick(&["lab", "me", "job"]).to_owned(),
    }
}

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
        Shape::Text | Shape::List if dice.one_in(3) => quoted(dice.pick(URLS)),
        Shape::Text | Shape::List => quoted(&text(dice)),
        Shape::Url => quoted(dice.pick(URLS)),
        Shape::Path => quoted(&path(dice, place)),
        // What opens a browser stays out of a test.
        Shape::Choice(_) if field.name == "login" => quoted("device-code"),
        Shape::Choice(choices) => quoted(dice.pick(choices)),
        Shape::Switch => dice.pick(&["true", "false"]).to_owned(),
        Shape::Secret => match dice.below(6) {
            0 => "{ stdin = true }".to_owned(),
            1 => "{ prompt = \"What\" }".to_owned(),
            2 => "{ command = [\"no-such-program\", \"x\"] }".to_owned(),
            3 => format!("{{ file = {} }}", quoted(&path(dice, place))),
            _ => "{ env = \"SECRET\" }".to_owned(),
        },
    }
}

/// An environment in which nobody can be asked.
pub(super) fn environment(dice: &mut Dice, file: &Path, place: &Path) -> Variables {
    let mut all = Variables::new();
    let mut set = |name: &str, value: OsString| drop(all.insert(name.into(), value));
    set("CI", "1".into());
    set("AUTH_CONFIG", file.into());
    set("AUTH_STORE", place.join("store").into());
    if !dice.one_in(4) {
        set("SECRET", "canary-secret".into());
    }
    for _ in 0..dice.below(7).saturating_sub(4) {
        let name = match dice.below(4) {
            0 => dice
                .pick(&[
                    "AUTH_STORE",
                    "AUTH_CA_FILE",
                    "NETRC",
                    "POLYTOPE_KEY_PATH",
                    "AZURE_CLIENT_ID",
                    "DT_SERVICE_ACCOUNT_KEY_ID",
                    "DT_SERVICE_ACCOUNT_SECRET",
                    "DT_CREDENTIALS_FILE",
                    "AZURE_TENANT_ID",
                    "IDENTITY_ENDPOINT",
                    "MSI_ENDPOINT",
                    "DESPAUTH_USER",
                    "DESPAUTH_TOTP",
                    "DESPAUTH_BANANA",
                    "PROVENA_OFFLINE_TOKEN",
                    "AUTH_EMULATOR_PID",
                ])
                .to_owned(),
            _ => {
                let field = &FIELDS[dice.below(FIELDS.len())];
                format!(
                    "AUTH_{}_{}",
                    dice.pick(&["LAB", "ME", "JOB"]),
                    field.variable()
                )
            }
        };
        let value = match name.ends_with("_LOGIN") {
            true => "device-code".to_owned(),
            false => text(dice),
        };
        set(&name, value_of(dice, value));
    }
    all
}

#[cfg(unix)]
fn value_of(dice: &mut Dice, text: String) -> OsString {
    use std::os::unix::ffi::OsStringExt;

    match dice.one_in(20) {
        true => OsString::from_vec(vec![b'a', 0xff]),
        false => text.into(),
    }
}

#[cfg(not(unix))]
fn value_of(_: &mut Dice, text: String) -> OsString {
    text.into()
}

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
            "--scope",
            "--audience",
            "--account",
        ],
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
                .pick(&["raw", "json", "header", "env", "yaml"])
                .to_owned(),
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
