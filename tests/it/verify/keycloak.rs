//! Rules 54 to 59: tokens of a Keycloak realm.

use auth_core::Io;
use auth_verify::RejectionKind::{
    self, BadClaim, NotAnAccessToken, SenderConstrained, UnknownIssuer, WrongAudience, WrongType,
};
use auth_verify::{Bearer, Keycloak, Keys, Rule, Verifier};
use serde_json::{Value, json};

use super::forge::Forge;
use super::gate::Gate;
use super::{NOW, assert_accepted, assert_refused, keys_of, merged, timed};

const REALM: &str = "https://login.test/realms/main";

fn token() -> Value {
    json!({
        "iss": REALM, "aud": ["account", "orders"], "azp": "desktop", "typ": "Bearer", "sub": "s",
        "exp": NOW + 300, "iat": NOW, "jti": "1", "scope": "openid",
        "realm_access": { "roles": ["reader", "uma_authorization"] },
        "resource_access": { "orders": { "roles": ["writer"] }, "account": { "roles": ["view"] } },
    })
}

fn realm() -> Gate {
    let forge = Forge::rsa("k");
    let encryption = merged(forge.jwk(), json!({ "alg": "RSA-OAEP", "use": "enc" }));
    let passive = Forge::ed25519("old").jwk();
    let quantum =
        json!({ "kty": "AKP", "alg": "ML-DSA-65", "kid": "pq", "pub": "AA", "use": "sig" });
    let keys = keys_of(&[encryption, forge.jwk(), passive, quantum]);
    let realm = Keycloak::new(REALM, "orders").with_keys(keys);
    let checks = timed(Verifier::new(realm.issuer(Io::new()).unwrap()));
    Gate::new(forge, checks, token)
}

#[test]
fn rule_54_the_issuer_is_the_public_url_of_the_realm() {
    let world = realm();
    world.accepts(json!({}));
    for other in [
        "http://keycloak:8080/realms/main",
        "https://login.test/auth/realms/main",
        "https://login.test/realms/main/",
        "https://login.test/realms/other",
    ] {
        world.refuses(json!({ "iss": other }), UnknownIssuer);
    }
    let hint = world.hint(json!({ "iss": "http://keycloak:8080/realms/main" }));
    assert!(hint.contains("public URL"), "{hint}");
    let hint = world.hint(json!({ "iss": "https://login.test/realms/main/" }));
    assert!(hint.contains("slash"), "{hint}");
    assert_eq!(
        world.hint(json!({ "iss": "https://login.test/realms/other" })),
        ""
    );
    assert!(
        Keycloak::new(format!("{REALM}/"), "orders")
            .issuer(Io::new())
            .is_err()
    );
    let inside = "http://localhost:8080/realms/main".parse().unwrap();
    assert!(
        Keycloak::new(REALM, "orders")
            .with_keys_at(inside)
            .issuer(Io::new())
            .is_ok()
    );
}

#[test]
fn rule_55_the_claims_say_that_it_is_an_access_token() {
    let world = realm();
    world.accepts(json!({ "typ": "bearer" }));
    for kind in [
        "ID",
        "Refresh",
        "Offline",
        "Logout",
        "Serialized-ID",
        "",
        "JWT",
    ] {
        world.refuses(json!({ "typ": kind }), NotAnAccessToken);
    }
    world.refuses(json!({ "typ": null }), NotAnAccessToken);
    world.refuses(json!({ "typ": 1 }), BadClaim);
    world.refuses(
        json!({ "typ": "DPoP", "cnf": { "jkt": "AA" } }),
        SenderConstrained,
    );
    world.refuses(json!({ "typ": "DPoP" }), SenderConstrained);
    let mut header = world.forge.header();
    header["typ"] = "at+jwt".into();
    assert_accepted(&world.checks, &world.forge.with_header(&header, &token()));
    header["typ"] = "logout+jwt".into();
    assert_refused(
        &world.checks,
        &world.forge.with_header(&header, &token()),
        WrongType,
    );
}

#[test]
fn rule_56_a_token_for_the_account_page_is_refused_with_advice() {
    let world = realm();
    world.refuses(json!({ "aud": "account" }), WrongAudience);
    world.refuses(json!({ "aud": "account", "azp": "orders" }), WrongAudience);
    let hint = world.hint(json!({ "aud": "account", "azp": "orders" }));
    assert!(hint.contains("audience mapper"), "{hint}");
}

/// The advice does not depend on whether the keys are at hand.
#[tokio::test]
async fn rule_56_the_advice_is_given_before_keys_are_fetched_too() {
    let nowhere = Keys::file("no-such-file.json");
    let realm = Keycloak::new(REALM, "orders").with_keys(nowhere);
    let checks = timed(Verifier::new(realm.issuer(Io::new()).unwrap()));
    let token = Forge::rsa("k").token(&merged(token(), json!({ "aud": "account" })));
    let rejection = checks.verify(Bearer::new(&token)).await.unwrap_err();
    assert_eq!(rejection.kind(), WrongAudience);
    assert!(
        rejection
            .hint()
            .is_some_and(|hint| hint.contains("audience mapper"))
    );
}

#[test]
fn rule_57_roles_of_the_realm_and_of_clients_are_kept_apart() {
    let world = realm();
    let caller = world.accepts(json!({}));
    for role in [
        "realm:reader",
        "client:orders:writer",
        "client:account:view",
    ] {
        assert!(caller.roles().has(role), "{role}");
    }
    for role in [
        "reader",
        "writer",
        "realm:writer",
        "client:orders:reader",
        "client:account:writer",
    ] {
        assert!(!caller.roles().has(role), "{role}");
    }
    let rule = Rule::any_role(["client:orders:writer"]).unwrap();
    assert!(rule.check(&caller).is_ok());
    let other = world.accepts(json!({ "resource_access": { "other": { "roles": ["writer"] } } }));
    assert!(rule.check(&other).is_err());
    // A client may be called like the beginning of another one's role.
    let alike = json!({ "a": { "roles": ["b:x"] }, "https://c": { "roles": ["y"] }, "d%3Ae": { "roles": ["z"] } });
    let roles = world.accepts(json!({ "resource_access": alike })).roles();
    for role in ["client:a:b:x", "client:https%3A//c:y", "client:d%253Ae:z"] {
        assert!(roles.has(role), "{role}: {roles:?}");
    }
    assert!(
        !roles.has("client:https://c:y")
            && !roles.has("client:d:e:z")
            && !roles.has("client:d%3Ae:z")
    );
    let none = world.accepts(json!({ "realm_access": null, "resource_access": null }));
    assert!(none.roles().is_empty());
    assert!(
        world
            .accepts(json!({ "realm_access": {} }))
            .roles()
            .has("client:orders:writer")
    );
    for bad in [
        json!({ "realm_access": ["reader"] }),
        json!({ "realm_access": { "roles": "reader" } }),
        json!({ "realm_access": { "roles": { "reader": true } } }),
        json!({ "realm_access": { "roles": ["reader", null] } }),
        json!({ "resource_access": [] }),
        json!({ "resource_access": { "orders": ["writer"] } }),
        json!({ "resource_access": { "orders": { "roles": [["writer"]] } } }),
    ] {
        // They can't be read, so they are refused where a rule needs one.
        let caller = world.accepts(bad.clone());
        assert!(caller.roles().is_empty());
        let rule = auth_verify::rule!(any_role["realm:reader", "client:orders:writer"]);
        for rule in [rule.clone(), !rule] {
            let kind = rule.check(&caller).unwrap_err().kind();
            assert_eq!(kind, RejectionKind::RoleMissing, "{bad}");
        }
    }
}

#[test]
fn rule_59_a_realistic_document_of_keys_is_read() {
    let world = realm();
    let stats = world.checks.issuers()[0].keys().stats();
    assert_eq!((stats.keys, stats.left_out), (2, 2));
    world.accepts(json!({}));
}
