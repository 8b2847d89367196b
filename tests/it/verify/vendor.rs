//! Tokens as issuers write them, in both directions: what is good gets in under the setting that is meant for it, and
//! the issuer's other tokens do not. The shapes are those of each one's documentation.

use auth_core::Io;
use auth_verify::{Issuer, Keycloak, Keys, RoleClaim, Verified, Verifier};
use serde_json::{Value, json};

use super::forge::Forge;
use super::{NOW, assert_accepted, check, keys, merged, timed};

/// What all of them have.
fn claims(iss: &str, more: Value) -> Value {
    let usual = json!({ "iss": iss, "sub": "s", "exp": NOW + 600, "iat": NOW });
    merged(usual, more)
}

struct Vendor {
    forge: Forge,
    name: String,
    header: Value,
    checks: Verifier,
}

impl Vendor {
    /// An issuer whose tokens name it so, for the audience `aud`.
    fn new(name: &str, aud: &str, change: impl FnOnce(Issuer) -> Issuer) -> Self {
        Self::of(name, |keys| change(Issuer::new(name, aud, keys).unwrap()))
    }

    fn of(name: &str, issuer: impl FnOnce(Keys) -> Issuer) -> Self {
        let forge = Forge::rsa("k");
        let checks = timed(Verifier::new(issuer(keys(&[&forge]))));
        let header = json!({ "alg": "RS256", "kid": "k" });
        Self {
            forge,
            name: name.to_owned(),
            header,
            checks,
        }
    }

    /// Its headers have these members, too.
    fn with_header(mut self, more: Value) -> Self {
        self.header = merged(self.header, more);
        self
    }

    fn token(&self, more: &Value) -> String {
        self.forge
            .with_header(&self.header, &claims(&self.name, more.clone()))
    }

    #[track_caller]
    fn lets_in(&self, more: Value) -> Verified {
        assert_accepted(&self.checks, &self.token(&more))
    }

    #[track_caller]
    fn keeps_out(&self, more: Value) {
        assert!(
            check(&self.checks, &self.token(&more)).is_err(),
            "{}: {more}",
            self.name
        );
    }
}

fn usual(issuer: Issuer) -> Issuer {
    issuer
}

#[test]
fn those_of_services_for_companies() {
    let auth0 = Vendor::new("https://acme.auth0.com/", "https://api", |issuer| {
        issuer.with_roles_from("permissions")
    });
    let auth0 = auth0.with_header(json!({ "typ": "JWT" }));
    let access = json!({
        "aud": ["https://api", "https://acme.auth0.com/userinfo"], "azp": "spa", "scope": "openid read",
        "gty": "password", "permissions": ["read:orders"], "https://acme/roles": ["x"],
    });
    assert!(auth0.lets_in(access).roles().has("read:orders"));
    auth0.keeps_out(json!({ "aud": "spa", "nonce": "n", "sid": "s", "email": "a@b.c" }));

    let okta = Vendor::new(
        "https://acme.okta.com/oauth2/default",
        "api://default",
        usual,
    );
    let access = json!({
        "ver": 1, "jti": "AT.x", "aud": "api://default", "cid": "0oa", "uid": "00u", "scp": ["read"], "auth_time": NOW,
    });
    assert!(okta.lets_in(access).has_scope("read"));
    okta.keeps_out(json!({ "ver": 1, "jti": "ID.x", "aud": "api://default", "at_hash": "h", "idp": "i", "amr": ["pwd"] }));

    let cognito = Vendor::new(
        "https://cognito-idp.eu.amazonaws.com/eu_1",
        "client",
        |issuer| {
            issuer
                .with_client_for_audience()
                .with_roles_from("cognito:groups")
        },
    );
    let access = json!({
        "token_use": "access", "client_id": "client", "cognito:groups": ["admins"], "version": 2, "username": "ada",
        "scope": "openid", "origin_jti": "o", "event_id": "e", "jti": "j",
    });
    assert!(cognito.lets_in(access.clone()).roles().has("admins"));
    cognito.keeps_out(merged(access, json!({ "client_id": "other" })));
    cognito.keeps_out(
        json!({ "token_use": "id", "aud": "client", "cognito:groups": ["admins"], "at_hash": "h" }),
    );

    let salesforce = Vendor::new(
        "https://acme.my.salesforce.com",
        "https://acme.my.salesforce.com",
        usual,
    );
    salesforce.lets_in(json!({
        "scp": "api openid", "aud": ["https://acme.my.salesforce.com"], "sub": "uid:005", "nbf": NOW, "mty": "oauth",
        "sfi": "f", "roles": [], "hsc": false, "client_id": "3MVG",
    }));

    let cloud_foundry = Vendor::new(
        "https://acme.authentication.sap/oauth/token",
        "sb-app!t1",
        usual,
    );
    let xsuaa = cloud_foundry.with_header(
        json!({ "typ": "JWT", "jku": "https://acme.authentication.sap/token_keys", "jid": "j" }),
    );
    let access = json!({
        "aud": ["app!t1", "sb-app!t1"], "scope": ["app!t1.read"], "client_id": "sb-app!t1", "cid": "sb-app!t1",
        "azp": "sb-app!t1", "grant_type": "client_credentials", "ext_attr": { "zdn": "acme" }, "rev_sig": "1", "zid": "z",
    });
    assert!(xsuaa.lets_in(access).has_scope("app!t1.read"));

    let firebase = Vendor::new("https://securetoken.google.com/acme", "acme", usual);
    firebase.lets_in(json!({
        "aud": "acme", "auth_time": NOW, "user_id": "u", "email_verified": true,
        "firebase": { "identities": { "email": ["a@b.c"] }, "sign_in_provider": "password" },
    }));
    let supabase = Vendor::new(
        "https://acme.supabase.co/auth/v1",
        "authenticated",
        |issuer| issuer.with_roles_from("role"),
    );
    let access = json!({
        "aud": "authenticated", "role": "authenticated", "phone": "", "aal": "aal1", "is_anonymous": false,
        "amr": [{ "method": "password", "timestamp": NOW }], "session_id": "s", "app_metadata": { "providers": ["email"] },
    });
    assert!(supabase.lets_in(access).roles().has("authenticated"));
    let access = Vendor::new("https://acme.cloudflareaccess.com", "tag", usual);
    access.lets_in(json!({ "aud": ["tag"], "type": "app", "identity_nonce": "n", "country": "CH", "nbf": NOW }));
}

#[test]
fn those_of_servers_that_people_run_themselves() {
    let ping = Vendor::new(
        "https://ping.test:443/am/oauth2/realms/root",
        "client",
        usual,
    );
    let ping = ping.with_header(json!({ "typ": "JWT", "zip": "NONE" }));
    let access = json!({
        "cts": "OAUTH2_STATELESS_GRANT", "auth_level": 0, "auditTrackingId": "t", "tokenName": "access_token",
        "token_type": "Bearer", "authGrantId": "g", "aud": "client", "nbf": NOW, "grant_type": "authorization_code",
        "scope": ["openid", "read"], "auth_time": NOW, "realm": "/", "expires_in": 600, "jti": "j",
    });
    assert!(ping.lets_in(access).has_scope("read"));
    ping.keeps_out(json!({ "tokenName": "id_token", "tokenType": "JWTToken", "aud": "client", "at_hash": "h" }));
    ping.keeps_out(json!({ "tokenName": "refresh_token", "token_type": "Bearer", "aud": "client", "ops": "o" }));

    let hydra =
        Vendor::new("https://hydra.test/", "api", usual).with_header(json!({ "typ": "JWT" }));
    let access = json!({ "aud": ["api"], "client_id": "c", "ext": {}, "nbf": NOW, "jti": "j", "scp": ["read"] });
    assert!(hydra.lets_in(access.clone()).has_scope("read"));
    hydra.keeps_out(merged(access, json!({ "aud": [] })));

    let zitadel = Vendor::new("https://zitadel.test", "1@shop", |issuer| {
        issuer.with_roles_from(RoleClaim::from("urn:zitadel:iam:org:project:roles").keys())
    });
    let roles = json!({ "writer": { "2": "acme.zitadel.test" } });
    let access = json!({
        "aud": ["1@shop", "2"], "client_id": "1@shop", "jti": "j", "nbf": NOW, "urn:zitadel:iam:org:project:roles": roles,
    });
    assert!(zitadel.lets_in(access).roles().has("writer"));
    zitadel.keeps_out(json!({
        "aud": ["1@shop", "2"], "azp": "1@shop", "client_id": "1@shop", "nonce": "n", "at_hash": "h", "amr": ["pwd"],
    }));

    let duende =
        Vendor::new("https://ids.test", "api", usual).with_header(json!({ "typ": "at+jwt" }));
    let access = json!({ "aud": ["api", "https://ids.test/resources"], "client_id": "c", "scope": ["api.read"], "idp": "local" });
    assert!(duende.lets_in(access).has_scope("api.read"));
    let wso2 = Vendor::new("https://localhost:9443/oauth2/token", "api", usual);
    let wso2 = wso2.with_header(json!({ "typ": "at+jwt", "x5t": "x" }));
    wso2.lets_in(json!({ "aut": "APPLICATION_USER", "aud": "api", "nbf": NOW, "azp": "c", "binding_type": "cookie" }));

    // A name that is no URL, and one of plain http.
    let fusion = Vendor::of("acme.com", |keys| {
        Issuer::named("acme.com", "app", keys)
            .unwrap()
            .with_roles_from("roles")
    });
    let access = json!({
        "aud": "app", "applicationId": "app", "authenticationType": "PASSWORD", "roles": ["admin"], "gty": ["password"],
        "tid": "a1b2c3d4-0000-4000-8000-123456789abc",
    });
    assert!(fusion.lets_in(access).roles().has("admin"));
    let trust = "http://adfs.test/adfs/services/trust";
    let adfs = Vendor::of(trust, |keys| {
        Issuer::named(trust, "microsoft:identityserver:api", keys).unwrap()
    });
    adfs.with_header(json!({ "typ": "JWT", "x5t": "k" })).lets_in(json!({
        "aud": "microsoft:identityserver:api", "apptype": "Public", "appid": "app", "authmethod": "urn:x", "ver": "1.0",
        "scp": "openid",
    }));

    // A lightweight token of Keycloak names nobody whom it is for.
    let realm = "https://sso.test/realms/main";
    let light =
        json!({ "typ": "Bearer", "azp": "cli", "sid": "s", "scope": "openid", "jti": "onrtac:j" });
    let service = |keys| {
        Keycloak::new(realm, "api")
            .with_keys(keys)
            .issuer(Io::new())
            .unwrap()
    };
    Vendor::of(realm, service).keeps_out(light.clone());
    let client = |keys| {
        Keycloak::issued_to(realm, "cli")
            .with_keys(keys)
            .issuer(Io::new())
            .unwrap()
    };
    let client = Vendor::of(realm, client);
    client.lets_in(light.clone());
    for typ in [
        "ID",
        "Refresh",
        "Offline",
        "Logout",
        "Serialized-ID",
        "Token-Exchange-Refresh",
        "JWT",
        "",
    ] {
        client.keeps_out(merged(light.clone(), json!({ "typ": typ })));
    }
}

#[test]
fn those_of_machines() {
    let github = Vendor::new(
        "https://token.actions.githubusercontent.com",
        "https://github.com/acme",
        usual,
    );
    github.with_header(json!({ "typ": "JWT", "x5t": "k" })).lets_in(json!({
        "aud": "https://github.com/acme", "sub": "repo:acme/app:ref:refs/heads/main", "repository": "acme/app", "nbf": NOW,
        "ref_type": "branch", "run_attempt": "1", "repository_visibility": "private", "jti": "j",
    }));
    let gitlab = Vendor::new("https://gitlab.com", "https://vault.test", usual);
    gitlab.with_header(json!({ "typ": "JWT" })).lets_in(json!({
        "aud": "https://vault.test", "sub": "project_path:acme/app:ref_type:branch:ref:main", "nbf": NOW,
        "project_id": "1", "ref_protected": "true", "user_identities": [{ "provider": "github", "extern_uid": "1" }],
    }));
    let cluster = Vendor::new("https://kubernetes.default.svc.cluster.local", "api", usual);
    cluster.lets_in(json!({
        "aud": ["api"], "sub": "system:serviceaccount:ns:robot", "nbf": NOW, "jti": "j",
        "kubernetes.io": { "namespace": "ns", "serviceaccount": { "name": "robot", "uid": "u" } },
    }));
    // Google's machines show ID tokens, and so do its people, whose tokens say so.
    let google = Vendor::new("https://accounts.google.com", "https://app.run", usual);
    let machine = json!({
        "aud": "https://app.run", "azp": "1", "email": "robot@acme.iam.gserviceaccount.com", "email_verified": true,
    });
    google.lets_in(machine.clone());
    google.keeps_out(merged(machine, json!({ "at_hash": "h" })));
}
