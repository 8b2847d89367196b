//! A real browser in front of the login page.

use std::sync::Arc;

use auth_core::{ClientAuth, RedirectUri, TokenSource};

use crate::chromium::{Chromium, Deed};
use crate::keycloak::real::server::{Server, claims};

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_real_browser_logs_in_and_comes_back() {
    let server = Server::at_hand();
    let deeds = [
        Deed::Fill("username", "ada"),
        Deed::Fill("password", "pw\u{e007}"),
    ];
    let chromium = Chromium::start(deeds);
    let chromium = Arc::new(chromium);
    let person = server
        .realm("steady")
        .with_scopes(["openid"])
        .person(ClientAuth::public("desktop"), chromium.clone())
        .with_browser(RedirectUri::new("http://localhost/callback").unwrap());
    let outcome = person.source().token().await;
    chromium.close().await;
    let token = outcome.unwrap();
    assert_eq!(claims(token.expose_secret())["preferred_username"], "ada");
}
