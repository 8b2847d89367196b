//! Servers of every kind, with whom they know, and the profiles that lead to them.

use std::time::Duration;

use auth_testkit::{Client, EntraApplication, EntraTenant, Policy, Realm, Server, User, Visitor};
use serde_json::Value;

use crate::section::{ADA, DISRUPTIVE, LAB, PERSON};

pub(super) const PASSWORD: &str = "canary-password-of-the-person";
pub(super) const APPLICATION: &str = "canary-secret-of-the-application";
pub(super) const JOB: &str = "canary-token-of-the-job-at-the-forge";
pub(super) const VAULT: &str = "canary-secret-out-of-the-vault";
pub(super) const MIDDLE: &str = "canary-secret-of-the-middle+/=&";
const TENANT: &str = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35";
const DESKTOP: &str = "7164ff26-4078-4107-850f-57b43b97f605";
const ROBOT: &str = "7e307b14-2a27-4f66-ada8-ec6400eb4977";
pub(super) const JWK: &str = include_str!("../../../../../../tests/it/jwt_bearer/keys/ec.jwk.json");
pub(super) const CLUSTER: &str = "https://cluster.test";
const API: &str = "e314440e-f72c-4b8e-89c1-7eefef4b55ed";

/// Lets `server` be all of them.
pub(super) fn set_up(server: &Server, jwk: &Value) {
    server.set_policy(Policy::new().with_device_interval(Duration::from_secs(1)));
    server.set_visitor(Visitor::logs_in("ada"));
    server.add_client(Client::confidential("vault", VAULT));
    server.add_client(Client::confidential("middle", MIDDLE));
    server.add_client(Client::signing("signer", jwk));
    server.add_client(Client::federated("reader", CLUSTER, "reader", jwk));
    let desp = |name: &str, redirect: &str| {
        let scopes = ["openid", "offline_access"];
        Client::public(name)
            .with_scopes(scopes)
            .with_redirect(redirect)
    };
    server.add_realm(
        Realm::new("desp")
            .with_policy(Policy::of_keycloak())
            .with_client(desp("edh-public", "https://cacheb.dcms.destine.eu/"))
            .with_user(User::new("ada", PASSWORD)),
    );
    let policy = Policy::of_entra().with_device_interval(Duration::from_secs(1));
    server.add_entra_tenant(
        EntraTenant::new(TENANT)
            .with_policy(policy)
            .with_application(EntraApplication::public(DESKTOP))
            .with_application(EntraApplication::confidential(ROBOT, APPLICATION))
            .with_application(EntraApplication::api(API).with_scope("use"))
            .with_user(User::new("ada", PASSWORD)),
    );
}

/// A profile of every kind.
pub(super) fn config() -> String {
    let (scope, api) = ("scope = [\"read\", \"write\"]\n", "api = \"URL/api\"\n");
    [LAB, scope, api, ADA, DISRUPTIVE, PERSON, api, OTHERS].concat()
}

const OTHERS: &str = r#"
    [profile.kept]
    kind = "client-credentials"
    issuer = "ISSUER"
    client-id = "vault"
    client-secret = { command = ["./vault"] }

    [profile.signer]
    kind = "client-credentials"
    issuer = "ISSUER"
    client-id = "signer"
    key = { file = "jwk" }

    [profile.reader]
    kind = "client-credentials"
    issuer = "ISSUER"
    client-id = "reader"
    client-assertion = { file = "assertion" }

    [profile.account]
    kind = "jwt-bearer"
    issuer = "ISSUER"
    assertion = { file = "assertion" }

    [profile.job]
    kind = "client-credentials"
    issuer = "ISSUER"
    client-id = "reader"
    client-assertion = { github = true }

    [profile.azure]
    kind = "entra"
    authority = "URL"
    tenant = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35"
    client-id = "7e307b14-2a27-4f66-ada8-ec6400eb4977"
    scope = "api://e314440e-f72c-4b8e-89c1-7eefef4b55ed/.default"

    [profile.entra]
    kind = "entra"
    authority = "URL"
    tenant = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35"
    client-id = "7164ff26-4078-4107-850f-57b43b97f605"
    scope = "api://e314440e-f72c-4b8e-89c1-7eefef4b55ed/use"

    [profile.traded]
    kind = "token-exchange"
    issuer = "ISSUER"
    client-id = "middle"
    client-secret = { env = "MIDDLE" }
    subject = "person"

    [profile.cacheb]
    iam-url = "URL"
    user = "ada"

    [profile.taken]
    kind = "oidc"
    issuer = "ISSUER"
    client-id = "desktop"
    scope = "read"

    [profile.wrong]
    kind = "client-credentials"
    issuer = "ISSUER"
    client-id = "robot"
    client-secret = { env = "MIDDLE" }
    "#;
