//! Rule 67: thousands of spoiled tokens, key sets and headers. Nothing panics, nothing forged gets in.

use auth_verify::{Bearer, BearerHeader, KeySet, SharedSecrets, Unverified};
use http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::forge::Forge;
use super::{check, claims, verifier};

/// A small generator with a seed (xorshift), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % below.max(1)
    }

    /// Spoils `text` in one to four places.
    fn spoil(&mut self, text: &[u8]) -> Vec<u8> {
        let mut bytes = text.to_vec();
        for _ in 0..=self.next(4) {
            let at = self.next(bytes.len());
            match self.next(7) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.next(8),
                1 if !bytes.is_empty() => drop(bytes.remove(at)),
                2 => bytes.insert(at, TELLING[self.next(TELLING.len())]),
                3 => bytes.truncate(at),
                4 => {
                    let end = (at + self.next(40)).min(bytes.len());
                    let part = bytes[at..end].to_vec();
                    let to = self.next(bytes.len());
                    bytes.splice(to..to, part);
                }
                5 if !bytes.is_empty() => bytes[at] = u8::try_from(self.next(256)).unwrap(),
                _ => {
                    let other = self.next(bytes.len());
                    if !bytes.is_empty() {
                        bytes.swap(at, other);
                    }
                }
            }
        }
        bytes
    }
}

const TELLING: &[u8] = b".{}[]\":,\\=-_ 0\0\xff\xc0";

#[test]
fn rule_67_a_spoiled_token_is_never_accepted_and_never_panics() {
    let forges = [Forge::ed25519("k"), Forge::p256("k"), Forge::rsa("k")];
    let mut random = Random(0x5eed_0001);
    for forge in &forges {
        let checks = verifier(&[forge]);
        let good = forge.token(&claims());
        assert!(check(&checks, &good).is_ok());
        for _ in 0..4_000 {
            let bad = random.spoil(good.as_bytes());
            let bad = String::from_utf8_lossy(&bad);
            if bad != good {
                assert!(check(&checks, &bad).is_err(), "{bad}");
            }
            let _ = Unverified::peek(&bad);
        }
    }
}

#[test]
fn rule_67_claims_that_are_spoiled_and_signed_never_panic() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    let (header, payload) = (forge.header().to_string(), claims().to_string());
    let mut random = Random(0x5eed_0002);
    let mut accepted = 0;
    for _ in 0..6_000 {
        let token = match random.next(2) {
            0 => forge.of_bytes(random.spoil(header.as_bytes()), &payload),
            _ => forge.of_bytes(&header, random.spoil(payload.as_bytes())),
        };
        if let Ok(caller) = check(&checks, &token) {
            accepted += 1;
            assert_eq!(caller.issuer(), super::ISSUER);
            // What we read strictly, others read the same way.
            let theirs: serde_json::Value = caller.claims().unwrap();
            assert_eq!(theirs["sub"].as_str(), caller.subject().as_deref());
        }
    }
    assert!(accepted > 50, "some changes are harmless: {accepted}");
}

#[test]
fn rule_67_spoiled_key_sets_and_headers_never_panic() {
    let (rsa, ec, ed) = (Forge::rsa("r"), Forge::p256("e"), Forge::ed25519("d"));
    let set = json!({ "keys": [rsa.jwk(), ec.jwk(), ed.jwk()] }).to_string();
    let secret =
        json!({ "keys": [{ "kty": "oct", "alg": "HS256", "k": "A".repeat(43) }] }).to_string();
    let header = format!("Bearer {}", ed.token(&claims()));
    let mut random = Random(0x5eed_0003);
    for _ in 0..3_000 {
        let _ = KeySet::from_jwks(random.spoil(set.as_bytes()));
        let spoiled = random.spoil(secret.as_bytes());
        let _ = SharedSecrets::from_jwks(&String::from_utf8_lossy(&spoiled).into_owned().into());
        if let Ok(value) = HeaderValue::from_bytes(&random.spoil(header.as_bytes())) {
            let mut headers = HeaderMap::new();
            headers.insert("authorization", value);
            let _ = BearerHeader::authorization().read(&headers);
        }
    }
}

#[test]
fn rule_67_random_text_is_no_token() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    let mut random = Random(0x5eed_0004);
    for _ in 0..5_000 {
        let length = random.next(200);
        let text: String = (0..length)
            .map(|_| match random.next(6) {
                0 => '.',
                1 => char::from(TELLING[random.next(14)]),
                _ => char::from(b'A' + u8::try_from(random.next(26)).unwrap()),
            })
            .collect();
        assert!(checks.verify_at_hand(Bearer::new(&text)).unwrap().is_err());
    }
}
