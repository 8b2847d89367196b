//! Our checks of tokens beside those of huskarl's resource servers: the same token, keys at hand.

use std::hint::black_box;
use std::time::SystemTime;

use auth_testkit::Fault;
use auth_verify::{BearerHeader, Issuer, KeySet, Keys, Verifier};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, Uri};
use huskarl_reqwest::ReqwestClient;
use huskarl_resource_server::validator::rfc9068::Rfc9068Validator;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::forge::Forge;
use crate::rounds::{self, Rounds};
use crate::scenarios::Stage;

/// Checks a token signed by a key of each kind.
pub(crate) fn measure(runtime: &Runtime, stage: &Stage) {
    for forge in [
        Forge::rsa("key-1"),
        Forge::p256("key-1"),
        Forge::ed25519("key-1"),
    ] {
        compare(runtime, stage, &forge);
    }
}

fn compare(runtime: &Runtime, stage: &Stage, forge: &Forge) {
    let mut header = forge.header();
    header["typ"] = "at+jwt".into();
    let token = forge.with_header(&header, &claims());
    let jwks = json!({ "keys": [forge.jwk()] }).to_string();
    let path = format!("/keys/{}", forge.algorithm);
    let published = Fault::status(200).with_body("application/json", jwks.clone());
    stage.answer(&path, published);

    let keys = Keys::fixed(KeySet::from_jwks(jwks).unwrap());
    let ours = Verifier::new(Issuer::new(ISSUER, AUDIENCE, keys).unwrap());
    let theirs = Rfc9068Validator::builder()
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .jwks_uri(stage.http.url(&path).as_str().parse().unwrap())
        .jwks_source(ReqwestClient::from(reqwest::Client::new()))
        .build();
    let theirs = runtime.block_on(theirs).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    let place = BearerHeader::authorization();
    let uri = Uri::from_static("https://api.example.org/things");

    println!("{} over a token of {} bytes", forge.algorithm, token.len());
    let costs = Rounds::against("auth-verify", |calls| {
        for _ in 0..calls {
            let bearer = place.read(black_box(&headers)).unwrap();
            let outcome = ours.verify_at_hand(bearer);
            assert!(black_box(outcome).is_some_and(|outcome| outcome.is_ok()));
        }
    })
    .with("huskarl-resource-server", |calls| {
        runtime.block_on(async {
            for _ in 0..calls {
                let result = theirs.validate_request(black_box(&headers), &Method::GET, &uri, None);
                let outcome = black_box(result.await).outcome;
                assert!(outcome.is_ok_and(|request| request.is_some()));
            }
        });
    })
    .with_calls(100)
    .with_rounds(201)
    .run();
    rounds::print(&costs);
}

/// Those of RFC 9068, and of a person as in the bench of our own.
fn claims() -> Value {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    json!({
        "iss": ISSUER, "aud": [AUDIENCE, "account"], "sub": "f2b9f7a0-6a3e-4d2e-9c55-0a9c7d1b8e21",
        "exp": now + 36_000, "iat": now, "jti": "7a1f5c5e-2f8b-4a55-9a1f-5d1d4e8f0c11",
        "client_id": "desktop", "scope": "openid email profile", "auth_time": now,
        "roles": ["reader", "writer"], "groups": ["staff"],
        "name": "Ada Lovelace", "preferred_username": "ada", "email": "ada@example.org",
    })
}

const ISSUER: &str = "https://login.example.org/realms/main";
const AUDIENCE: &str = "orders";
