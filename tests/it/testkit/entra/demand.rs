//! Claims: what an API wants of a login, and on whose behalf.

use auth_testkit::{EntraApplication, Server};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::{Form, Reply, get};
use super::person::{authorize, back, login, login_with, refresh};
use super::{API, OTHER_API, ROBOT, claims, server, tenant, token};

/// A tenant whose second API wants a second factor.
fn strict() -> (Server, Value) {
    let (server, _) = server();
    let demand = json!({ "access_token": { "acrs": { "essential": true, "value": "c1" } } });
    let tenant = tenant().with_application(
        EntraApplication::api(STRICT)
            .with_scope("secret")
            .with_demand(demand.clone()),
    );
    server.add_entra_tenant(tenant);
    (server, demand)
}

#[tokio::test(start_paused = true)]
async fn an_api_that_wants_more_is_refused_to_a_refresh_until_a_person_brings_the_claims() {
    let (server, demand) = strict();
    let scope = format!("api://{STRICT}/.default");
    let first = login(&server).await.text("refresh_token");
    let reply = refresh(&server, &first, &scope).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.text("error"), "invalid_grant");
    assert_eq!(reply.text("suberror"), "basic_action");
    assert_eq!(reply.json()["error_codes"][0], 50_076);
    let wanted: Value = serde_json::from_str(&reply.text("claims")).unwrap();
    assert_eq!(wanted, demand);
    let other = refresh(&server, &first, &format!("api://{API}/.default")).await;
    assert_eq!(other.status, 200, "the login goes on");
    let silent = back(&authorize(&server, &[("scope", &scope), ("prompt", "none")]).await);
    assert!(
        silent
            .query()
            .unwrap()
            .contains("error=interaction_required")
    );

    let first = login_with(&server, &[("claims", &demand.to_string())]).await;
    let first = first.text("refresh_token");
    assert_eq!(refresh(&server, &first, &scope).await.status, 200);
    let scope = format!("{scope} offline_access");
    let first = login_with(&server, &[("scope", &scope)]).await;
    assert_eq!(first.json().get("id_token"), None);
}

#[tokio::test(start_paused = true)]
async fn an_api_that_evaluates_continuously_says_which_claims_to_ask_for() {
    let (server, _) = server();
    let nbf = json!({ "access_token": { "nbf": { "essential": true, "value": "1604106651" } } });
    let first = login(&server).await;
    let url = server.url("/v1/references/search/");
    assert_eq!(
        get(&server, &url, &first.text("access_token")).await.status,
        200
    );
    let changed = tenant().with_application(super::api().with_challenge(nbf.clone()));
    server.add_entra_tenant(changed);
    let refused = get(&server, &url, &first.text("access_token")).await;
    assert_eq!(refused.status, 401);
    let challenge = refused.header("www-authenticate").to_owned();
    let encoded = STANDARD.encode(nbf.to_string());
    assert!(
        challenge.contains(r#"error="insufficient_claims""#),
        "{challenge}"
    );
    assert!(
        challenge.contains(&format!(r#"claims="{encoded}""#)),
        "{challenge}"
    );

    let scope = format!("api://{API}/.default");
    let refresh_token = first.text("refresh_token");
    let plain = refresh(&server, &refresh_token, &scope).await;
    assert_eq!(
        get(&server, &url, &plain.text("access_token")).await.status,
        401
    );
    let mut asked = nbf;
    asked["access_token"]["xms_cc"] = json!({ "values": ["CP1"] });
    let asked = asked.to_string();
    let fields: Form<'_> = &[
        ("grant_type", "refresh_token"),
        ("client_id", super::DESKTOP),
        ("refresh_token", &refresh_token),
        ("scope", &scope),
        ("claims", &asked),
    ];
    let reply = token(&server, fields).await;
    assert_eq!(
        claims(&reply.text("access_token"))["xms_cc"],
        json!(["cp1"])
    );
    assert_eq!(
        get(&server, &url, &reply.text("access_token")).await.status,
        200
    );
}

#[tokio::test(start_paused = true)]
async fn an_api_gets_tokens_of_another_one_on_behalf_of_who_called_it() {
    let (server, demand) = strict();
    let tenant = tenant()
        .with_application(EntraApplication::confidential(MIDDLE, "pw").with_scope("use"))
        .with_application(
            EntraApplication::api(STRICT)
                .with_scope("secret")
                .with_demand(demand),
        );
    server.add_entra_tenant(tenant);
    let first = login(&server).await.text("refresh_token");
    let for_middle = refresh(&server, &first, &format!("api://{MIDDLE}/.default")).await;
    let assertion = for_middle.text("access_token");
    let reply = on_behalf(
        &server,
        MIDDLE,
        &assertion,
        &format!("api://{API}/.default offline_access"),
    )
    .await;
    assert_eq!(reply.status, 200, "{}", reply.json());
    let (before, after) = (claims(&assertion), claims(&reply.text("access_token")));
    assert_eq!(
        (&after["aud"], &after["azp"]),
        (&API.into(), &MIDDLE.into())
    );
    assert_eq!(after["oid"], before["oid"]);
    assert!(!reply.text("refresh_token").is_empty());

    let reply = on_behalf(
        &server,
        MIDDLE,
        &assertion,
        &format!("api://{STRICT}/.default"),
    )
    .await;
    assert_eq!(reply.text("error"), "interaction_required");
    assert!(!reply.text("claims").is_empty());
    for (client, assertion, code) in [
        (ROBOT, assertion.as_str(), 500_131),
        (MIDDLE, "x.y.z", 50_013),
    ] {
        let scope = format!("api://{OTHER_API}/.default");
        let reply = on_behalf(&server, client, assertion, &scope).await;
        assert_eq!(reply.text("error"), "invalid_grant");
        assert_eq!(reply.json()["error_codes"][0], code);
    }
}

async fn on_behalf(server: &Server, client: &str, assertion: &str, scope: &str) -> Reply {
    let secret = if client == ROBOT { "s3cret~" } else { "pw" };
    let fields: Form<'_> = &[
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("client_id", client),
        ("client_secret", secret),
        ("requested_token_use", "on_behalf_of"),
        ("assertion", assertion),
        ("scope", scope),
    ];
    token(server, fields).await
}

const STRICT: &str = "e314440e-f72c-4b8e-89c1-7eefef4b55ed";
const MIDDLE: &str = "7164ff26-4078-4107-850f-57b43b97f605";
