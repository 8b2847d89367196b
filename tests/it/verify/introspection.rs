//! Rule 58: tokens that only their issuer can read.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::{Body, BoxFuture, Error, HttpClient, Io, Result};
use auth_testkit::TestClock;
use auth_verify::RejectionKind::{
    self, BadClaim, Expired, Inactive, KeysUnavailable, SenderConstrained, UnknownIssuer,
    WrongAudience,
};
use auth_verify::{Bearer, Introspection};
use http::{Request, Response};
use serde_json::{Value, json};

use super::{ISSUER, NOW, merged};

/// An endpoint that answers every question in the same way.
#[derive(Debug)]
struct Endpoint {
    status: u16,
    answer: Mutex<String>,
    asked: AtomicUsize,
    last: Mutex<String>,
}

impl HttpClient for Endpoint {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let (head, body) = request.into_parts();
            let form = String::from_utf8(body.bytes(10_000).await?.into()).unwrap();
            let client = head.headers["authorization"].to_str().unwrap();
            *self.last.lock().unwrap() = format!("{} {} {client} {form}", head.method, head.uri);
            if self.status == 0 {
                return Err(Error::unavailable("nobody answers"));
            }
            let answer = self.answer.lock().unwrap().clone();
            Ok(Response::builder()
                .status(self.status)
                .body(Body::from(answer))
                .unwrap())
        })
    }
}

struct World {
    endpoint: Arc<Endpoint>,
    clock: TestClock,
    checks: Introspection,
}

fn active() -> Value {
    json!({ "active": true, "iss": ISSUER, "aud": "api", "sub": "ada", "exp": NOW + 600, "scope": "read" })
}

impl World {
    fn new(status: u16, answer: &Value) -> Self {
        let endpoint = Arc::new(Endpoint {
            status,
            answer: Mutex::new(answer.to_string()),
            asked: AtomicUsize::new(0),
            last: Mutex::default(),
        });
        let clock = TestClock::new();
        let io = Io::new()
            .with_http(endpoint.clone())
            .with_clock(Arc::new(clock.clone()));
        let url = "https://issuer.test/introspect".parse().unwrap();
        let checks = Introspection::new(url, "my api", &"s3c:ret".into(), "api", io).unwrap();
        let checks = checks.with_issuer(ISSUER);
        Self {
            endpoint,
            clock,
            checks,
        }
    }

    async fn ask(&self, token: &str) -> Result<auth_verify::Verified, RejectionKind> {
        let outcome = self.checks.verify(Bearer::new(token)).await;
        outcome.map_err(|rejection| rejection.kind())
    }

    fn asked(&self) -> usize {
        self.endpoint.asked.load(Ordering::Relaxed)
    }
}

#[tokio::test(start_paused = true)]
async fn rule_58_an_active_token_is_believed_for_a_minute() {
    let world = World::new(200, &active());
    let caller = world.ask("opaque+token/=").await.unwrap();
    assert_eq!(caller.subject().as_deref(), Some("ada"));
    assert!(caller.has_scope("read"));
    assert_eq!(
        *world.endpoint.last.lock().unwrap(),
        "POST https://issuer.test/introspect Basic bXkrYXBpOnMzYyUzQXJldA== \
         token=opaque%2Btoken%2F%3D&token_type_hint=access_token"
    );
    for _ in 0..10 {
        world.ask("opaque+token/=").await.unwrap();
    }
    assert_eq!(world.asked(), 1);
    world.ask("another").await.unwrap();
    assert_eq!(world.asked(), 2);
    world.clock.advance(Duration::from_secs(59)).await;
    world.ask("another").await.unwrap();
    assert_eq!(world.asked(), 2);
    *world.endpoint.answer.lock().unwrap() = json!({ "active": false }).to_string();
    world.clock.advance(Duration::from_secs(1)).await;
    assert_eq!(world.ask("another").await.map(drop), Err(Inactive));
}

#[tokio::test(start_paused = true)]
async fn rule_58_an_answer_is_believed_no_longer_than_the_token_lives() {
    let world = World::new(200, &merged(active(), json!({ "exp": NOW + 10 })));
    world.ask("t").await.unwrap();
    world.clock.advance(Duration::from_secs(10)).await;
    world.ask("t").await.unwrap();
    assert_eq!(world.asked(), 2, "asked again, and within the leeway");
}

#[tokio::test(start_paused = true)]
async fn rule_58_only_true_is_active_and_the_audience_counts() {
    for (changes, kind) in [
        (json!({ "active": "true" }), Inactive),
        (json!({ "active": 1 }), Inactive),
        (json!({ "active": false }), Inactive),
        (json!({ "active": null }), Inactive),
        (json!({ "aud": null }), BadClaim),
        (json!({ "aud": "other" }), WrongAudience),
        (json!({ "aud": ["account"] }), WrongAudience),
        (json!({ "iss": "https://evil.test" }), UnknownIssuer),
        (json!({ "exp": NOW - 61 }), Expired),
        (json!({ "exp": "soon" }), BadClaim),
        (json!({ "cnf": {} }), SenderConstrained),
        (json!({ "sub": 5 }), BadClaim),
    ] {
        let world = World::new(200, &merged(active(), changes.clone()));
        assert_eq!(world.ask("t").await.map(drop), Err(kind), "{changes}");
    }
    for changes in [
        json!({ "iss": null }),
        json!({ "exp": null }),
        json!({ "aud": ["x", "api"] }),
    ] {
        let world = World::new(200, &merged(active(), changes.clone()));
        assert!(world.ask("t").await.is_ok(), "{changes}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_58_an_issuer_that_does_not_answer_is_no_verdict() {
    for status in [0, 401, 404, 500, 302] {
        let world = World::new(status, &active());
        assert_eq!(
            world.ask("t").await.map(drop),
            Err(KeysUnavailable),
            "{status}"
        );
    }
    for answer in [json!([]), json!("active")] {
        assert_eq!(
            World::new(200, &answer).ask("t").await.map(drop),
            Err(KeysUnavailable)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn rule_58_roles_of_a_lightweight_token_are_kept_apart_too() {
    let roles = json!({ "realm_access": { "roles": ["reader"] } });
    let world = World::new(200, &merged(active(), roles));
    let keycloak = world.checks.clone().with_keycloak_roles();
    let caller = keycloak.verify(Bearer::new("t")).await.unwrap();
    assert!(caller.roles().has("realm:reader"));
}

#[test]
fn rule_58_the_endpoint_is_private_and_the_secret_is_not_shown() {
    let make = |url: &str| {
        Introspection::new(
            url.parse().unwrap(),
            "id",
            &"canary".into(),
            "api",
            Io::new(),
        )
    };
    assert!(make("http://issuer.test/introspect").is_err());
    let shown = format!("{:?}", make("https://issuer.test/introspect").unwrap());
    assert_eq!(shown, r#"Introspection("https://issuer.test/introspect")"#);
}
