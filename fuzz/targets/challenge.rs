//! What an API says about a token that it refuses.

#![no_main]

mod world;

use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::Clock as _;
use auth_core::error::Challenge;
use auth_core::{AccessToken, ApiClient, StaticSource};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;

use self::world::{Server, assert_harmless, run, secret};

fuzz_target!(|value: &[u8]| {
    let Ok(header) = HeaderValue::from_bytes(value) else {
        return;
    };
    let mut headers = HeaderMap::new();
    headers.insert(WWW_AUTHENTICATE, header);
    if let Some(challenge) = Challenge::from_headers(&headers, "Bearer") {
        assert_ne!(challenge, Challenge::default(), "what asks for nothing is none");
    }
    let mut server = Server::of(&[2, 0]);
    server.challenge = value.to_vec();
    let io = server.io();
    let now = io.clock().now().wall;
    let token = AccessToken::new(secret(), now, now + Duration::from_secs(3600)).expect("a token");
    let base = "https://api.test".parse().expect("a URL");
    let api = ApiClient::new(base, Arc::new(StaticSource::new(token, &io)), io);
    assert_harmless(run(api.json::<serde_json::Value>("x")));
});
