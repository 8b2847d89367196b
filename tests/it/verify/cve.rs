//! Holes that others had, each by its number. Every one is also a case of a rule; here it has its name.

use auth_core::Io;
use auth_testkit::{Fault, Server, TestClock};
use auth_verify::{Bearer, Issuer, Keys, Verifier};
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::forge::{Forge, b64};
use super::{
    AUDIENCE, ISSUER, assert_accepted, check, claims, issuer, keys, keys_of, merged, timed,
    verifier, with,
};

#[track_caller]
fn assert_kept_out(verifier: &Verifier, token: &str) {
    assert!(
        check(verifier, token).is_err(),
        "{}",
        &token[..token.len().min(200)]
    );
}

fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", b64(header.to_string()), b64(claims.to_string()))
}

/// CVE-2015-9235 and its kin: `none` in every spelling.
#[test]
fn cve_2015_9235_none() {
    let forge = Forge::rsa("k");
    let checks = verifier(&[&forge]);
    for none in ["none", "None", "NONE", "nOnE"] {
        let token = unsigned(&json!({ "alg": none, "kid": "k" }), &claims());
        for signature in ["", "AA", "e30"] {
            assert_kept_out(&checks, &format!("{token}.{signature}"));
        }
    }
}

/// CVE-2022-29217, CVE-2024-33663, CVE-2023-48223, CVE-2026-34950, CVE-2026-44351, CVE-2026-48526: a
/// public key, in any form, taken for a shared secret.
#[test]
fn cve_2022_29217_and_others_key_confusion() {
    for forge in [Forge::rsa("k"), Forge::p256("k"), Forge::ed25519("k")] {
        let checks = verifier(&[&forge]);
        let jwk = forge.jwk();
        let material = jwk
            .get("n")
            .or_else(|| jwk.get("x"))
            .unwrap()
            .as_str()
            .unwrap();
        let der = [&[0x30, 0x59][..], material.as_bytes()].concat();
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            b64(&der)
        );
        let secrets = [jwk.to_string(), material.to_owned(), pem, String::new()];
        for alg in ["HS256", "HS384", "HS512"] {
            for secret in &secrets {
                let token = unsigned(&json!({ "alg": alg, "kid": "k" }), &claims());
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
                let tag = b64(hmac::sign(&key, token.as_bytes()));
                assert_kept_out(&checks, &format!("{token}.{tag}"));
            }
        }
    }
}

/// CVE-2022-21449: an ECDSA signature of zeros.
#[test]
fn cve_2022_21449_psychic_signatures() {
    let forge = Forge::p256("k");
    let token = unsigned(&forge.header(), &claims());
    for signature in [b64([0; 64]), b64([]), b64([0x30, 6, 2, 1, 0, 2, 1, 0])] {
        assert_kept_out(&verifier(&[&forge]), &format!("{token}.{signature}"));
    }
}

/// CVE-2022-39227: a text that is a compact token to one reader and JSON to another.
#[test]
fn cve_2022_39227_polyglots() {
    let forge = Forge::ed25519("k");
    let good = forge.token(&claims());
    let parts: Vec<_> = good.split('.').collect();
    let forged = b64(with(json!({ "sub": "eve" })).to_string());
    let polyglot = format!(
        r#"{{"  {}.{forged}.":"","protected":"{}","payload":"{}","signature":"{}"}}"#,
        parts[0], parts[0], parts[1], parts[2]
    );
    assert_kept_out(&verifier(&[&forge]), &polyglot);
}

/// CVE-2018-0114 and CVE-2026-27962: the key comes with the token.
#[test]
fn cve_2018_0114_embedded_keys() {
    let (good, evil) = (Forge::rsa("k"), Forge::other_rsa("k"));
    let checks = verifier(&[&good]);
    for header in [
        json!({ "alg": "RS256", "jwk": evil.jwk() }),
        json!({ "alg": "RS256", "kid": "k", "jwk": evil.jwk() }),
        json!({ "alg": "RS256", "kid": "evil", "jku": "https://evil.test/jwks" }),
        json!({ "alg": "RS256", "x5c": ["MIIB"], "x5u": "https://evil.test/cert" }),
    ] {
        assert_kept_out(&checks, &evil.with_header(&header, &claims()));
    }
}

/// CVE-2025-59420 and CVE-2026-32597: unknown critical extensions.
#[test]
fn cve_2025_59420_critical_extensions() {
    let forge = Forge::ed25519("k");
    for header in [
        json!({ "crit": ["cnf"], "cnf": {} }),
        json!({ "crit": ["bork"], "bork": true }),
        json!({ "crit": [] }),
    ] {
        let header = merged(forge.header(), header);
        assert_kept_out(&verifier(&[&forge]), &forge.with_header(&header, &claims()));
    }
}

/// CVE-2026-22817 and CVE-2026-22818: where the key names no algorithm, the header decides.
#[test]
fn cve_2026_22817_algorithm_from_the_header() {
    let forge = Forge::rsa("k");
    let jwk = merged(forge.jwk(), json!({ "alg": null }));
    let checks = timed(Verifier::new(issuer(keys_of(&[jwk]))));
    assert_accepted(&checks, &forge.token(&claims()));
    for other in ["RS384", "RS512", "PS256", "PS384", "PS512"] {
        assert_kept_out(
            &checks,
            &Forge::rsa("k").with_algorithm(other).token(&claims()),
        );
    }
}

/// CVE-2026-29000: an unsigned token inside an encrypted one, made with the public key alone.
#[test]
fn cve_2026_29000_unsigned_token_inside_an_encrypted_one() {
    let forge = Forge::rsa("k");
    let inner = unsigned(&json!({ "alg": "none" }), &claims());
    let header = json!({ "alg": "RSA-OAEP-256", "enc": "A256GCM", "cty": "JWT", "kid": "k" });
    let outer = format!("{}.AAAA.AAAA.{}.AAAA", b64(header.to_string()), b64(&inner));
    assert_kept_out(&verifier(&[&forge]), &outer);
    let wrapped = merged(forge.header(), json!({ "cty": "JWT" }));
    assert_kept_out(
        &verifier(&[&forge]),
        &forge.of_bytes(wrapped.to_string(), inner),
    );
}

/// CVE-2026-25537: a claim of the wrong type counts as absent.
#[test]
fn cve_2026_25537_claims_of_the_wrong_type() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    for claim in ["exp", "nbf", "iat", "iss", "aud", "sub"] {
        for value in [json!(true), json!({}), json!([[]]), json!(["x", 1])] {
            assert_kept_out(&checks, &forge.token(&with(json!({ claim: value }))));
        }
    }
    for claim in ["exp", "nbf", "iat"] {
        for value in ["9999999999", "", "0"] {
            assert_kept_out(&checks, &forge.token(&with(json!({ claim: value }))));
        }
    }
}

/// CVE-2025-61920, CVE-2025-53864 and CVE-2025-27144: size, depth and dots.
#[test]
fn cve_2025_61920_oversized_and_nested() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]).with_limit(256 << 10).unwrap();
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(60_000), "]".repeat(60_000));
    let objects = format!(
        r#"{{"a":{}1{}}}"#,
        r#"{"a":"#.repeat(20_000),
        "}".repeat(20_000)
    );
    for payload in [deep, objects] {
        assert_kept_out(&checks, &forge.of_payload(&payload));
        assert_kept_out(&checks, &forge.of_bytes(&payload, "{}"));
    }
    assert_kept_out(&checks, &".".repeat(250_000));
    let long_id = json!({ "alg": "EdDSA", "kid": "x".repeat(150_000) });
    assert_kept_out(&checks, &forge.with_header(&long_id, &claims()));
    let names: Vec<_> = (0..20_000).map(|at| format!("\"{at}\":0")).collect();
    assert_kept_out(
        &checks,
        &forge.of_payload(format!("{{{}}}", names.join(","))),
    );
}

/// CVE-2024-28180, CVE-2024-28122, CVE-2024-33664, CVE-2023-49290, CVE-2023-52428, CVE-2023-50967,
/// CVE-2023-50658 and CVE-2025-63811: work that a token orders before anybody checked it.
#[test]
fn cve_2023_52428_bombs() {
    let forge = Forge::rsa("k");
    let checks = verifier(&[&forge]);
    for header in [
        json!({ "alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2_147_483_647, "p2s": "AA" }),
        json!({ "alg": "RSA-OAEP", "enc": "A128GCM", "zip": "DEF" }),
        json!({ "alg": "dir", "enc": "A128GCM", "zip": "DEF" }),
    ] {
        let five = format!(
            "{}.AAAA.AAAA.{}.AAAA",
            b64(header.to_string()),
            "A".repeat(8_000)
        );
        assert_kept_out(&checks, &five);
        let three = merged(forge.header(), header);
        assert_kept_out(&checks, &forge.with_header(&three, &claims()));
        let signed = merged(three, json!({ "alg": "RS256" }));
        assert_kept_out(&checks, &forge.with_header(&signed, &claims()));
    }
}

/// GHSA-rp9m-7r4c-75qg: what was remembered of one token answers for another.
#[test]
fn ghsa_rp9m_7r4c_75qg_colliding_cache_keys() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]).with_signature_memory(1);
    let good = forge.token(&claims());
    assert_accepted(&checks, &good);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let header = signed.split('.').next().unwrap();
    let forged = b64(with(json!({ "sub": "eve", "exp": 9_999_999_999_u64 })).to_string());
    assert_kept_out(&checks, &format!("{header}.{forged}.{signature}"));
    assert_kept_out(
        &checks,
        &format!("{signed}.{}", &signature[..signature.len() - 2]),
    );
    assert_kept_out(&checks, &format!("{good}A"));
}

/// GHSA-jc38-x7x8-2xc8: an algorithm from an unprotected header.
#[test]
fn ghsa_jc38_x7x8_2xc8_unprotected_header() {
    let forge = Forge::ed25519("k");
    let good = forge.token(&claims());
    let parts: Vec<_> = good.split('.').collect();
    let general = json!({
        "payload": parts[1], "protected": b64("{}"), "header": { "alg": "none" }, "signature": "",
    });
    assert_kept_out(&verifier(&[&forge]), &general.to_string());
    let nested = merged(
        forge.header(),
        json!({ "alg": null, "header": { "alg": "EdDSA" } }),
    );
    assert_kept_out(&verifier(&[&forge]), &forge.with_header(&nested, &claims()));
}

/// GHSA-75c5-xw7c-p5pm: an issuer that only begins like the right one.
#[test]
fn ghsa_75c5_xw7c_p5pm_partial_issuer() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    for name in [
        "https://issuer.test.evil",
        "https://issuer.tes",
        "https://issuer.test/x",
        "issuer.test",
    ] {
        assert_kept_out(&checks, &forge.token(&with(json!({ "iss": name }))));
    }
    let list = json!({ "iss": ["https://evil.test", ISSUER] });
    assert_kept_out(&checks, &forge.token(&with(list)));
}

fn remote(server: &Server) -> Verifier {
    let keys = Keys::at(server.url("/jwks"), server.io()).unwrap();
    let issuer = Issuer::new(&server.issuer(), AUDIENCE, keys).unwrap();
    Verifier::new(issuer).with_clock(server.clock().clone())
}

/// GHSA-9v7f-9g4p-ffgj: keys from wherever the issuer's server redirects.
#[tokio::test(start_paused = true)]
async fn ghsa_9v7f_9g4p_ffgj_redirected_keys() {
    let server = Server::new(TestClock::new());
    server.fault(
        "/jwks",
        Fault::redirect(302, "https://evil.test/evil").always(),
    );
    let forge = Forge::ed25519("k");
    let token = forge.token(&with(json!({ "iss": server.issuer() })));
    assert!(remote(&server).verify(Bearer::new(&token)).await.is_err());
    assert_eq!(server.count("/evil"), 0);
}

/// GHSA-993g-76c3-p5m4: keys from a local file that a URL names.
#[test]
fn ghsa_993g_76c3_p5m4_file_urls() {
    for url in [
        "file:///etc/passwd",
        "file://localhost/keys",
        "data:,{}",
        "ftp://a.b/keys",
    ] {
        assert!(Keys::at(url.parse().unwrap(), Io::new()).is_err(), "{url}");
        assert!(Issuer::new(url, AUDIENCE, keys(&[&Forge::ed25519("k")])).is_err());
    }
}

/// GHSA-fhv5-28vv-h8m8: every unknown key makes the server ask its issuer.
#[tokio::test(start_paused = true)]
async fn ghsa_fhv5_28vv_h8m8_refetch_flood() {
    let server = Server::new(TestClock::new());
    let checks = remote(&server);
    for number in 0..200 {
        let forge = Forge::ed25519(&format!("k{number}"));
        let token = forge.token(&with(json!({ "iss": server.issuer() })));
        assert!(checks.verify(Bearer::new(&token)).await.is_err());
    }
    assert!(server.count("/jwks") <= 3);
}

/// GHSA-w7vc-732c-9m39: a payload that is signed without its encoding.
#[test]
fn ghsa_w7vc_732c_9m39_unencoded_payload() {
    let forge = Forge::ed25519("k");
    for more in [
        json!({ "b64": false }),
        json!({ "b64": false, "crit": ["b64"] }),
    ] {
        let header = merged(forge.header(), more);
        assert_kept_out(&verifier(&[&forge]), &forge.with_header(&header, &claims()));
    }
}
