//! What Entra ID says when it says no.

use std::time::Duration;

use auth_testkit::Fault;

use super::super::{Form, encoded, form, send};
use super::{API, DESKTOP, ROBOT, endpoint, server, token};

#[tokio::test(start_paused = true)]
async fn an_error_has_numbers_identifiers_and_the_time() {
    let (server, _) = server();
    let id = "7f2f3f7e-0000-4000-8000-000000000001";
    let request = form(&endpoint("token")).header("client-request-id", id);
    let fields = encoded(&[("grant_type", "client_credentials"), ("client_id", ROBOT)]);
    let reply = send(&server, request.body(fields).unwrap()).await.unwrap();
    assert_eq!(reply.status, 401);
    let body = reply.json();
    assert_eq!(body["error"], "invalid_client");
    assert_eq!(body["error_codes"][0], 7_000_218);
    assert_eq!(body["correlation_id"], id);
    assert_eq!(body["trace_id"], reply.header("x-ms-request-id"));
    assert_eq!(body["timestamp"], "2026-01-01 00:00:00Z");
    let uri = "https://login.microsoftonline.com/error?code=7000218";
    assert_eq!(body["error_uri"], uri);
    let description = reply.text("error_description");
    assert!(description.starts_with("AADSTS7000218: "), "{description}");
    assert!(description.contains(&format!("Correlation ID: {id} Timestamp: ")));
}

#[tokio::test(start_paused = true)]
async fn each_mistake_has_its_own_number() {
    let (server, _) = server();
    let scope = format!("api://{API}/.default");
    let plain = format!("api://{API}/reference.reader.all");
    let own = format!("api://{ROBOT}/.default");
    let two = format!("{scope} {own}");
    let robot = |changes: &[(&'static str, &str)]| {
        let mut fields = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", ROBOT.to_owned()),
            ("client_secret", "s3cret~".to_owned()),
            ("scope", scope.clone()),
        ];
        for (name, value) in changes {
            fields.retain(|(known, _)| known != name);
            fields.push((name, (*value).to_owned()));
        }
        fields
    };
    for (changes, error, code) in [
        (
            vec![("client_secret", "id-not-value")],
            "invalid_client",
            7_000_215,
        ),
        (vec![("client_secret", "old")], "invalid_client", 7_000_222),
        (vec![("client_secret", "")], "invalid_client", 7_000_218),
        (
            vec![("client_id", "unknown")],
            "unauthorized_client",
            700_016,
        ),
        (vec![("client_id", "")], "invalid_request", 900_144),
        (vec![("client_id", DESKTOP)], "invalid_client", 700_025),
        (
            vec![("client_id", DESKTOP), ("client_secret", "")],
            "invalid_client",
            7_000_216,
        ),
        (vec![("scope", "")], "invalid_request", 900_144),
        (vec![("scope", &plain)], "invalid_scope", 1_002_012),
        (vec![("scope", &two)], "invalid_scope", 1_002_012),
        (
            vec![("scope", "api://unknown/.default")],
            "invalid_resource",
            500_011,
        ),
        (vec![("scope", &own)], "invalid_resource", 90_009),
        (vec![("grant_type", "")], "invalid_request", 900_144),
        (
            vec![("grant_type", "password")],
            "unsupported_grant_type",
            70_003,
        ),
        (vec![("claims", "{")], "invalid_request", 9_002_313),
    ] {
        let fields = robot(&changes);
        let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let reply = token(&server, &fields).await;
        let body = reply.json();
        assert_eq!(body["error_codes"][0], code, "{changes:?}: {body}");
        assert_eq!(body["error"], error, "{changes:?}");
        let status = if error == "invalid_client" { 401 } else { 400 };
        assert_eq!(reply.status, status, "{changes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_persons_scopes_are_of_one_api_and_exist_there() {
    let (server, _) = server();
    let issuer = endpoint("token");
    let first = server.login_at(issuer.as_str(), DESKTOP, "ada", &["openid"]);
    let first = first.unwrap();
    let other = super::OTHER_API;
    for (scope, error, code) in [
        (format!("api://{API}/x"), "invalid_client", 650_053),
        (
            format!("api://{API}/.default api://{other}/.default"),
            "invalid_request",
            28_000,
        ),
        (
            format!("api://{API}/.default api://{API}/import.writer.all"),
            "invalid_scope",
            70_011,
        ),
        ("Nonsense.Read".to_owned(), "invalid_scope", 70_011),
    ] {
        let fields: Form<'_> = &[
            ("grant_type", "refresh_token"),
            ("client_id", DESKTOP),
            ("refresh_token", first.expose_secret()),
            ("scope", &scope),
        ];
        let reply = token(&server, fields).await;
        assert_eq!(reply.json()["error_codes"][0], code, "{scope}");
        assert_eq!(reply.text("error"), error, "{scope}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_tenant_says_when_to_come_back() {
    let (server, _) = server();
    let fault = Fault::refusal(429, "temporarily_unavailable");
    let path = endpoint("token").path().to_owned();
    server.fault(&path, fault.with_retry_after(Duration::from_secs(7)));
    let reply = token(&server, &[("grant_type", "x")]).await;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.header("retry-after"), "7");
    assert_eq!(server.count(&path), 1);
}
