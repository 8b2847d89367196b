//! The identity server that the other tests lean on.

use std::time::{Duration, SystemTime};

use auth_core::{Body, Clock, DefaultHttpClient, ErrorKind, HttpClient};
use auth_testkit::{
    Client, DisruptiveAccount, Fault, Listening, Policy, Received, Resource, Rotation, Server,
    TestClock,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{Request, StatusCode};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

type Form<'a> = &'a [(&'a str, &'a str)];

struct Reply {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn text(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_default().to_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

async fn send(http: &dyn HttpClient, request: Request<Body>) -> auth_core::Result<Reply> {
    let (head, body) = http.send(request).await?.into_parts();
    Ok(Reply {
        status: head.status,
        headers: head.headers,
        body: body.bytes(16 << 20).await?.to_vec(),
    })
}

fn form(url: &Url, fields: Form<'_>) -> http::request::Builder {
    assert!(!fields.is_empty());
    Request::post(url.as_str()).header("content-type", "application/x-www-form-urlencoded")
}

async fn post(http: &dyn HttpClient, url: &Url, fields: Form<'_>) -> auth_core::Result<Reply> {
    send(http, form(url, fields).body(encoded(fields)).unwrap()).await
}

async fn get(http: &dyn HttpClient, url: &Url, token: &str) -> Reply {
    let request = Request::get(url.as_str()).header("authorization", format!("Bearer {token}"));
    send(http, request.body(Body::empty()).unwrap())
        .await
        .unwrap()
}

fn encoded(fields: Form<'_>) -> Body {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
        .into()
}

fn server() -> (Server, TestClock) {
    let clock = TestClock::new();
    let server = Server::new(clock.clone());
    server.add_client(Client::confidential("robot", "s3cret+/%&").with_scopes(["read", "write"]));
    server.add_client(Client::public("desktop"));
    (server, clock)
}

const ROBOT: Form<'static> = &[
    ("grant_type", "client_credentials"),
    ("client_id", "robot"),
    ("client_secret", "s3cret+/%&"),
];

fn refresh(token: &str) -> [(&str, &str); 3] {
    [
        ("grant_type", "refresh_token"),
        ("client_id", "desktop"),
        ("refresh_token", token),
    ]
}

async fn redeem(server: &Server, token: &str) -> Reply {
    post(server, &server.url("/token"), &refresh(token))
        .await
        .unwrap()
}

async fn robot_token(server: &Server) -> String {
    let reply = post(server, &server.url("/token"), ROBOT).await.unwrap();
    reply.text("access_token")
}

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
        let request = form(&url, fields).header("authorization", basic);
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
    let both = form(&url, ROBOT).header("authorization", basic);
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
async fn a_signed_assertion_is_taken_once_and_only_if_all_of_it_is_right() {
    let (server, clock) = server();
    let jwk = json!({
        "kty": "EC", "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    });
    server.add_client(Client::signing("signer", &jwk));
    // The key pair of RFC 7517, appendix A.2.
    let private = URL_SAFE_NO_PAD.decode("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE");
    let key = EncodingKey::from_ec_der(&pkcs8(&private.unwrap()));
    let now = clock.now().wall.duration_since(SystemTime::UNIX_EPOCH);
    let end = now.unwrap().as_secs() + 60;
    let good = json!({
        "iss": "signer", "sub": "signer", "aud": server.issuer(), "exp": end, "jti": "1",
    });
    let edited = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims["jti"] = name.into();
        claims[name] = value;
        claims
    };
    let token_url = server.url("/token").to_string();
    for (claims, status) in [
        (good.clone(), 200),
        (good.clone(), 401), // a replay
        (edited("aud", json!(["x", token_url])), 200),
        (edited("aud", "https://elsewhere.test".into()), 401),
        (edited("sub", "robot".into()), 401),
        (edited("iss", "robot".into()), 401),
        (edited("exp", (end - 61).into()), 401),
        (edited("jti", Value::Null), 401),
    ] {
        let jwt = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &key).unwrap();
        let reply = assert_with(&server, &jwt).await;
        assert_eq!(reply.status, status, "{claims}: {}", reply.json());
    }
    let other = EncodingKey::from_secret(b"public");
    let jwt = jsonwebtoken::encode(&Header::default(), &edited("x", json!(1)), &other).unwrap();
    assert_eq!(assert_with(&server, &jwt).await.status, 401);
}

async fn assert_with(server: &Server, jwt: &str) -> Reply {
    let fields: Form<'_> = &[
        ("grant_type", "client_credentials"),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", jwt),
    ];
    post(server, &server.url("/token"), fields).await.unwrap()
}

/// The DER of a P-256 private key (RFC 5958, RFC 5915).
fn pkcs8(scalar: &[u8]) -> Vec<u8> {
    let head = [
        0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
        0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25,
        0x02, 0x01, 0x01, 0x04, 0x20,
    ];
    [&head, scalar].concat()
}

#[tokio::test(start_paused = true)]
async fn using_a_one_use_refresh_token_twice_ends_the_login() {
    let (server, _) = server();
    let first = server.login("desktop", "ada", &["openid", "read"]);
    let reply = redeem(&server, first.expose_secret()).await;
    assert_eq!(reply.text("scope"), "openid read");
    assert!(!reply.text("id_token").is_empty());
    let second = auth_core::RefreshToken::new(reply.text("refresh_token"));
    assert!(!server.is_live(&first) && server.is_live(&second));

    let reuse = redeem(&server, first.expose_secret()).await;
    assert_eq!(
        (reuse.status.as_u16(), &*reuse.text("error")),
        (400, "invalid_grant")
    );
    let dead = redeem(&server, second.expose_secret()).await;
    assert_eq!(dead.text("error"), "invalid_grant");
}

#[tokio::test(start_paused = true)]
async fn within_the_grace_a_used_refresh_token_is_forgiven() {
    let (server, clock) = server();
    server.set_policy(Policy::new().with_reuse_grace(Duration::from_secs(10)));
    let token = server.login("desktop", "ada", &[]);
    assert_eq!(redeem(&server, token.expose_secret()).await.status, 200);
    clock.advance(Duration::from_secs(9)).await;
    assert_eq!(redeem(&server, token.expose_secret()).await.status, 200);
    clock.advance(Duration::from_secs(1)).await;
    assert_eq!(redeem(&server, token.expose_secret()).await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn each_rotation_keeps_its_promise() {
    let (server, _) = server();
    for (rotation, named) in [
        (Rotation::Silent, false),
        (Rotation::Same, true),
        (Rotation::Lenient, true),
    ] {
        server.set_policy(Policy::new().with_rotation(rotation));
        let token = server.login("desktop", "ada", &[]);
        for _ in 0..3 {
            let reply = redeem(&server, token.expose_secret()).await;
            assert_eq!(reply.status, 200);
            let next = reply.text("refresh_token");
            assert_eq!(!next.is_empty(), named, "{rotation:?}");
            assert_eq!(next == token.expose_secret(), rotation == Rotation::Same);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_works_for_its_client_its_scopes_and_its_life_only() {
    let (server, clock) = server();
    let life = Duration::from_secs(60);
    server.set_policy(
        Policy::new()
            .with_refresh_life(life)
            .with_granted_scopes(["a"]),
    );
    let token = server.login("desktop", "ada", &["a", "b"]);
    let url = server.url("/token");
    let stolen = [
        &ROBOT[1..],
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", token.expose_secret()),
        ],
    ];
    let reply = post(&server, &url, &stolen.concat()).await.unwrap();
    assert_eq!(reply.text("error"), "invalid_grant");
    let wider = [&refresh(token.expose_secret())[..], &[("scope", "a c")]].concat();
    let reply = post(&server, &url, &wider).await.unwrap();
    assert_eq!(reply.text("error"), "invalid_scope");
    assert!(server.is_live(&token), "a refused request spends nothing");

    let reply = redeem(&server, token.expose_secret()).await;
    assert_eq!(
        (&*reply.text("scope"), &reply.json()["refresh_expires_in"]),
        ("a", &json!(60))
    );
    clock.advance(life).await;
    let next = reply.text("refresh_token");
    assert_eq!(redeem(&server, &next).await.text("error"), "invalid_grant");
    let token = server.login("desktop", "ada", &[]);
    assert!(server.revoke(token.expose_secret()));
    assert!(!server.is_live(&token));
}

#[tokio::test(start_paused = true)]
async fn the_api_takes_a_token_until_it_ends_is_revoked_or_loses_its_key() {
    let (server, clock) = server();
    let api = server.url("/api/whoami");
    for policy in [Policy::new(), Policy::new().with_opaque_tokens()] {
        server.set_policy(policy);
        let token = robot_token(&server).await;
        assert_eq!(get(&server, &api, &token).await.text("sub"), "robot");
        clock.advance(Duration::from_secs(3600)).await;
        let reply = get(&server, &api, &token).await;
        assert_eq!(reply.status, 401);
        assert!(reply.header("www-authenticate").contains("invalid_token"));
        let token = robot_token(&server).await;
        assert!(server.revoke(&token) && !server.revoke(&token));
        assert_eq!(get(&server, &api, &token).await.status, 401);
    }
    server.set_policy(Policy::new());
    let token = robot_token(&server).await;
    server.rotate_keys(true);
    assert_eq!(get(&server, &api, &token).await.status, 200);
    assert_eq!(
        get(&server, &server.url("/jwks"), "").await.json()["keys"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    server.rotate_keys(false);
    assert_eq!(get(&server, &api, &token).await.status, 401);
}

#[tokio::test(start_paused = true)]
async fn the_api_asks_for_the_header_the_audience_and_the_scope_that_it_is_told() {
    let (server, _) = server();
    let api = server.url("/api");
    let token = robot_token(&server).await;
    let resource = Resource::new().with_header("X-Identity", None);
    server.set_resource(resource.clone());
    assert_eq!(get(&server, &api, &token).await.status, 401);
    let asked = async || {
        let request = Request::put(api.as_str()).header("x-identity", &token);
        send(
            &server,
            request.body(Body::from("12345".to_owned())).unwrap(),
        )
        .await
    };
    assert_eq!(asked().await.unwrap().json()["received"], 5);
    server.set_resource(resource.clone().with_scope("admin"));
    let reply = asked().await.unwrap();
    assert_eq!(reply.status, 403);
    assert!(
        reply
            .header("www-authenticate")
            .contains(r#"scope="admin""#)
    );
    server.set_resource(resource.with_audience("another"));
    assert_eq!(asked().await.unwrap().status, 401);
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
async fn a_fault_spoils_so_many_requests_to_its_path_and_no_more() {
    let (server, clock) = server();
    let url = server.url("/token");
    let until = clock.now().wall + Duration::from_secs(30);
    server.fault(
        "/token",
        Fault::status(503)
            .with_retry_after(Duration::from_secs(2))
            .times(2),
    );
    server.fault("/token", Fault::status(429).with_retry_at(until));
    for (status, pause) in [
        (503, "2"),
        (503, "2"),
        (429, "Thu, 01 Jan 2026 00:00:30 GMT"),
    ] {
        assert_eq!(get(&server, &server.url("/jwks"), "").await.status, 200);
        let reply = post(&server, &url, ROBOT).await.unwrap();
        assert_eq!(
            (reply.status.as_u16(), reply.header("retry-after")),
            (status, pause)
        );
    }
    assert_eq!(post(&server, &url, ROBOT).await.unwrap().status, 200);
    server.fault("/token", Fault::html(502).always());
    for _ in 0..5 {
        let reply = post(&server, &url, ROBOT).await.unwrap();
        assert!(reply.status == 502 && reply.body.starts_with(b"<!DOCTYPE"));
    }
    server.clear_faults();
    assert_eq!(post(&server, &url, ROBOT).await.unwrap().status, 200);
    assert_eq!(server.count("/token"), 10);
}

#[tokio::test(start_paused = true)]
async fn a_reset_before_the_commit_spends_nothing_and_one_after_it_does() {
    let (server, _) = server();
    let url = server.url("/token");
    let token = server.login("desktop", "ada", &[]);
    let lost = async |fault| {
        server.fault("/token", fault);
        let fields = refresh(token.expose_secret());
        post(&server, &url, &fields).await.err().unwrap()
    };
    let error = lost(Fault::refused()).await;
    assert!(error.kind() == ErrorKind::Unavailable && !error.may_have_arrived());
    assert_eq!(server.count("/token"), 0);
    assert!(lost(Fault::reset()).await.may_have_arrived());
    assert!(server.is_live(&token));
    assert!(lost(Fault::reset().after_commit()).await.may_have_arrived());
    assert!(!server.is_live(&token));
    assert_eq!(server.count("/token"), 2);
}

#[tokio::test(start_paused = true)]
async fn an_answer_can_be_late_slow_short_long_or_different() {
    let (server, clock) = server();
    let url = server.url("/token");
    let spoiled = async |fault| {
        server.fault("/token", fault);
        post(&server, &url, ROBOT).await
    };
    let before = clock.now().monotonic;
    let minute = Duration::from_secs(60);
    assert_eq!(spoiled(Fault::delay(minute)).await.unwrap().status, 200);
    assert_eq!(clock.now().monotonic - before, minute);

    let before = clock.now().monotonic;
    let dripped = spoiled(Fault::drip(Duration::from_secs(1))).await.unwrap();
    assert_eq!(
        clock.now().monotonic - before,
        Duration::from_secs(dripped.body.len() as u64)
    );
    assert!(!dripped.text("access_token").is_empty());

    let short = spoiled(Fault::truncated()).await.unwrap();
    assert!(serde_json::from_slice::<Value>(&short.body).is_err());
    let error = spoiled(Fault::cut()).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(
        spoiled(Fault::huge(2 << 20)).await.unwrap().body.len() >> 20,
        2
    );
    assert_eq!(spoiled(Fault::status(204)).await.unwrap().status, 204);
    let member = spoiled(Fault::member("expires_in", "60")).await.unwrap();
    assert_eq!(member.text("expires_in"), "60");
    let without = spoiled(Fault::without("expires_in")).await.unwrap();
    assert!(without.json().get("expires_in").is_none());
    let refusal = spoiled(Fault::refusal(200, "slow_down")).await.unwrap();
    assert_eq!(
        (refusal.status.as_u16(), &*refusal.text("error")),
        (200, "slow_down")
    );
    let redirect = spoiled(Fault::redirect(307, "https://evil.test/"))
        .await
        .unwrap();
    assert_eq!(redirect.header("location"), "https://evil.test/");
    let ahead = spoiled(Fault::date_ahead(Duration::from_secs(86_400)))
        .await
        .unwrap();
    assert!(
        ahead.header("date").contains("02 Jan 2026"),
        "{}",
        ahead.header("date")
    );
}

#[tokio::test(start_paused = true)]
async fn every_request_is_on_record_and_its_debug_text_holds_no_secret() {
    let (server, clock) = server();
    let at = clock.now().wall;
    robot_token(&server).await;
    get(&server, &server.url("/api/x?y=a%20b"), "canary").await;
    let requests = server.requests();
    let [token, api] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    assert_eq!(token.field("client_secret").as_deref(), Some("s3cret+/%&"));
    assert_eq!(token.form()[0].1, "client_credentials");
    assert_eq!((token.method().as_str(), token.at()), ("POST", at));
    assert_eq!(api.header("authorization"), Some("Bearer canary"));
    assert_eq!(api.query("y").as_deref(), Some("a b"));
    let shown = format!(
        "{requests:?} {server:?} {:?}",
        Client::confidential("a", "s3cret")
    );
    assert!(
        !shown.contains("canary") && !shown.contains("s3cret"),
        "{shown}"
    );
    assert!(shown.contains("client_secret") && shown.contains("/api/x"));
    server.clear_requests();
    assert!(server.requests().is_empty() && server.count("/token") == 0);
}

#[tokio::test(start_paused = true)]
async fn the_wall_clock_can_be_set_and_the_monotonic_one_cannot() {
    let clock = TestClock::new();
    let start = clock.now();
    let hour = Duration::from_secs(3600);
    clock.advance(hour).await;
    assert_eq!(clock.now().wall, start.wall + hour);
    assert_eq!(clock.now().monotonic, start.monotonic + hour);
    clock.set_back(hour * 2);
    assert_eq!(clock.now().wall, start.wall - hour);
    clock.clone().set_wall(start.wall + hour * 9);
    clock.set_forward(hour);
    assert_eq!(clock.now().wall, start.wall + hour * 10);
    assert_eq!(clock.now().monotonic, start.monotonic + hour);
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

async fn over(listening: &Listening, http: &DefaultHttpClient) -> Reply {
    let metadata = get(
        http,
        &listening.url("/.well-known/openid-configuration"),
        "",
    )
    .await;
    assert_eq!(metadata.text("issuer"), listening.issuer());
    let token = Url::parse(&metadata.text("token_endpoint")).unwrap();
    let reply = post(http, &token, ROBOT).await.unwrap();
    let token = reply.text("access_token");
    get(http, &listening.url("/api/whoami"), &token).await
}

#[tokio::test]
async fn the_same_server_listens_on_http_and_https_until_dropped() {
    let (server, _) = server();
    let plain = server.listen(0).await.unwrap();
    let secure = server.listen_tls(0).await.unwrap();
    let http = DefaultHttpClient::new();
    assert_eq!(over(&plain, &http).await.text("sub"), "robot");
    let error = post(&http, &secure.url("/token"), ROBOT)
        .await
        .err()
        .unwrap();
    assert!(!error.may_have_arrived(), "nobody trusts its CA: {error}");

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ca.pem");
    std::fs::write(&file, secure.ca_pem().unwrap()).unwrap();
    let trusting = DefaultHttpClient::new().with_ca_file(&file);
    assert_eq!(over(&secure, &trusting).await.text("sub"), "robot");
    assert_eq!(
        server
            .requests()
            .iter()
            .map(Received::path)
            .filter(|path| *path == "/token")
            .count(),
        2
    );

    let url = plain.url("/jwks");
    drop(plain);
    tokio::task::yield_now().await;
    let error = post(&DefaultHttpClient::new(), &url, ROBOT)
        .await
        .err()
        .unwrap();
    assert!(!error.may_have_arrived(), "{error}");
}

#[tokio::test]
async fn on_a_socket_faults_break_the_connection() {
    let (server, _) = server();
    let listening = server.listen(0).await.unwrap();
    let http = DefaultHttpClient::new();
    let url = listening.url("/token");
    let token = server.login("desktop", "ada", &[]);
    server.fault("/token", Fault::reset().after_commit());
    let error = post(&http, &url, &refresh(token.expose_secret()))
        .await
        .err()
        .unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.may_have_arrived() && !server.is_live(&token));
    assert_eq!(
        server.count("/token"),
        1,
        "nothing repeats the request behind our back"
    );

    server.fault("/token", Fault::cut());
    let error = post(&http, &url, ROBOT).await.err().unwrap();
    assert!(error.may_have_arrived(), "{error}");
    server.fault("/token", Fault::drip(Duration::from_millis(1)));
    server.fault("/token", Fault::huge(1 << 20));
    for _ in 0..2 {
        let reply = post(&http, &url, ROBOT).await.unwrap();
        assert!(!reply.text("access_token").is_empty());
    }
}
