//! The chain of Azure's own sources, and what each says of the variables that it finds.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use auth_azure::Application;
use auth_core::{Chain, ErrorKind, TokenSource};
use auth_testkit::{Fault, Machine};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::azure::managed_identity::VAULT;
use crate::world::{HOUR, World};

const TENANT: (&str, &str) = ("AZURE_TENANT_ID", "f870e5ae-5521-4a94-b9ff-cdde7d36dd35");
const CLIENT: (&str, &str) = ("AZURE_CLIENT_ID", "0fde62ae-2203-44a5-9722-73e965325ae7");
const TOKEN: &str = "/f870e5ae-5521-4a94-b9ff-cdde7d36dd35/oauth2/v2.0/token";

fn variable(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<SecretString> + use<> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let variables: HashMap<_, _> = variables.iter().map(owned).collect();
    move |name| variables.get(name).cloned().map(SecretString::from)
}

fn chain(world: &World, variables: &[(&str, &str)]) -> Chain {
    let nowhere = |_: &Path| false;
    auth_azure::chain(VAULT, variable(variables), nowhere, &world.io())
}

/// Answers the next request of an application.
fn answers(world: &World) {
    let body = r#"{"access_token":"t","token_type":"Bearer","expires_in":3599}"#;
    let fault = Fault::status(200).with_body("application/json", body);
    world.server.fault(TOKEN, fault);
}

#[tokio::test(start_paused = true)]
async fn where_nothing_of_azure_is_each_source_says_why_within_a_second() {
    let world = World::new();
    world
        .server
        .fault(Machine::IMDS_PATH, Fault::delay(HOUR).always());
    let before = tokio::time::Instant::now();
    let error = chain(&world, &[]).token().await.unwrap_err();
    assert_eq!(before.elapsed().as_secs(), 1);
    assert_eq!(error.kind(), ErrorKind::Absent);
    insta::assert_snapshot!(error);
}

#[tokio::test(start_paused = true)]
async fn a_secret_in_the_environment_goes_first() {
    let world = World::on(Machine::virtual_machine());
    answers(&world);
    let variables = [TENANT, CLIENT, ("AZURE_CLIENT_SECRET", "s3cret")];
    let chain = chain(&world, &variables);
    chain.token().await.unwrap();
    assert_eq!(chain.answered(), Some("environment"));
    let asked = world.server.requests().pop().unwrap();
    assert_eq!(asked.field("client_secret").as_deref(), Some("s3cret"));
    assert_eq!(
        asked.field("scope").as_deref(),
        Some("https://vault.azure.net/.default")
    );
    assert_eq!(asked.url().host_str(), Some("login.microsoftonline.com"));
}

#[tokio::test(start_paused = true)]
async fn a_federated_token_in_a_file_is_read_anew_for_each_request() {
    let world = World::new();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("token");
    // The claims are `{}`: whoever issued them says what counts.
    let (first, second) = ("e30.e30.first", "e30.e30.second");
    fs::write(&file, format!("{first}\n")).unwrap();
    let path = file.display().to_string();
    let variables = [
        TENANT,
        CLIENT,
        ("AZURE_FEDERATED_TOKEN_FILE", &*path),
        ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"),
    ];
    let chain = chain(&world, &variables);
    answers(&world);
    chain.token().await.unwrap();
    assert_eq!(chain.answered(), Some("workload identity"));
    fs::write(&file, format!("{second}\n")).unwrap();
    answers(&world);
    world.jump(2 * HOUR);
    chain.token().await.unwrap();
    let sent: Vec<_> = world
        .server
        .requests()
        .iter()
        .map(|asked| asked.field("client_assertion").unwrap())
        .collect();
    assert_eq!(sent, [first, second]);
    let asked = world.server.requests().pop().unwrap();
    assert_eq!(asked.url().host_str(), Some("login.microsoftonline.us"));
    assert_eq!(
        asked.field("grant_type").as_deref(),
        Some("client_credentials")
    );
}

#[tokio::test(start_paused = true)]
async fn the_client_id_in_the_environment_chooses_the_machines_identity() {
    let machine = Machine::virtual_machine().with_identity(CLIENT.1, "o1", "/r1");
    let world = World::on(machine);
    let chain = chain(&world, &[CLIENT, TENANT]);
    chain.token().await.unwrap();
    assert_eq!(chain.answered(), Some("managed identity"));
    let asked = world.server.requests().pop().unwrap();
    assert_eq!(asked.query("client_id").as_deref(), Some(CLIENT.1));

    let world = World::on(Machine::cloud_shell());
    let endpoint = format!("http://localhost:50342{}", Machine::CLOUD_SHELL_PATH);
    let variables = [CLIENT, ("MSI_ENDPOINT", &*endpoint)];
    self::chain(&world, &variables).token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_half_set_environment_ends_the_search_with_what_is_missing() {
    let world = World::on(Machine::virtual_machine());
    let mut said = Vec::new();
    for variables in [
        vec![("AZURE_CLIENT_SECRET", "can4ry")],
        vec![TENANT, ("AZURE_CLIENT_SECRET", "can4ry")],
        vec![CLIENT, ("AZURE_CLIENT_CERTIFICATE_PATH", "/a.pem")],
        vec![TENANT, ("AZURE_FEDERATED_TOKEN_FILE", "/a")],
        vec![TENANT, CLIENT, ("AZURE_FEDERATED_TOKEN_FILE", "/not/there")],
        vec![
            ("AZURE_TENANT_ID", "a b"),
            CLIENT,
            ("AZURE_CLIENT_SECRET", "can4ry"),
        ],
        vec![("IDENTITY_ENDPOINT", "http://localhost:1/")],
    ] {
        let error = chain(&world, &variables).token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        said.push(error.to_string());
    }
    assert_eq!(world.server.requests().len(), 0);
    let said = said.join("\n");
    assert!(!said.contains("can4ry"), "{said}");
    let said = crate::shown::portable(&said);
    insta::assert_snapshot!(said);
    let nothing = Application::from_workload(variable(&[TENANT, CLIENT]), world.io());
    assert_eq!(nothing.unwrap_err().kind(), ErrorKind::Absent);
}
