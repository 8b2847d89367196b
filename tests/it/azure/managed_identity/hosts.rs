//! Apps, servers of Azure Arc, Cloud Shell; and how each calls an identity.

use std::fs;
use std::path::Path;

use auth_azure::{Identity, ManagedIdentity};
use auth_core::{ErrorKind, Result, TokenSource};
use auth_testkit::{Fault, Machine};
use tempfile::TempDir;

use super::{IMDS, VAULT, error};
use crate::world::World;

const HIMDS: &str = "http://localhost:40342/metadata/identity/oauth2/token";
const APP: &str = "http://169.254.129.2:8081/msi/token";

fn identities() -> [(Identity, &'static str); 4] {
    [
        (Identity::System, "system"),
        (Identity::ClientId("c2".into()), "client_id"),
        (Identity::ObjectId("o2".into()), "object_id"),
        (Identity::ResourceId("/r2".into()), "resource id"),
    ]
}

fn app(world: &World) -> ManagedIdentity {
    ManagedIdentity::app(APP.parse().unwrap(), "s3cret".into(), world.io()).unwrap()
}

fn arc(world: &World, keys: &Path) -> ManagedIdentity {
    ManagedIdentity::arc(HIMDS.parse().unwrap(), keys, world.io()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_identity_has_the_name_that_each_service_knows() {
    let keys = TempDir::new().unwrap();
    let with = |machine: Machine| {
        machine
            .with_identity("c1", "o1", "/r1")
            .with_identity("c2", "o2", "/r2")
    };
    for (machine, resource_id) in [
        (Machine::virtual_machine(), "msi_res_id"),
        (Machine::app("s3cret"), "mi_res_id"),
        (Machine::arc(keys.path()), "msi_res_id"),
    ] {
        let world = World::on(with(machine.clone()));
        let place = match resource_id {
            "mi_res_id" => app(&world),
            _ if format!("{machine:?}").contains("Arc") => arc(&world, keys.path()),
            _ => ManagedIdentity::virtual_machine(world.io()),
        };
        let mut tokens = Vec::new();
        let mut keys = Vec::new();
        for (identity, name) in identities() {
            let source = place.clone().with_identity(identity).source(VAULT).unwrap();
            tokens.push(source.token().await.unwrap());
            keys.push(source.key().clone());
            let name = if name == "resource id" {
                resource_id
            } else {
                name
            };
            let asked: Vec<_> = ["client_id", "object_id", "mi_res_id", "msi_res_id"]
                .into_iter()
                .filter(|parameter| world.last_request().query(parameter).is_some())
                .collect();
            let expected: &[&str] = if name == "system" { &[] } else { &[name] };
            assert_eq!(asked, expected, "{machine:?}");
        }
        assert!(!tokens[0].is_same(&tokens[1]), "another identity");
        assert!(
            tokens[1..].iter().all(|token| token.is_same(&tokens[1])),
            "the same one"
        );
        let sessions: std::collections::HashSet<_> = keys
            .iter()
            .map(auth_core::store::StoreKey::session)
            .collect();
        assert_eq!(sessions.len(), 4, "kept apart");
    }
}

#[tokio::test(start_paused = true)]
async fn an_app_shows_its_header_and_asks_once() {
    let world = World::on(Machine::app("s3cret"));
    app(&world).source(VAULT).unwrap().token().await.unwrap();
    let [ask] = world.server.requests().try_into().unwrap();
    assert_eq!(ask.header("x-identity-header"), Some("s3cret"));
    assert_eq!(ask.header("metadata"), Some("true"));
    assert_eq!(
        ask.url().as_str(),
        "http://169.254.129.2:8081/msi/token\
         ?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net"
    );
}

#[tokio::test(start_paused = true)]
async fn the_refusals_of_an_app_are_read_in_its_own_form() {
    let world = World::on(Machine::app("other").with_identity("c1", "o1", "/r1"));
    let wrong_header = error(&app(&world).source(VAULT).unwrap()).await;
    let world = World::on(Machine::app("s3cret"));
    let stranger = app(&world).with_identity(Identity::ClientId("c9".into()));
    let wrong_identity = error(&stranger.source(VAULT).unwrap()).await;
    let nested = r#"{"error":{"code":"ManagedIdentityNotFound","message":"none"}}"#;
    let fault = Fault::status(404).with_body("application/json", nested);
    world.server.fault(Machine::APP_PATH, fault);
    let nobody = error(&app(&world).source(VAULT).unwrap()).await;
    world.server.fault(Machine::APP_PATH, Fault::html(200));
    let page = error(&app(&world).source(VAULT).unwrap()).await;
    for (error, kind) in [
        (&wrong_header, ErrorKind::Refused),
        (&wrong_identity, ErrorKind::Refused),
        (&nobody, ErrorKind::Refused),
        (&page, ErrorKind::Protocol),
    ] {
        assert_eq!(error.kind(), kind, "{error}");
    }
    insta::assert_snapshot!(format!(
        "{wrong_header}\n{wrong_identity}\n{nobody}\n{page}"
    ));
}

#[tokio::test(start_paused = true)]
async fn what_an_app_or_a_server_showed_is_not_shown_again_when_it_is_repeated() {
    let world = World::on(Machine::app("s3cret"));
    let body = r#"{"statusCode":"s3cret","error":"s3cret","message":"no s3cret here"}"#;
    let fault = Fault::status(400).with_body("application/json", body);
    world.server.fault(Machine::APP_PATH, fault);
    let error = error(&app(&world).source(VAULT).unwrap()).await;
    assert!(error.message().contains("no [secret] here"), "{error}");
    assert!(!format!("{error:#?}").contains("s3cret"));

    let keys = TempDir::new().unwrap();
    let world = World::on(Machine::arc(keys.path()));
    let file = keys.path().join("a.key");
    fs::write(&file, "can4ry").unwrap();
    let challenge = format!("Basic realm={}", file.display());
    let challenged = Fault::status(401).with_header("www-authenticate", &challenge);
    world.server.fault(IMDS, challenged);
    let body = r#"{"error":"unauthorized","error_description":"can4ry is no key"}"#;
    let refused = Fault::status(401).with_body("application/json", body);
    world.server.fault(IMDS, refused);
    let error = super::error(&arc(&world, keys.path()).source(VAULT).unwrap()).await;
    assert!(error.message().contains("[secret] is no key"), "{error}");
}

#[test]
fn the_header_of_an_app_goes_to_nobody_far_away_in_clear() {
    let endpoint = |text: &str| {
        let io = auth_core::Io::link_local();
        ManagedIdentity::app(text.parse().unwrap(), "s3cret".into(), io)
    };
    for near in [
        APP,
        "http://127.0.0.1:1/",
        "http://localhost:42356/msi/token",
        "https://a.b/",
    ] {
        assert!(endpoint(near).is_ok(), "{near}");
    }
    for far in [
        "http://a.b/msi/token",
        "http://10.0.0.1/",
        "ftp://localhost/",
    ] {
        assert_eq!(
            endpoint(far).unwrap_err().kind(),
            ErrorKind::Config,
            "{far}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_of_azure_arc_shows_the_agents_key_and_it_is_read_anew_each_time() {
    let keys = TempDir::new().unwrap();
    let world = World::on(Machine::arc(keys.path()));
    let source = arc(&world, keys.path()).source(VAULT).unwrap();
    source.token().await.unwrap();
    let [challenged, shown] = world.server.requests().try_into().unwrap();
    assert!(challenged.header("authorization").is_none());
    assert!(shown.header("authorization").unwrap().starts_with("Basic "));
    assert_eq!(shown.url(), challenged.url());
    assert_eq!(shown.query("api-version").as_deref(), Some("2020-06-01"));
    source.renew().await.unwrap();
    assert_eq!(world.server.count(IMDS), 4, "another key");
    assert!(fs::read_dir(keys.path()).unwrap().next().is_none());
}

/// What comes of a challenge for this file.
async fn challenged(keys: &Path, realm: &str) -> Result<()> {
    let world = World::on(Machine::arc(keys));
    let challenge = format!("Basic realm={realm}");
    let fault = Fault::status(401).with_header("www-authenticate", &challenge);
    world.server.fault(IMDS, fault);
    let outcome = arc(&world, keys).source(VAULT).unwrap().token().await;
    assert!(world.server.requests().iter().all(|asked| {
        let shown = asked.header("authorization").unwrap_or_default();
        !shown.contains("private")
    }));
    outcome.map(|_| ())
}

#[tokio::test(start_paused = true)]
async fn no_file_but_the_agents_own_is_shown_to_it() {
    let root = TempDir::new().unwrap();
    let keys = root.path().join("tokens");
    fs::create_dir(&keys).unwrap();
    let elsewhere = root.path().join("a.key");
    let (long, other) = (keys.join("long.key"), keys.join("a.txt"));
    fs::write(&elsewhere, "private").unwrap();
    fs::write(&other, "private").unwrap();
    fs::write(&long, "private".repeat(600)).unwrap();
    for (realm, kind) in [
        (elsewhere.display().to_string(), ErrorKind::Protocol),
        (
            keys.join("../a.key").display().to_string(),
            ErrorKind::Protocol,
        ),
        (other.display().to_string(), ErrorKind::Protocol),
        (long.display().to_string(), ErrorKind::Protocol),
        (
            keys.join("gone.key").display().to_string(),
            ErrorKind::Config,
        ),
        (String::new(), ErrorKind::Protocol),
    ] {
        let error = challenged(&keys, &realm).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(
            error.advice().is_some() && !error.to_string().contains("private"),
            "{error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_ignores_which_identity_was_asked_for_is_caught() {
    let keys = TempDir::new().unwrap();
    let machine = Machine::arc(keys.path()).with_identity("c1", "o1", "/r1");
    let world = World::on(machine.with_old_agent());
    let place = arc(&world, keys.path());
    place.source(VAULT).unwrap().token().await.unwrap();
    let assigned = place.with_identity(Identity::ClientId("c1".into()));
    let error = error(&assigned.source(VAULT).unwrap()).await;
    assert_eq!(error.kind(), ErrorKind::Refused);
    insta::assert_snapshot!(error);
}

#[tokio::test(start_paused = true)]
async fn cloud_shell_gives_the_token_of_who_opened_it_and_of_nobody_else() {
    let world = World::on(Machine::cloud_shell());
    let endpoint = format!("http://localhost:50342{}", Machine::CLOUD_SHELL_PATH);
    let shell = world
        .surroundings(&[("MSI_ENDPOINT", &endpoint)], &[])
        .unwrap();
    shell.source(VAULT).unwrap().token().await.unwrap();
    let asked = world.last_request();
    assert_eq!(asked.field("resource").as_deref(), Some(VAULT));
    assert_eq!(asked.header("metadata"), Some("true"));
    let other = shell.with_identity(Identity::ClientId("c1".into()));
    let error = other.source(VAULT).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    insta::assert_snapshot!(error);
}
