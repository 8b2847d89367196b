//! What Entra ID says about itself.

use auth_testkit::{EntraTenant, Server, TestClock};

use super::super::get;
use super::{TENANT, at, server};

#[tokio::test(start_paused = true)]
async fn a_tenant_is_found_by_its_id_and_its_domain_on_any_host_and_is_not_one_that_is_unknown() {
    let (server, _) = server();
    for name in [TENANT, "contoso.onmicrosoft.com"] {
        let url = at(&format!("{name}/v2.0/.well-known/openid-configuration"));
        let metadata = get(&server, &url, "").await;
        let base = format!("https://login.microsoftonline.com/{TENANT}");
        assert_eq!(metadata.text("issuer"), format!("{base}/v2.0"));
        for (member, path) in [
            ("authorization_endpoint", "/oauth2/v2.0/authorize"),
            ("token_endpoint", "/oauth2/v2.0/token"),
            ("device_authorization_endpoint", "/oauth2/v2.0/devicecode"),
            ("jwks_uri", "/discovery/v2.0/keys"),
        ] {
            assert_eq!(metadata.text(member), format!("{base}{path}"));
        }
    }
    let elsewhere = "https://login.microsoftonline.us/common/v2.0/.well-known/openid-configuration";
    let metadata = get(&server, &elsewhere.parse().unwrap(), "").await;
    let issuer = metadata.text("issuer");
    assert_eq!(issuer, "https://login.microsoftonline.us/{tenantid}/v2.0");

    let unknown = at("11111111-0000-0000-0000-000000000000/v2.0/.well-known/openid-configuration");
    let reply = get(&server, &unknown, "").await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["error_codes"][0], 90_002);

    let empty = Server::new(TestClock::new());
    assert_eq!(get(&empty, &unknown, "").await.status, 404);
    empty.add_entra_tenant(EntraTenant::new("t"));
    assert_eq!(get(&empty, &at("t/oauth2/token"), "").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn each_key_has_a_certificate_and_an_issuer_and_both_sets_are_the_same_keys() {
    let (server, _) = server();
    server.rotate_keys(true); // the generic issuer's, not these
    let mut kids = Vec::new();
    for (name, issuer) in [(TENANT, TENANT), ("common", "{tenantid}")] {
        for set in ["discovery/v2.0/keys", "discovery/keys"] {
            let keys = get(&server, &at(&format!("{name}/{set}")), "").await;
            let key = &keys.json()["keys"][0];
            assert_eq!(key["kty"], "RSA");
            assert_eq!(key["use"], "sig");
            assert_eq!(key["kid"], key["x5t"]);
            assert!(key["x5c"][0].as_str().unwrap().starts_with("MII"));
            let issuer = format!("https://login.microsoftonline.com/{issuer}/v2.0");
            assert_eq!(key["issuer"], issuer);
            kids.push(key["kid"].clone());
        }
    }
    kids.dedup();
    assert_eq!(kids.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn instance_discovery_leads_to_a_tenants_metadata() {
    let (server, _) = server();
    let url = at("common/discovery/instance?api-version=1.1&authorization_endpoint=x");
    let instance = get(&server, &url, "").await;
    let next = instance.text("tenant_discovery_endpoint");
    let metadata = get(&server, &next.parse().unwrap(), "").await;
    assert_eq!(metadata.status, 200);
    let aliases = &instance.json()["metadata"][0]["aliases"];
    assert_eq!(aliases[0], "login.microsoftonline.com");
}
