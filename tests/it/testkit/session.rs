//! What a login shows of the person, and how it ends.

use auth_core::RefreshToken;
use auth_testkit::{Fault, Server};
use http::Request;
use serde_json::json;
use url::Url;

use super::{Reply, get, post, redeem, robot_token, send, server};

/// A login of `ada` with these scopes: its refresh token, and the answer to the first refresh.
async fn ada(server: &Server, scopes: &[&str]) -> (RefreshToken, Reply) {
    let first = server.login("desktop", "ada", scopes);
    let reply = redeem(server, first.expose_secret()).await;
    (RefreshToken::new(reply.text("refresh_token")), reply)
}

async fn browse(server: &Server, path: &str) -> Reply {
    let request = Request::get(server.url(path).as_str());
    let request = request.body(auth_core::http::Body::empty()).unwrap();
    send(server, request).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn userinfo_and_logout_are_announced_and_name_the_person() {
    let (server, _) = server();
    let metadata = get(
        &server,
        &server.url("/.well-known/openid-configuration"),
        "",
    )
    .await;
    let place = |name| Url::parse(&metadata.text(name)).unwrap();
    assert_eq!(place("end_session_endpoint"), server.url("/logout"));
    let (_, login) = ada(&server, &["openid", "read"]).await;
    let reply = get(
        &server,
        &place("userinfo_endpoint"),
        &login.text("access_token"),
    )
    .await;
    assert_eq!(
        reply.json(),
        json!({"sub": "ada", "preferred_username": "ada"})
    );
}

#[tokio::test(start_paused = true)]
async fn userinfo_refuses_with_a_challenge_and_no_body() {
    let (server, _) = server();
    let url = server.url("/userinfo");
    let (refresh, login) = ada(&server, &["openid"]).await;
    let token = login.text("access_token");
    let robot = robot_token(&server).await;
    let by_query = browse(&server, &format!("/userinfo?access_token={token}")).await;
    server.revoke(refresh.expose_secret());
    for (reply, status, why) in [
        (by_query, 401, "Bearer realm=\"auth-testkit\""),
        (
            get(&server, &url, "garbage").await,
            401,
            "Token verification failed",
        ),
        (
            get(&server, &url, &robot).await,
            403,
            "Missing openid scope",
        ),
        (
            get(&server, &url, &token).await,
            401,
            "user_session_not_found",
        ),
    ] {
        assert_eq!(reply.status, status, "{why}");
        let challenge = reply.header("www-authenticate");
        assert!(challenge.contains(why), "{challenge}");
        assert!(reply.body.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn userinfo_names_somebody_else_when_told_to() {
    let (server, _) = server();
    let (_, login) = ada(&server, &["openid"]).await;
    server.fault("/userinfo", Fault::member("sub", "mallory"));
    let url = server.url("/userinfo");
    let reply = get(&server, &url, &login.text("access_token")).await;
    assert_eq!(reply.text("sub"), "mallory");
    let reply = get(&server, &url, &login.text("access_token")).await;
    assert_eq!(reply.text("sub"), "ada");
}

#[tokio::test(start_paused = true)]
async fn a_program_ends_its_login_with_the_refresh_token() {
    let (server, _) = server();
    let (refresh, _) = ada(&server, &["openid"]).await;
    let url = server.url("/logout");
    let fields = |token| [("client_id", "desktop"), ("refresh_token", token)];
    let foreign = [
        ("client_id", "robot"),
        ("client_secret", "s3cret+/%&"),
        ("refresh_token", refresh.expose_secret()),
    ];
    let reply = post(&server, &url, &foreign).await.unwrap();
    assert_eq!(reply.text("error"), "invalid_grant");
    assert!(server.is_live(&refresh));
    for _ in 0..2 {
        let reply = post(&server, &url, &fields(refresh.expose_secret())).await;
        assert_eq!(reply.unwrap().status, 204);
        assert!(!server.is_live(&refresh));
    }
    let reply = post(&server, &url, &fields("garbage")).await.unwrap();
    assert_eq!(
        (reply.status.as_u16(), &*reply.text("error")),
        (400, "invalid_grant")
    );
}

#[tokio::test(start_paused = true)]
async fn a_browser_ends_the_login_of_its_id_token_and_is_sent_back() {
    let (server, _) = server();
    let (refresh, login) = ada(&server, &["openid"]).await;
    let (other, _) = ada(&server, &["openid"]).await;
    let hint = login.text("id_token");
    let reply = browse(
        &server,
        &format!(
            "/logout?id_token_hint={hint}&post_logout_redirect_uri=http://localhost:1/out&state=s"
        ),
    )
    .await;
    assert_eq!(reply.status, 302);
    assert_eq!(reply.header("location"), "http://localhost:1/out?state=s");
    assert!(!server.is_live(&refresh));
    assert!(server.is_live(&other), "another login of the same person");
}

#[tokio::test(start_paused = true)]
async fn the_logout_page_sends_nobody_to_a_place_that_it_does_not_know() {
    let (server, _) = server();
    let (refresh, login) = ada(&server, &["openid"]).await;
    let hint = login.text("id_token");
    for query in [
        "post_logout_redirect_uri=http://localhost:1/out".to_owned(),
        "client_id=nobody&post_logout_redirect_uri=http://localhost:1/out".to_owned(),
        format!("id_token_hint={hint}&post_logout_redirect_uri=https://evil.example/"),
        "id_token_hint=garbage".to_owned(),
    ] {
        let reply = browse(&server, &format!("/logout?{query}")).await;
        assert_eq!(reply.status, 400, "{query}");
    }
    assert!(server.is_live(&refresh));
    let reply = browse(&server, "/logout?client_id=desktop").await;
    assert_eq!(reply.status, 200);
}
