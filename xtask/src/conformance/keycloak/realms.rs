//! Our realms: one pattern, and what differs in each.

use std::fs;

use serde_json::{Value, json};

use crate::root::root;

/// A realm, in the form in which Keycloak imports it.
pub(super) struct Realm {
    name: &'static str,
    pub(super) text: String,
}

impl Realm {
    /// The name of its file; Keycloak wants it to end like this.
    pub(super) fn file(&self) -> String {
        format!("{}-realm.json", self.name)
    }
}

/// All of them.
pub(super) fn ours() -> Result<Vec<Realm>, String> {
    let pattern = read("tests/conformance/keycloak/realm.json")?;
    let pattern = pattern
        .replace("RSA_JWKS", &key_set("rsa.jwk.json", "RS256", &["n", "e"])?)
        .replace(
            "EC_JWKS",
            &key_set("ec.jwk.json", "ES256", &["crv", "x", "y"])?,
        );
    DIFFERENCES
        .iter()
        .map(|(name, differences)| realm(&pattern, name, differences))
        .collect()
}

fn realm(
    pattern: &str,
    name: &'static str,
    differences: &[(&str, Difference)],
) -> Result<Realm, String> {
    let mut realm: Value = serde_json::from_str(&pattern.replace("REALM", name))
        .map_err(|error| format!("the pattern of the realms is broken: {error}"))?;
    for (setting, value) in differences {
        realm[*setting] = match value {
            Difference::Yes => json!(true),
            Difference::Seconds(seconds) => json!(seconds),
        };
    }
    let text = format!("{realm:#}");
    Ok(Realm { name, text })
}

enum Difference {
    Seconds(u32),
    Yes,
}

/// What the realms are called, and what each has that the pattern has not.
const DIFFERENCES: [(&str, &[(&str, Difference)]); 3] = [
    ("steady", &[]),
    ("rotating", &[("revokeRefreshToken", Difference::Yes)]),
    (
        "short",
        &[
            ("accessTokenLifespan", Difference::Seconds(60)),
            ("ssoSessionIdleTimeout", Difference::Seconds(4)),
            ("ssoSessionMaxLifespan", Difference::Seconds(8)),
            ("offlineSessionIdleTimeout", Difference::Seconds(4)),
        ],
    ),
];

/// The public half of a key of the tests, as a key set in a JSON string.
fn key_set(file: &str, algorithm: &str, members: &[&str]) -> Result<String, String> {
    let text = read(&format!("tests/it/jwt_bearer/keys/{file}"))?;
    let key: Value =
        serde_json::from_str(&text).map_err(|error| format!("{file} is broken: {error}"))?;
    let mut public =
        json!({ "kty": key["kty"], "kid": key["kid"], "use": "sig", "alg": algorithm });
    for member in members {
        public[*member] = key[*member].clone();
    }
    Ok(json!({ "keys": [public] }).to_string().replace('"', "\\\""))
}

fn read(path: &str) -> Result<String, String> {
    let file = root().join(path);
    fs::read_to_string(file).map_err(|error| format!("{path} can't be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_realm_has_its_name_and_no_private_key() {
        for realm in ours().unwrap() {
            let value: Value = serde_json::from_str(&realm.text).unwrap();
            assert_eq!(value["realm"], realm.name);
            assert!(!realm.text.contains("REALM") && !realm.text.contains("\\\"d\\\""));
        }
    }
}
