//! The DESTINY repository: the statuses and words of its server, row by row, and where ours differ on purpose.

use auth_core::Io;
use auth_verify::preset::Refusal;
use auth_verify::preset::destiny::{Environment, Provider, Repository, TENANT, permission};
use auth_verify::{Bearer, Keys, Verifier};
use http::HeaderMap;
use serde_json::{Value, json};

use super::forge::{Forge, b64};
use super::{NOW, keys_of, merged, timed};

const READER: &str = permission::REFERENCE_READER;
const REALM: &str = "https://auth.evidence-repository.org/realms/destiny";
const CLIENT: &str = "destiny-repository-client-production";
const UNREADABLE: &str = "Unable to parse authentication token.";
const NO_KEYS: &str = "Unable to fetch signing keys from identity provider.";

struct World {
    forge: Forge,
    repository: Repository,
    checks: Verifier,
}

impl World {
    fn new(provider: Provider) -> Self {
        let forge = Forge::rsa("k");
        let owner = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let other = merged(
            Forge::other_rsa("other").jwk(),
            json!({ "alg": null, "issuer": owner }),
        );
        let azure = merged(forge.jwk(), json!({ "alg": null, "issuer": owner }));
        let azure = keys_of(&[azure, other.clone()]);
        let keycloak = keys_of(&[forge.jwk(), merged(other, json!({ "issuer": null }))]);
        Self::with(forge, provider, azure, keycloak)
    }

    fn with(forge: Forge, provider: Provider, azure: Keys, keycloak: Keys) -> Self {
        let repository = Repository::of(Environment::Production, provider).unwrap();
        let repository = repository
            .with_azure_keys(azure)
            .with_keycloak_keys(keycloak);
        let checks = timed(repository.verifier(Io::new()).unwrap());
        Self {
            forge,
            repository,
            checks,
        }
    }

    /// What its server answers to a request with this header.
    async fn ask(&self, header: Option<&str>, permission: &str) -> (u16, String) {
        let mut headers = HeaderMap::new();
        headers.extend(header.map(|value| (http::header::AUTHORIZATION, value.parse().unwrap())));
        let outcome = match self.checks.verify_request(&headers).await {
            Ok(caller) => self.repository.check(&caller, permission),
            Err(rejection) => {
                let token = header
                    .and_then(|value| value.split(' ').nth(1))
                    .map(Bearer::new);
                Err(self.repository.refusal(&rejection, token))
            }
        };
        match outcome {
            Ok(()) => (200, String::new()),
            Err(Refusal {
                status,
                detail,
                headers,
                ..
            }) => {
                assert_eq!(
                    headers.contains_key("www-authenticate"),
                    status.is_client_error()
                );
                (status.as_u16(), detail)
            }
        }
    }

    async fn token(&self, claims: &Value) -> (u16, String) {
        let token = self.forge.token(claims);
        self.ask(Some(&format!("Bearer {token}")), READER).await
    }
}

/// A program's token.
fn azure(changes: Value) -> Value {
    let claims = json!({
        "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "tid": TENANT, "ver": "2.0",
        "aud": Environment::Production.application(), "azp": "client", "sub": "s", "oid": "o",
        "roles": [READER], "exp": NOW + 3600, "iat": NOW, "nbf": NOW,
    });
    merged(claims, changes)
}

fn keycloak(changes: Value) -> Value {
    let claims = json!({
        "iss": REALM, "aud": CLIENT, "azp": "destiny-auth-client-production", "typ": "Bearer", "sub": "s",
        "resource_access": { CLIENT: { "roles": [READER] } }, "exp": NOW + 300, "iat": NOW,
    });
    merged(claims, changes)
}

fn no(status: u16, detail: &str) -> (u16, String) {
    (status, detail.to_owned())
}

fn yes() -> (u16, String) {
    (200, String::new())
}

#[tokio::test]
async fn a_request_without_a_token_is_told_so_with_each_provider() {
    for provider in [Provider::Azure, Provider::Keycloak, Provider::Both] {
        let world = World::new(provider);
        for header in [None, Some("Basic YTpi"), Some("Bearer "), Some("Bearer")] {
            let answer = world.ask(header, READER).await;
            assert_eq!(
                answer,
                no(401, "Authorization HTTPBearer header missing."),
                "{header:?}"
            );
        }
        for header in ["Bearer junk", "Bearer a b", "Bearer a.b.c"] {
            assert_eq!(
                world.ask(Some(header), READER).await,
                no(401, UNREADABLE),
                "{header}"
            );
        }
    }
}

#[tokio::test]
async fn azure_the_scopes_of_people_and_the_roles_of_programs_open_the_repository() {
    let world = World::new(Provider::Azure);
    assert_eq!(world.token(&azure(json!({}))).await, yes());
    let person = json!({ "roles": null, "scp": "openid reference.reader.all" });
    assert_eq!(world.token(&azure(person)).await, yes());
    let scope = "IDW10203: The scope permissions (scp) claim does not contain the required scope reference.reader.all";
    // Roles are not consulted where there are scopes.
    for scp in [
        "reference.reader",
        "import.writer.all",
        "xreference.reader.all",
    ] {
        assert_eq!(
            world.token(&azure(json!({ "scp": scp }))).await,
            no(403, scope),
            "{scp}"
        );
    }
    let role = "IDW10203: The role permissions (roles) claim does not contain the required role reference.reader";
    for roles in [
        json!(["import.writer"]),
        json!(["reference"]),
        json!(["reference.reader.all"]),
    ] {
        assert_eq!(
            world.token(&azure(json!({ "roles": roles }))).await,
            no(403, role),
            "{roles}"
        );
    }
    let neither = "IDW10201: Neither scope or roles claim was found in the bearer token.";
    assert_eq!(
        world.token(&azure(json!({ "roles": null }))).await,
        no(403, neither)
    );
}

#[tokio::test]
async fn azure_what_its_server_refuses_is_refused_in_its_words() {
    let world = World::new(Provider::Azure);
    let application = Environment::Production.application();
    let incorrect = |aud: &str, iss: &str| {
        let expected = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let iss = if iss.is_empty() { &expected } else { iss };
        no(
            401,
            &format!(
                "Incorrect claims. Expected aud={application}, got={aud}. Expected iss={expected}, got={iss}"
            ),
        )
    };
    let sts = format!("https://sts.windows.net/{TENANT}/");
    for (changes, aud, iss) in [
        (json!({ "aud": "other" }), "other", ""),
        (
            json!({ "aud": format!("api://{application}") }),
            &*format!("api://{application}"),
            "",
        ),
        (json!({ "aud": ["a", "b"] }), "['a', 'b']", ""),
        (
            json!({ "iss": "https://evil.test" }),
            application,
            "https://evil.test",
        ),
        (
            json!({ "iss": sts, "ver": "1.0", "azp": null, "appid": "client" }),
            application,
            &*sts,
        ),
        (json!({ "nbf": NOW + 61 }), application, ""),
        // Its server lets these in.
        (json!({ "aud": null }), "None", ""),
        (json!({ "exp": null }), application, ""),
        (json!({ "iat": NOW + 61 }), application, ""),
    ] {
        assert_eq!(
            world.token(&azure(changes.clone())).await,
            incorrect(aud, iss),
            "{changes}"
        );
    }
    let expired = no(401, "Token is expired.");
    assert_eq!(
        world.token(&azure(json!({ "exp": NOW - 61 }))).await,
        expired
    );
    assert_eq!(
        world
            .token(&azure(json!({ "exp": NOW - 61, "aud": "other" })))
            .await,
        expired
    );

    let bearer = |token: String| format!("Bearer {token}");
    let stranger = bearer(Forge::other_rsa("stranger").token(&azure(json!({}))));
    assert_eq!(
        world.ask(Some(&stranger), READER).await,
        no(401, "Unable to find appropriate key.")
    );
    let forged = bearer(Forge::other_rsa("k").token(&azure(json!({}))));
    let nameless = bearer(
        world
            .forge
            .with_header(&json!({ "alg": "RS256" }), &azure(json!({}))),
    );
    let unsigned = b64(json!({ "alg": "none", "kid": "k" }).to_string());
    let unsigned = bearer(format!(
        "{unsigned}.{}.AAAA",
        b64(azure(json!({})).to_string())
    ));
    for header in [forged, nameless, unsigned] {
        assert_eq!(
            world.ask(Some(&header), READER).await,
            no(401, UNREADABLE),
            "{header}"
        );
    }
}

#[tokio::test]
async fn where_its_server_takes_what_it_should_not_we_do_not() {
    let world = World::new(Provider::Azure);
    let role = "IDW10203: The role permissions (roles) claim does not contain the required role reference.reader";
    // A text that has the word in it; with another role beside, or the token would have none at all.
    for roles in [json!("reference.reader"), json!("no reference.reader here")] {
        let (status, _) = world.token(&azure(json!({ "roles": roles }))).await;
        assert_eq!(status, 403, "{roles}");
    }
    assert_eq!(
        world
            .token(&azure(json!({ "roles": ["xreference.reader"] })))
            .await,
        no(403, role)
    );
    // A list of scopes fails there with 500.
    let scopes = json!({ "scp": ["reference.reader.all"] });
    assert_eq!(world.token(&azure(scopes)).await, yes());
    // An ID token of the same audience.
    assert_eq!(world.token(&azure(json!({ "azp": null }))).await.0, 401);
    let other = json!({ "tid": "99999999-0000-4000-8000-123456789abc" });
    assert_eq!(world.token(&azure(other)).await.0, 401);
}

#[tokio::test]
async fn keycloak_only_the_roles_of_the_client_open_the_repository() {
    let world = World::new(Provider::Keycloak);
    assert_eq!(world.token(&keycloak(json!({}))).await, yes());
    let missing = no(403, "The token does not contain the required role.");
    for changes in [
        json!({ "resource_access": null }),
        json!({ "resource_access": null, "realm_access": { "roles": [READER] } }),
        json!({ "resource_access": null, "scope": "reference.reader reference.reader.all" }),
        json!({ "resource_access": { "other": { "roles": [READER] } } }),
        json!({ "resource_access": { CLIENT: { "roles": "reference.reader" } } }),
        json!({ "resource_access": null, "roles": ["client:destiny-repository-client-production:reference.reader"] }),
    ] {
        assert_eq!(
            world.token(&keycloak(changes.clone())).await,
            missing,
            "{changes}"
        );
    }
}

#[tokio::test]
async fn keycloak_what_its_server_refuses_is_refused_in_its_words() {
    let world = World::new(Provider::Keycloak);
    let claim = |name: &str| {
        no(
            401,
            &format!("Invalid token claims: invalid_claim: Invalid claim: '{name}'"),
        )
    };
    for (changes, expected) in [
        (json!({ "aud": "account" }), claim("aud")),
        (json!({ "iss": "https://evil.test" }), claim("iss")),
        (json!({ "iat": NOW + 61 }), claim("iat")),
        (json!({ "exp": NOW - 61 }), no(401, "Token is expired.")),
        // The audience wins here.
        (json!({ "exp": NOW - 61, "aud": "account" }), claim("aud")),
        (json!({ "aud": null }), no(401, UNREADABLE)),
        (json!({ "iss": null }), no(401, UNREADABLE)),
        // Its server lets these in.
        (json!({ "exp": null }), no(401, UNREADABLE)),
        (json!({ "typ": "ID" }), no(401, UNREADABLE)),
    ] {
        assert_eq!(
            world.token(&keycloak(changes.clone())).await,
            expected,
            "{changes}"
        );
    }
    for forged in [Forge::other_rsa("k"), Forge::other_rsa("stranger")] {
        let header = format!("Bearer {}", forged.token(&keycloak(json!({}))));
        assert_eq!(world.ask(Some(&header), READER).await, no(401, UNREADABLE));
    }
}

#[tokio::test]
async fn both_the_issuer_decides_who_looks_at_the_token() {
    let world = World::new(Provider::Both);
    assert_eq!(world.token(&azure(json!({}))).await, yes());
    assert_eq!(world.token(&keycloak(json!({}))).await, yes());
    for iss in [json!(null), json!(7)] {
        let answer = world.token(&azure(json!({ "iss": iss }))).await;
        assert_eq!(
            answer,
            no(401, "Token does not contain an issuer claim."),
            "{iss}"
        );
    }
    let unknown = no(401, "Token issuer is not recognized.");
    assert_eq!(
        world
            .token(&azure(json!({ "iss": "https://evil.test" })))
            .await,
        unknown
    );
    let aud = no(
        401,
        "Invalid token claims: invalid_claim: Invalid claim: 'aud'",
    );
    assert_eq!(world.token(&keycloak(json!({ "aud": "other" }))).await, aud);
    assert!(
        world
            .token(&azure(json!({ "aud": "other" })))
            .await
            .1
            .starts_with("Incorrect claims.")
    );
    // A role of one is none of the other's.
    let borrowed = json!({ "roles": null, "resource_access": { CLIENT: { "roles": [READER] } } });
    assert_eq!(world.token(&azure(borrowed)).await.0, 403);
    let borrowed = json!({ "roles": [READER], "resource_access": null });
    assert_eq!(world.token(&keycloak(borrowed)).await.0, 403);
}

#[tokio::test]
async fn keys_that_can_not_be_had_are_no_verdict() {
    let nowhere = || Keys::file("no-such-file.json");
    let world = World::with(Forge::rsa("k"), Provider::Both, nowhere(), nowhere());
    for claims in [azure(json!({})), keycloak(json!({}))] {
        assert_eq!(world.token(&claims).await, no(503, NO_KEYS));
    }
}

#[test]
fn the_settings_are_those_of_its_servers_environment() {
    let of = |list: &[(&str, &str)]| {
        let list: Vec<_> = list
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        let found = Repository::from_environment(move |wanted| {
            list.iter()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.clone())
        });
        found
            .and_then(|repository| repository.verifier(Io::new()))
            .map(|checks| checks.issuers().len())
    };
    let login = format!("https://login.microsoftonline.com/{TENANT}");
    let azure = [
        ("AZURE_APPLICATION_ID", Environment::Staging.application()),
        ("AZURE_LOGIN_URL", &*login),
    ];
    let realm = [
        ("KEYCLOAK_URL", "http://localhost:8080"),
        ("KEYCLOAK_CLIENT_ID", CLIENT),
    ];
    assert_eq!(of(&azure).unwrap(), 1);
    assert_eq!(
        of(&[azure[0], azure[1], ("AUTH_PROVIDER", "azure")]).unwrap(),
        1
    );
    assert_eq!(
        of(&[realm[0], realm[1], ("AUTH_PROVIDER", "keycloak")]).unwrap(),
        1
    );
    let all = [
        azure[0],
        azure[1],
        realm[0],
        realm[1],
        ("AUTH_PROVIDER", "both"),
    ];
    assert_eq!(of(&all).unwrap(), 2);
    let public = ("KEYCLOAK_ISSUER_URL", "https://auth.test");
    assert_eq!(
        of(&[realm[0], realm[1], public, ("AUTH_PROVIDER", "keycloak")]).unwrap(),
        1
    );
    for wrong in [
        &[][..],
        &azure[..1],
        &azure[1..],
        &[
            azure[0],
            ("AZURE_LOGIN_URL", "https://login.microsoftonline.com"),
        ],
        &[azure[0], azure[1], ("AUTH_PROVIDER", "okta")],
        &[azure[0], azure[1], ("AUTH_PROVIDER", "both")],
        &[realm[0], ("AUTH_PROVIDER", "keycloak")],
    ] {
        assert!(of(wrong).is_err(), "{wrong:?}");
    }
    for environment in Environment::ALL {
        for provider in [Provider::Azure, Provider::Keycloak, Provider::Both] {
            let repository = Repository::of(environment, provider).unwrap();
            assert!(repository.verifier(Io::new()).is_ok());
        }
    }
}
