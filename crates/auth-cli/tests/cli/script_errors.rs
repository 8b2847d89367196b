//! What goes wrong, as scripts read it.

use std::time::Duration;

use auth_testkit::{EntraApplication, EntraTenant, Fault};
use serde_json::Value;

use crate::world::{Ended, World, finish};

/// Each line of stderr as the object that it is.
fn lines(ended: &Ended) -> Vec<Value> {
    let lines = ended.stderr.lines();
    let read = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line} is no JSON"));
    lines.map(read).collect()
}

#[test]
fn each_error_is_one_object_with_the_same_members_whatever_failed() {
    let world = World::new();
    world.secret("wrong.secret", "not the secret");
    let wrong = ("AUTH_LAB_CLIENT_ID", "nobody");
    let mut all = String::new();
    for (arguments, variable, code) in [
        (&["token", "lba", "--json-errors"][..], None, 2),
        (&["token", "lab", "--json-errors"], Some(wrong), 3),
        (&["token", "lab", "--format", "json"], Some(wrong), 3),
        (&["token", "disruptive"], Some(("AUTH_ERRORS", "json")), 2),
        (&["tokne", "--json-errors"], None, 2),
        (
            &["token", "lab", "--json-errors", "--min-ttl", "soon"],
            None,
            2,
        ),
        (&["--json-errors"], None, 2),
        (&["status", "lba", "--json"], None, 2),
        (&["token", "lab"], Some(("AUTH_ERRORS", "xml")), 2),
    ] {
        let mut command = world.auth(arguments);
        command.envs(variable);
        let ended = finish(command);
        assert_eq!((ended.code, &*ended.stdout), (Some(code), ""), "{ended:?}");
        if variable != Some(("AUTH_ERRORS", "xml")) {
            let said = lines(&ended);
            assert_eq!(said.len(), 1, "{said:?}");
            assert_eq!(said[0]["level"], "error");
            assert_eq!(said[0]["exit_code"], code);
        }
        all += &format!("{arguments:?}\n{}", world.shown(&ended));
    }
    // A second may begin in between.
    let all = all.replace(r#""clock_ahead":1"#, r#""clock_ahead":0"#);
    insta::assert_snapshot!(all);
}

#[test]
fn a_server_that_is_busy_says_for_how_long_and_under_which_id() {
    let world = World::new();
    let fault = Fault::status(503)
        .with_header("retry-after", "3600")
        .with_header("x-request-id", "4bf92f35");
    world.server.fault("/token", fault.always());
    let ended = world.run(&["token", "lab", "--json-errors"]);
    let said = lines(&ended).pop().unwrap();
    assert_eq!(said["kind"], "unavailable", "{said}");
    assert_eq!(said["status"], 503);
    assert_eq!(
        (&said["retry_after"], &said["ids"]["x-request-id"]),
        (&3600.into(), &"4bf92f35".into())
    );
    assert_eq!(said["exit_code"], 5);
    assert_eq!(ended.code, Some(5));
}

#[test]
fn warnings_and_notes_are_objects_too_and_the_error_is_the_last_line() {
    let world = World::new();
    world.run(&["token", "lab"]).quiet();
    let files = std::fs::read_dir(world.store()).unwrap();
    let mut paths = files.map(|entry| entry.unwrap().path());
    let entry = paths.find(|path| path.extension().is_some_and(|kind| kind == "json"));
    std::fs::write(entry.unwrap(), "damaged").unwrap();
    world.secret("lab.secret", "not the secret");
    let ended = world.run(&["token", "lab", "--json-errors", "-v"]);
    let said = lines(&ended);
    let levels: Vec<&str> = said
        .iter()
        .filter_map(|line| line["level"].as_str())
        .collect();
    assert!(
        levels.contains(&"warning") && levels.contains(&"step"),
        "{levels:?}"
    );
    assert_eq!(levels.last(), Some(&"error"));
    assert_eq!(said.last().unwrap()["code"], "invalid_client");
}

#[test]
#[cfg_attr(windows, ignore = "no signals")]
fn an_interrupted_run_says_so() {
    let world = World::new();
    world
        .server
        .fault("/token", Fault::delay(Duration::from_secs(60)));
    let child = world
        .auth(&["token", "lab", "--json-errors"])
        .spawn()
        .unwrap();
    while world.server.count("/token") == 0 {
        std::thread::yield_now();
    }
    crate::system::signal(&child, "INT");
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(130));
    let said = lines(&ended).pop().unwrap();
    assert_eq!(
        (&said["kind"], &said["exit_code"]),
        (&"interrupted".into(), &130.into())
    );
}

#[test]
fn the_ids_of_entra_id_are_in_the_error_by_their_names() {
    const TENANT: &str = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35";
    const ROBOT: &str = "7e307b14-2a27-4f66-ada8-ec6400eb4977";
    let world = World::empty();
    let robot = EntraApplication::confidential(ROBOT, "the right secret");
    let tenant = EntraTenant::new(TENANT).with_application(robot);
    world.server.add_entra_tenant(tenant);
    world.secret("robot.secret", "a wrong secret");
    world.config(&format!(
        r#"
        [profile.robot]
        kind = "entra"
        authority = "URL"
        tenant = "{TENANT}"
        client-id = "{ROBOT}"
        client-secret = {{ file = "robot.secret" }}
        scope = "api://{ROBOT}/.default"
        "#
    ));
    let said = lines(&world.run(&["token", "robot", "--json-errors"])).pop();
    let said = said.unwrap();
    assert_eq!(
        (&said["kind"], &said["exit_code"]),
        (&"refused".into(), &3.into()),
        "{said}"
    );
    for name in ["trace_id", "correlation_id", "timestamp"] {
        let id = said["ids"][name].as_str().unwrap_or_default();
        assert!(id.len() > 10, "{name}: {said}");
    }
}

#[test]
fn a_chain_names_each_source_that_had_nothing() {
    let world = World::empty();
    world.config("[profile.here]\nkind = \"chain\"\nscope = \"api://x/.default\"");
    let mut command = world.auth(&["token", "here", "--json-errors"]);
    command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1");
    command.env("PATH", "/nowhere");
    let ended = finish(command);
    let said = lines(&ended).pop().unwrap();
    let tried = said["tried"].as_array().unwrap();
    assert!(tried.len() > 1, "{said}");
    for one in tried {
        assert!(
            one["source"].is_string() && one["kind"] == "absent",
            "{one}"
        );
    }
}

#[test]
fn who_asks_for_text_has_it_also_where_the_output_is_json() {
    let world = World::new();
    for (words, is_json) in [
        (&["token", "lba", "--format", "json"][..], false),
        (&["token", "lba", "--json-errors"], true),
    ] {
        let mut command = world.auth(words);
        command.env("AUTH_ERRORS", "text");
        let ended = finish(command);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert_eq!(ended.stderr.starts_with('{'), is_json, "{}", ended.stderr);
    }
}
