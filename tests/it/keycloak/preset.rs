//! The facts of Provena and DESTINY, and the logins that Provena's clients keep.

use std::time::{Duration, SystemTime};

use auth_core::{AccessToken, Error, ErrorKind, Io};
use auth_keycloak::preset::destiny::{self, Environment};
use auth_keycloak::preset::provena::{self, Instance, SavedLogin, Stage};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use insta::assert_snapshot;
use serde_json::{Value, json};

#[test]
fn the_repository_has_one_realm_and_a_client_for_each_environment() {
    let facts = Environment::ALL.map(|environment| {
        let realm = environment.realm(Io::new()).unwrap();
        let (client, resource) = (environment.client(), environment.resource());
        format!(
            "{client} {resource} {} {}",
            environment.api_url(),
            realm.issuer()
        )
    });
    assert_snapshot!(facts.join("\n"), @r"
    destiny-auth-client-development destiny-repository-client-development https://api.dev.evidence-repository.org/ https://auth.evidence-repository.org/realms/destiny
    destiny-auth-client-staging destiny-repository-client-staging https://api.staging.evidence-repository.org/ https://auth.evidence-repository.org/realms/destiny
    destiny-auth-client-production destiny-repository-client-production https://api.evidence-repository.org/ https://auth.evidence-repository.org/realms/destiny
    ");
    assert_eq!(destiny::REDIRECT, "http://localhost:8400/callback");
    let error = "prod".parse::<Environment>().unwrap_err();
    assert_snapshot!(error, @"DESTINY has no environment prod; choose development, staging or production");
}

#[test]
fn an_installation_of_provena_is_a_domain_and_a_realm() {
    let instance = Instance::new("provena.example.org", "rrap");
    let realm = instance.realm(Io::new()).unwrap();
    assert_eq!(
        realm.issuer(),
        "https://auth.provena.example.org/auth/realms/rrap"
    );
    for prefix in provena::API_PREFIXES {
        let host = format!("{prefix}.provena.example.org");
        assert_eq!(instance.api_url(prefix).unwrap().host_str(), Some(&*host));
    }
    let moved = instance.with_issuer("http://localhost:8080/auth/realms/r");
    assert_eq!(
        moved.realm(Io::new()).unwrap().issuer(),
        "http://localhost:8080/auth/realms/r"
    );
    let wrong = Instance::new("https://provena.example.org", "rrap");
    assert_eq!(
        wrong.api_url("data-api").unwrap_err().kind(),
        ErrorKind::Config
    );
}

#[test]
fn a_stage_is_read_as_it_is_written() {
    for stage in Stage::ALL {
        assert_eq!(stage.to_string().parse::<Stage>().unwrap(), stage);
    }
    assert_snapshot!("Prod".parse::<Stage>().unwrap_err(), @"Provena has no stage Prod; choose TEST, DEV, STAGE or PROD");
}

fn token(claims: &Value) -> String {
    let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("e30.{payload}.canary")
}

fn offline() -> String {
    token(&json!({
        "iss": "https://auth.example.org/auth/realms/rrap", "azp": "automated-access", "typ": "Offline",
    }))
}

fn read(file: &Value) -> Result<Vec<SavedLogin>, Error> {
    SavedLogin::from_json(&file.to_string().into())
}

#[test]
fn a_file_of_provenaclient_has_one_login_that_names_server_and_client() {
    let logins = read(&json!({"access_token": "a", "refresh_token": offline()})).unwrap();
    let [login] = &logins[..] else {
        panic!("one login, not {logins:?}")
    };
    assert_eq!(login.stage(), None);
    assert_eq!(
        login.claims().issuer(),
        Some("https://auth.example.org/auth/realms/rrap")
    );
    assert_eq!(login.claims().client(), Some("automated-access"));
    assert_eq!(
        login.claims().expires_at(),
        None,
        "an offline token has no end of its own"
    );
    assert_eq!(login.claims().is_offline(), Some(true));
    assert_eq!(login.refresh().expose_secret(), offline());
    assert!(!format!("{login:?}").contains("canary"), "{login:?}");
}

#[test]
fn a_file_of_mdsisclienttools_has_a_login_for_each_stage() {
    let session = token(&json!({"azp": "client-tools", "typ": "Refresh", "exp": 1_700_000_000}));
    let logins = read(&json!({"stages": {
        "TEST": null,
        "DEV": {"access_token": "a", "refresh_token": null},
        "STAGE": {"access_token": "a", "refresh_token": session},
        "PROD": {"access_token": "a", "refresh_token": offline()},
    }}))
    .unwrap();
    let stages: Vec<_> = logins.iter().map(|login| login.stage()).collect();
    assert_eq!(stages, [Some(Stage::Prod), Some(Stage::Stage)]);
    assert_eq!(logins[1].claims().is_offline(), Some(false));
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    assert_eq!(logins[1].claims().expires_at(), Some(end));
}

#[test]
fn rfc6749_a_17_a_file_with_what_is_no_token_is_refused() {
    let error = read(&json!({"refresh_token": "good\nexport EVIL=1"})).unwrap_err();
    assert!(
        error.message().contains("characters that no token has"),
        "{error}"
    );
    assert!(!error.to_string().contains("EVIL"), "{error}");
}

#[test]
fn a_refresh_token_that_is_no_jwt_is_kept_and_names_nothing() {
    for text in ["opaque", "a.b.c", "e30.!.x", ""] {
        let logins = read(&json!({"refresh_token": text})).unwrap();
        assert_eq!(
            (logins[0].claims().issuer(), logins[0].claims().client()),
            (None, None),
            "{text}"
        );
        assert_eq!(logins[0].refresh().expose_secret(), text);
    }
    let endless = token(&json!({"exp": u64::MAX}));
    assert_eq!(
        read(&json!({"refresh_token": endless})).unwrap()[0]
            .claims()
            .expires_at(),
        None
    );
}

#[test]
fn a_token_of_provena_without_roles_is_known_before_an_api_refuses_it() {
    let roles = |claims: &Value| {
        let now = SystemTime::UNIX_EPOCH;
        provena::has_roles(&AccessToken::new(token(claims).into(), now, now).unwrap())
    };
    assert_eq!(
        roles(&json!({"realm_access": {"roles": ["x"]}})),
        Some(true)
    );
    assert_eq!(roles(&json!({"scope": "offline_access"})), Some(false));
    let opaque = AccessToken::new(
        "opaque".into(),
        SystemTime::UNIX_EPOCH,
        SystemTime::UNIX_EPOCH,
    );
    assert_eq!(provena::has_roles(&opaque.unwrap()), None);
}

#[test]
fn a_file_without_logins_is_told_from_another_file() {
    assert!(
        read(&json!({"access_token": "a", "refresh_token": null}))
            .unwrap()
            .is_empty()
    );
    assert!(read(&json!({"stages": {"PROD": null}})).unwrap().is_empty());
    assert_snapshot!(read(&json!({})).unwrap_err(), @"this .tokens.json holds no tokens; name the file that provenaclient or mdsisclienttools wrote");
    assert_snapshot!(read(&json!(["canary"])).unwrap_err(), @"this is no .tokens.json of Provena (line 1, column 9); name the file that provenaclient or mdsisclienttools wrote");
    assert_snapshot!(read(&json!({"stages": {"QA": {"refresh_token": "t"}}})).unwrap_err(), @"Provena has no stage QA; choose TEST, DEV, STAGE or PROD");
}
