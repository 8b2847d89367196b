//! 248 tokens that attackers and careless issuers make: 229 to refuse, and 19 to accept, which is where
//! strict verifiers go wrong. Each is signed as well as it can be, with keys that were made just now.

mod accept;
mod algorithm;
mod claim;
mod form;
mod header;
mod json;
mod key;

use std::time::{Duration, Instant};

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
    rule: Rule,
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
            rule: Rule::authenticated(),
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
    fn refuse_under(&mut self, rule: Rule, name: impl Into<String>, token: String) {
        self.refuse(name, token);
        if let Some(case) = self.cases.last_mut() {
            case.rule = rule;
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
        let start = Instant::now();
        let outcome = checks.verify_at_hand(Bearer::new(&self.token)).unwrap();
        let took = start.elapsed();
        // Two milliseconds on a machine of its own, optimized.
        assert!(took < Duration::from_millis(100), "{}: {took:?}", self.name);
        outcome.is_ok_and(|caller| self.rule.check(&caller).is_ok())
    }
}

#[test]
fn of_248_tokens_the_19_good_ones_are_accepted_and_no_other() {
    let corpus = Corpus::new()
        .group(17, accept::add)
        .group(39, algorithm::add)
        .group(38, key::add)
        .group(30, header::add)
        .group(33, form::add)
        .group(27, json::add)
        .group(64, claim::add);
    assert_eq!(corpus.cases.len(), 248);
    assert_eq!(corpus.cases.iter().filter(|case| case.is_good).count(), 19);
    let wrong = corpus
        .cases
        .iter()
        .filter(|case| case.is_accepted() != case.is_good);
    let wrong: Vec<_> = wrong.map(|case| &case.name).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Signed by nobody.
fn unsigned(header: &Value) -> String {
    format!("{}.{}", b64(header.to_string()), b64(claims().to_string()))
}
