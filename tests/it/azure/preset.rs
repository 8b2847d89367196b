//! The facts of the systems that log in at Entra ID.

use auth_azure::preset::destiny::{Environment, Selection, Who};
use auth_azure::preset::{destiny, pectus};
use auth_azure::{Credential, Tenant};
use auth_core::{ApiClient, Io, TokenSource};
use auth_testkit::EntraApplication;
use insta::assert_snapshot;
use secrecy::SecretString;
use serde_json::Value;
use std::sync::Arc;

use super::world::{Entra, ROBOT, TENANT, claims, directory};

#[test]
fn destiny_has_three_environments_in_one_tenant() {
    let facts = Environment::ALL.map(|one| {
        let tenant = one.tenant(Io::new()).unwrap();
        assert_eq!(
            tenant.issuer(),
            format!("https://login.microsoftonline.com/{TENANT}/v2.0")
        );
        assert_eq!(one.to_string().parse::<Environment>().unwrap(), one);
        format!("{one}: {} {} {}", one.client(), one.scope(), one.api_url())
    });
    assert_snapshot!(facts.join("\n"), @"
    development: 0fde62ae-2203-44a5-9722-73e965325ae7 api://0a4b8df7-5c97-42b2-be07-2bb25e06dbb2/.default https://api.dev.evidence-repository.org/
    staging: 96ed941e-15dc-4ec0-b9e7-e4eda99efd2e api://14e3f6c0-b8aa-46c6-98d9-29b0dd2a0f7c/.default https://api.staging.evidence-repository.org/
    production: 7164ff26-4078-4107-850f-57b43b97f605 api://e314440e-f72c-4b8e-89c1-7eefef4b55ed/.default https://api.evidence-repository.org/
    ");
    assert!("prod".parse::<Environment>().is_err());
}

#[test]
fn who_asks_at_destiny_is_chosen_by_the_rules_of_its_sdk() {
    let url = || Some(destiny::LOGIN_URL.to_owned());
    let person = Selection::new("id").with_login_url(url());
    assert_eq!(person.who().unwrap(), Who::Person);
    assert_eq!(
        person.clone().with_secret(true).who().unwrap(),
        Who::Application
    );
    let managed = Selection::new("id").with_managed_identity(true);
    assert_eq!(managed.who().unwrap(), Who::ManagedIdentity);
    let wrong = [
        managed.clone().with_login_url(url()),
        managed.clone().with_secret(true),
        managed.with_secret(true).with_login_url(url()),
        Selection::new("").with_managed_identity(true),
        Selection::new("").with_login_url(url()),
        Selection::new("id"),
        Selection::new("id")
            .with_secret(true)
            .with_login_url(Some(String::new())),
    ];
    let said = wrong.map(|one| one.who().unwrap_err().to_string());
    assert_snapshot!(said.join("\n"), @"
    a managed identity is asked for together with a login URL; leave that out: the machine proves who it is; or do without the managed identity
    a managed identity is asked for together with a client secret; leave that out: the machine proves who it is; or do without the managed identity
    a managed identity is asked for together with a login URL and a client secret; leave that out: the machine proves who it is; or do without the managed identity
    no client id is given for the managed identity; give that of a user-assigned identity: DESTINY knows no other
    no client id is given; give that of your environment, as DESTINY publishes it
    no login URL is given; give https://login.microsoftonline.com/f870e5ae-5521-4a94-b9ff-cdde7d36dd35, or ask for the managed identity
    no login URL is given; give https://login.microsoftonline.com/f870e5ae-5521-4a94-b9ff-cdde7d36dd35, or ask for the managed identity
    ");
}

#[tokio::test(start_paused = true)]
async fn a_program_asks_pectus_with_a_token_of_the_application_for_itself() {
    let world = Entra::new();
    world.server.add_entra_tenant(
        directory().with_application(
            EntraApplication::confidential(ROBOT, "s3cret~")
                .with_v1_tokens()
                .with_idtyp()
                .with_api_at("/runs"),
        ),
    );
    let tenant = Tenant::new(TENANT, world.io()).unwrap();
    let secret = Credential::secret(SecretString::from("s3cret~"));
    let source = tenant.application(ROBOT, &secret);
    let source = source.source(&pectus::scope(ROBOT)).unwrap();
    let token = source.token().await.unwrap();
    let said = claims(token.expose_secret());
    assert_eq!(
        (&said["aud"], &said["idtyp"]),
        (&ROBOT.into(), &"app".into())
    );
    assert_eq!(said["iss"], format!("https://sts.windows.net/{TENANT}/"));
    let base = world.server.url("/runs/");
    let api = ApiClient::new(base, Arc::new(source), world.io()).with_header(pectus::HEADER, None);
    let _: Value = api.json("recent_runs/").await.unwrap();
    let asked = world.server.requests().pop().unwrap();
    assert_eq!(asked.path(), "/runs/recent_runs/");
    assert!(pectus::API_URL.ends_with("/api/"));
    assert_eq!(asked.header("x-identity"), Some(token.expose_secret()));
}

#[allow(
    dead_code,
    unfulfilled_lint_expectations,
    reason = "an example is a program, with lints of its crate"
)]
#[path = "../../../crates/auth-azure/examples/destiny_search.rs"]
mod destiny_search;

#[tokio::test(start_paused = true)]
async fn the_example_searches_destiny_with_the_token_of_whoever_logged_in() {
    let world = Entra::new();
    let environment = Environment::Development;
    let ada = super::world::Somebody::at(&world, "ada");
    let tenant = environment.tenant(world.io()).unwrap();
    let person = tenant.person(environment.client(), ada.clone());
    let source = Arc::new(person.source([environment.scope()]));
    let api = ApiClient::new(environment.api_url(), source, world.io());
    let found = destiny_search::search(&api, "crop rotation & yield")
        .await
        .unwrap();
    assert_eq!(found["aud"], environment.application());
    let asked = world.server.requests().pop().unwrap();
    assert_eq!(asked.path(), "/v1/references/search/");
    assert_eq!(asked.query("q").as_deref(), Some("crop rotation & yield"));
    let health = api.get("v1/system/healthcheck/").await.unwrap();
    assert!(health.status().is_success());
    assert_eq!(ada.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_three_ways_of_the_sdk_have_their_counterparts() {
    let world = Entra::new();
    let environment = Environment::Development;
    let tenant = environment.tenant(world.io()).unwrap();
    let person = tenant.person(
        environment.client(),
        super::world::Somebody::at(&world, "ada"),
    );
    let token = person.source([environment.scope()]).token().await.unwrap();
    assert_eq!(
        claims(token.expose_secret())["aud"],
        environment.application()
    );

    let secret = Credential::secret(SecretString::from("s3cret~"));
    let service = tenant.application(ROBOT, &secret);
    let token = service
        .source(&environment.scope())
        .unwrap()
        .token()
        .await
        .unwrap();
    assert_eq!(
        claims(token.expose_secret())["aud"],
        environment.application()
    );

    world.server.set_machine(
        auth_testkit::Machine::virtual_machine().with_identity("one", "object", "resource"),
    );
    let here = auth_azure::ManagedIdentity::virtual_machine(world.io());
    let source = environment.managed_identity(here, "one").unwrap();
    source.token().await.unwrap();
    let asked = world.server.requests().pop().unwrap();
    let resource = format!("api://{}", environment.application());
    assert_eq!(asked.query("resource"), Some(resource));
    assert_eq!(asked.query("client_id").as_deref(), Some("one"));
}
