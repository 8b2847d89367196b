//! A tenant of Entra ID as others would write it: a real browser logs in there.

use std::sync::Arc;

use auth_azure::Tenant;
use auth_core::{RedirectUri, TokenSource};

use super::server::Server;
use crate::chromium::{Chromium, Deed};
use crate::testkit::entra::claims;

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn a_real_browser_logs_in_at_a_tenant_and_posts_the_code_back() {
    let server = Server::at_hand();
    let deeds = [
        Deed::Fill("login", "ada"),
        Deed::Fill("password", "pw\u{e007}"),
        Deed::Click("form:has([name=prompt][value=consent]) button[type=submit]"),
    ];
    let chromium = Chromium::start(deeds);
    let chromium = Arc::new(chromium);
    let tenant = Tenant::in_cloud(server.origin(), TENANT, server.io()).unwrap();
    let person = tenant
        .person("desktop", chromium.clone())
        .with_browser(RedirectUri::new("http://localhost").unwrap());
    let source = person.source(["api://other/.default"]);
    let outcome = source.token().await;
    chromium.close().await;
    let token = claims(outcome.unwrap().expose_secret());
    assert_eq!(
        (&token["aud"], &token["sub"]),
        (&"other".into(), &"ada".into())
    );
    let issuer = format!("{}/{TENANT}/v2.0", server.origin());
    assert_eq!(token["iss"], issuer.as_str());
    let next = claims(source.renew().await.unwrap().expose_secret());
    assert_eq!(next["aud"], "other");
}

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
