//! What runs in Azure.

use std::time::Instant;

use auth_testkit::{Fault, Machine};

use super::{one_line, with_variables};
use crate::world::{Ended, World};

fn world(more: &str) -> World {
    let world = World::empty();
    world.config(&format!(
        r#"
        [profile.machine]
        kind = "managed-identity"
        resource = "api://things"
        {more}
        "#
    ));
    world
}

/// Runs it on a virtual machine whose metadata service the world's server is.
fn on_machine(world: &World, arguments: &[&str]) -> Ended {
    let url = world.listening().url("/").to_string();
    let host = url.trim_end_matches('/');
    with_variables(
        world,
        arguments,
        &[("AZURE_POD_IDENTITY_AUTHORITY_HOST", host)],
    )
}

#[test]
fn a_virtual_machine_has_a_token_without_a_secret() {
    let world = world("");
    world.server.set_machine(Machine::virtual_machine());
    let token = on_machine(&world, &["token", "machine"]);
    assert_eq!(token.code, Some(0), "{}", token.stderr);
    on_machine(&world, &["token", "machine"]).quiet();
    let asked = world.server.requests();
    let asked: Vec<_> = asked
        .iter()
        .filter(|one| one.query("resource").is_some())
        .collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].query("resource").as_deref(), Some("api://things"));
}

#[test]
fn an_app_has_one_by_each_name_of_an_identity() {
    for (key, value) in [
        ("client-id", "client"),
        ("object-id", "object"),
        ("resource-id", "/subscriptions/s/x"),
    ] {
        let world = world(&format!("{key} = \"{value}\""));
        world
            .server
            .set_machine(Machine::app("canary").with_identity(
                "client",
                "object",
                "/subscriptions/s/x",
            ));
        let endpoint = world.listening().url(Machine::APP_PATH).to_string();
        let variables = [
            ("IDENTITY_ENDPOINT", &*endpoint),
            ("IDENTITY_HEADER", "canary"),
        ];
        let ended = with_variables(&world, &["token", "machine"], &variables);
        assert_eq!(ended.code, Some(0), "{key}: {}", ended.stderr);
    }
}

#[test]
fn no_metadata_service_is_one_line_within_seconds() {
    let world = world("");
    let start = Instant::now();
    // A link without anybody on it.
    let ended = with_variables(
        &world,
        &["token", "machine"],
        &[(
            "AZURE_POD_IDENTITY_AUTHORITY_HOST",
            "http://169.254.254.254",
        )],
    );
    one_line(&ended, 2, &["no managed identity is here"]);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

#[test]
fn a_proxy_that_answers_for_the_metadata_service_is_not_asked() {
    let world = world("");
    world.server.set_machine(Machine::virtual_machine());
    let proxy = world.listening().url("/").to_string();
    let names = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ];
    let mut variables = names.map(|name| (name, &*proxy)).to_vec();
    variables.push((
        "AZURE_POD_IDENTITY_AUTHORITY_HOST",
        "http://169.254.254.254",
    ));
    let ended = with_variables(&world, &["token", "machine"], &variables);
    one_line(&ended, 2, &["no managed identity is here"]);
    assert!(world.server.requests().is_empty());
    // It would have answered.
    variables.pop();
    variables.push((
        "AZURE_POD_IDENTITY_AUTHORITY_HOST",
        proxy.trim_end_matches('/'),
    ));
    assert_eq!(
        with_variables(&world, &["token", "machine"], &variables).code,
        Some(0)
    );
}

#[test]
fn a_metadata_service_that_answers_html_is_one_line() {
    let world = world("");
    world.server.set_machine(Machine::virtual_machine());
    world
        .server
        .fault(Machine::IMDS_PATH, Fault::html(200).always());
    let ended = on_machine(&world, &["token", "machine"]);
    assert!(matches!(ended.code, Some(1 | 2)), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
}

#[test]
fn two_names_of_an_identity_are_one_line() {
    let world = world("client-id = \"a\"\nobject-id = \"b\"");
    let ended = on_machine(&world, &["token", "machine"]);
    one_line(&ended, 2, &["both `client-id` and `object-id`"]);
}

#[test]
fn half_of_an_apps_variables_are_one_line() {
    let world = world("");
    let variables = [("IDENTITY_HEADER", "canary")];
    let ended = with_variables(&world, &["token", "machine"], &variables);
    one_line(&ended, 2, &["IDENTITY_HEADER is set", "IDENTITY_ENDPOINT"]);
}
