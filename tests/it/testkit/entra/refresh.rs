//! One login, and the APIs that it serves.

use std::time::Duration;

use auth_core::http::Body;
use auth_testkit::{EntraApplication, EntraTenant, User};
use http::Request;

use super::super::{Form, post, send};
use super::person::{login, refresh};
use super::{API, DESKTOP, OTHER_API, ROBOT, TENANT, claims, server, tenant, token};

#[tokio::test(start_paused = true)]
async fn one_refresh_token_serves_several_apis_and_the_old_ones_live_on() {
    let (server, clock) = server();
    let first = login(&server).await.text("refresh_token");
    let mut tokens = vec![first.clone()];
    for (scope, audience) in [
        (
            format!("api://{API}/.default offline_access"),
            API.to_owned(),
        ),
        (
            format!("api://{OTHER_API}/.default openid"),
            format!("api://{OTHER_API}"),
        ),
        (format!("api://{API}/import.writer.all"), API.to_owned()),
        (
            "User.Read".to_owned(),
            "https://graph.microsoft.com".to_owned(),
        ),
    ] {
        let reply = refresh(&server, &first, &scope).await;
        assert_eq!(reply.status, 200, "{}", reply.json());
        let access = claims(&reply.text("access_token"));
        assert_eq!(access["aud"], audience.as_str());
        assert_eq!(
            reply.json().get("id_token").is_some(),
            scope.contains("openid")
        );
        tokens.push(reply.text("refresh_token"));
    }
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 5);
    clock.advance(Duration::from_secs(89 * 86_400)).await;
    let scope = format!("api://{API}/.default");
    for token in &tokens {
        assert_eq!(refresh(&server, token, &scope).await.status, 200);
    }
    clock.advance(Duration::from_secs(86_400)).await;
    let reply = refresh(&server, &first, &scope).await;
    assert_eq!(reply.text("error"), "invalid_grant");
    assert_eq!(reply.json()["error_codes"][0], 700_082);
}

#[tokio::test(start_paused = true)]
async fn a_login_ends_when_the_server_revokes_it_and_belongs_to_one_program() {
    let (server, _) = server();
    let first = login(&server).await.text("refresh_token");
    let fields: Form<'_> = &[
        ("grant_type", "refresh_token"),
        ("client_id", ROBOT),
        ("client_secret", "s3cret~"),
        ("refresh_token", &first),
    ];
    assert_eq!(
        token(&server, fields).await.text("suberror"),
        "client_mismatch"
    );
    assert!(server.revoke(&first));
    let reply = refresh(&server, &first, "openid").await;
    assert_eq!(reply.json()["error_codes"][0], 50_173);
    assert_eq!(reply.text("suberror"), "bad_token");
}

#[tokio::test(start_paused = true)]
async fn common_is_every_tenant_and_the_tokens_are_of_the_persons_own() {
    let (server, _) = server();
    let other = "8f1b6a8a-0000-4000-8000-000000000001";
    server.add_entra_tenant(EntraTenant::new(other).with_user(User::new("bob@fabrikam.com", "pw")));
    let issuer = "https://login.microsoftonline.com/common/v2.0";
    let scopes = [&format!("api://{API}/.default"), "openid"];
    assert!(
        server
            .login_at(issuer, DESKTOP, "nobody", &scopes)
            .is_none()
    );
    let first = server.login_at(issuer, DESKTOP, "ada", &scopes).unwrap();
    assert!(server.is_live(&first));
    let url = super::at("common/oauth2/v2.0/token");
    let fields: Form<'_> = &[
        ("grant_type", "refresh_token"),
        ("client_id", DESKTOP),
        ("refresh_token", first.expose_secret()),
    ];
    let reply = post(&server, &url, fields).await.unwrap();
    assert_eq!(reply.status, 200, "{}", reply.json());
    let id = claims(&reply.text("id_token"));
    assert_eq!(
        id["iss"],
        format!("https://login.microsoftonline.com/{TENANT}/v2.0")
    );
}

#[tokio::test(start_paused = true)]
async fn an_api_takes_an_id_token_alone_in_a_header_of_its_own() {
    let (server, _) = server();
    let pectus = EntraApplication::public("pectus");
    server.add_entra_tenant(tenant().with_application(pectus.with_api_at("/pectus")));
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    for (client, status) in [("pectus", 200), (DESKTOP, 401)] {
        let first = server.login_at(&issuer, client, "ada", &["openid"]);
        let first = first.unwrap();
        let fields: Form<'_> = &[
            ("grant_type", "refresh_token"),
            ("client_id", client),
            ("refresh_token", first.expose_secret()),
        ];
        let id = token(&server, fields).await.text("id_token");
        let url = server.url("/pectus/api/recent_runs/");
        let request = Request::get(url.as_str()).header("x-identity", &id);
        let reply = send(&server, request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.unwrap().status, status, "{client}");
    }
}
