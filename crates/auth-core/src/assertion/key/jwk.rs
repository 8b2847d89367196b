//! Private keys as JSON Web Keys.

use aws_lc_rs::rsa;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Deserialize;

use super::{CURVES, Key};
use crate::assertion::Algorithm;
use crate::error::{Error, Result, Untrusted};

pub(super) fn read(text: &str) -> Result<Key> {
    // Not the parser's own words: they may quote what they stumbled over.
    let jwk: Jwk = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::config(format!(
            "the JWK is not the JSON of a single key (line {line}, column {column})"
        ))
        .with_advice("of a key set, give the one key in `keys` that is to sign")
    })?;
    jwk.ensure_may_sign()?;
    let key = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => jwk.rsa(),
        ("EC", Some(curve)) if CURVES.iter().any(|(name, ..)| *name == curve) => jwk.ec(curve),
        ("OKP", Some("Ed25519")) => jwk.ed25519(),
        ("oct", _) => Key::hmac(member("k", &jwk.k)?.expose_secret()),
        (kty, crv) => {
            let kind = format!("{kty} {}", crv.unwrap_or_default());
            let kind = Untrusted::new(kind.trim_end()).with_limit(40).to_string();
            Err(
                Error::config(format!("a JWK of type `{kind}` can't sign here"))
                    .with_advice("use RSA, EC on P-256, P-384 or P-521, OKP with Ed25519, or oct"),
            )
        }
    }?;
    let key = match jwk.alg.as_deref() {
        Some(name) => key.with_algorithm(name.parse::<Algorithm>()?)?,
        None => key,
    };
    Ok(Key { id: jwk.kid, ..key })
}

/// The members of RFC 7517 §4, RFC 7518 §6 and RFC 8037 §2 that matter here.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<SecretString>,
    e: Option<SecretString>,
    d: Option<SecretString>,
    p: Option<SecretString>,
    q: Option<SecretString>,
    dp: Option<SecretString>,
    dq: Option<SecretString>,
    qi: Option<SecretString>,
    x: Option<SecretString>,
    y: Option<SecretString>,
    k: Option<SecretString>,
}

impl Jwk {
    fn ensure_may_sign(&self) -> Result<()> {
        let by_use = self
            .purpose
            .as_deref()
            .is_none_or(|purpose| purpose == "sig");
        let by_ops = self
            .key_ops
            .as_ref()
            .is_none_or(|ops| ops.iter().any(|op| op == "sign"));
        if by_use && by_ops {
            return Ok(());
        }
        Err(
            Error::config("the JWK says in `use` or `key_ops` that it is not for signing")
                .with_advice("give the key that is to sign"),
        )
    }

    fn rsa(&self) -> Result<Key> {
        let n = member("n", &self.n)?;
        let e = member("e", &self.e)?;
        let d = member("d", &self.d)?;
        let p = member("p", &self.p)?;
        let q = member("q", &self.q)?;
        let dp = member("dp", &self.dp)?;
        let dq = member("dq", &self.dq)?;
        let qi = member("qi", &self.qi)?;
        let pair = rsa::KeyPair::from_components(&rsa::KeyPairComponents {
            public_key: RsaPublicKeyComponents {
                n: n.expose_secret(),
                e: e.expose_secret(),
            },
            d: d.expose_secret(),
            p: p.expose_secret(),
            q: q.expose_secret(),
            dP: dp.expose_secret(),
            dQ: dq.expose_secret(),
            qInv: qi.expose_secret(),
        });
        Key::rsa(&pair.map_err(|_| unusable("an RSA key of at least 2048 bits"))?)
    }

    fn ec(&self, curve: &str) -> Result<Key> {
        let known = CURVES.iter().find(|(name, ..)| *name == curve);
        let (name, algorithm, signing) = known.ok_or_else(|| unusable("an EC key"))?;
        let d = member("d", &self.d)?;
        let x = member("x", &self.x)?;
        let y = member("y", &self.y)?;
        let point = [&[4], x.expose_secret(), y.expose_secret()].concat();
        let pair =
            EcdsaKeyPair::from_private_key_and_public_key(signing, d.expose_secret(), &point);
        let bad = |_| unusable(&format!("an EC key on {name}"));
        Key::ec(*algorithm, &pair.map_err(bad)?)
    }

    fn ed25519(&self) -> Result<Key> {
        let d = member("d", &self.d)?;
        let x = member("x", &self.x)?;
        let pair = Ed25519KeyPair::from_seed_and_public_key(d.expose_secret(), x.expose_secret());
        Key::ed25519(&pair.map_err(|_| unusable("an Ed25519 key"))?)
    }
}

fn member(name: &str, value: &Option<SecretString>) -> Result<SecretSlice<u8>> {
    let value = value.as_ref().ok_or_else(|| {
        Error::config(format!("the JWK has no `{name}`"))
            .with_advice("give the private key with all its members")
    })?;
    URL_SAFE_NO_PAD
        .decode(value.expose_secret())
        .map(SecretSlice::from)
        .map_err(|_| {
            Error::config(format!(
                "`{name}` of the JWK is not base64url without padding"
            ))
        })
}

fn unusable(kind: &str) -> Error {
    Error::config(format!("the members of the JWK do not make up {kind}"))
        .with_advice("copy the key again, whole")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn rfc7515_a1_the_hmac_key_signs_as_published() {
        let key = read(
            r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#,
        );
        let input = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = key.unwrap().sign(input.as_bytes()).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(signature),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
    }

    #[test]
    fn rfc8037_a4_the_ed25519_key_signs_as_published() {
        let key = read(
            r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        );
        let signature = key
            .unwrap()
            .sign(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc");
        assert_eq!(
            URL_SAFE_NO_PAD.encode(signature.unwrap()),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
    }

    #[test]
    fn the_id_and_the_algorithm_come_from_the_key() {
        let key =
            read(r#"{"kty":"oct","k":"c2VjcmV0","kid":"key1","alg":"HS256","use":"sig"}"#).unwrap();
        assert_eq!(
            (key.id(), key.algorithm()),
            (Some("key1"), Algorithm::Hs256)
        );
        let same = Key::shared("secret").unwrap();
        assert_eq!(key.fingerprint(), same.fingerprint());
    }

    #[test]
    fn a_key_that_can_not_sign_is_refused_in_one_clear_line() {
        let said = [
            "canary",
            r#"{"keys":[]}"#,
            r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#,
            r#"{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQ","p":"AQ","q":"AQ","dp":"AQ","dq":"AQ","qi":"AQ"}"#,
            r#"{"kty":"EC","crv":"secp256k1","d":"canary"}"#,
            r#"{"kty":"EC","crv":"P-256","d":"canary!","x":"AA","y":"AA"}"#,
            r#"{"kty":"EC","crv":"P-256","d":"AQ","x":"AQ","y":"AQ"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","d":"AQ","x":"AQ"}"#,
            r#"{"kty":"oct","k":""}"#,
            r#"{"kty":"oct","k":"c2VjcmV0","alg":"RS256"}"#,
            r#"{"kty":"oct","k":"c2VjcmV0","alg":"none"}"#,
            r#"{"kty":"oct","k":"c2VjcmV0","use":"enc"}"#,
            r#"{"kty":"oct","k":"c2VjcmV0","key_ops":["verify"]}"#,
        ]
        .map(|jwk| read(jwk).err().unwrap().to_string());
        assert_snapshot!(said.join("\n"), @r#"
        the JWK is not the JSON of a single key (line 1, column 1); of a key set, give the one key in `keys` that is to sign
        the JWK is not the JSON of a single key (line 1, column 11); of a key set, give the one key in `keys` that is to sign
        the JWK has no `d`; give the private key with all its members
        the members of the JWK do not make up an RSA key of at least 2048 bits; copy the key again, whole
        a JWK of type `EC secp256k1` can't sign here; use RSA, EC on P-256, P-384 or P-521, OKP with Ed25519, or oct
        `d` of the JWK is not base64url without padding
        the members of the JWK do not make up an EC key on P-256; copy the key again, whole
        the members of the JWK do not make up an Ed25519 key; copy the key again, whole
        the secret that signs assertions is empty
        the key is one for HS256, so it can't sign with RS256; change the algorithm or give another key
        assertions can't be signed with `none` here; use HS256, EdDSA, or RS, PS or ES with 256, 384 or 512
        the JWK says in `use` or `key_ops` that it is not for signing; give the key that is to sign
        the JWK says in `use` or `key_ops` that it is not for signing; give the key that is to sign
        "#);
    }
}
