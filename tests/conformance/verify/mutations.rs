//! Ten thousand spoiled tokens for other libraries to look at, each with what `auth-verify` says about it.
//! Takes the file to write.

#[expect(dead_code, reason = "the tests need more kinds of keys")]
#[path = "../../it/verify/forge.rs"]
mod forge;

use std::time::SystemTime;
use std::{env, fs};

use auth_verify::{Bearer, Issuer, KeySet, Keys, Verifier};
use serde_json::{Value, json};

use crate::forge::{Forge, b64};

const ISSUER: &str = "https://issuer.test";

fn main() {
    let target = env::args().nth(1).expect("the file to write");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.expect("a clock after 1970").as_secs();
    let forges = [Forge::rsa("rsa"), Forge::p256("ec"), Forge::ed25519("ed")];
    let jwks = json!({ "keys": forges.iter().map(Forge::jwk).collect::<Vec<_>>() });
    let set = KeySet::from_jwks(jwks.to_string()).expect("usable keys");
    let issuer = Issuer::new(ISSUER, "api", Keys::fixed(set)).expect("an issuer");
    let verifier = Verifier::new(issuer);
    let mut random = Random(0x5eed_0006);
    let cases: Vec<Value> = (0..CASES)
        .map(|number| {
            let token = case(&forges[number % 3], now, number / 3 % 8, &mut random);
            let outcome = verifier.verify_at_hand(Bearer::new(&token));
            let kind = match outcome.expect("fixed keys are at hand") {
                Ok(_) => "accepted",
                Err(rejection) => rejection.kind().name(),
            };
            json!({ "token": token, "kind": kind })
        })
        .collect();
    let all = json!({ "issuer": ISSUER, "audience": "api", "jwks": jwks, "cases": cases });
    fs::write(target, all.to_string()).expect("a file that can be written");
}

/// A token that is spoiled in one of several ways: its text, or what was signed.
fn case(forge: &Forge, now: u64, way: usize, random: &mut Random) -> String {
    let mut claims = json!({
        "iss": ISSUER, "aud": "api", "sub": "ada", "exp": now + 36_000, "iat": now - 5, "nbf": now - 5,
        "client_id": "desktop", "roles": ["reader"],
    });
    let mut header = forge.header();
    match way {
        // The claims have other values.
        0 | 1 => {
            let names = ["iss", "aud", "sub", "exp", "iat", "nbf", "client_id", "x"];
            claims[names[random.next(names.len())]] = value(now, random);
            forge.with_header(&header, &claims)
        }
        // The header has other members.
        2 => {
            let names = ["alg", "typ", "kid", "cty", "crit", "b64", "zip", "x"];
            header[names[random.next(names.len())]] = value(now, random);
            forge.with_header(&header, &claims)
        }
        // The JSON is spoiled, and signed.
        3 => forge.of_payload(random.spoil(claims.to_string().as_bytes())),
        4 => forge.of_bytes(
            random.spoil(header.to_string().as_bytes()),
            claims.to_string(),
        ),
        // A segment is spoiled, and signed.
        5 => {
            let payload = random.spoil(b64(claims.to_string()).as_bytes());
            let header = b64(header.to_string());
            forge.of_segments(&header, &String::from_utf8_lossy(&payload))
        }
        // The whole is spoiled.
        6 => {
            let good = forge.token(&claims);
            String::from_utf8_lossy(&random.spoil(good.as_bytes())).into_owned()
        }
        _ => forge.token(&claims),
    }
}

fn value(now: u64, random: &mut Random) -> Value {
    let values = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(now),
        json!(now + 5_000),
        json!(now as f64 + 0.5),
        json!(u64::MAX),
        json!(""),
        json!("api"),
        json!(ISSUER),
        json!("JWT"),
        json!("at+jwt"),
        json!("rsa"),
        json!("RS256"),
        json!("EdDSA"),
        json!("none"),
        json!([]),
        json!(["api"]),
        json!(["api", "b"]),
        json!(["b", 1]),
        json!({}),
        json!({ "api": true }),
        json!(now.to_string()),
        json!("DEF"),
    ];
    values[random.next(values.len())].clone()
}

/// A small generator with a seed (xorshift), so that a difference can be found again.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % below.max(1)
    }

    fn spoil(&mut self, text: &[u8]) -> Vec<u8> {
        let mut bytes = text.to_vec();
        for _ in 0..=self.next(2) {
            let at = self.next(bytes.len());
            match self.next(5) {
                0 => bytes[at] ^= 1 << self.next(7),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, TELLING[self.next(TELLING.len())]),
                3 => {
                    let end = (at + self.next(30)).min(bytes.len());
                    let part = bytes[at..end].to_vec();
                    let to = self.next(bytes.len());
                    bytes.splice(to..to, part);
                }
                _ => {
                    let other = self.next(bytes.len());
                    bytes.swap(at, other);
                }
            }
        }
        bytes
    }
}

const TELLING: &[u8] = b".{}[]\":,\\=-_ 0";
const CASES: usize = 10_000;
