//! Rule 32: what an issuer may be called, and that it is compared byte for byte.

use auth_core::Io;
use auth_verify::RejectionKind::{BadClaim, UnknownIssuer};
use auth_verify::{Issuer, Keycloak, Verifier};
use serde_json::json;

use super::usual;
use crate::verify::forge::Forge;
use crate::verify::{AUDIENCE, ISSUER, assert_accepted, assert_refused, keys, timed, with};

#[test]
fn rule_32_the_issuer_is_compared_byte_for_byte() {
    let world = usual();
    world.accepts(json!({}));
    for other in [
        "https://issuer.test/",
        "https://issuer.tes",
        "https://issuer.test.evil",
        "https://ISSUER.test",
        "http://issuer.test",
        "https://a@issuer.test",
        "https://issuer.test\0",
        "https://\u{ff49}ssuer.test",
        " https://issuer.test",
        "https://issuer.test:443",
        "https://issuer.test/v2",
        "issuer.test",
    ] {
        world.refuses(json!({ "iss": other }), UnknownIssuer);
    }
    for other in [
        json!(null),
        json!(1),
        json!([]),
        json!([ISSUER]),
        json!(["https://evil", ISSUER]),
        json!({}),
        json!(""),
    ] {
        world.refuses(json!({ "iss": other }), BadClaim);
    }
    assert_eq!(world.raw("iss", "null"), Err(BadClaim));
}

#[test]
fn rule_32_an_issuer_is_an_https_url() {
    let forge = Forge::ed25519("k");
    let make = |name: &str| Issuer::new(name, AUDIENCE, keys(&[&forge]));
    for good in [
        ISSUER,
        "https://a.b/c/",
        "http://localhost:8080/realms/x",
        "http://127.0.0.1:1",
        "http://[::1]/",
    ] {
        assert!(make(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "issuer",
        "http://issuer.test",
        "ftp://issuer.test",
        "https://",
        "https://a.b?c",
        "https://a.b#c",
        "https://u@a.b",
        "https://:p@a.b",
        "http://localhost.evil.test",
        "file:///keys",
    ] {
        assert!(make(bad).is_err(), "{bad}");
    }
}

/// Nothing is fetched from a name, so that it may be of plain http, as AD FS writes it into access tokens.
#[test]
fn rule_32_an_issuer_whose_keys_are_handed_in_may_have_any_name() {
    let forge = Forge::ed25519("k");
    let trust = "http://adfs.test/adfs/services/trust";
    let adfs = Issuer::named(trust, "microsoft:identityserver:api", keys(&[&forge])).unwrap();
    let checks = timed(Verifier::new(adfs));
    let claims = json!({ "iss": trust, "aud": "microsoft:identityserver:api", "appid": "app", "ver": "1.0" });
    assert_accepted(&checks, &forge.token(&with(claims.clone())));
    let others = [
        "https://adfs.test/adfs/services/trust",
        "http://adfs.test/adfs/services/trust/",
    ];
    for other in others {
        let token = forge.token(&crate::verify::merged(
            with(claims.clone()),
            json!({ "iss": other }),
        ));
        assert_refused(&checks, &token, UnknownIssuer);
    }
    let inside = "http://keycloak:8080/realms/main";
    let realm = || Keycloak::new(inside, AUDIENCE);
    let keys_at: url::Url = "https://keycloak.test/realms/main".parse().unwrap();
    assert!(realm().with_keys(keys(&[&forge])).issuer(Io::new()).is_ok());
    assert!(realm().with_keys_at(keys_at).issuer(Io::new()).is_ok());
    for error in [
        realm().issuer(Io::new()).unwrap_err(),
        Issuer::new(inside, AUDIENCE, keys(&[&forge])).unwrap_err(),
    ] {
        let said = error.to_string();
        assert!(
            said.contains("`Issuer::named`") && said.contains("--jwks"),
            "{said}"
        );
    }
    for bad in [
        "http://u:p@a.test",
        "http://a.test?c",
        "http://sts.windows.net/x/",
        "ftp://u:p@a.test",
        "",
    ] {
        assert!(
            Issuer::named(bad, AUDIENCE, keys(&[&forge])).is_err(),
            "{bad}"
        );
    }
    for name in [
        "urn:example:issuer",
        "did:web:issuer.test",
        "spiffe://issuer.test",
        "kubernetes/serviceaccount",
    ] {
        let checks = timed(Verifier::new(
            Issuer::named(name, AUDIENCE, keys(&[&forge])).unwrap(),
        ));
        assert_accepted(&checks, &forge.token(&with(json!({ "iss": name }))));
        let other = format!("{name}/");
        assert_refused(
            &checks,
            &forge.token(&with(json!({ "iss": other }))),
            UnknownIssuer,
        );
    }
}
