//! The realm's tokens, checked as a service would check them.

use auth_core::{CachedSource, ClientAuth};
use auth_verify::{Bearer, Keycloak, RejectionKind, Rule, Verified, Verifier};
use http::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::keycloak::real::server::Server;

/// A realm of this test's own, since it takes keys away.
const REALM: &str = "verified";

async fn made(server: &Server) {
    let realm = json!({
        "realm": REALM, "enabled": true, "sslRequired": "none",
        "clients": [{
            "clientId": "robot", "enabled": true, "secret": "s3cret", "publicClient": false,
            "serviceAccountsEnabled": true, "standardFlowEnabled": false,
            "protocolMappers": [
                audience("the api", "api", "included.custom.audience"),
                {
                    "name": "a role", "protocol": "openid-connect",
                    "protocolMapper": "oidc-hardcoded-role-mapper", "config": { "role": "reader" },
                },
            ],
        }],
        "roles": { "realm": [{ "name": "reader" }] },
    });
    server.manage(Method::POST, "", Some(realm)).await;
}

fn audience(name: &str, audience: &str, setting: &str) -> Value {
    json!({
        "name": name, "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
        "config": { setting: audience, "access.token.claim": "true" },
    })
}

fn robot(server: &Server) -> CachedSource {
    server
        .realm(REALM)
        .service(ClientAuth::basic("robot", SecretString::from("s3cret")))
}

fn verifier(server: &Server, audience: &str) -> Verifier {
    let realm = Keycloak::new(server.realm(REALM).issuer(), audience);
    Verifier::new(realm.issuer(server.io()).unwrap())
}

async fn ask(verifier: &Verifier, token: &str) -> Result<Verified, RejectionKind> {
    let outcome = verifier.verify(Bearer::new(token)).await;
    outcome.map_err(|rejection| rejection.kind())
}

/// The ids of the keys that sign.
async fn keys(server: &Server) -> Vec<String> {
    let path = format!("{REALM}/components?type=org.keycloak.keys.KeyProvider");
    let found = server.manage(Method::GET, &path, None).await.body;
    let keys = found.as_array().unwrap().iter();
    keys.filter(|key| key["providerId"] == "rsa-generated")
        .map(|key| key["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_token_is_for_its_audience_and_ends_with_its_key() {
    let server = Server::at_hand();
    made(&server).await;
    let source = robot(&server);
    let old = source.renew().await.unwrap();
    let checks = verifier(&server, "api");
    let caller = ask(&checks, old.expose_secret()).await.unwrap();
    assert_eq!(caller.client().as_deref(), Some("robot"));
    let rule = Rule::any_role(["realm:reader"]).unwrap();
    rule.check(&caller).unwrap();
    let rule = Rule::any_role(["realm:writer"]).unwrap();
    rule.check(&caller).unwrap_err();
    let other = ask(&verifier(&server, "other"), old.expose_secret()).await;
    assert_eq!(other.map(drop), Err(RejectionKind::WrongAudience));

    let before = keys(&server).await;
    server.add_key(REALM, "newer", 200).await;
    let new = source.renew().await.unwrap();
    assert!(ask(&checks, new.expose_secret()).await.is_ok());
    assert!(
        ask(&checks, old.expose_secret()).await.is_ok(),
        "its key is still there"
    );
    assert_eq!(checks.issuers()[0].keys().stats().fetched, 2);

    // The old key goes, and a third one makes the key set be fetched again.
    for id in before {
        let path = format!("{REALM}/components/{id}");
        server.manage(Method::DELETE, &path, None).await;
    }
    server.add_key(REALM, "newest", 300).await;
    let third = source.renew().await.unwrap();
    assert!(ask(&checks, third.expose_secret()).await.is_ok());
    let outcome = ask(&checks, old.expose_secret()).await;
    assert_eq!(outcome.map(drop), Err(RejectionKind::UnknownKey));
    assert!(ask(&checks, new.expose_secret()).await.is_ok());
}
