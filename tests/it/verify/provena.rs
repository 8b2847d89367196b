//! Provena: the statuses and words of its APIs, row by row, and where ours differ on purpose.

use auth_core::Io;
use auth_verify::preset::Refusal;
use auth_verify::preset::provena::{self, Access, Settings, User};
use auth_verify::{Keys, Verifier};
use http::HeaderMap;
use serde_json::{Value, json};

use super::forge::Forge;
use super::{NOW, keys, merged, timed};

const REALM: &str = "https://auth.provena.test/auth/realms/lab";
const INVALID: &str = "Could not validate credentials";

struct World {
    forge: Forge,
    checks: Verifier,
}

impl World {
    fn new() -> Self {
        Self::of(|settings| settings)
    }

    fn of(change: impl FnOnce(Settings) -> Settings) -> Self {
        let forge = Forge::rsa("k");
        let settings = change(Settings::new(REALM).with_keys(keys(&[&forge])));
        let checks = timed(settings.verifier(Io::new()).unwrap());
        Self { forge, checks }
    }

    async fn ask(&self, header: Option<&str>) -> Result<User, (u16, String)> {
        let mut headers = HeaderMap::new();
        headers.extend(header.map(|value| (http::header::AUTHORIZATION, value.parse().unwrap())));
        let outcome = match self.checks.verify_request(&headers).await {
            Ok(caller) => User::of(&caller),
            Err(rejection) => Err(provena::refusal(&rejection)),
        };
        outcome.map_err(shown)
    }

    async fn token(&self, changes: Value) -> Result<User, (u16, String)> {
        let claims = json!({
            "iss": REALM, "aud": "account", "azp": "client-tools", "typ": "Bearer", "sub": "s",
            "preferred_username": "ada", "email": "ada@example.org", "exp": NOW + 300, "iat": NOW,
            "realm_access": { "roles": ["entity-registry-read", "handle-read"] },
        });
        let token = self.forge.token(&merged(claims, changes));
        self.ask(Some(&format!("Bearer {token}"))).await
    }
}

/// All of them have a bare challenge, unless it is the service's fault.
fn shown(refusal: Refusal) -> (u16, String) {
    let challenge = refusal.headers.get("www-authenticate");
    let expected = (refusal.status == 401).then_some("Bearer");
    assert_eq!(challenge.map(|value| value.to_str().unwrap()), expected);
    assert_eq!(refusal.body(), json!({ "detail": refusal.detail }));
    (refusal.status.as_u16(), refusal.detail)
}

fn no(detail: &str) -> (u16, String) {
    (401, detail.to_owned())
}

#[tokio::test]
async fn a_person_of_the_realm_is_let_in_and_known_by_roles() {
    let user = World::new().token(json!({})).await.unwrap();
    assert_eq!((&*user.username, &*user.email), ("ada", "ada@example.org"));
    assert_eq!(user.roles, ["entity-registry-read", "handle-read"]);
    assert!(user.check(&[Access::Read.role("entity-registry")]).is_ok());
    assert!(user.check(&["sys-admin-admin", "handle-read"]).is_ok());
    let refusal = user
        .check(&[Access::Write.role("entity-registry")])
        .unwrap_err();
    // As its APIs have it: 401, and not 403.
    let words =
        "You are not authorised to access this resource as you don't have the correct role.";
    assert_eq!(shown(refusal), no(words));
    assert!(user.check::<&str>(&[]).is_err());
    assert!(user.check(&["entity-registry", "read", "handle"]).is_err());
}

#[tokio::test]
async fn what_its_apis_refuse_is_refused_in_their_words() {
    let world = World::new();
    for header in [None, Some("Basic YTpi"), Some("Bearer")] {
        assert_eq!(
            world.ask(header).await,
            Err(no("Not authenticated")),
            "{header:?}"
        );
    }
    for header in ["Bearer junk", "Bearer a b"] {
        assert_eq!(world.ask(Some(header)).await, Err(no(INVALID)), "{header}");
    }
    assert_eq!(
        world.token(json!({ "exp": NOW - 61 })).await,
        Err(no(INVALID))
    );
    for missing in ["preferred_username", "email", "realm_access"] {
        let answer = world.token(json!({ missing: null })).await;
        assert_eq!(
            answer,
            Err(no("Token had incorrect structure.")),
            "{missing}"
        );
    }
    for access in [
        json!({}),
        json!({ "roles": "handle-read" }),
        json!(["handle-read"]),
    ] {
        let answer = world.token(json!({ "realm_access": access })).await;
        assert_eq!(
            answer,
            Err(no("Token had incorrect structure.")),
            "{access}"
        );
    }
    assert_eq!(
        world
            .token(json!({ "realm_access": { "roles": [] } }))
            .await
            .unwrap()
            .roles,
        [""; 0]
    );
}

#[tokio::test]
async fn where_its_apis_take_what_they_should_not_we_do_not() {
    let world = World::new();
    for changes in [
        json!({ "exp": null }),
        json!({ "iss": "https://auth.provena.test/auth/realms/other" }),
        json!({ "azp": "somebodys-app" }),
        json!({ "azp": null }),
        json!({ "typ": "ID" }),
        json!({ "typ": "Offline" }),
        json!({ "cnf": { "jkt": "x" } }),
    ] {
        assert_eq!(
            world.token(changes.clone()).await,
            Err(no(INVALID)),
            "{changes}"
        );
    }
    let page = World::of(|settings| settings.with_client("landing-portal-ui"));
    assert!(
        page.token(json!({ "azp": "landing-portal-ui" }))
            .await
            .is_ok()
    );
    let mapped = World::of(|settings| settings.with_audience("registry-api"));
    assert_eq!(mapped.token(json!({})).await, Err(no(INVALID)));
    assert!(
        mapped
            .token(json!({ "aud": ["account", "registry-api"] }))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn keys_that_can_not_be_had_are_no_verdict() {
    let world = World::of(|settings| settings.with_keys(Keys::file("no-such-file.json")));
    assert_eq!(world.token(json!({})).await, Err((503, INVALID.to_owned())));
    assert!(
        Settings::new("https://a.b/realms/x/")
            .verifier(Io::new())
            .is_err()
    );
}
