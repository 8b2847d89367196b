//! Tokens that come in: which are accepted, which are refused, and what is answered. The number in a
//! test's name is that of a rule in `crates/auth-verify/RULES.md`.

mod answer;
mod certificate;
mod claims;
mod corpus;
mod cve;
mod destiny;
mod entra;
mod event;
pub mod forge;
mod form;
mod gate;
mod header;
mod key;
mod keycloak;
mod lookup;
mod loopback;
mod mark;
mod mutation;
mod on_behalf;
mod pectus;
mod provena;
mod rfc;
mod role;
mod rsa;
mod secret;
mod signature;
mod source;
mod supply;
mod tower;
mod vendor;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::BoxFuture;
use auth_core::clock::{Clock, Now};
use auth_verify::{Bearer, Issuer, KeySet, Keys, RejectionKind, Verified, Verifier};
use serde_json::{Value, json};

use self::forge::Forge;

const ISSUER: &str = "https://issuer.test";
const AUDIENCE: &str = "api";

/// 2026-01-01T00:00:00Z, where a `TestClock` starts.
const NOW: u64 = 1_767_225_600;

thread_local! {
    /// Whether this thread's tokens are of this moment, for a program that goes by the machine's clock.
    static IS_NOW: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// When the usual claims are issued.
fn now() -> u64 {
    match IS_NOW.get() {
        true => SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs(),
        false => NOW,
    }
}

fn claims() -> Value {
    let now = now();
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": now + 3600, "iat": now, "nbf": now,
        "client_id": "desktop", "scope": "read write", "jti": "1",
    })
}

/// The usual claims with some of them changed; `null` takes one out.
fn with(changes: Value) -> Value {
    merged(claims(), changes)
}

pub fn merged(mut all: Value, changes: Value) -> Value {
    let members = all.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    all
}

fn keys(forges: &[&Forge]) -> Keys {
    let list: Vec<_> = forges.iter().map(|forge| forge.jwk()).collect();
    keys_of(&list)
}

fn keys_of(list: &[Value]) -> Keys {
    let document = json!({ "keys": list }).to_string();
    Keys::fixed(KeySet::from_jwks(document).unwrap())
}

fn issuer(keys: Keys) -> Issuer {
    Issuer::new(ISSUER, AUDIENCE, keys).unwrap()
}

/// A verifier of the usual issuer whose time stands still.
fn verifier(forges: &[&Forge]) -> Verifier {
    timed(Verifier::new(issuer(keys(forges))))
}

fn timed(verifier: Verifier) -> Verifier {
    verifier.with_clock(Arc::new(Still))
}

/// A clock that stands still, whatever the machine does.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Now {
        Now::new(
            SystemTime::UNIX_EPOCH + Duration::from_secs(NOW),
            Duration::ZERO,
        )
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

fn check(verifier: &Verifier, token: &str) -> Result<Verified, RejectionKind> {
    let outcome = verifier.verify_at_hand(Bearer::new(token));
    let outcome = outcome.expect("fixed keys are at hand");
    outcome.map_err(|rejection| rejection.kind())
}

#[track_caller]
fn assert_refused(verifier: &Verifier, token: &str, kind: RejectionKind) {
    let shown = &token[..token.len().min(200)];
    assert_eq!(
        check(verifier, token).map(|_| ()).unwrap_err(),
        kind,
        "{shown}"
    );
}

#[track_caller]
fn assert_accepted(verifier: &Verifier, token: &str) -> Verified {
    let shown = &token[..token.len().min(200)];
    check(verifier, token).unwrap_or_else(|kind| panic!("{kind}: {shown}"))
}
