//! A chain: the first place that has a token.

use auth_testkit::Machine;

use super::{API, DESKTOP, ROBOT, SECRET, TENANT, claims, one_line, tenant, with_variables};
use crate::world::{Ended, World, finish};

fn world(more: &str) -> World {
    let world = World::empty();
    world.server.add_entra_tenant(tenant());
    world.config(&format!(
        r#"
        [profile.here]
        kind = "chain"
        scope = "api://{API}/.default"
        api = "URL/destiny"
        {more}
        "#
    ));
    world
}

/// An `az` of our own: a script in a folder of its own.
fn az(world: &World, script: &str) -> String {
    let folder = world.home().join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("az");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    crate::system::set_mode(&path, 0o755);
    format!("{}:/usr/bin:/bin", folder.display())
}

/// Nobody is at this address, so that the metadata service of no machine answers.
const NO_MACHINE: (&str, &str) = ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1");

fn run(world: &World, path: &str, arguments: &[&str]) -> Ended {
    let mut command = world.auth(arguments);
    command.env("PATH", path).env(NO_MACHINE.0, NO_MACHINE.1);
    finish(command)
}

#[test]
fn the_variables_of_an_application_come_first() {
    let world = world("");
    let url = world.listening().url("/").to_string();
    let variables = [
        ("AZURE_AUTHORITY_HOST", &*url),
        ("AZURE_TENANT_ID", TENANT),
        ("AZURE_CLIENT_ID", ROBOT),
        ("AZURE_CLIENT_SECRET", SECRET),
        NO_MACHINE,
    ];
    let token = with_variables(&world, &["token", "here"], &variables).quiet();
    assert_eq!(claims(&world, &token)["azp"], ROBOT);
    let said = with_variables(&world, &["request", "here", "things"], &variables).quiet();
    assert!(said.contains(ROBOT), "{said}");
    let half = &variables[2..];
    let ended = with_variables(&world, &["token", "here"], half);
    one_line(
        &ended,
        2,
        &["AZURE_CLIENT_SECRET is set, but no AZURE_TENANT_ID"],
    );
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn the_identity_of_the_machine_comes_before_az() {
    let world = world("");
    world.server.set_machine(Machine::virtual_machine());
    let path = az(
        &world,
        "echo '{\"accessToken\":\"of-az\",\"expires_on\":4102444800}'",
    );
    let url = world.listening().url("/").to_string();
    let host = url.trim_end_matches('/');
    let mut command = world.auth(&["token", "here"]);
    command.env("PATH", path).env(NO_MACHINE.0, host);
    let token = finish(command).quiet();
    assert_ne!(token.trim(), "of-az");
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn the_login_of_az_is_taken_and_not_kept() {
    let world = world("");
    let path = az(
        &world,
        "echo '{\"accessToken\":\"of-az\",\"expires_on\":4102444800}'",
    );
    let ended = run(&world, &path, &["token", "here"]);
    assert_eq!(
        (ended.code, ended.stdout.trim()),
        (Some(0), "of-az"),
        "{}",
        ended.stderr
    );
    // Somebody logs in to az as somebody else.
    let path = az(
        &world,
        "echo '{\"accessToken\":\"of-bob\",\"expires_on\":4102444800}'",
    );
    assert_eq!(
        run(&world, &path, &["token", "here"]).stdout.trim(),
        "of-bob"
    );
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn where_nothing_is_there_each_place_is_named_with_its_reason() {
    let world = world("");
    let path = az(
        &world,
        "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1",
    );
    let ended = run(&world, &path, &["token", "here"]);
    assert_eq!(
        (ended.code, &*ended.stdout),
        (Some(2), ""),
        "{}",
        ended.stderr
    );
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(lines.len(), 5, "{}", ended.stderr);
    for (line, part) in lines[1..].iter().zip([
        "environment: neither AZURE_CLIENT_SECRET",
        "workload identity: AZURE_FEDERATED_TOKEN_FILE",
        "managed identity: ",
        "az: az has no login",
    ]) {
        assert!(line.contains(part), "{part}: {line}");
    }
    let none = run(&world, "/nowhere", &["token", "here"]);
    assert!(
        none.stderr.contains("az is not installed"),
        "{}",
        none.stderr
    );
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn what_az_says_is_not_shown_whole() {
    let world = world("");
    let path = az(
        &world,
        "echo 'ERROR: AADSTS1: no' >&2; echo 'canary' >&2; exit 1",
    );
    let ended = run(&world, &path, &["token", "here"]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
}

#[test]
fn a_person_who_logged_in_is_the_last_place() {
    let world = world(&format!(
        "authority = \"URL\"\ntenant = \"{TENANT}\"\nclient-id = \"{DESKTOP}\""
    ));
    let ended = run(&world, "/nowhere", &["token", "here"]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("run `auth login here`"),
        "{}",
        ended.stderr
    );
    super::logged_in(&world, &["here"], "ada");
    let token = run(&world, "/nowhere", &["token", "here"]);
    assert_eq!(token.code, Some(0), "{}", token.stderr);
    assert_eq!(
        claims(&world, &token.stdout)["preferred_username"],
        "Ada@contoso.example"
    );
    let out = run(&world, "/nowhere", &["logout", "here"]);
    assert_eq!(out.code, Some(0), "{}", out.stderr);
    assert_eq!(run(&world, "/nowhere", &["token", "here"]).code, Some(4));
}
