//! Rule 58: tokens that only their issuer can read.

mod request;

use std::time::Duration;

use auth_core::{ClientAuth, Io, Provider, TokenEndpoint};
use auth_testkit::{Fault, Policy};
use auth_verify::RejectionKind::{
    self, BadClaim, Expired, Inactive, KeysUnavailable, NotAnAccessToken, SenderConstrained,
    TooLong, UnknownIssuer, WrongAudience,
};
use auth_verify::{Bearer, RequireToken, RoleClaim, Rule, TokenLookup, Verified, Verifier, rule};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::forge::Forge;
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
        let checks = TokenLookup::new(endpoint(&world), "api").unwrap();
        let checks = checks.with_issuer(world.server.issuer());
        Self { world, checks }
    }

    fn endpoint(&self) -> TokenEndpoint {
        endpoint(&self.world)
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

fn endpoint(world: &World) -> TokenEndpoint {
    let provider = Provider::new(world.server.issuer(), world.io()).unwrap();
    let client = ClientAuth::basic("robot", SecretString::from("s3cret"));
    TokenEndpoint::discovered(provider, client)
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
async fn rule_58_a_clock_that_is_set_back_prolongs_no_belief() {
    for (token, outcome) in [("good", Ok(())), ("bad", Err(Inactive))] {
        let lookup = Lookup::new();
        let answer = json!({ "active": token == "good", "exp": NOW + 86_400 });
        let answer = merged(active(), answer);
        lookup.answers(&answer);
        assert_eq!(lookup.ask(token).await.map(drop), outcome);
        lookup.world.clock.set_back(2 * HOUR);
        lookup.ask(token).await.map(drop).unwrap_or_default();
        assert_eq!(lookup.asked(), 1);
        lookup.world.pass(Duration::from_secs(60)).await;
        lookup.ask(token).await.map(drop).unwrap_or_default();
        assert_eq!(lookup.asked(), 2, "{token}");
        // And one that stood still.
        lookup.world.jump(Duration::from_secs(60));
        lookup.ask(token).await.map(drop).unwrap_or_default();
        assert_eq!(lookup.asked(), 3, "{token}");
    }
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
        (json!({ "token_type": "refresh_token" }), NotAnAccessToken),
        (json!({ "token_type": "id_token" }), NotAnAccessToken),
        (json!({ "events": { "x": {} } }), NotAnAccessToken),
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

/// GitLab's answers, and Django OAuth Toolkit's, say to which client a token was given, and not for whom it is.
#[tokio::test(start_paused = true)]
async fn rule_58_whom_a_token_was_issued_to_stands_for_whom_it_is_for_where_that_was_asked_for() {
    let doorkeeper = json!({
        "active": true, "client_id": "spa", "scope": "read", "token_type": "Bearer", "exp": NOW + 600,
    });
    let lookup = Lookup::new();
    lookup.answers(&doorkeeper);
    let rejection = lookup.checks.verify(Bearer::new("t")).await.unwrap_err();
    let said = rejection.to_string();
    assert!(said.contains("there is no `aud`"), "{said}");
    assert!(said.contains("`with_client_for_audience`"), "{said}");
    let asked = |client: &'static str| {
        let endpoint = lookup.endpoint();
        TokenLookup::new(endpoint, client)
            .unwrap()
            .with_client_for_audience()
    };
    for (client, answer, expected) in [
        ("spa", doorkeeper.clone(), Ok(())),
        ("other", doorkeeper.clone(), Err(WrongAudience)),
        (
            "spa",
            merged(doorkeeper.clone(), json!({ "aud": "api" })),
            Err(WrongAudience),
        ),
        (
            "spa",
            merged(doorkeeper.clone(), json!({ "client_id": null })),
            Err(BadClaim),
        ),
        (
            "spa",
            merged(doorkeeper.clone(), json!({ "client_id": ["spa"] })),
            Err(BadClaim),
        ),
    ] {
        lookup.answers(&answer);
        let outcome = asked(client).verify(Bearer::new("t")).await;
        let outcome = outcome.map(drop).map_err(|rejection| rejection.kind());
        assert_eq!(outcome, expected, "{client} {answer}");
    }
}

/// What is said twice is not passed over: the token would be bound to nothing, or never end.
#[tokio::test(start_paused = true)]
async fn rule_58_an_answer_that_says_two_things_is_no_verdict() {
    for more in [
        r#""exp":1,"exp":9999999999"#,
        r#""cnf":{"jkt":"a"},"cnf":null"#,
        r#""typ":"Refresh","typ":"Bearer""#,
        r#""iss":"https://evil.test","iss":"https://auth.test""#,
        r#""aud":"other","aud":"api""#,
        r#""active":false"#,
        r#""typ":"\ud800""#,
        r#""exp":1e999"#,
    ] {
        let lookup = Lookup::new();
        let body = format!(r#"{{"active":true,"aud":"api",{more}}}"#);
        let answer = Fault::status(200).with_body("application/json", body);
        lookup.world.server.fault(PLACE, answer);
        assert_eq!(
            lookup.ask("t").await.map(drop),
            Err(KeysUnavailable),
            "{more}"
        );
    }
    let lookup = Lookup::new();
    let same = r#"{"active":true,"aud":"api","aud":"api","active":true,"cnf":null}"#;
    lookup.world.server.fault(
        PLACE,
        Fault::status(200).with_body("application/json", same),
    );
    assert!(lookup.ask("t").await.is_ok());
}

/// Two issuers may each have a user 1.
#[tokio::test(start_paused = true)]
async fn rule_42_a_caller_of_an_answer_without_an_issuer_is_the_configured_ones_or_nobodys() {
    let lookup = Lookup::new();
    let silent = merged(active(), json!({ "iss": null, "sub": "1" }));
    lookup.answers(&silent);
    let known = lookup.checks.verify(Bearer::new("t")).await.unwrap();
    let issuer = lookup.world.server.issuer();
    assert_eq!(known.identity(), Some((issuer.clone(), "1".to_owned())));
    assert!(Rule::issuer(issuer.clone()).check(&known).is_ok());
    assert!(Rule::subject(issuer.clone(), "1").check(&known).is_ok());
    assert!((!Rule::issuer(issuer.clone())).check(&known).is_err());
    for iss in [json!(null), json!("")] {
        lookup.answers(&merged(silent.clone(), json!({ "iss": iss })));
        let nameless = TokenLookup::new(lookup.endpoint(), "api").unwrap();
        let unknown = nameless.verify(Bearer::new("t")).await.unwrap();
        assert_eq!((unknown.identity(), &*unknown.issuer()), (None, ""));
        for rule in [
            Rule::issuer(issuer.clone()),
            !Rule::issuer(issuer.clone()),
            Rule::subject("", "1"),
            !Rule::subject(issuer.clone(), "1"),
        ] {
            assert!(rule.check(&unknown).is_err(), "{rule}");
        }
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

#[tokio::test(start_paused = true)]
async fn rule_58_a_token_that_does_not_name_who_asks_is_explained() {
    let lookup = Lookup::new();
    let forge = Forge::p256("k");
    let hint = async |claims: Value| {
        let token = forge.token(&merged(super::claims(), claims));
        let rejection = lookup.checks.verify(Bearer::new(&token)).await.unwrap_err();
        assert_eq!(rejection.kind(), Inactive);
        rejection.hint().unwrap()
    };
    for aud in [json!("api"), json!(["api", "account"]), json!(null)] {
        assert!(
            hint(json!({ "aud": aud }))
                .await
                .contains("audience mapper"),
            "{aud}"
        );
    }
    for aud in [json!("robot"), json!(["api", "robot"])] {
        assert!(
            !hint(json!({ "aud": aud }))
                .await
                .contains("audience mapper"),
            "{aud}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn rule_58_roles_of_an_answer_can_be_anywhere() {
    let lookup = Lookup::new();
    lookup.answers(&merged(
        active(),
        json!({ "authorities": { "of": ["reader"] } }),
    ));
    let checks = lookup.checks.clone();
    let checks = checks.with_roles_from(RoleClaim::path(["authorities", "of"]));
    let caller = checks.verify(Bearer::new("t")).await.unwrap();
    assert!(caller.roles().has("reader"));
}

#[tokio::test(start_paused = true)]
async fn rule_58_there_is_a_door_for_opaque_tokens_and_one_for_both_kinds() {
    use axum::routing::get;
    use tower_service::Service as _;

    let lookup = Lookup::new();
    let forge = Forge::ed25519("k");
    let signed = super::verifier(&[&forge]);
    let whoami = async |caller: Verified| caller.subject().unwrap_or_default().into_owned();
    let opaque = RequireToken::new(lookup.checks.clone(), Rule::authenticated());
    let both = signed.clone().with_lookup(lookup.checks.clone());
    let both = RequireToken::new(both, rule!(any_scope["read"]));
    let mut router = axum::Router::new()
        .route("/opaque", get(whoami).layer(opaque))
        .route("/both", get(whoami).layer(both));
    let mut status = async |path: &str, token: &str| {
        let request = http::Request::get(path).header("authorization", format!("Bearer {token}"));
        let answer = router
            .call(request.body(axum::body::Body::empty()).unwrap())
            .await
            .unwrap();
        answer.status().as_u16()
    };
    lookup.answers(&merged(active(), json!({ "scope": "read" })));
    assert_eq!(status("/opaque", "t").await, 200);
    assert_eq!(status("/opaque", "junk").await, 401);
    let asked = lookup.asked();
    let good = forge.token(&super::claims());
    assert_eq!(status("/both", &good).await, 200);
    // A signed token is never looked up, whatever is wrong with it.
    let (start, _) = good.rsplit_once('.').unwrap();
    let forged = format!("{start}.{}", "A".repeat(86));
    assert_eq!(status("/both", &forged).await, 401);
    assert_eq!(lookup.asked(), asked);
    for opaque in ["t", "v1.opaque.token", "a.b.c.d.e"] {
        lookup.answers(&merged(active(), json!({ "scope": "read" })));
        assert_eq!(status("/both", opaque).await, 200, "{opaque}");
    }
    lookup.world.server.clear_faults();
    assert_eq!(status("/both", "other").await, 401);
    let both: Verifier = signed.with_lookup(lookup.checks.clone());
    assert!(both.verify_at_hand(Bearer::new("opaque")).is_none());
    assert!(both.verify_at_hand(Bearer::new(&good)).is_some());
}
