//! Rule 58: tokens that only their issuer can read.

use std::time::Duration;

use auth_core::{ClientAuth, Io, Provider, TokenEndpoint};
use auth_testkit::{Fault, Policy};
use auth_verify::RejectionKind::{
    self, BadClaim, Expired, Inactive, KeysUnavailable, NotAnAccessToken, SenderConstrained,
    TooLong, UnknownIssuer, WrongAudience,
};
use auth_verify::{Bearer, TokenLookup, Verified};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{NOW, merged};
use crate::world::{HOUR, World};

const PLACE: &str = "/introspect";

struct Lookup {
    world: World,
    checks: TokenLookup,
}

impl Lookup {
    fn new() -> Self {
        let world = World::new();
        world
            .server
            .set_policy(Policy::new().with_opaque_tokens().with_token_life(HOUR));
        let provider = Provider::new(world.server.issuer(), world.io()).unwrap();
        let endpoint = TokenEndpoint::discovered(
            provider,
            ClientAuth::basic("robot", SecretString::from("s3cret")),
        );
        let checks = TokenLookup::new(endpoint, "api").unwrap();
        let checks = checks.with_issuer(world.server.issuer());
        Self { world, checks }
    }

    /// The server answers the next question like this.
    fn answers(&self, body: &Value) {
        let answer = Fault::status(200).with_body("application/json", body.to_string());
        self.world.server.fault(PLACE, answer);
    }

    async fn token(&self) -> String {
        self.world
            .robot()
            .renew()
            .await
            .unwrap()
            .expose_secret()
            .to_owned()
    }

    async fn ask(&self, token: &str) -> Result<Verified, RejectionKind> {
        let outcome = self.checks.verify(Bearer::new(token)).await;
        outcome.map_err(|rejection| rejection.kind())
    }

    fn asked(&self) -> usize {
        self.world.server.count(PLACE)
    }
}

fn active() -> Value {
    json!({ "active": true, "iss": "https://auth.test", "aud": "api", "sub": "ada", "exp": NOW + 600 })
}

#[tokio::test(start_paused = true)]
async fn rule_58_an_active_token_is_believed_for_a_minute() {
    let lookup = Lookup::new();
    let token = lookup.token().await;
    lookup.answers(&merged(active(), json!({ "scope": "read" })));
    let caller = lookup.ask(&token).await.unwrap();
    assert_eq!(caller.subject().as_deref(), Some("ada"));
    assert!(caller.has_scope("read"));
    for _ in 0..10 {
        lookup.ask(&token).await.unwrap();
    }
    assert_eq!(lookup.asked(), 1);
    lookup.world.pass(Duration::from_secs(59)).await;
    lookup.ask(&token).await.unwrap();
    assert_eq!(lookup.asked(), 1);
    lookup.world.server.revoke(&token);
    lookup.world.pass(Duration::from_secs(1)).await;
    assert_eq!(lookup.ask(&token).await.map(drop), Err(Inactive));
    assert_eq!(lookup.ask("unknown").await.map(drop), Err(Inactive));
    assert_eq!(lookup.asked(), 3);
    let long = "x".repeat(16_385);
    assert_eq!(lookup.ask(&long).await.map(drop), Err(TooLong));
    assert_eq!(lookup.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn rule_58_an_answer_is_believed_no_longer_than_the_token_lives() {
    let lookup = Lookup::new();
    lookup.answers(&merged(active(), json!({ "exp": NOW + 10 })));
    lookup.ask("t").await.unwrap();
    lookup.world.pass(Duration::from_secs(9)).await;
    lookup.ask("t").await.unwrap();
    assert_eq!(lookup.asked(), 1);
    lookup.world.pass(Duration::from_secs(1)).await;
    assert_eq!(lookup.ask("t").await.map(drop), Err(Inactive));
}

#[tokio::test(start_paused = true)]
async fn rule_58_only_true_is_active_and_the_audience_counts() {
    for (changes, kind) in [
        (json!({ "active": "true" }), KeysUnavailable),
        (json!({ "active": 1 }), KeysUnavailable),
        (json!({ "active": null }), KeysUnavailable),
        (json!({ "active": false }), Inactive),
        (json!({ "aud": null }), BadClaim),
        (json!({ "aud": "other" }), WrongAudience),
        (json!({ "aud": ["account"] }), WrongAudience),
        (json!({ "iss": "https://evil.test" }), UnknownIssuer),
        (json!({ "exp": NOW - 61 }), Expired),
        (json!({ "exp": "soon" }), BadClaim),
        (json!({ "cnf": {} }), SenderConstrained),
        (json!({ "token_type": "DPoP" }), SenderConstrained),
        (json!({ "sub": 5 }), BadClaim),
        (json!({ "typ": "Refresh" }), NotAnAccessToken),
        (json!({ "typ": "Offline" }), NotAnAccessToken),
        (json!({ "typ": "ID" }), NotAnAccessToken),
        (json!({ "token_use": "refresh_token" }), NotAnAccessToken),
        (json!({ "token_use": 1 }), BadClaim),
    ] {
        let lookup = Lookup::new();
        lookup.answers(&merged(active(), changes.clone()));
        assert_eq!(lookup.ask("t").await.map(drop), Err(kind), "{changes}");
    }
    for changes in [
        json!({ "iss": null }),
        json!({ "exp": null }),
        json!({ "aud": ["x", "api"] }),
        json!({ "typ": "Bearer", "token_type": "Bearer", "token_use": "access_token" }),
    ] {
        let lookup = Lookup::new();
        lookup.answers(&merged(active(), changes.clone()));
        assert!(lookup.ask("t").await.is_ok(), "{changes}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_58_an_issuer_that_does_not_answer_is_no_verdict() {
    for fault in [
        Fault::refused(),
        Fault::reset(),
        Fault::status(500),
        Fault::status(401),
        Fault::html(200),
        Fault::redirect(302, "https://evil.test/"),
        Fault::drip(Duration::from_secs(1)),
    ] {
        let lookup = Lookup::new();
        let shown = format!("{fault:?}");
        lookup.world.server.fault(PLACE, fault.always());
        let before = tokio::time::Instant::now();
        assert_eq!(
            lookup.ask("t").await.map(drop),
            Err(KeysUnavailable),
            "{shown}"
        );
        assert!(before.elapsed() < Duration::from_secs(6), "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_58_roles_of_a_lightweight_token_are_kept_apart_too() {
    let lookup = Lookup::new();
    lookup.answers(&merged(
        active(),
        json!({ "realm_access": { "roles": ["reader"] } }),
    ));
    let keycloak = lookup.checks.clone().with_keycloak_roles();
    let caller = keycloak.verify(Bearer::new("t")).await.unwrap();
    assert!(caller.roles().has("realm:reader"));
}

#[test]
fn rule_66_a_lookup_without_an_audience_can_not_be_made() {
    let provider = Provider::new("https://issuer.test", Io::new()).unwrap();
    let endpoint = TokenEndpoint::discovered(
        provider,
        ClientAuth::basic("id", SecretString::from("canary")),
    );
    assert!(TokenLookup::new(endpoint.clone(), "").is_err());
    let shown = format!("{:?}", TokenLookup::new(endpoint, "api").unwrap());
    assert!(!shown.contains("canary"), "{shown}");
}
