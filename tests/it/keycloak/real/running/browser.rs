//! A person in front of a browser on this machine.

use auth_core::{CachedSource, ClientAuth, RedirectUri, TokenSource};

use super::person::{Deed, Person};
use crate::keycloak::real::server::{Server, claims};

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_login_comes_back_to_either_spelling_of_loopback_and_renews() {
    let server = Server::at_hand();
    for spelling in ["http://127.0.0.1/callback", "http://localhost/callback"] {
        for realm in ["steady", "rotating"] {
            let ada = Person::who(&server, Deed::Allows);
            let person = server
                .realm(realm)
                .with_scopes(["openid"])
                .person(ClientAuth::public("desktop"), ada.clone())
                .with_browser(RedirectUri::new(spelling).unwrap());
            let token = person.source().token().await.unwrap();
            assert_eq!(claims(token.expose_secret())["preferred_username"], "ada");
            person.source().renew().await.unwrap();
            let kept = person.source().refresh_token().await.unwrap().unwrap();
            assert_eq!(ada.logins(), 1);
            assert_eq!(server.events(realm, "CODE_TO_TOKEN", &kept).await, 1);
        }
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn the_logout_page_ends_the_session_in_browser_and_program() {
    let server = Server::at_hand();
    let ada = Person::who(&server, Deed::Allows);
    let realm = server.realm("steady").with_scopes(["openid"]);
    let client = ClientAuth::public("desktop");
    let redirect = RedirectUri::new("http://127.0.0.1/callback").unwrap();
    let person = realm
        .person(client.clone(), ada.clone())
        .with_browser(redirect);
    let source: CachedSource = person.source();
    source.token().await.unwrap();
    let page = realm
        .endpoint(client)
        .logout_page(None, None)
        .await
        .unwrap();
    let mut browser = ada.browser.lock().await.take().unwrap();
    let question = browser.open(&page).await;
    assert!(question.has("confirmLogout"), "{question:?}");
    let end = browser
        .fill(&question, &[("confirmLogout", "Logout")])
        .await;
    assert!(end.text.contains("logged out"), "{end:?}");
    let error = source.renew().await.unwrap_err();
    assert!(error.is_refusal("invalid_grant"), "{error}");
}
