//! What destinepyauth is weak at and a whole program shows: by the numbers of our list.

use std::process::Command;

use super::face::of_ada;
use super::{unattended, world};
use crate::world::{World, finish};

#[test]
fn w3_no_netrc_file_is_read_for_the_platform_or_the_exchange() {
    let world = world();
    let mut token = of_ada(&world, &["token", "highway"]);
    for name in [".netrc", "other"] {
        let path = world.home().join(name);
        let entry = "machine 127.0.0.1 login anonymous password canary-netrc\ndefault login x password canary-netrc\n";
        std::fs::write(&path, entry).unwrap();
        crate::world::set_mode(&path, 0o600);
    }
    token.env("NETRC", world.home().join("other"));
    finish(token).quiet();
    let requests = world.server.requests();
    assert!(requests.len() >= 6);
    for request in requests {
        assert!(
            request.header("authorization").is_none(),
            "{}",
            request.path()
        );
        assert!(!format!("{request:?}").contains("canary-netrc"));
    }
}

#[test]
fn w13_the_token_is_kept_and_printed_in_each_form_and_the_services_are_listed_in_order() {
    let world = unattended();
    // Without -p nothing is printed, and nothing thrown away.
    let kept = world.run(&["desp", "-s", "cacheb"]);
    assert_eq!((kept.code, &*kept.stdout), (Some(0), ""), "{kept:?}");
    let requests = world.server.requests().len();
    let token = world.run(&["token", "cacheb"]).quiet();
    for (format, has) in [
        ("json", "\"expires_at\""),
        ("header", "Authorization: Bearer "),
    ] {
        let text = world.run(&["token", "cacheb", "--format", format]).quiet();
        assert!(
            text.contains(has) && text.contains(token.trim()),
            "{format}"
        );
    }
    assert_eq!(world.server.requests().len(), requests);
    let list = world.run(&["profiles", "--json"]).quiet();
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let rows = list.as_array().unwrap().iter();
    let names: Vec<_> = rows
        .filter(|row| row["kind"] == "desp")
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    let services = [
        "cacheb",
        "data-lake",
        "dea",
        "eden",
        "hda",
        "highway",
        "insula",
        "polytope",
        "streamer",
    ];
    assert_eq!(names, services);
}

/// Runs it with so little time and memory that what destinepyauth takes would end it.
fn run_limited(world: &World, arguments: &[&str]) -> String {
    let program = of_ada(world, arguments);
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -t 1 && ulimit -d 57344 && exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args())
        .env_clear()
        .current_dir(world.home());
    for (name, value) in program.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    finish(command).quiet()
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn w17_neither_help_nor_a_login_with_its_exchange_takes_a_second_of_work_or_56_mb() {
    let world = world();
    assert!(run_limited(&world, &["desp", "-h"]).contains("--service"));
    let token = run_limited(&world, &["desp", "-s", "highway", "-p"]);
    assert!(token.starts_with("eyJ"), "{token}");
    let requests = world.server.requests().len();
    assert_eq!(run_limited(&world, &["desp", "-s", "highway", "-p"]), token);
    assert_eq!(world.server.requests().len(), requests);
}
