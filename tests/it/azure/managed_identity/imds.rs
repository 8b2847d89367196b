//! A virtual machine, and what only looks like one.

use std::time::Duration;

use auth_azure::{Identity, ManagedIdentity};
use auth_core::{ErrorKind, TokenSource};
use auth_testkit::{Fault, Machine};

use super::{IMDS, VAULT, error};
use crate::world::{HOUR, World, on_both_runtimes, slowly};

#[tokio::test(start_paused = true)]
async fn a_token_costs_one_look_and_one_request_and_then_none() {
    let world = World::on(Machine::virtual_machine());
    let source = world.machine();
    let token = source.token().await.unwrap();
    assert_eq!(world.rest(&token), Duration::from_secs(86_399));
    let [look, ask] = world.server.requests().try_into().unwrap();
    assert_eq!((look.header("metadata"), look.url().query()), (None, None));
    assert_eq!(ask.header("metadata"), Some("true"));
    assert_eq!(
        ask.url().as_str(),
        "http://169.254.169.254/metadata/identity/oauth2/token\
         ?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net"
    );
    assert!(source.token().await.unwrap().is_same(&token));
    assert!(source.at_hand().is_some());
    assert_eq!(world.server.count(IMDS), 2);
}

#[tokio::test(start_paused = true)]
async fn the_scope_of_a_resource_means_the_resource() {
    let world = World::on(Machine::virtual_machine());
    let machine = ManagedIdentity::virtual_machine(world.io());
    let source = machine.source("api://app/.default").unwrap();
    source.token().await.unwrap();
    assert_eq!(
        world.last_request().query("resource").as_deref(),
        Some("api://app")
    );
    for bad in ["", "/.default", "a b"] {
        let error = machine.source(bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{bad:?}");
    }
}

#[test]
fn thirty_two_cold_callers_look_once_and_ask_once() {
    on_both_runtimes(async || {
        let world = World::on(Machine::virtual_machine());
        world.spoil(Fault::delay(slowly()));
        let source = world.machine();
        let calls = (0..32).map(|_| {
            let source = source.clone();
            tokio::spawn(async move { source.token().await })
        });
        let calls: Vec<_> = calls.collect();
        let mut tokens = Vec::new();
        for call in calls {
            tokens.push(call.await.unwrap().unwrap());
        }
        assert!(tokens.iter().all(|token| token.is_same(&tokens[0])));
        assert_eq!(world.server.count(IMDS), 2);
    });
}

#[test]
fn a_laptop_gets_its_answer_within_a_second_and_the_crowd_the_same_one() {
    on_both_runtimes(async || {
        let world = World::new();
        world.server.fault(IMDS, Fault::delay(HOUR).always());
        let source = world.machine();
        let before = tokio::time::Instant::now();
        let answers = crate::world::crowd(&source).await;
        assert!(before.elapsed() < Duration::from_millis(1500));
        for answer in answers {
            assert_eq!(answer.unwrap_err().kind(), ErrorKind::Absent);
        }
        assert_eq!(world.server.count(IMDS), 1);
    });
}

#[tokio::test(start_paused = true)]
async fn what_is_no_metadata_service_is_absent_and_gets_no_request_for_a_token() {
    let docker = "connecting to 169.254.169.254:80: dial tcp: A socket operation was attempted \
                  to an unreachable network.";
    let mut said = Vec::new();
    for fault in [
        Fault::refused(),
        Fault::reset(),
        Fault::delay(HOUR),
        Fault::html(200),
        Fault::html(502),
        Fault::status(403).with_body("text/plain", docker),
        Fault::status(200).with_body("text/plain", "OK"),
        Fault::status(407),
        Fault::redirect(302, "https://login.example/"),
        Fault::huge(2 << 20),
    ] {
        let world = World::new();
        world.server.fault(IMDS, fault.always());
        let error = error(&world.machine()).await;
        assert_eq!(error.kind(), ErrorKind::Absent, "{error}");
        assert!(world.server.count(IMDS) <= 1);
        said.push(error.message().to_owned());
    }
    insta::assert_snapshot!(said.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_machine_without_an_identity_is_absent_and_a_wrong_identity_is_refused() {
    let mut said = Vec::new();
    let bare = Machine::virtual_machine().without_system_identity();
    let two = bare
        .clone()
        .with_identity("c1", "o1", "/r1")
        .with_identity("c2", "o2", "/r2");
    for (machine, identity, kind) in [
        (bare.clone(), Identity::System, ErrorKind::Absent),
        (two, Identity::System, ErrorKind::Absent),
        (bare, Identity::ClientId("c1".into()), ErrorKind::Refused),
    ] {
        let world = World::on(machine);
        let machine = ManagedIdentity::virtual_machine(world.io()).with_identity(identity);
        let error = error(&machine.source(VAULT).unwrap()).await;
        assert_eq!((error.kind(), error.status()), (kind, Some(400)));
        assert_eq!(error.code(), Some("invalid_request"));
        assert_eq!(world.server.count(IMDS), 2, "nothing is asked again");
        said.push(error.to_string());
    }
    insta::assert_snapshot!(said.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_resource_is_refused_with_what_entra_says() {
    let world = World::on(Machine::virtual_machine());
    let body = r#"{"error":"invalid_resource","error_description":"AADSTS50001: no such app.\r\nTrace ID: 1"}"#;
    world.spoil(Fault::status(400).with_body("application/json", body));
    let error = error(&world.machine()).await;
    assert_eq!(error.kind(), ErrorKind::Refused);
    insta::assert_snapshot!(error);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_that_the_service_hands_back_is_not_sent_again() {
    let world = World::on(Machine::virtual_machine());
    let source = world.machine();
    let token = source.token().await.unwrap();
    source.discard(&token, None);
    let error = error(&source).await;
    assert_eq!(error.kind(), ErrorKind::Refused);
    insta::assert_snapshot!(error);
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_shown_of_a_machine_is_secret() {
    let world = World::on(Machine::app("can4ry"));
    let endpoint = "http://127.0.0.1:41/msi/token".parse().unwrap();
    let app = ManagedIdentity::app(endpoint, "can4ry".into(), world.io()).unwrap();
    let source = app.source(VAULT).unwrap();
    let token = source.token().await.unwrap();
    let shown = format!("{app:?} {app:#?} {source:?} {token:?}");
    assert!(
        !shown.contains("can4ry") && !shown.contains(token.expose_secret()),
        "{shown}"
    );
}
