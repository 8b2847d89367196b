//! The API client: the token on each request, bound to its origin, renewed once after a 401.

use std::sync::Arc;
use std::time::Duration;

use auth_core::http::Body;
use auth_core::{ApiClient, CachedSource, ClientAuth, ClientCredentials, ErrorKind, TokenSource};
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
    world
        .server
        .fault("/api", Fault::delay(Duration::from_secs(20)));
    let slow = tokio::spawn({
        let api = world.api(&source);
        async move { api.get("api").await }
    });
    tokio::task::yield_now().await;
    source.token().await.unwrap();
    slow.await.unwrap().unwrap();
}
