//! What the token endpoint and its neighbours say no with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;

use super::{DESKTOP, ROBOT, World, no};
use crate::testkit::{Form, encoded, form, get, send};

#[tokio::test(start_paused = true)]
async fn a_client_that_is_not_believed_is_told_in_keycloaks_words() {
    let world = World::new();
    let grant = ("grant_type", "client_credentials");
    let mut said = Vec::new();
    let cases: [Form<'_>; 9] = [
        &[grant, ("client_id", "robot"), ("client_secret", "wrong")],
        &[grant, ("client_id", "robot")],
        &[grant, ("client_id", "nobody")],
        &[grant],
        &[grant, ("client_id", "desktop")],
        &[("grant_type", "magic"), ("client_id", "desktop")],
        &[("client_id", "desktop")],
        &[grant, ("client_id", "desktop"), ("client_id", "desktop")],
        &[
            grant,
            ("client_id", "robot"),
            ("client_secret", "s3cret+/%&"),
            ("scope", "openid bogus"),
        ],
    ];
    for fields in cases {
        let reply = world.post("token", fields).await;
        assert!(reply.headers.get("www-authenticate").is_none());
        said.push(no(&reply));
    }
    let url = world.url("protocol/openid-connect/token");
    let raw = format!("Basic {}", STANDARD.encode("robot:s3cret+/%&"));
    let request = form(&url).header("authorization", raw);
    let reply = send(&world.server, request.body(encoded(&[grant])).unwrap()).await;
    said.push(no(&reply.unwrap()));
    said.push(no(&get(&world.server, &url, "").await));
    let elsewhere = world
        .server
        .url("/realms/none/protocol/openid-connect/token");
    said.push(no(&get(&world.server, &elsewhere, "").await));
    assert_snapshot!(said.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_service_gets_no_refresh_token_and_is_told_zero_seconds_of_one() {
    let world = World::new();
    let mut fields = vec![("grant_type", "client_credentials")];
    fields.extend_from_slice(ROBOT);
    let reply = world.post("token", &fields).await;
    let body = reply.json();
    assert_eq!(body["refresh_expires_in"], 0);
    assert!(body["refresh_token"].is_null() && body["session_state"].is_null());
    let claims = super::claims(&reply.text("access_token"));
    assert_eq!(claims["preferred_username"], "service-account-robot");
    assert!(claims["sid"].is_null());
}

#[tokio::test(start_paused = true)]
async fn revocation_says_in_a_200_that_there_was_nothing_to_revoke() {
    let world = World::new();
    let ada = world.ada(DESKTOP, "openid").await;
    let (access, refresh) = (ada.text("access_token"), ada.text("refresh_token"));
    let revoke = |token: String| {
        let world = &world;
        async move {
            let fields = [("client_id", "desktop"), ("token", &*token)];
            world.post("revoke", &fields).await
        }
    };
    assert!(revoke(access.clone()).await.body.is_empty());
    assert_eq!(no(&revoke(access).await), "200 invalid_token Invalid token");
    assert_eq!(world.refresh(&refresh).await.status, 200);
    let mut foreign = ROBOT.to_vec();
    foreign.push(("token", &refresh));
    let reply = world.post("revoke", &foreign).await;
    assert_eq!(no(&reply), "400 invalid_request Unmatching clients");
    assert!(revoke(refresh.clone()).await.body.is_empty());
    for token in [refresh.clone(), "garbage".to_owned(), String::new()] {
        assert_eq!(no(&revoke(token).await), "200 invalid_token Invalid token");
    }
    assert_eq!(
        no(&world.refresh(&refresh).await),
        "400 invalid_grant Session not active"
    );
}

#[tokio::test(start_paused = true)]
async fn introspection_answers_those_for_whom_the_token_is() {
    let world = World::new();
    let ada = world.ada(ROBOT, "openid").await;
    let ask = |client: [(&'static str, &'static str); 2], token: String| {
        let world = &world;
        async move {
            let [id, secret] = client;
            world
                .post("token/introspect", &[id, secret, ("token", &*token)])
                .await
        }
    };
    let orders = [("client_id", "orders"), ("client_secret", "pw")];
    let robot = [ROBOT[0], ROBOT[1]];
    let token = ada.text("access_token");
    let told = ask(orders, token.clone()).await.json();
    assert_eq!(
        (&told["active"], &told["username"], &told["client_id"]),
        (&true.into(), &"ada".into(), &"robot".into())
    );
    assert_eq!(ask(robot, token.clone()).await.json()["active"], false);
    let refresh = ada.text("refresh_token");
    assert_eq!(ask(orders, refresh.clone()).await.json()["active"], false);
    let wrong = [("client_id", "orders"), ("client_secret", "wrong")];
    assert_eq!(
        no(&ask(wrong, token.clone()).await),
        "401 invalid_client Client authentication failed."
    );
    let public = [("client_id", "desktop"), ("x", "")];
    assert_eq!(
        no(&ask(public, token.clone()).await),
        "403 invalid_request Client not allowed."
    );
    let mut fields = ROBOT.to_vec();
    fields.push(("refresh_token", &refresh));
    assert_eq!(world.post("logout", &fields).await.status, 204);
    assert_eq!(ask(orders, token).await.json()["active"], false);
}

#[tokio::test(start_paused = true)]
async fn userinfo_refuses_with_the_realms_challenge() {
    let world = World::new();
    let url = world.url("protocol/openid-connect/userinfo");
    let ada = world.ada(DESKTOP, "openid").await;
    let token = ada.text("access_token");
    let reply = get(&world.server, &url, &token).await;
    assert_eq!(reply.text("email"), "ada@example.org");
    assert_eq!(reply.text("sub"), super::claims(&token)["sub"]);
    let bare = world.ada(DESKTOP, "").await.text("access_token");
    let reply = get(&world.server, &url, &bare).await;
    assert_eq!(reply.status, 403);
    assert_snapshot!(reply.header("www-authenticate"), @r#"Bearer realm="main", error="insufficient_scope", error_description="Missing openid scope""#);
    let fields = [DESKTOP[0], ("refresh_token", &ada.text("refresh_token"))];
    world.post("logout", &fields).await;
    let reply = get(&world.server, &url, &token).await;
    assert_snapshot!(reply.header("www-authenticate"), @r#"Bearer realm="main", error="invalid_token", error_description="user_session_not_found""#);
}
