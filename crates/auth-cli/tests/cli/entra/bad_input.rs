//! Bad input at Entra ID: one clear line, and the exit code that the help promises.

use auth_testkit::EntraApplication;

use super::{
    CERTIFICATE, ROBOT, logged_in, one_line, started, tenant, with_variables, word_after, world,
    world_of,
};
use crate::world::{Ended, World, finish};

/// Runs the robot with some of its keys said by variables.
fn robot(world: &World, keys: &[(&str, &str)]) -> Ended {
    with_variables(world, &["token", "robot"], keys)
}

#[test]
fn the_id_of_a_secret_in_place_of_its_value() {
    let world = world();
    world.secret("robot.secret", "0d5e6d7a-1111-4222-8333-944445555666");
    one_line(&robot(&world, &[]), 3, &["AADSTS7000215", "value"]);
}

#[test]
fn a_secret_that_has_ended() {
    let world = world();
    world.secret("robot.secret", "canary-secret-of-yesterday");
    one_line(&robot(&world, &[]), 3, &["AADSTS7000222"]);
}

fn with_certificate(world: &World) {
    let path = world.config_directory().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let secret = "client-secret = { file = \"robot.secret\" }";
    std::fs::write(
        &path,
        config.replace(secret, "certificate = { file = \"robot.pem\" }"),
    )
    .unwrap();
}

#[test]
fn a_certificate_that_has_ended() {
    let robot_of = EntraApplication::api(ROBOT).with_expired_certificate(CERTIFICATE);
    let world = world_of(tenant().with_application(robot_of));
    with_certificate(&world);
    one_line(&robot(&world, &[]), 3, &["AADSTS"]);
}

#[test]
fn a_certificate_without_its_key_and_one_of_another_kind() {
    let world = world();
    with_certificate(&world);
    world.secret("robot.pem", CERTIFICATE);
    one_line(&robot(&world, &[]), 2, &["key"]);
    let path = world.config_directory().join("robot.pfx");
    std::fs::write(&path, b"\x30\x82\xff\xff").unwrap();
    crate::world::set_mode(&path, 0o600);
    let config = world.config_directory().join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("robot.pem", "robot.pfx")).unwrap();
    one_line(&robot(&world, &[]), 2, &["openssl pkcs12"]);
}

#[test]
fn no_tenant_and_one_that_is_none_and_one_that_is_not_there() {
    let world = world();
    let unknown = "00000000-0000-4000-8000-000000000000";
    for (tenant, code, part) in [
        ("contoso", 2, "neither an id nor a domain"),
        ("https://portal.azure.com/a/b/c", 2, "tenant"),
        (unknown, 3, "AADSTS90002"),
    ] {
        let ended = robot(&world, &[("AUTH_ROBOT_TENANT", tenant)]);
        one_line(&ended, code, &[part]);
    }
    world.config("[profile.robot]\nkind = \"entra\"\nscope = \"a/.default\"\n");
    one_line(
        &robot(&world, &[]),
        2,
        &["no `tenant`", "AUTH_ROBOT_TENANT"],
    );
}

#[test]
fn a_client_that_the_tenant_does_not_know_and_a_scope_that_no_application_can_ask_for() {
    let world = world();
    let other = (
        "AUTH_ROBOT_CLIENT_ID",
        "00000000-0000-4000-8000-000000000000",
    );
    one_line(&robot(&world, &[other]), 3, &["AADSTS700016"]);
    let scopes = ("AUTH_ROBOT_SCOPE", "User.Read Mail.Read");
    one_line(&robot(&world, &[scopes]), 2, &["/.default"]);
}

#[test]
fn two_credentials_and_a_key_of_another_kind() {
    let world = world();
    let both = ("AUTH_ROBOT_CLIENT_ASSERTION", "x");
    one_line(
        &robot(&world, &[both]),
        2,
        &["both `client-assertion` and `client-secret`"],
    );
    let other = ("AUTH_ROBOT_AUDIENCE", "x");
    one_line(&robot(&world, &[other]), 2, &["`audience` means nothing"]);
}

/// A world whose robot has this credential in place of its secret.
fn world_with(credential: &str) -> World {
    let world = world();
    let path = world.config_directory().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let secret = r#"client-secret = { file = "robot.secret" }"#;
    assert!(config.contains(secret), "{config}");
    std::fs::write(&path, config.replace(secret, credential)).unwrap();
    world
}

#[test]
fn an_assertion_file_that_is_missing_empty_no_token_or_old() {
    let world = world_with(r#"client-assertion = { file = "assertion" }"#);
    one_line(&robot(&world, &[]), 2, &["assertion", "can't be read"]);
    world.secret("assertion", "\n");
    one_line(&robot(&world, &[]), 2, &["assertion", "empty"]);
    world.secret("assertion", "no token");
    one_line(&robot(&world, &[]), 2, &["no JSON Web Token"]);
    // Signed by nobody that it knows, and over since 1970.
    world.secret(
        "assertion",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJpIiwic3ViIjoicyIsImF1ZCI6ImEiLCJleHAiOjF9.AAAA",
    );
    one_line(&robot(&world, &[]), 2, &["ended on", "1970"]);
    // The same without an end.
    world.secret(
        "assertion",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJpIiwic3ViIjoicyIsImF1ZCI6ImEifQ.AAAA",
    );
    one_line(
        &robot(&world, &[]),
        3,
        &["AADSTS", "the assertion said iss `i`, sub `s`, aud `a`"],
    );
}

#[test]
fn a_github_job_that_is_none() {
    let world = world_with("client-assertion = { github = true }");
    one_line(
        &robot(&world, &[]),
        2,
        &["ACTIONS_ID_TOKEN_REQUEST_URL", "id-token: write"],
    );
}

#[test]
fn device_codes_that_a_policy_blocks() {
    let world = world_of(tenant().with_device_codes_blocked());
    let ended = logged_in(&world, &["destiny-azure"], "ada");
    assert!(matches!(ended.code, Some(3 | 4)), "{ended:?}");
    assert_eq!(world.run(&["token", "destiny-azure"]).code, Some(4));
}

#[test]
fn a_tab_that_was_closed_ends_with_the_deadline() {
    let world = world();
    let arguments = [
        "login",
        "destiny-azure",
        "--browser",
        "--no-browser",
        "--timeout",
        "1s",
    ];
    let ended = world.run(&arguments);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    let last = ended.stderr.lines().last().unwrap();
    assert!(last.contains("--timeout"), "{}", ended.stderr);
}

#[test]
fn a_port_that_is_taken() {
    let world = world();
    let port = world.listening().url("/").port().unwrap().to_string();
    let arguments = [
        "login",
        "destiny-azure",
        "--browser",
        "--no-browser",
        "--callback-port",
        &port,
    ];
    let ended = world.run(&arguments);
    one_line(&ended, ended.code.unwrap(), &[&port]);
    assert_ne!(ended.code, Some(0));
}

#[test]
fn where_no_browser_can_be_the_way_is_a_code() {
    let world = world();
    let mut command = world.auth(&["login", "destiny-azure"]);
    command.env("CI", "true");
    let (mut child, said) = started(command, "enter the code");
    assert!(said.contains("/devicelogin"), "{said}");
    assert!(
        world
            .server
            .allow_device(&word_after(&said, "enter the code "), "ada")
    );
    assert_eq!(child.wait().unwrap().code(), Some(0));
    finish(world.auth(&["token", "destiny-azure"])).quiet();
}
