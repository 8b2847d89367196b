//! Signed assertions, as a client's proof and as a grant.

use std::time::SystemTime;

use auth_core::clock::Clock;
use auth_testkit::{Client, Server, TestClock};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{Form, Reply, get, post, server};

#[tokio::test(start_paused = true)]
async fn a_clients_assertion_is_taken_once_and_only_if_all_of_it_is_right() {
    let (server, clock) = server();
    add_signers(&server);
    let token = server.url("/token").to_string();
    let good = claims(&server, &clock);
    let end = good["exp"].as_u64().unwrap();
    for (claims, status) in [
        (good.clone(), 200),
        (good.clone(), 401), // a replay
        (edited(&good, "aud", json!(["x", token])), 200),
        (edited(&good, "aud", json!("https://elsewhere.test")), 401),
        (edited(&good, "sub", json!("robot")), 401),
        (edited(&good, "iss", json!("robot")), 401),
        (edited(&good, "exp", json!(end - 61)), 401),
        (edited(&good, "exp", json!(end + 7200)), 401),
        (edited(&good, "jti", Value::Null), 401),
    ] {
        let reply = prove(&server, &signed(Algorithm::ES256, &claims)).await;
        assert_eq!(reply.status, status, "{claims}: {}", reply.json());
        assert_eq!(reply.text("error").is_empty(), status == 200);
    }
    let wrong_key = signed(Algorithm::EdDSA, &edited(&good, "x", json!(1)));
    assert_eq!(prove(&server, &wrong_key).await.status, 401);
    assert_eq!(
        prove(&server, "nonsense").await.text("error"),
        "invalid_client"
    );
}

#[tokio::test(start_paused = true)]
async fn a_secret_may_sign_the_assertion_too() {
    let (server, clock) = server();
    let mut claims = claims(&server, &clock);
    claims["iss"] = "robot".into();
    claims["sub"] = "robot".into();
    for (secret, status) in [("s3cret+/%&", 200), ("guess", 401)] {
        claims["jti"] = secret.into();
        let key = EncodingKey::from_secret(secret.as_bytes());
        let jwt = jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap();
        assert_eq!(prove(&server, &jwt).await.status, status, "{secret}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_assertion_is_a_grant_for_its_subject() {
    let (server, clock) = server();
    add_signers(&server);
    let mut good = claims(&server, &clock);
    good["iss"] = "edward".into();
    good["sub"] = "ada".into();
    good["exp"] = (good["exp"].as_u64().unwrap() + 3540).into();
    let reply = redeem(&server, &signed(Algorithm::EdDSA, &good)).await;
    let bearer = get(&server, &server.url("/api"), &reply.text("access_token")).await;
    assert_eq!(bearer.text("sub"), "ada");
    assert_eq!(bearer.text("client_id"), "edward");

    for (claims, status) in [
        (good.clone(), 400), // a replay
        (edited(&good, "jti", Value::Null), 200),
        (edited(&good, "sub", Value::Null), 200),
        (edited(&good, "iss", json!("signer")), 400),
        (edited(&good, "iss", json!("nobody")), 400),
        (edited(&good, "aud", Value::Null), 400),
        (edited(&good, "exp", Value::Null), 400),
    ] {
        let reply = redeem(&server, &signed(Algorithm::EdDSA, &claims)).await;
        assert_eq!(reply.status, status, "{claims}: {}", reply.json());
        assert!(status == 200 || reply.text("error") == "invalid_grant");
    }
}

async fn prove(server: &Server, jwt: &str) -> Reply {
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

async fn redeem(server: &Server, jwt: &str) -> Reply {
    let fields: Form<'_> = &[
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", jwt),
    ];
    post(server, &server.url("/token"), fields).await.unwrap()
}

fn claims(server: &Server, clock: &TestClock) -> Value {
    let now = clock.now().wall.duration_since(SystemTime::UNIX_EPOCH);
    let end = now.unwrap().as_secs() + 60;
    json!({ "iss": "signer", "sub": "signer", "aud": server.issuer(), "exp": end, "jti": "1" })
}

/// The claims with one of them changed, and another identifier.
fn edited(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims["jti"] = format!("{name} {value}").into();
    claims[name] = value;
    claims
}

/// The key pairs of RFC 7517, appendix A.2, and of RFC 8037, appendix A.1.
fn add_signers(server: &Server) {
    let curve = json!({
        "kty": "EC", "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    });
    let edwards = json!({
        "kty": "OKP", "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    server.add_client(Client::signing("signer", &curve));
    server.add_client(Client::signing("edward", &edwards));
}

fn signed(algorithm: Algorithm, claims: &Value) -> String {
    let key = match algorithm {
        Algorithm::ES256 => EncodingKey::from_ec_der(&pkcs8(
            &[
                0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
                0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27,
                0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20,
            ],
            "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
        )),
        _ => EncodingKey::from_ed_der(&pkcs8(
            &[
                0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
                0x04, 0x20,
            ],
            "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        )),
    };
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
}

/// The DER of a private key (RFC 5958): what goes before the number, and the number.
fn pkcs8(head: &[u8], number: &str) -> Vec<u8> {
    [head, &URL_SAFE_NO_PAD.decode(number).unwrap()].concat()
}
