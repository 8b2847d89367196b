//! The login page.

use auth_testkit::{User, Visitor};

use super::super::{Form, encoded, form, send};
use super::person::{VERIFIER, authorize, back, redeem, url};
use super::{API, server, tenant};

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
