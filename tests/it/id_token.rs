//! ID tokens: whom a login is about, from the first answer on.

use auth_core::ErrorKind;
use auth_testkit::Fault;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::world::World;

fn about(subject: &str) -> String {
    let encode = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = encode(json!({ "alg": "ES256" }));
    let claims = encode(json!({
        "iss": "https://auth.test", "sub": subject, "aud": "desktop", "exp": 4e9, "iat": 0,
    }));
    format!("{head}.{claims}.x")
}

#[tokio::test(start_paused = true)]
async fn oidc_core_s12_2_a_refreshed_id_token_must_be_about_the_same_person() {
    let world = World::new();
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world.person(&first, &["read"]);
    for _ in 0..2 {
        let fault = Fault::member("id_token", about("ada"));
        world.server.fault("/token", fault);
        source.renew().await.unwrap();
    }
    // An answer without one changes nothing.
    source.renew().await.unwrap();
    let fault = Fault::member("id_token", about("eve"));
    world.server.fault("/token", fault);
    let error = source.renew().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.to_string().contains("somebody else"), "{error}");
}
