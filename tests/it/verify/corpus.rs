//! 248 tokens that attackers and careless issuers make: 229 to refuse, and 19 to accept, which is where
//! strict verifiers go wrong. Each is signed as well as it can be, with keys that were made just now.

mod accept;
mod algorithm;
mod claim;
mod form;
mod header;
mod json;
mod key;

use std::io::Write as _;
use std::process::{Command, Stdio};

use auth_verify::{Algorithm, Bearer, Issuer, KeySet, Keys, Rule, Verifier};
use serde_json::{Value, json};

use super::forge::{Forge, b64};
use super::{AUDIENCE, ISSUER, claims, timed};

/// The tokens, and what to make them with.
struct Corpus {
    rsa: Forge,
    ec: Forge,
    ed: Forge,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    keys: Vec<Value>,
    token: String,
    is_good: bool,
    /// What somebody asks for beside a good token.
    asked: Asked,
}

#[derive(Clone, Copy)]
enum Asked {
    Nothing,
    Role(&'static str),
    Scope(&'static str),
}

impl Corpus {
    fn new() -> Self {
        Self {
            rsa: Forge::rsa("r"),
            ec: Forge::p256("e"),
            ed: Forge::ed25519("d"),
            cases: Vec::new(),
        }
    }

    /// A case with keys of its own.
    fn case(&mut self, name: impl Into<String>, keys: Vec<Value>, token: String, is_good: bool) {
        let name = name.into();
        self.cases.push(Case {
            name,
            keys,
            token,
            is_good,
            asked: Asked::Nothing,
        });
    }

    fn keys(&self) -> Vec<Value> {
        [&self.rsa, &self.ec, &self.ed].map(Forge::jwk).into()
    }

    fn accept(&mut self, name: impl Into<String>, token: String) {
        self.case(name, self.keys(), token, true);
    }

    fn refuse(&mut self, name: impl Into<String>, token: String) {
        self.case(name, self.keys(), token, false);
    }

    /// A token that is refused where somebody asks for what it says.
    fn refuse_under(&mut self, asked: Asked, name: impl Into<String>, token: String) {
        self.refuse(name, token);
        if let Some(case) = self.cases.last_mut() {
            case.asked = asked;
        }
    }

    /// Adds what `group` makes, which is `count` cases.
    fn group(mut self, count: usize, group: fn(&mut Self)) -> Self {
        let before = self.cases.len();
        group(&mut self);
        assert_eq!(self.cases.len() - before, count);
        self
    }
}

impl Case {
    /// Whether the token is accepted. A set without a usable key accepts nothing.
    fn is_accepted(&self) -> bool {
        let set = json!({ "keys": self.keys }).to_string();
        let Ok(set) = KeySet::from_jwks(set) else {
            return false;
        };
        let issuer = Issuer::new(ISSUER, AUDIENCE, Keys::fixed(set)).unwrap();
        let allowed = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];
        let checks = timed(Verifier::new(issuer.with_algorithms(allowed).unwrap()));
        let outcome = checks.verify_at_hand(Bearer::new(&self.token)).unwrap();
        let rule = match self.asked {
            Asked::Nothing => Rule::authenticated(),
            Asked::Role(role) => Rule::any_role([role]).unwrap(),
            Asked::Scope(scope) => Rule::any_scope([scope]).unwrap(),
        };
        outcome.is_ok_and(|caller| rule.check(&caller).is_ok())
    }
}

fn all() -> Corpus {
    Corpus::new()
        .group(17, accept::add)
        .group(39, algorithm::add)
        .group(38, key::add)
        .group(30, header::add)
        .group(33, form::add)
        .group(27, json::add)
        .group(64, claim::add)
}

#[test]
fn of_248_tokens_the_19_good_ones_are_accepted_and_no_other() {
    let corpus = all();
    assert_eq!(corpus.cases.len(), 248);
    assert_eq!(corpus.cases.iter().filter(|case| case.is_good).count(), 19);
    let wrong = corpus
        .cases
        .iter()
        .filter(|case| case.is_accepted() != case.is_good);
    let wrong: Vec<_> = wrong.map(|case| &case.name).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The same by the program, where a conformance task says where it is: 0 for what must be accepted, 3 for what must be
/// refused, whatever its size; where no key of the set can be used, 1 or 2.
#[test]
fn the_program_says_0_and_3_to_the_same_tokens() {
    let Some(program) = std::env::var_os("AUTH_PROGRAM") else {
        return;
    };
    super::IS_NOW.set(true);
    let (home, mut wrong) = (tempfile::tempdir().unwrap(), Vec::new());
    let keys = home.path().join("keys.json");
    for case in all().cases {
        let set = json!({ "keys": case.keys }).to_string();
        std::fs::write(&keys, &set).unwrap();
        let mut command = Command::new(&program);
        command
            .args([
                "verify",
                "--issuer",
                ISSUER,
                "--audience",
                AUDIENCE,
                "--jwks",
            ])
            .arg(&keys)
            .args(["RS256", "ES256", "EdDSA"].map(|name| format!("--algorithm={name}")));
        match case.asked {
            Asked::Nothing => {}
            Asked::Role(role) => drop(command.args(["--role", role])),
            Asked::Scope(scope) => drop(command.args(["--scope", scope])),
        }
        command.env_clear().env("HOME", home.path());
        let streams = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut process = streams.spawn().unwrap();
        // What is too long is not read to its end.
        let _ = process
            .stdin
            .take()
            .unwrap()
            .write_all(case.token.as_bytes());
        let output = process.wait_with_output().unwrap();
        let has_keys = KeySet::from_jwks(set).is_ok();
        let is_right = match output.status.code() {
            // On stdin, the end of a line is none of the token's.
            Some(0) => case.is_good || case.name == "CRLF after it",
            Some(1 | 2) => !has_keys,
            Some(3) => !case.is_good,
            _ => false,
        };
        let said = String::from_utf8(output.stderr).unwrap();
        if !is_right
            || said
                .lines()
                .filter(|line| !line.contains("a PRIVATE key"))
                .count()
                != 1
        {
            wrong.push(format!("{}: {:?} {said}", case.name, output.status.code()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Signed by nobody.
fn unsigned(header: &Value) -> String {
    format!("{}.{}", b64(header.to_string()), b64(claims().to_string()))
}
