//! The API client: the token on each request, bound to its origin, renewed once after a 401.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::error::Challenge;
use auth_core::http::Body;
use auth_core::session::Need;
use auth_core::{
    AccessToken, ApiClient, BoxFuture, CachedSource, ClientAuth, ClientCredentials, ErrorKind,
    Grant, Result, StaticSource, TokenSource,
};
use auth_testkit::{Fault, Resource};
use http::{HeaderName, Request, StatusCode};
use secrecy::SecretString;

use crate::world::{MINUTE, World};

impl World {
    fn reader(&self) -> CachedSource {
        let endpoint = self.endpoint(ClientAuth::basic("robot", SecretString::from("s3cret")));
        let grant = ClientCredentials::new(endpoint).with_scopes(["read"]);
        CachedSource::new(grant, self.io())
    }

    fn api(&self, source: &CachedSource) -> ApiClient {
        ApiClient::new(self.server.url("/"), Arc::new(source.clone()), self.io())
    }
}

/// A source that writes down what is discarded, and how old a login the API would take.
#[derive(Debug)]
struct Watched(CachedSource, Mutex<Vec<(AccessToken, Option<u64>)>>);

impl TokenSource for Watched {
    fn get(&self, need: Need) -> BoxFuture<'_, Result<AccessToken>> {
        self.0.get(need)
    }

    fn discard(&self, refused: &AccessToken, challenge: Option<&Challenge>) {
        let age = challenge.and_then(|challenge| challenge.max_age);
        self.1.lock().unwrap().push((refused.clone(), age));
        self.0.discard(refused, challenge);
    }
}

#[tokio::test(start_paused = true)]
async fn a_box_or_an_arc_of_a_source_or_grant_is_one_with_every_method() {
    let world = World::new();
    let grant: Box<dyn Grant> = Box::new(ClientCredentials::new(
        world.endpoint(ClientAuth::basic("robot", SecretString::from("s3cret"))),
    ));
    let inner = CachedSource::new(grant, world.io());
    let source: Box<dyn TokenSource> = Box::new(Arc::new(inner.clone()));
    let token = source.token().await.unwrap();
    assert!(source.at_hand().unwrap().is_same(&token));
    let caller = StaticSource::of_caller(token.clone(), "https://id", "ada", &world.io());
    assert!(Box::new(Arc::new(caller)).session().is_some());
    source.settled().await;
    source.discard(&token, None);
    assert!(inner.at_hand().is_none());
    let next = source.get(Need::new()).await.unwrap();
    assert!(!next.is_same(&token));
}

#[tokio::test(start_paused = true)]
async fn every_request_carries_the_token() {
    let world = World::new();
    let source = world.reader();
    let api = world.api(&source);
    for _ in 0..3 {
        assert_eq!(api.get("api").await.unwrap().status(), StatusCode::OK);
    }
    assert_eq!((world.asked(), world.server.count("/api")), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_401_discards_the_token_renews_for_real_and_tries_once_more() {
    let world = World::new();
    let source = world.reader();
    let api = world.api(&source);
    let token = source.token().await.unwrap();
    world.server.revoke(token.expose_secret());
    assert_eq!(api.get("api").await.unwrap().status(), StatusCode::OK);
    assert_eq!((world.asked(), world.server.count("/api")), (2, 2));
    let sent: Vec<_> = world.server.requests();
    let sent = sent.iter().filter(|request| request.path() == "/api");
    let values: Vec<_> = sent
        .map(|r| r.header("authorization").unwrap().to_owned())
        .collect();
    assert_ne!(values[0], values[1], "never the same token again");
}

#[tokio::test(start_paused = true)]
async fn an_api_that_refuses_every_token_is_asked_twice_and_no_more() {
    let world = World::new();
    let source = world.reader();
    world.server.fault("/api", Fault::status(401).always());
    let answer = world.api(&source).get("api").await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!((world.asked(), world.server.count("/api")), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_refused_second_token_is_discarded_with_what_the_api_asked_for() {
    let world = World::new();
    let source = Arc::new(Watched(world.reader(), Mutex::default()));
    let step_up = Fault::status(401).with_header("www-authenticate", "Bearer max_age=\"5\"");
    world.server.fault("/api", step_up.always());
    let api = ApiClient::new(world.server.url("/"), source.clone(), world.io());
    let answer = api.get("api").await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(source.0.at_hand().map(|token| token.fingerprint()), None);
    let discarded = source.1.lock().unwrap();
    let ages: Vec<_> = discarded.iter().map(|(_, age)| *age).collect();
    assert_eq!(ages, [Some(5), Some(5)]);
    assert!(!discarded[0].0.is_same(&discarded[1].0));
}

#[tokio::test(start_paused = true)]
async fn json_is_read_and_posted() {
    let world = World::new();
    let source = world.reader();
    let api = world.api(&source);
    let said: serde_json::Value = api.json("api").await.unwrap();
    assert_eq!(said["sub"], "robot");
    let asked = world.server.requests().pop().unwrap();
    assert_eq!(asked.header("accept"), Some("application/json"));
    world.server.fault("/api", Fault::status(204));
    let body = serde_json::json!({"name": "lamp"});
    api.post_json::<()>("api", &body).await.unwrap();
    let asked = world.server.requests().pop().unwrap();
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(asked.body().as_ref(), br#"{"name":"lamp"}"#);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_success_is_an_error_whose_kind_says_who_acts() {
    let world = World::new();
    let source = world.reader();
    let api = world.api(&source);
    for (status, kind) in [
        (302, ErrorKind::Protocol),
        (304, ErrorKind::Protocol),
        (400, ErrorKind::Refused),
        (403, ErrorKind::Refused),
        (404, ErrorKind::Refused),
        (408, ErrorKind::Unavailable),
        (429, ErrorKind::Unavailable),
        (503, ErrorKind::Unavailable),
    ] {
        let fault = Fault::status(status).with_retry_after(MINUTE);
        world.server.fault("/api", fault);
        let error = api.json::<()>("api?key=canary").await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(status)));
        assert_eq!(error.retry_after(), Some(MINUTE));
        let host = world.server.url("/").host_str().unwrap().to_owned();
        let text = format!("{error:#?}");
        assert!(text.contains(&host) && !text.contains("canary"), "{text}");
    }
    world.server.fault("/api", Fault::status(401).times(2));
    let error = api.json::<serde_json::Value>("api").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Refused, Some(401))
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_says_what_the_api_said_and_asks_for() {
    let world = World::new();
    let source = world.reader();
    let api = world.api(&source);
    let token = source.token().await.unwrap();
    let body = format!(r#"{{"message":"{} may not write"}}"#, token.expose_secret());
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"things.write\"";
    let fault = Fault::status(403).with_body("application/json", body);
    world
        .server
        .fault("/api", fault.with_header("www-authenticate", challenge));
    let error = api.json::<()>("api").await.unwrap_err();
    assert_eq!(error.code(), Some("insufficient_scope"));
    let text = error.to_string();
    assert!(
        text.contains("insufficient_scope: … may not write"),
        "{text}"
    );
    assert!(
        text.ends_with("ask for a token with the scope things.write"),
        "{text}"
    );
    let target = "https://elsewhere.example/x?sig=canary";
    world.server.fault("/api", Fault::redirect(302, target));
    let text = api.json::<()>("api").await.unwrap_err().to_string();
    assert!(
        text.contains("redirects to https://elsewhere.example/x;"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn json_is_read_within_a_bound_that_can_be_set() {
    let world = World::new();
    let source = world.reader();
    let api = world.api(&source);
    world.server.fault("/api", Fault::huge(2 << 20).times(2));
    let error = api.json::<serde_json::Value>("api").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    let patient = api.clone().with_limit(4 << 20);
    patient.json::<serde_json::Value>("api").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn other_answers_are_handed_back_as_they_are() {
    let world = World::new();
    let source = world.reader();
    for status in [204, 302, 403, 404, 429, 500, 503] {
        world.server.fault("/api", Fault::status(status));
        let answer = world.api(&source).get("api").await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
    }
    assert_eq!(world.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_body_is_sent_again_with_the_new_token_and_a_stream_is_not() {
    let world = World::new();
    let source = world.reader();
    let api = world.api(&source);
    let post = |body: Body| Request::post("/api").body(body).unwrap();
    world.server.fault("/api", Fault::status(401));
    api.send(post(Body::from("kept".to_owned()))).await.unwrap();
    let requests = world.server.requests();
    let bodies: Vec<_> = requests
        .iter()
        .filter(|r| r.path() == "/api")
        .map(|r| r.body())
        .collect();
    assert_eq!(bodies, ["kept", "kept"]);
    world.server.clear_requests();
    world.pass(2 * MINUTE).await;
    world.server.fault("/api", Fault::status(401));
    let stream = Body::stream(Body::from("once".to_owned()));
    let answer = api.send(post(stream)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(world.server.count("/api"), 1);
    assert_eq!(
        api.get("api").await.unwrap().status(),
        StatusCode::OK,
        "the token was renewed"
    );
}

#[tokio::test(start_paused = true)]
async fn the_header_and_its_scheme_are_settings() {
    let world = World::new();
    world
        .server
        .set_resource(Resource::new().with_header("x-identity", None));
    let source = world.reader();
    let name = HeaderName::from_static("x-identity");
    let api = world.api(&source).with_header(name, None);
    assert_eq!(api.get("api").await.unwrap().status(), StatusCode::OK);
    let token = source.token().await.unwrap();
    let requests = world.server.requests();
    let sent = requests
        .iter()
        .find(|request| request.path() == "/api")
        .unwrap();
    assert_eq!(sent.header("x-identity"), Some(token.expose_secret()));
    assert_eq!(sent.header("authorization"), None);
}

#[tokio::test(start_paused = true)]
async fn s23_a_request_to_another_origin_leaves_without_anything_being_sent() {
    let world = World::new();
    let source = world.reader();
    let api = world.api(&source);
    let error = api.get("https://evil.example/api").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(world.server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_header_of_the_callers_own_does_not_replace_the_token() {
    let world = World::new();
    let source = world.reader();
    let request = Request::get("/api")
        .header("authorization", "Basic x")
        .body(Body::empty());
    let error = world.api(&source).send(request.unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test(start_paused = true)]
async fn a_large_answer_streams() {
    let world = World::new();
    let source = world.reader();
    world.server.fault("/api", Fault::huge(4 << 20));
    let mut body = world.api(&source).get("api").await.unwrap().into_body();
    let mut size = 0;
    while let Some(chunk) = body.chunk().await {
        size += chunk.unwrap().len();
    }
    assert!(size > 4 << 20);
}

#[tokio::test(start_paused = true)]
async fn an_api_that_is_slow_delays_no_other_caller() {
    let world = World::new();
    let source = world.reader();
    let api = world.api(&source);
    let pause = Duration::from_secs(20);
    world.server.fault("/api/slow", Fault::delay(pause));
    let start = world.clock.now().monotonic;
    let slow = tokio::spawn({
        let api = api.clone();
        async move { api.get("api/slow").await }
    });
    while world.server.count("/api/slow") == 0 {
        tokio::task::yield_now().await;
    }
    source.token().await.unwrap();
    assert_eq!(api.get("api").await.unwrap().status(), StatusCode::OK);
    // Nor whoever needs another token meanwhile, for this API or for another one.
    world
        .server
        .revoke(source.at_hand().unwrap().expose_secret());
    assert_eq!(api.get("api").await.unwrap().status(), StatusCode::OK);
    source.renew().await.unwrap();
    assert_eq!(world.clock.now().monotonic, start, "somebody waited");
    assert!(!slow.is_finished());
    slow.await.unwrap().unwrap();
    assert_eq!(world.clock.now().monotonic, start + pause);
}
