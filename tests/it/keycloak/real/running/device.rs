//! A person on another device: the code is shown, entered, refused or forgotten.

use std::sync::Arc;

use auth_core::{CachedSource, ClientAuth, TokenSource};
use auth_keycloak::preset::provena;
use http::Method;
use insta::assert_snapshot;

use super::person::{Deed, Person};
use crate::keycloak::real::server::{Server, claims};

fn source(server: &Server, person: Arc<Person>, client: &str, scopes: &[&str]) -> CachedSource {
    let realm = server.realm("steady").with_scopes(scopes.iter().copied());
    realm.person(ClientAuth::public(client), person).source()
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_code_that_is_allowed_ends_in_a_session_that_renews() {
    let server = Server::at_hand();
    let ada = Person::who(&server, Deed::Allows);
    let source = source(&server, ada.clone(), "client-tools", &["openid"]);
    let token = source.token().await.unwrap();
    assert_eq!(claims(token.expose_secret())["preferred_username"], "ada");
    source.renew().await.unwrap();
    assert_eq!(ada.logins(), 1);
    let kept = source.refresh_token().await.unwrap().unwrap();
    assert_eq!(
        server
            .events("steady", "OAUTH2_DEVICE_CODE_TO_TOKEN", &kept)
            .await,
        1
    );
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_code_that_is_refused_or_forgotten_says_which() {
    let server = Server::at_hand();
    let mut said = Vec::new();
    for (deed, client) in [
        (Deed::Refuses, "client-tools"),
        (Deed::Forgets, "hasty-device"),
    ] {
        let source = source(&server, Person::who(&server, deed), client, &[]);
        let error = source.token().await.unwrap_err();
        let text = error.to_string();
        said.push(format!(
            "{:?} {}",
            error.kind(),
            &text[text.find("refused").unwrap_or(0)..]
        ));
    }
    assert_snapshot!(said.join("\n"), @r"
    Refused refused: access_denied: The end user denied the authorization request; log in again and allow it, if it was this program that asked
    Interaction the code expired before anybody entered it; log in again, and enter the code in time
    ");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_client_that_may_not_use_device_codes_is_told_so() {
    let server = Server::at_hand();
    let source = source(&server, Person::who(&server, Deed::Allows), "jobs", &[]);
    let error = source.token().await.unwrap_err();
    assert!(error.is_refusal("unauthorized_client"), "{error}");
    let text = error.to_string();
    assert_snapshot!(text[text.find("refused").unwrap()..], @"refused: unauthorized_client: Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client; turn on the device authorization grant for this client at the server, or log in with a browser");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn sixteen_callers_and_two_sources_share_one_login() {
    let server = Server::at_hand();
    let ada = Person::who(&server, Deed::Allows);
    let realm = server.realm("rotating");
    let person = realm.person(ClientAuth::public("client-tools"), ada.clone());
    let calls: Vec<_> = (0..16)
        .map(|_| {
            let source = person.source();
            tokio::spawn(async move { source.token().await.unwrap().fingerprint().to_string() })
        })
        .collect();
    let mut tokens = Vec::new();
    for call in calls {
        tokens.push(call.await.unwrap());
    }
    tokens.dedup();
    assert_eq!((tokens.len(), ada.logins()), (1, 1));
    for _ in 0..3 {
        person.source().renew().await.unwrap();
    }
    assert_eq!(ada.logins(), 1);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn provenas_jobs_need_the_roles_beside_the_offline_token() {
    let server = Server::at_hand();
    let roles = |scopes: &'static [&'static str]| {
        let ada = Person::who(&server, Deed::Allows);
        let login = source(&server, ada, provena::AUTOMATED_ACCESS, scopes);
        let realm = server.realm("steady");
        async move {
            login.token().await.unwrap();
            let given = login.refresh_token().await.unwrap().unwrap();
            assert_eq!(claims(given.expose_secret())["typ"], "Offline");
            let job = realm.offline(ClientAuth::public(provena::AUTOMATED_ACCESS), given);
            let token = job.token().await.unwrap();
            claims(token.expose_secret())["realm_access"].clone()
        }
    };
    assert!(roles(&provena::OFFLINE_SCOPES).await.is_object());
    assert!(roles(&["offline_access"]).await.is_null());
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_login_that_was_ended_elsewhere_asks_the_person_again() {
    let server = Server::at_hand();
    let ada = Person::who(&server, Deed::Allows);
    let source = source(&server, ada.clone(), "client-tools", &["openid", "email"]);
    let token = source.token().await.unwrap();
    let kept = source.refresh_token().await.unwrap().unwrap();
    let session = claims(kept.expose_secret())["sid"]
        .as_str()
        .unwrap()
        .to_owned();
    server
        .manage(Method::DELETE, &format!("steady/sessions/{session}"), None)
        .await;
    source.discard(&token, None);
    source.token().await.unwrap();
    assert_eq!(ada.logins(), 2);
}
