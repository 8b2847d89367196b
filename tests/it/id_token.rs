//! ID tokens: whom a login is about, from the first answer on.

use auth_core::grant::{GivenRefreshToken, Identifying};
use auth_core::{CachedSource, ClientAuth, ErrorKind, TokenSource};
use auth_testkit::Fault;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::world::{HOUR, MINUTE, World};

/// An ID token with these claims beside, or instead of, those that each has.
fn saying(claims: Value) -> String {
    let mut all = json!({
        "iss": "https://auth.test", "sub": "ada", "aud": "desktop", "exp": 4e9, "iat": 0,
    });
    if let (Value::Object(all), Value::Object(claims)) = (&mut all, claims) {
        all.extend(claims);
    }
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.x", encode(json!({ "alg": "ES256" })), encode(all))
}

fn about(subject: &str) -> String {
    saying(json!({ "sub": subject }))
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

#[tokio::test(start_paused = true)]
async fn a_refreshed_id_token_that_can_not_be_read_is_nobodys_and_what_was_spent_is_not_sent_again()
{
    for odd in ["garbage", "a.b.c", "x.e30.x"] {
        let world = World::new();
        let first = world.server.login("desktop", "ada", &["read"]);
        let source = world.person(&first, &["read"]);
        let fault = Fault::member("id_token", about("ada"));
        world.server.fault("/token", fault);
        source.token().await.unwrap();
        let spent = source.refresh_token().await.unwrap().unwrap();
        world.server.fault("/token", Fault::member("id_token", odd));
        let error = source.renew().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{odd}");
        world.pass(MINUTE).await;
        source.renew().await.unwrap_err();
        let sent = world.server.requests();
        let sent = sent
            .iter()
            .filter(|sent| sent.field("refresh_token").as_deref() == Some(spent.expose_secret()));
        assert_eq!(sent.count(), 1, "{odd}");
    }
}

#[tokio::test(start_paused = true)]
async fn oidc_core_s12_2_a_refreshed_id_token_names_the_same_issuer_and_all_whom_the_one_before_named()
 {
    let both = json!(["desktop", "api"]);
    for (before, after, is_good) in [
        (json!({}), json!({ "aud": ["desktop"] }), true),
        (json!({}), json!({ "aud": both }), true),
        (
            json!({ "aud": both }),
            json!({ "aud": ["api", "desktop"] }),
            true,
        ),
        (json!({ "aud": both }), json!({}), false),
        (json!({}), json!({ "aud": "other" }), false),
        (json!({}), json!({ "aud": [] }), false),
        (json!({}), json!({ "aud": null }), false),
        (json!({}), json!({ "iss": "https://evil.test" }), false),
        (json!({}), json!({ "iat": null }), false),
        (json!({}), json!({ "exp": "soon" }), false),
    ] {
        let world = World::new();
        let first = world.server.login("desktop", "ada", &["read"]);
        let source = world.person(&first, &["read"]);
        world
            .server
            .fault("/token", Fault::member("id_token", saying(before)));
        source.token().await.unwrap();
        let fault = Fault::member("id_token", saying(after.clone()));
        world.server.fault("/token", fault);
        match source.renew().await {
            Ok(_) => assert!(is_good, "{after}"),
            Err(error) => assert!(
                !is_good && error.kind() == ErrorKind::Protocol,
                "{after}: {error}"
            ),
        }
    }
}

/// As whoever hands ID tokens out in place of access tokens has it.
#[tokio::test(start_paused = true)]
async fn a_kept_id_token_serves_until_its_end_and_then_only_a_login_helps() {
    let world = World::new();
    let first = world.server.login("desktop", "ada", &["openid"]);
    let login = GivenRefreshToken::new(world.endpoint(ClientAuth::public("desktop")), &first);
    let source = CachedSource::new(Identifying::new(login), world.io());
    let id = source.token().await.unwrap();
    let without = Fault::without("id_token").always();
    world.server.fault("/token", without);
    world.pass(30 * MINUTE).await;
    assert!(source.token().await.unwrap().is_same(&id));
    world.pass(2 * HOUR).await;
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction, "{error}");
    assert!(error.message().contains("no new ID token"), "{error}");
}
