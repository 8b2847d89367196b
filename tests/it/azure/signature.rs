//! Whose key must have signed an ID token, where the tenant is named by a domain or is a group of them.

use std::sync::Arc;

use auth_azure::Tenant;
use auth_core::http::Body;
use auth_core::{CachedSource, ErrorKind, TokenSource};
use auth_testkit::Fault;
use auth_verify::{IdTokenCheck, Issuer, Keys, Verifier};
use http::Request;
use serde_json::Value;

use super::world::{API, DESKTOP, Entra, Somebody, TENANT, scope};

const NAMES: [&str; 4] = [TENANT, "contoso.onmicrosoft.com", "organizations", "common"];

fn keys_of(name: &str) -> String {
    format!("/{name}/discovery/v2.0/keys")
}

/// Ada at the tenant that is called so, whose ID tokens are checked.
fn checked(world: &Entra, name: &str) -> CachedSource {
    let tenant = Tenant::new(name, world.io()).unwrap();
    let keys = Keys::discovered(tenant.provider().clone());
    let issuer = Issuer::id_tokens(tenant.token_issuer(), DESKTOP, keys).unwrap();
    let verifier = Verifier::new(issuer).with_clock(world.io().clock().clone());
    let person = tenant.person(DESKTOP, Somebody::at(world, "ada"));
    let source = person.source([scope(API)]);
    source.with_check(Arc::new(IdTokenCheck::new(verifier)))
}

#[tokio::test(start_paused = true)]
async fn the_key_is_asked_for_at_the_tenant_as_it_is_named() {
    for name in NAMES {
        let world = Entra::new();
        checked(&world, name).token().await.unwrap();
        assert_eq!(world.server.count(&keys_of(name)), 1, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_of_another_tenant_signs_for_nobody_else() {
    for (name, owner) in [
        ("common", Some("11111111-2222-4333-8444-000000000000")),
        (
            "contoso.onmicrosoft.com",
            Some("11111111-2222-4333-8444-000000000000"),
        ),
        ("common", None),
    ] {
        let world = Entra::new();
        let path = keys_of(name);
        let url = format!("https://login.microsoftonline.com{path}");
        let request = Request::get(url).body(Body::empty()).unwrap();
        let answer = world.io().http().send(request).await.unwrap();
        let published = answer.into_body().bytes(1 << 20).await.unwrap();
        let mut keys: Value = serde_json::from_slice(&published).unwrap();
        for key in keys["keys"].as_array_mut().unwrap() {
            assert!(key["issuer"].as_str().unwrap().contains("/v2.0"), "{key}");
            key["issuer"] = owner.into();
            if let Some(owner) = owner {
                key["issuer"] = format!("https://login.microsoftonline.com/{owner}/v2.0").into();
            }
        }
        let other = Fault::status(200).with_body("application/json", keys.to_string());
        world.server.fault(&path, other.always());
        let error = checked(&world, name).token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{name}: {error}");
        assert!(error.to_string().contains("tenant"), "{name}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_found_with_the_first_token_that_it_signs() {
    for name in NAMES {
        let world = Entra::new();
        let source = checked(&world, name);
        let first = source.token().await.unwrap();
        for keep_old in [true, false] {
            world.server.rotate_entra_keys(keep_old);
            source.renew().await.unwrap();
        }
        assert!(!source.token().await.unwrap().is_same(&first));
        assert_eq!(world.server.count(&keys_of(name)), 3, "{name}");
    }
}
