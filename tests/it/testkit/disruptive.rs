//! The shape of Disruptive Technologies.

use std::time::{Duration, SystemTime};

use auth_core::clock::Clock;
use auth_core::http::Body;
use auth_testkit::{DisruptiveAccount, Server, TestClock};
use http::Request;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use url::Url;

use super::{Reply, get, post, send, server};

#[tokio::test(start_paused = true)]
async fn disruptive_technologies_trades_an_assertion_for_a_token_and_lists_projects_in_pages() {
    let (server, clock) = server();
    let url = disruptive(&server);
    let reply = trade(
        &server,
        &url,
        &assertion("key1", "secret", &claims(&clock, &url, EMAIL)),
    )
    .await;
    assert_eq!(reply.json()["expires_in"], 3599);
    assert_eq!(reply.text("token_type"), "bearer");
    let token = reply.text("access_token");
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit()));

    let api = Url::parse("https://api.disruptive-technologies.com/v2/projects").unwrap();
    let mut names = Vec::new();
    let mut from = String::new();
    loop {
        let mut page = api.clone();
        page.query_pairs_mut()
            .append_pair("pageSize", "2")
            .append_pair("pageToken", &from);
        let reply = get(&server, &page, &token).await;
        names.extend(reply.json()["projects"].as_array().unwrap().clone());
        from = reply.text("nextPageToken");
        if from.is_empty() {
            break;
        }
    }
    let names: Vec<_> = names
        .iter()
        .map(|project| &project["displayName"])
        .collect();
    assert_eq!(names, ["One", "Two", "Three"]);

    let mut array = claims(&clock, &url, "lonely@x");
    array["aud"] = json!([url.as_str()]);
    let lonely = trade(&server, &url, &assertion("key2", "secret2", &array)).await;
    let reply = get(&server, &api, &lonely.text("access_token")).await;
    assert_eq!(reply.json()["code"], 403);
    assert_eq!(reply.text("help"), "https://docs.d21s.com/error/#403");
    clock.advance(Duration::from_secs(3599)).await;
    assert_eq!(get(&server, &api, &token).await.json()["code"], 401);
}

#[tokio::test(start_paused = true)]
async fn disruptive_technologies_says_no_in_five_ways() {
    let (server, clock) = server();
    let url = disruptive(&server);
    let good = claims(&clock, &url, EMAIL);
    let now = good["iat"].as_u64().unwrap();
    let timing = "Timing-related error. Check the 'exp' and 'iat' claims.";
    let entity = "Untrusted entity. Check the 'aud' and 'iss' claims.";
    for (name, value, description) in [
        ("iat", Value::Null, timing),
        ("exp", Value::Null, timing),
        ("iat", json!(now + 300), timing),
        ("iat", json!(now - 300), timing),
        ("exp", json!(now + 3601), timing),
        ("exp", json!(now - 1), timing),
        ("aud", Value::Null, entity),
        ("aud", json!("https://elsewhere.test/oauth2/token"), entity),
        ("iss", Value::Null, entity),
        ("iss", json!("lonely@x"), entity),
        ("sub", json!("is ignored"), ""),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        let reply = trade(&server, &url, &assertion("key1", "secret", &claims)).await;
        assert_eq!(reply.text("error_description"), description, "{claims}");
        assert_eq!(reply.status == 200, description.is_empty());
    }
    let forged = trade(&server, &url, &assertion("key1", "guess", &good)).await;
    assert_eq!(forged.text("error_description"), "Invalid signature");
    for assertion in [assertion("key9", "secret", &good), "nonsense".to_owned()] {
        let reply = trade(&server, &url, &assertion).await;
        assert_eq!(reply.json(), json!({ "error": "invalid_grant" }));
    }
    let request = Request::post(url.as_str()).header("content-type", "application/json");
    let reply = send(&server, request.body(Body::from("{}".to_owned())).unwrap())
        .await
        .unwrap();
    assert_eq!(
        (reply.status.as_u16(), reply.json()),
        (400, json!({ "error": "unsupported_grant_type" }))
    );
}

#[tokio::test(start_paused = true)]
async fn disruptive_technologies_has_what_an_account_brings_and_nothing_else() {
    let (server, clock) = server();
    let url = disruptive(&server);
    let devices = json!({ "devices": [{ "name": "north" }] });
    let path = "/v2/projects/one/devices";
    let account = DisruptiveAccount::new("reader@x")
        .with_key("key3", "secret3")
        .with_project("One");
    server.add_disruptive_account(account.with_answer(path, devices.clone()));
    let api = |path: &str| {
        let base = Url::parse("https://api.disruptive-technologies.com").unwrap();
        base.join(path).unwrap()
    };
    let reader = assertion("key3", "secret3", &claims(&clock, &url, "reader@x"));
    let reader = trade(&server, &url, &reader).await.text("access_token");
    assert_eq!(get(&server, &api(path), &reader).await.json(), devices);
    assert_eq!(
        get(&server, &api("/v2/projects/two"), &reader).await.status,
        404
    );
    assert_eq!(get(&server, &api(path), "junk").await.status, 401);
    let other = assertion("key1", "secret", &claims(&clock, &url, EMAIL));
    let other = trade(&server, &url, &other).await.text("access_token");
    assert_eq!(get(&server, &api(path), &other).await.status, 404);
}

fn disruptive(server: &Server) -> Url {
    server.add_disruptive_account(
        DisruptiveAccount::new(EMAIL)
            .with_key("key1", "secret")
            .with_project("One")
            .with_project("Two")
            .with_project("Three"),
    );
    server.add_disruptive_account(DisruptiveAccount::new("lonely@x").with_key("key2", "secret2"));
    Url::parse("https://identity.disruptive-technologies.com/oauth2/token").unwrap()
}

const EMAIL: &str = "sa@project.serviceaccount.d21s.com";

fn assertion(kid: &str, secret: &str, claims: &Value) -> String {
    let header = Header {
        kid: Some(kid.to_owned()),
        ..Header::default()
    };
    jsonwebtoken::encode(
        &header,
        claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .unwrap()
}

async fn trade(server: &Server, url: &Url, assertion: &str) -> Reply {
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", assertion),
    ];
    post(server, url, &fields).await.unwrap()
}

fn claims(clock: &TestClock, url: &Url, email: &str) -> Value {
    let now = clock.now().wall.duration_since(SystemTime::UNIX_EPOCH);
    let now = now.unwrap().as_secs();
    json!({ "iat": now, "exp": now + 3600, "aud": url.as_str(), "iss": email })
}
