//! [`Expected`]: what an ID token must say to be the answer to a login.

use std::time::{Duration, SystemTime};

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::IdToken;
use super::claims::{Claims, Header};
use super::token_issuer::TokenIssuer;
use crate::error::{Error, Result};
use crate::io::quoted;
use crate::token::AccessToken;

/// What an ID token must say (OpenID Connect Core §3.1.3.7), as far as that is known.
///
/// The signature is not checked here: the token came from the token endpoint over TLS, which item 6
/// accepts in its place. A [`TokenCheck`](crate::session::TokenCheck) checks it.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: Option<TokenIssuer>,
    pub(crate) client: &'a str,
    pub(crate) nonce: Option<&'a str>,
    /// What it came with. It must not have ended when that was asked for.
    pub(crate) access: &'a AccessToken,
    pub(crate) now: SystemTime,
}

impl Expected<'_> {
    /// Who logged in: the name that people know, or else the subject.
    pub(crate) fn check(&self, token: &IdToken) -> Result<String> {
        let bad = |why: &str, advice: &str| {
            Error::protocol(format!("the ID token {why}")).with_advice(advice.to_owned())
        };
        let broken = |why: String| bad(&why, BROKEN);
        let text = token.expose_secret();
        if text.split('.').count() == ENCRYPTED {
            return Err(bad(
                "is encrypted",
                "let the server sign this client's ID tokens without encrypting them",
            ));
        }
        let header = Header::of(text).map_err(broken)?;
        let claims = Claims::of(text).map_err(broken)?;
        if header.alg.eq_ignore_ascii_case("none") {
            return Err(bad(
                "is not signed",
                "let the server sign this client's ID tokens, with RS256 or ES256",
            ));
        }
        let tenant = claims.tid.as_deref();
        if let Some(issuer) = self
            .issuer
            .as_ref()
            .filter(|issuer| !issuer.is(&claims.iss, tenant))
        {
            let why = format!(
                "is from another issuer: {} instead of {issuer}",
                quoted(&claims.iss)
            );
            return Err(bad(
                &why,
                "compare the issuer that is configured, letter by letter",
            ));
        }
        let named = claims.aud.names();
        if !named.iter().any(|name| name == self.client) {
            let whom = named
                .iter()
                .take(5)
                .map(|name| quoted(name))
                .collect::<Vec<_>>();
            let why = format!(
                "is for another client: {} instead of {}",
                whom.join(", "),
                quoted(self.client)
            );
            return Err(bad(&why, CLIENT));
        }
        match &claims.azp {
            Some(azp) if azp != self.client => {
                let why = format!(
                    "was given to another client: {} instead of {}",
                    quoted(azp),
                    quoted(self.client)
                );
                return Err(bad(&why, CLIENT));
            }
            None if named.len() > 1 => {
                let why = "is for several and does not say to whom it was given (`azp`)";
                return Err(bad(
                    why,
                    "let the server name this client alone, or as `azp`",
                ));
            }
            _ => {}
        }
        if self.nonce.is_some() && claims.nonce.as_deref() != self.nonce {
            return Err(bad(
                "is not the answer to this login (nonce)",
                "log in again; if it happens twice, report it to whoever runs the server",
            ));
        }
        let asked_at = self.access.obtained_at();
        let (now, leeway) = (seconds(self.now.max(asked_at)), LEEWAY.as_secs_f64());
        if claims.exp + leeway <= seconds(asked_at) {
            return Err(bad("has expired", CLOCK));
        }
        if claims.iat - leeway > now {
            return Err(bad("was made in the future", CLOCK));
        }
        let hash = half_hash(&header.alg, self.access.expose_secret());
        match (&claims.at_hash, hash) {
            (Some(said), Some(real)) if *said != real => {
                Err(bad("belongs to another access token (at_hash)", BROKEN))
            }
            _ => Ok(claims
                .preferred_username
                .or(claims.email)
                .unwrap_or(claims.sub)),
        }
    }
}

/// `at_hash` (OpenID Connect Core §3.1.3.6). `None` for an algorithm that is not known.
fn half_hash(algorithm: &str, token: &str) -> Option<String> {
    let hash = match algorithm.get(2..)? {
        "256" => &digest::SHA256,
        "384" => &digest::SHA384,
        "512" => &digest::SHA512,
        _ if algorithm == "EdDSA" || algorithm == "Ed25519" => &digest::SHA512,
        _ => return None,
    };
    let digest = digest::digest(hash, token.as_bytes());
    let bytes = digest.as_ref();
    Some(URL_SAFE_NO_PAD.encode(&bytes[..bytes.len() / 2]))
}

fn seconds(time: SystemTime) -> f64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}

const BROKEN: &str = "report it to whoever runs the server: the token breaks the standard";

const CLIENT: &str = "compare the client that is configured with it";

/// The parts of what is encrypted (RFC 7516 §7.1).
const ENCRYPTED: usize = 5;

/// It was issued just now.
const CLOCK: &str = "set this machine's clock (NTP): it differs from the server's";

/// How far two clocks may differ.
const LEEWAY: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn check(change: impl FnOnce(&mut Value)) -> Result<String> {
        check_after(Duration::ZERO, change)
    }

    fn check_after(wait: Duration, change: impl FnOnce(&mut Value)) -> Result<String> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        let access = AccessToken::new("access".into(), now, now + LEEWAY).unwrap();
        let mut claims = json!({
            "iss": "https://issuer", "sub": "s1", "aud": "client", "nonce": "n",
            "exp": NOW + 60, "iat": NOW,
            "at_hash": half_hash("RS256", "access").unwrap(),
        });
        change(&mut claims);
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let alg = claims["alg"].as_str().unwrap_or("RS256");
        let token = format!("{}.{}.x", encode(&json!({ "alg": alg })), encode(&claims));
        Expected {
            issuer: Some(TokenIssuer::new("https://issuer")),
            client: "client",
            nonce: Some("n"),
            access: &access,
            now: now + wait,
        }
        .check(&IdToken::new(token))
    }

    #[test]
    fn oidc_core_s3_1_3_7_what_is_not_for_us_is_refused() {
        assert_eq!(check(|_| {}).unwrap(), "s1");
        let several = json!(["client", "other"]);
        for (name, value) in [
            ("iss", json!("https://issuer/")),
            ("aud", json!("other")),
            ("aud", json!(["other"])),
            ("aud", several.clone()),
            ("azp", json!("other")),
            ("nonce", json!("m")),
            ("nonce", Value::Null),
            ("exp", json!(NOW - 61)),
            ("exp", Value::Null),
            ("iat", json!(NOW + 61)),
            ("sub", json!("")),
            ("sub", Value::Null),
            ("at_hash", json!("x")),
            ("alg", json!("none")),
        ] {
            assert!(
                check(|claims| claims[name] = value.clone()).is_err(),
                "{name} {value}"
            );
        }
        let named = check(|claims| {
            claims["aud"] = several;
            claims["azp"] = "client".into();
            claims["preferred_username"] = "ada".into();
        });
        assert_eq!(named.unwrap(), "ada");
    }

    #[test]
    fn what_came_and_what_was_wanted_are_both_named() {
        for (name, value, said) in [
            (
                "iss",
                json!("https://other"),
                "https://other instead of https://issuer",
            ),
            ("aud", json!(["a", "b"]), "a, b instead of client"),
            ("azp", json!("\u{1b}c"), "\\u{1b}c instead of client"),
        ] {
            let error = check(|claims| claims[name] = value.clone()).unwrap_err();
            assert!(error.message().ends_with(said), "{name} {value}: {error}");
        }
    }

    #[test]
    fn an_encrypted_token_is_called_one() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        let access = AccessToken::new("access".into(), now, now + LEEWAY).unwrap();
        let expected = Expected {
            issuer: None,
            client: "client",
            nonce: None,
            access: &access,
            now,
        };
        let error = expected.check(&IdToken::new("e30.key.iv.text.tag".to_owned()));
        assert!(error.unwrap_err().message().ends_with("is encrypted"));
    }

    #[test]
    fn a_claim_that_is_missing_or_of_another_type_is_named() {
        for (name, value, said) in [
            ("exp", json!("soon"), "with an `exp` that is a text"),
            ("exp", Value::Null, "with no `exp`"),
            ("iat", json!([]), "with an `iat` that is a list"),
            ("sub", json!(7), "with a `sub` that is a number"),
            ("aud", json!({}), "with an `aud` that is an object"),
            ("azp", json!(["client"]), "with an `azp` that is a list"),
            ("nonce", json!(5), "with a `nonce` that is a number"),
            (
                "at_hash",
                json!(true),
                "with an `at_hash` that is true or false",
            ),
        ] {
            let error = check(|claims| claims[name] = value.clone()).unwrap_err();
            assert!(error.message().contains(said), "{name} {value}: {error}");
        }
        // What only tells more is no reason to refuse anybody.
        let named = check(|claims| {
            claims["email"] = json!(false);
            claims["preferred_username"] = json!(["ada"]);
            claims["sid"] = json!(1);
        });
        assert_eq!(named.unwrap(), "s1");
    }

    #[test]
    fn an_id_token_that_ended_after_it_was_asked_for_is_good_and_one_that_ended_before_is_not() {
        let hour = Duration::from_secs(3600);
        assert!(check_after(hour, |_| {}).is_ok());
        let ended = |claims: &mut Value| claims["exp"] = json!(NOW - 61);
        assert!(check_after(hour, ended).is_err());
        // What was made in the meantime was made for this answer.
        let made = |claims: &mut Value| claims["iat"] = json!(NOW + 3600);
        assert!(check_after(hour, made).is_ok());
    }

    #[test]
    fn oidc_core_s3_1_3_6_the_hash_follows_the_algorithm() {
        for (algorithm, length) in [("ES256", 22), ("PS384", 32), ("RS512", 43), ("EdDSA", 43)] {
            assert_eq!(
                half_hash(algorithm, "t").unwrap().len(),
                length,
                "{algorithm}"
            );
        }
        assert_eq!(half_hash("odd", "t"), None);
    }
}
