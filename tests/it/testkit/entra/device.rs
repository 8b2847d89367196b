//! Device codes.

use std::time::Duration;

use auth_testkit::{EntraApplication, Server, Visitor};

use super::super::{Form, Reply, post};
use super::{API, DESKTOP, claims, endpoint, server, tenant, token};

#[tokio::test(start_paused = true)]
async fn a_device_waits_for_its_person_who_is_told_so_in_entras_words() {
    let (server, clock) = server();
    let start = start(&server, DESKTOP).await;
    let code = start.text("user_code");
    assert_eq!(
        start.text("message"),
        format!(
            "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and \
             enter the code {code} to authenticate."
        )
    );
    assert_eq!(start.json()["interval"], 5);
    assert_eq!(start.json()["expires_in"], 900);
    assert!(start.json().get("verification_uri_complete").is_none());
    let device = start.text("device_code");
    for _ in 0..3 {
        let reply = poll(&server, &device).await; // at once, as MSAL does
        assert_eq!(reply.text("error"), "authorization_pending");
        assert_eq!(reply.json()["error_codes"][0], 70_016);
    }
    clock.advance(Duration::from_secs(5)).await;
    assert!(!server.allow_device(&code, "nobody"));
    let page = server.url("/devicelogin");
    let fields: Form<'_> = &[
        ("user_code", &code),
        ("username", "ada"),
        ("password", "pw"),
    ];
    assert_eq!(post(&server, &page, fields).await.unwrap().status, 200);
    let reply = poll(&server, &device).await;
    assert_eq!(claims(&reply.text("access_token"))["aud"], API);
    assert!(!reply.text("refresh_token").is_empty() && !reply.text("id_token").is_empty());
    let again = poll(&server, &device).await;
    assert_eq!(again.text("error"), "bad_verification_code");
}

#[tokio::test(start_paused = true)]
async fn a_device_code_can_be_declined_late_blocked_and_of_a_program_without_public_flows() {
    let (server, clock) = server();
    server.add_entra_tenant(
        tenant()
            .with_application(EntraApplication::public("closed").with_public_flows(false))
            .with_visitor(Visitor::is_asked()),
    );
    let declined = start(&server, DESKTOP).await;
    assert!(server.deny_device(&declined.text("user_code")));
    let reply = poll(&server, &declined.text("device_code")).await;
    assert_eq!(reply.text("error"), "authorization_declined");

    let closed = start(&server, "closed").await;
    assert!(server.allow_device(&closed.text("user_code"), "ada"));
    let reply = poll_as(&server, "closed", &closed.text("device_code")).await;
    assert_eq!(reply.text("error"), "invalid_client");
    assert_eq!(reply.json()["error_codes"][0], 7_000_218);

    let late = start(&server, DESKTOP).await;
    server.add_entra_tenant(tenant().with_device_codes_blocked());
    let blocked = start(&server, DESKTOP).await;
    assert!(server.allow_device(&blocked.text("user_code"), "ada"));
    let reply = poll(&server, &blocked.text("device_code")).await;
    assert_eq!(reply.text("error"), "invalid_grant");
    assert_eq!(reply.json()["error_codes"][0], 53_003);

    clock.advance(Duration::from_secs(900)).await;
    let reply = poll(&server, &late.text("device_code")).await;
    assert_eq!(reply.text("error"), "expired_token");
    assert_eq!(
        poll(&server, "x").await.text("error"),
        "bad_verification_code"
    );
}

async fn start(server: &Server, client: &str) -> Reply {
    let scope = format!("api://{API}/.default openid offline_access");
    let fields: Form<'_> = &[("client_id", client), ("scope", &scope)];
    let reply = post(server, &endpoint("devicecode"), fields).await.unwrap();
    assert_eq!(reply.status, 200, "{}", reply.json());
    reply
}

async fn poll(server: &Server, code: &str) -> Reply {
    poll_as(server, DESKTOP, code).await
}

async fn poll_as(server: &Server, client: &str, code: &str) -> Reply {
    let fields: Form<'_> = &[
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", client),
        ("device_code", code),
    ];
    token(server, fields).await
}
