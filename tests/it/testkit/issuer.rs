//! The generic issuer: what it says about itself, whom it knows, what it issues.

use std::time::{Duration, SystemTime};

use auth_core::clock::Clock;
use auth_testkit::{Client, Policy};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use url::Url;

use super::{Form, ROBOT, encoded, form, get, post, send, server};

#[tokio::test(start_paused = true)]
async fn its_tokens_can_be_checked_with_its_published_keys() {
    let (server, clock) = server();
    let http = &server;
    let metadata = get(http, &server.url("/.well-known/openid-configuration"), "").await;
    assert_eq!(metadata.text("issuer"), server.issuer());
    let token = Url::parse(&metadata.text("token_endpoint")).unwrap();
    let reply = post(http, &token, ROBOT).await.unwrap();
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.json()["expires_in"], 3600);
    assert_eq!(reply.text("scope"), "read write");

    let keys = get(http, &Url::parse(&metadata.text("jwks_uri")).unwrap(), "").await;
    let key = serde_json::from_value(keys.json()["keys"][0].clone()).unwrap();
    let mut rule = Validation::new(Algorithm::ES256);
    rule.set_audience(&["api"]);
    rule.set_issuer(&[server.issuer()]);
    rule.validate_exp = false;
    let token = reply.text("access_token");
    let checked =
        jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(&key).unwrap(), &rule);
    let claims = checked.unwrap().claims;
    assert_eq!(claims["sub"], "robot");
    let now = clock.now().wall.duration_since(SystemTime::UNIX_EPOCH);
    assert_eq!(claims["exp"], now.unwrap().as_secs() + 3600);
}

#[tokio::test(start_paused = true)]
async fn a_device_code_waits_as_long_as_the_policy_says() {
    let (server, clock) = server();
    let life = Duration::from_secs(90);
    server.set_policy(Policy::new().with_device_life(life));
    server.add_client(Client::public("desktop"));
    let client = ("client_id", "desktop");
    let codes = post(&server, &server.url("/device_authorization"), &[client]).await;
    let codes = codes.unwrap();
    assert_eq!(codes.json()["expires_in"], life.as_secs());
    let code = codes.text("device_code");
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let fields = [client, ("grant_type", grant), ("device_code", &*code)];
    let (url, mut said) = (server.url("/token"), Vec::new());
    for passes in [life - Duration::from_secs(1), Duration::from_secs(1)] {
        clock.advance(passes).await;
        said.push(post(&server, &url, &fields).await.unwrap().text("error"));
    }
    assert_eq!(said, ["authorization_pending", "expired_token"]);
}

#[tokio::test(start_paused = true)]
async fn a_client_is_known_by_basic_or_body_and_by_nothing_else() {
    let (server, _) = server();
    let url = server.url("/token");
    let fields: Form<'_> = &[("grant_type", "client_credentials")];
    for (pair, status, error) in [
        ("robot:s3cret%2B%2F%25%26", 200, ""),
        ("robot:s3cret+/%&", 400, "invalid_request"), // not form-encoded
        ("robot:wrong", 401, "invalid_client"),
        ("nobody:wrong", 401, "invalid_client"),
    ] {
        let basic = format!("Basic {}", STANDARD.encode(pair));
        let request = form(&url).header("authorization", basic);
        let reply = send(&server, request.body(encoded(fields)).unwrap()).await;
        let reply = reply.unwrap();
        assert_eq!(
            (reply.status.as_u16(), &*reply.text("error")),
            (status, error),
            "{pair}"
        );
        assert_eq!(
            reply.headers.contains_key("www-authenticate"),
            status == 401
        );
    }
    let basic = format!("Basic {}", STANDARD.encode("robot:s3cret%2B%2F%25%26"));
    let both = form(&url).header("authorization", basic);
    let reply = send(&server, both.body(encoded(ROBOT)).unwrap()).await;
    assert_eq!(reply.unwrap().text("error"), "invalid_request");
    for (fields, error) in [
        (fields, "invalid_client"),
        (
            &[("client_id", "robot"), ("grant_type", "client_credentials")],
            "invalid_client",
        ),
        (
            &[
                ("client_id", "desktop"),
                ("grant_type", "client_credentials"),
            ],
            "unauthorized_client",
        ),
        (
            &[("client_id", "desktop"), ("grant_type", "password")],
            "unsupported_grant_type",
        ),
        (&[("client_id", "desktop")], "invalid_request"),
        (
            &[("client_id", "desktop"), ("client_id", "desktop")],
            "invalid_request",
        ),
    ] {
        let reply = post(&server, &url, fields).await.unwrap();
        assert_eq!(reply.text("error"), error, "{fields:?}");
    }
    let wider = [ROBOT, &[("scope", "read admin")]].concat();
    let reply = post(&server, &url, &wider).await.unwrap();
    assert_eq!(reply.text("error"), "invalid_scope");
}

#[tokio::test(start_paused = true)]
async fn an_issuer_may_live_below_a_path() {
    let (server, _) = server();
    let server = server.with_issuer_path("/realms/x/");
    for path in [
        "/realms/x/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/realms/x",
    ] {
        let metadata = get(&server, &server.url(path), "").await;
        assert_eq!(metadata.text("issuer"), "https://auth.test/realms/x");
    }
    let reply = post(&server, &server.url("/realms/x/token"), ROBOT)
        .await
        .unwrap();
    assert_eq!(reply.status, 200);
    assert_eq!(get(&server, &server.url("/jwks"), "").await.status, 404);
    let plain = Url::parse("http://auth.test/realms/x/jwks").unwrap();
    let error = post(&server, &plain, ROBOT).await.err().unwrap();
    assert!(!error.may_have_arrived());
}
