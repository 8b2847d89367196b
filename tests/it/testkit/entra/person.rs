//! People: the codes that they come back with, and what those are good for.

use std::time::Duration;

use auth_testkit::{EntraApplication, EntraTenant, Server, User, Visitor};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use url::Url;

use super::super::{Form, Reply, get};
use super::{API, DESKTOP, OTHER_API, TENANT, claims, endpoint, server, token};

pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

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
async fn consent_is_given_on_the_login_page_for_one_api_and_no_other() {
    let (server, _) = server();
    let mut tenant = EntraTenant::new(TENANT)
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

pub fn url(changes: &[(&str, &str)]) -> Url {
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

pub async fn code(server: &Server) -> String {
    code_for(server, &[]).await
}

async fn code_for(server: &Server, changes: &[(&str, &str)]) -> String {
    let redirect = back(&authorize(server, changes).await);
    let found = redirect.query_pairs().find(|(name, _)| name == "code");
    let (_, code) = found.unwrap_or_else(|| panic!("a code in {redirect}"));
    code.into_owned()
}

pub async fn redeem(server: &Server, code: &str, verifier: &str) -> Reply {
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
