//! Logins and their refresh tokens.

use std::time::Duration;

use auth_testkit::{Policy, Rotation};
use serde_json::json;

use super::{ROBOT, post, redeem, refresh, server};

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
