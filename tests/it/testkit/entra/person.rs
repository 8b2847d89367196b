//! People: the login page, the codes it gives, and one login for many APIs.

use std::time::Duration;

use auth_core::http::Body;
use auth_testkit::{EntraApplication, Server, User, Visitor};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Request;
use serde_json::Value;
use url::Url;

use super::super::{Form, Reply, encoded, form, get, send};
use super::{API, DESKTOP, OTHER_API, ROBOT, TENANT, claims, endpoint, server, tenant, token};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[tokio::test(start_paused = true)]
async fn a_browser_brings_a_code_back_in_the_query_or_by_a_page_that_posts_itself() {
    let (server, _) = server();
    let redirect = back(&authorize(&server, &[]).await);
    assert_eq!(redirect.port(), Some(4711));
    let get = |name: &str| {
        let found = redirect.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    };
    assert_eq!(get("state").as_deref(), Some("s"));
    assert!(get("session_state").is_some() && get("iss").is_none());
    let reply = redeem(&server, &get("code").unwrap(), VERIFIER).await;
    assert_eq!(reply.status, 200, "{}", reply.json());

    let page = authorize(
        &server,
        &[("response_mode", "form_post"), ("client_info", "1")],
    )
    .await;
    let text = String::from_utf8(page.body).unwrap();
    assert!(
        text.contains(r#"action="http://localhost:4711/""#),
        "{text}"
    );
    assert!(text.contains("submit()"));
    for name in ["code", "state", "client_info"] {
        assert!(text.contains(&format!(r#"name="{name}""#)), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_names_the_person_in_an_id_token_and_in_client_info() {
    let (server, _) = server();
    let reply = login(&server).await;
    let id = claims(&reply.text("id_token"));
    assert_eq!(
        id["iss"],
        format!("https://login.microsoftonline.com/{TENANT}/v2.0")
    );
    assert_eq!((&id["aud"], &id["nonce"]), (&DESKTOP.into(), &"n".into()));
    assert_eq!((&id["tid"], &id["ver"]), (&TENANT.into(), &"2.0".into()));
    assert_eq!(id["preferred_username"], "ada@example.org");
    assert_eq!(id["name"], "ada Example");
    let info = URL_SAFE_NO_PAD.decode(reply.text("client_info")).unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!((&info["uid"], &info["utid"]), (&id["oid"], &id["tid"]));
    assert_ne!(id["sub"], id["oid"]);

    let access = claims(&reply.text("access_token"));
    assert_eq!(
        (&access["aud"], &access["azp"]),
        (&API.into(), &DESKTOP.into())
    );
    assert_eq!(
        (&access["azpacr"], &access["oid"]),
        (&"0".into(), &id["oid"])
    );
    assert_eq!(access["scp"], "reference.reader.all import.writer.all");
    assert_eq!(access["roles"][0], "Reader");
    assert_ne!(
        access["sub"], id["sub"],
        "another name for each application"
    );
    let scope = reply.text("scope");
    let named: Vec<_> = scope.split(' ').collect();
    for scope in ["openid", "profile", "reference.reader.all", ".default"] {
        assert!(named.iter().any(|one| one.ends_with(scope)), "{scope}");
    }
    assert!(!named.contains(&"offline_access"));
}

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
async fn a_code_is_good_once_for_ten_minutes_with_its_verifier_and_its_redirect() {
    let (server, clock) = server();
    let code = code(&server).await;
    let wrong = redeem(&server, &code, "x".repeat(43).as_str()).await;
    assert_eq!(wrong.json()["error_codes"][0], 501_481);
    let reply = redeem(&server, &code, VERIFIER).await;
    let refresh_token = reply.text("refresh_token");
    let again = redeem(&server, &code, VERIFIER).await;
    assert_eq!(again.json()["error_codes"][0], 54_005);
    assert_eq!(refresh(&server, &refresh_token, "openid").await.status, 400);

    let code = self::code(&server).await;
    clock.advance(Duration::from_secs(600)).await;
    let late = redeem(&server, &code, VERIFIER).await;
    assert_eq!(late.json()["error_codes"][0], 70_008);
    assert_eq!(
        redeem(&server, "x", VERIFIER).await.json()["error_codes"][0],
        9_002_313
    );
}

#[tokio::test(start_paused = true)]
async fn who_is_asked_sees_a_form_with_the_hint_in_it_and_comes_in_with_the_password() {
    let (server, _) = server();
    server.add_entra_tenant(
        tenant()
            .with_user(User::new("eve", "pw").disabled())
            .with_visitor(Visitor::is_asked()),
    );
    let page = authorize(&server, &[("login_hint", "ADA@example.org")]).await;
    let text = String::from_utf8(page.body).unwrap();
    assert!(text.contains(r#"value="ADA@example.org""#), "{text}");
    for (name, password, end) in [
        ("ADA@example.org", "pw", "code="),
        ("ada", "wrong", "AADSTS50126"),
        ("bob", "pw", "AADSTS50034"),
        ("eve", "pw", "AADSTS50057"),
    ] {
        let fields: Form<'_> = &[("username", name), ("password", password)];
        let request = form(&url(&[])).body(encoded(fields)).unwrap();
        let reply = send(&server, request).await.unwrap();
        let seen = match reply.headers.get("location") {
            Some(location) => location.to_str().unwrap().to_owned(),
            None => String::from_utf8(reply.body).unwrap(),
        };
        assert!(seen.contains(end), "{name}: {seen}");
    }
    let request = form(&url(&[])).body(encoded(&[("cancel", "yes")])).unwrap();
    let redirect = back(&send(&server, request).await.unwrap());
    assert!(redirect.query().unwrap().contains("error=access_denied"));
    let silent = back(&authorize(&server, &[("prompt", "none")]).await);
    assert!(silent.query().unwrap().contains("error=login_required"));
}

#[tokio::test(start_paused = true)]
async fn a_browser_is_only_sent_where_the_program_is_registered() {
    let (server, _) = server();
    for redirect in [
        "http://localhost:1/callback",
        "http://127.0.0.1:4711",
        "https://x.test",
    ] {
        let page = authorize(&server, &[("redirect_uri", redirect)]).await;
        assert_eq!(page.status, 400);
        assert!(
            String::from_utf8(page.body)
                .unwrap()
                .contains("AADSTS50011")
        );
    }
    let page = authorize(&server, &[("client_id", API)]).await;
    assert_eq!(page.status, 400);
    for (name, value, error) in [
        ("code_challenge", "", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "https://unknown.test/x", "invalid_resource"),
        ("claims", "[]", "invalid_request"),
    ] {
        let redirect = back(&authorize(&server, &[(name, value)]).await);
        let query = redirect.query().unwrap();
        assert!(query.contains(&format!("error={error}&")), "{query}");
        assert!(
            query.contains("AADSTS") && query.contains("state=s"),
            "{query}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn consent_is_given_on_the_login_page_for_one_api_and_no_other() {
    let (server, _) = server();
    let mut tenant = auth_testkit::EntraTenant::new(TENANT)
        .with_user(User::new("ada", "pw"))
        .with_visitor(Visitor::logs_in("ada"))
        .with_application(EntraApplication::public(DESKTOP).with_consent());
    for id in [API, OTHER_API] {
        tenant = tenant.with_application(EntraApplication::api(id).with_scope("read"));
    }
    server.add_entra_tenant(tenant);
    let silent = back(&authorize(&server, &[("prompt", "none")]).await);
    assert!(
        silent
            .query()
            .unwrap()
            .contains("error=interaction_required")
    );
    let first = login(&server).await.text("refresh_token");
    let reply = refresh(&server, &first, &format!("api://{OTHER_API}/.default")).await;
    assert_eq!(reply.text("error"), "invalid_grant");
    assert_eq!(reply.text("suberror"), "consent_required");
    let reply = refresh(&server, &first, &format!("api://{API}/.default")).await;
    assert_eq!(reply.status, 200);
    let silent = back(&authorize(&server, &[("prompt", "none")]).await);
    assert!(silent.query().unwrap().contains("code="));
}

#[tokio::test(start_paused = true)]
async fn common_is_every_tenant_and_the_tokens_are_of_the_persons_own() {
    let (server, _) = server();
    let other = "8f1b6a8a-0000-4000-8000-000000000001";
    server.add_entra_tenant(
        auth_testkit::EntraTenant::new(other).with_user(User::new("bob@fabrikam.com", "pw")),
    );
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
    let reply = super::super::post(&server, &url, fields).await.unwrap();
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

fn url(changes: &[(&str, &str)]) -> Url {
    let scope = format!("api://{API}/.default offline_access openid profile");
    let mut fields = vec![
        ("client_id", DESKTOP),
        ("response_type", "code"),
        ("redirect_uri", "http://localhost:4711"),
        ("scope", &scope),
        ("state", "s"),
        ("nonce", "n"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    let mut url = endpoint("authorize");
    url.query_pairs_mut().extend_pairs(fields);
    url
}

pub async fn authorize(server: &Server, changes: &[(&str, &str)]) -> Reply {
    get(server, &url(changes), "").await
}

/// Where a browser is sent.
pub fn back(reply: &Reply) -> Url {
    reply.header("location").parse().unwrap()
}

async fn code(server: &Server) -> String {
    code_for(server, &[]).await
}

async fn code_for(server: &Server, changes: &[(&str, &str)]) -> String {
    let redirect = back(&authorize(server, changes).await);
    let found = redirect.query_pairs().find(|(name, _)| name == "code");
    let (_, code) = found.unwrap_or_else(|| panic!("a code in {redirect}"));
    code.into_owned()
}

async fn redeem(server: &Server, code: &str, verifier: &str) -> Reply {
    let fields: Form<'_> = &[
        ("grant_type", "authorization_code"),
        ("client_id", DESKTOP),
        ("code", code),
        ("code_verifier", verifier),
        ("redirect_uri", "http://localhost:4711"),
        ("client_info", "1"),
    ];
    token(server, fields).await
}

pub async fn login(server: &Server) -> Reply {
    login_with(server, &[]).await
}

pub async fn login_with(server: &Server, changes: &[(&str, &str)]) -> Reply {
    let code = code_for(server, changes).await;
    let reply = redeem(server, &code, VERIFIER).await;
    assert_eq!(reply.status, 200, "{}", reply.json());
    reply
}

pub async fn refresh(server: &Server, refresh_token: &str, scope: &str) -> Reply {
    let fields: Form<'_> = &[
        ("grant_type", "refresh_token"),
        ("client_id", DESKTOP),
        ("refresh_token", refresh_token),
        ("scope", scope),
    ];
    token(server, fields).await
}
