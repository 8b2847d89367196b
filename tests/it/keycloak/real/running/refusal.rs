//! A session that has ended: each of the server's reasons has advice of its own.

use std::time::Duration;

use auth_core::{ClientAuth, Error, ErrorKind, RefreshToken, TokenSource};
use http::Method;
use insta::assert_snapshot;
use serde_json::json;

use crate::keycloak::real::server::{Server, claims, refresh_token};

async fn refusal(server: &Server, realm: &str, client: &str, token: &RefreshToken) -> String {
    let source = server
        .realm(realm)
        .offline(ClientAuth::public(client), token.clone());
    said(&source.token().await.unwrap_err())
}

fn said(error: &Error) -> String {
    assert_eq!(error.kind(), ErrorKind::Interaction, "{error}");
    assert_eq!(error.code(), Some("invalid_grant"), "{error}");
    let text = error.to_string();
    text[text.find("invalid_grant").unwrap()..].to_owned()
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_session_that_was_ended_by_a_logout() {
    let server = Server::at_hand();
    let given = server.session("steady").await;
    end_session(&server, &given, "").await;
    assert_snapshot!(refusal(&server, "steady", "jobs", &given).await, @"invalid_grant: Session not active; the login has ended, by a logout or because nobody used it: log in again");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn an_offline_session_that_was_deleted() {
    let server = Server::at_hand();
    let given = server.offline_token("steady").await;
    end_session(&server, &given, "?isOffline=true").await;
    assert_snapshot!(refusal(&server, "steady", "jobs", &given).await, @"invalid_grant: Offline user session not found; the offline token was revoked, or nobody used it for longer than the realm allows: make a new one");
}

async fn end_session(server: &Server, token: &RefreshToken, query: &str) {
    let session = claims(token.expose_secret())["sid"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("steady/sessions/{session}{query}");
    server.manage(Method::DELETE, &path, None).await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_session_or_offline_token_that_nobody_used() {
    let server = Server::at_hand();
    let session = server.session("short").await;
    let offline = server.offline_token("short").await;
    tokio::time::sleep(Duration::from_secs(12)).await;
    assert_snapshot!(refusal(&server, "short", "jobs", &session).await, @"invalid_grant: Token is not active; the refresh token has outlived its time: log in again, and refresh sooner or use an offline token");
    assert_snapshot!(refusal(&server, "short", "jobs", &offline).await, @"invalid_grant: Offline user session not found; the offline token was revoked, or nobody used it for longer than the realm allows: make a new one");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_token_of_another_client_or_realm_or_none_at_all() {
    let server = Server::at_hand();
    let given = server.session("steady").await;
    assert_snapshot!(refusal(&server, "steady", "jobs-too", &given).await, @"invalid_grant: Invalid refresh token. Token client and authorized client don't match; the refresh token belongs to another client: name the client that it was issued to");
    let elsewhere = refusal(&server, "rotating", "jobs", &given).await;
    let garbage = refusal(&server, "steady", "jobs", &RefreshToken::new("garbage")).await;
    assert_snapshot!(format!("{elsewhere}\n{garbage}"), @r"
    invalid_grant: Invalid refresh token; the refresh token is not whole, or of another realm or server: give it exactly as it was issued, or log in again
    invalid_grant: Invalid refresh token; the refresh token is not whole, or of another realm or server: give it exactly as it was issued, or log in again
    ");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_user_who_was_locked_out_and_tokens_that_were_declared_void() {
    let server = Server::at_hand();
    let grace =
        || async { refresh_token(&server.login("steady", "jobs", "grace", "openid").await) };
    let given = grace().await;
    server.enable_grace("steady", false).await;
    let disabled = refusal(&server, "steady", "jobs", &given).await;
    server.enable_grace("steady", true).await;

    // The not-before of one client, one second ahead, so that the others keep their tokens.
    let given = refresh_token(&server.login("steady", "jobs-too", "grace", "openid").await);
    let id = server.id("steady", "clients?clientId=jobs-too").await;
    let iat = claims(given.expose_secret())["iat"].as_u64().unwrap();
    let change = json!({ "clientId": "jobs-too", "notBefore": iat + 1 });
    server
        .manage(Method::PUT, &format!("steady/clients/{id}"), Some(change))
        .await;
    let stale = refusal(&server, "steady", "jobs-too", &given).await;
    let change = json!({ "clientId": "jobs-too", "notBefore": 0 });
    server
        .manage(Method::PUT, &format!("steady/clients/{id}"), Some(change))
        .await;
    assert_snapshot!(format!("{disabled}\n{stale}"), @r"
    invalid_grant: User disabled; ask whoever runs the server to enable the account
    invalid_grant: Stale token; an administrator declared all older tokens void: log in again
    ");
}
