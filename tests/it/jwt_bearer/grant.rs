//! The grant, against a server with the rules and the words of Disruptive Technologies.

use std::sync::Arc;
use std::time::Duration;

use auth_core::assertion::Assertion;
use auth_core::clock::Clock as _;
use auth_core::{ApiClient, ClientAuth, Error, ErrorKind, Grant as _, Io, TokenSource as _};
use auth_jwt_bearer::ServiceAccount;
use auth_jwt_bearer::preset::disruptive_technologies::{Credentials, FORBIDDEN_ADVICE};
use auth_testkit::{DisruptiveAccount, Fault, Server, TestClock};
use insta::assert_snapshot;
use serde_json::json;

use super::{claims, shared};

const EMAIL: &str = "sa@project.serviceaccount.d21s.com";
const TOKEN: &str = "/oauth2/token";

/// A server that knows one account, and the clock that it lives by.
fn server() -> (Server, TestClock) {
    let clock = TestClock::new();
    let server = Server::new(clock.clone());
    let account = DisruptiveAccount::new(EMAIL).with_key("key1", "secret");
    server.add_disruptive_account(account.with_project("Cold store"));
    (server, clock)
}

fn credentials(server: &Server) -> Credentials {
    Credentials::new("key1", "secret".into(), EMAIL).with_token_url(server.url(TOKEN))
}

fn account(server: &Server) -> ServiceAccount {
    credentials(server).service_account(server.io()).unwrap()
}

async fn refusal(account: &ServiceAccount) -> Error {
    let error = account.source().token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.status(), Some(400));
    error
}

#[tokio::test(start_paused = true)]
async fn an_assertion_is_traded_for_a_token_that_the_api_takes() {
    let (server, _) = server();
    let source = account(&server).source();
    let token = source.token().await.unwrap();
    assert_eq!(token.life(), Duration::from_secs(3599));

    let api = ApiClient::new(server.url("/v2"), Arc::new(source), server.io());
    assert_eq!(api.get("projects").await.unwrap().status(), 200);

    let request = &server.requests()[0];
    let names: Vec<String> = request.form().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["grant_type", "assertion"],
        "nothing that was not asked for"
    );
    assert_eq!(request.header("authorization"), None);
    let said = claims(&request.field("assertion").unwrap().into());
    assert_eq!(said["aud"], server.url(TOKEN).as_str());
    assert_eq!(said["iss"], EMAIL);
}

#[tokio::test(start_paused = true)]
async fn a_second_token_costs_no_request_and_an_hour_later_another_assertion_does() {
    let (server, clock) = server();
    let source = account(&server).source();
    source.token().await.unwrap();
    source.token().await.unwrap();
    assert_eq!(server.count(TOKEN), 1);

    clock.advance(Duration::from_secs(3600)).await;
    source.token().await.unwrap();
    let assertions: Vec<_> = server
        .requests()
        .iter()
        .map(|r| r.field("assertion"))
        .collect();
    assert_eq!(assertions.len(), 2);
    assert_ne!(assertions[0], assertions[1]);
}

#[tokio::test(start_paused = true)]
async fn each_common_error_keeps_the_servers_words_and_adds_advice() {
    let (server, _) = server();
    let ours = TestClock::new();
    ours.set_forward(Duration::from_secs(600));
    let skewed = Io::new()
        .with_http(Arc::new(server.clone()))
        .with_clock(Arc::new(ours));
    let url = || server.url(TOKEN);
    let key = |secret: &str| shared(secret).with_id("key1");

    let wrong_time = credentials(&server).service_account(skewed).unwrap();
    let wrong_audience = account(&server).with_audience("https://elsewhere/token");
    let wrong_secret = ServiceAccount::new(url(), EMAIL, key("other"), server.io());
    let stray_space = ServiceAccount::new(url(), EMAIL, key("secret\n"), server.io());
    let exchanged = key("secret").with_id(EMAIL);
    let exchanged = ServiceAccount::new(url(), "key1", exchanged, server.io());
    let secret_id = key("key1").with_id("0e1canary0e2canary0e3canary0e4c");
    let secret_id = ServiceAccount::new(url(), EMAIL, secret_id, server.io());

    let mut said = Vec::new();
    for account in [
        wrong_time,
        wrong_audience,
        wrong_secret,
        stray_space,
        exchanged,
        secret_id,
    ] {
        said.push(refusal(&account).await.to_string());
    }
    assert!(!said.concat().contains("canary"), "{said:?}");
    server.fault(TOKEN, Fault::refusal(400, "unsupported_grant_type"));
    said.push(refusal(&account(&server)).await.to_string());
    assert_snapshot!(said.join("\n"), @r#"
        https://auth.test/oauth2/token refused: invalid_grant: Timing-related error. Check the 'exp' and 'iat' claims; set this machine's clock (NTP): it is 600 s ahead of the server's (the assertion said iss `sa@project.serviceaccount.d21s.com`, aud `https://auth.test/oauth2/token`, kid `key1`)
        https://auth.test/oauth2/token refused: invalid_grant: Untrusted entity. Check the 'aud' and 'iss' claims; check that the issuer is the service account's e-mail address (not its key id) and that the audience is the URL of the token endpoint (the assertion said iss `sa@project.serviceaccount.d21s.com`, aud `https://elsewhere/token`, kid `key1`)
        https://auth.test/oauth2/token refused: invalid_grant: Invalid signature; check that the secret belongs to this key id and has no blank, quote or line end around it (the assertion said iss `sa@project.serviceaccount.d21s.com`, aud `https://auth.test/oauth2/token`, kid `key1`)
        https://auth.test/oauth2/token refused: invalid_grant: Invalid signature; check that the secret belongs to this key id and has no blank, quote or line end around it (the assertion said iss `sa@project.serviceaccount.d21s.com`, aud `https://auth.test/oauth2/token`, kid `key1`; there is white space around the secret)
        https://auth.test/oauth2/token refused: invalid_grant; check that the account, key or login still exists and belongs to this server (the assertion said iss `key1`, aud `https://auth.test/oauth2/token`, kid `sa@project.serviceaccount.d21s.com`; iss and kid look exchanged)
        https://auth.test/oauth2/token refused: invalid_grant; check that the account, key or login still exists and belongs to this server (the assertion said iss `sa@project.serviceaccount.d21s.com`, aud `https://auth.test/oauth2/token`, kid `0e1c…`; a kid of this length may be the secret: look whether the two are exchanged)
        https://auth.test/oauth2/token refused: unsupported_grant_type; check that this is the URL of the token endpoint and that nothing between rewrites the request; the server must allow this grant
        "#);
}

#[tokio::test(start_paused = true)]
async fn a_service_account_that_is_a_member_of_nothing_gets_403_and_keeps_its_token() {
    let (server, _) = server();
    server.add_disruptive_account(DisruptiveAccount::new(EMAIL).with_key("key1", "secret"));
    let source = account(&server).source();
    let api = ApiClient::new(server.url("/v2"), Arc::new(source), server.io());
    for _ in 0..2 {
        assert_eq!(api.get("projects").await.unwrap().status(), 403);
    }
    assert_eq!(server.count(TOKEN), 1, "another token would not help");
    assert!(FORBIDDEN_ADVICE.contains("member"));
}

#[tokio::test(start_paused = true)]
async fn a_request_is_repeated_unless_the_server_may_remember_its_jti() {
    let (server, _) = server();
    let broken = || server.fault(TOKEN, Fault::reset());
    broken();
    account(&server).source().token().await.unwrap();
    assert_eq!(server.count(TOKEN), 2);

    broken();
    let error = account(&server)
        .with_jti()
        .source()
        .token()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(server.count(TOKEN), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_is_sent_where_it_belongs() {
    let (server, _) = server();
    let account = account(&server)
        .with_audiences([server.url(TOKEN)])
        .with_subject("robot")
        .with_scopes(["read", "write"])
        .with_scope_claim(["admin"])
        .with_claim("kind", json!("sensor"))
        .unwrap()
        .with_life(Duration::from_secs(300))
        .with_client(ClientAuth::public("client"));
    account.source().token().await.unwrap();

    let request = &server.requests()[0];
    assert_eq!(request.field("scope").as_deref(), Some("read write"));
    assert_eq!(request.field("client_id").as_deref(), Some("client"));
    let said = claims(&request.field("assertion").unwrap().into());
    assert_eq!(said["aud"], json!([server.url(TOKEN).as_str()]));
    assert_eq!(
        (&said["sub"], &said["scope"]),
        (&json!("robot"), &json!("admin"))
    );
    assert_eq!(said["kind"], "sensor");
    let (iat, exp) = (said["iat"].as_u64().unwrap(), said["exp"].as_u64().unwrap());
    assert_eq!(exp - iat, 300);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_in_the_answer_is_passed_on() {
    let (server, _) = server();
    server.fault(TOKEN, Fault::member("refresh_token", "more"));
    let source = account(&server).source();
    source.token().await.unwrap();
    let refresh = source.refresh_token().await.unwrap().unwrap();
    assert_eq!(refresh.expose_secret(), "more");
}

#[tokio::test(start_paused = true)]
async fn an_assertion_authenticates_a_client() {
    let (server, clock) = server();
    let proof = Assertion::new("client", shared("secret")).with_clock(Arc::new(clock.clone()));
    let client = ClientAuth::assertion("client", Arc::new(proof));
    account(&server)
        .with_client(client)
        .source()
        .token()
        .await
        .unwrap();

    let request = &server.requests()[0];
    let said = claims(&request.field("client_assertion").unwrap().into());
    assert_eq!(said["aud"], server.url(TOKEN).as_str());
    let now = clock
        .now()
        .wall
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert_eq!(said["iat"].as_u64(), Some(now.as_secs() - 5));
}

#[test]
fn the_session_is_the_account_and_the_rest_is_the_question() {
    let account = || {
        let url = "https://as/token".parse().unwrap();
        ServiceAccount::new(url, "me", shared("secret"), Io::new())
    };
    let plain = account().grant().key();
    let session = plain.session();
    assert_eq!(
        (session.issuer(), session.account()),
        ("https://as/token", "me")
    );

    for other in [
        account().with_audience("https://as"),
        account().with_scopes(["read"]),
        account().with_scope_claim(["read"]),
        account().with_claim("kind", json!(1)).unwrap(),
    ] {
        let other = other.grant().key();
        assert_eq!(other.session(), session);
        assert_ne!(other.question(), plain.question());
    }
    let of_another = account().with_subject("someone").grant().key();
    assert_ne!(
        of_another.session(),
        session,
        "a refresh can't change the subject"
    );
}
