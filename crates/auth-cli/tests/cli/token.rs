//! `auth token`.

use crate::world::World;

#[test]
fn the_token_alone_goes_to_stdout_with_a_line_break() {
    let world = World::new();
    for profile in ["lab", "ada", "disruptive"] {
        let token = world.run_disruptive(&["token", profile]).quiet();
        assert_eq!(token.matches('\n').count(), 1, "{profile}: {token:?}");
        assert!(
            token.trim_end().bytes().all(|byte| byte.is_ascii_graphic()),
            "{token:?}"
        );
    }
}

#[test]
fn a_second_call_asks_nobody() {
    let world = World::new();
    let first = world.run(&["token", "lab"]).quiet();
    let requests = world.server.requests().len();
    assert_eq!(world.run(&["token", "lab"]).quiet(), first);
    assert_eq!(world.server.requests().len(), requests);
}

#[test]
fn refresh_really_asks_the_server() {
    let world = World::new();
    let first = world.run(&["token", "lab"]).quiet();
    let second = world.run(&["token", "lab", "--refresh"]).quiet();
    assert_ne!(first, second);
    assert_eq!(world.server.count("/token"), 2);
}

#[test]
fn min_ttl_renews_a_token_that_ends_too_soon() {
    let world = World::new();
    let short = auth_testkit::Policy::new().with_token_life(std::time::Duration::from_secs(600));
    world.server.set_policy(short);
    let first = world.run(&["token", "lab"]).quiet();
    world.server.set_policy(auth_testkit::Policy::new());
    assert_eq!(
        world.run(&["token", "lab", "--min-ttl", "5m"]).quiet(),
        first
    );
    assert_ne!(
        world.run(&["token", "lab", "--min-ttl", "1200"]).quiet(),
        first
    );
    let ended = world.run(&["token", "lab", "--min-ttl", "2h"]);
    insta::assert_snapshot!(world.shown(&ended));
}

#[test]
fn a_length_of_time_that_no_token_has_is_an_error_and_no_panic() {
    let world = World::new();
    for length in [
        "18446744073709551615",
        "9223372036854775807s",
        "292277026596y",
    ] {
        let ended = world.run(&["token", "lab", "--min-ttl", length]);
        assert_ne!(ended.code, Some(101), "{length}: {}", ended.stderr);
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    }
}

#[test]
fn json_has_stable_fields() {
    let world = World::new();
    let text = world.run(&["token", "lab", "--format", "json"]).quiet();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<_> = json.as_object().unwrap().keys().collect();
    let expected = [
        "access_token",
        "expires_at",
        "expires_in",
        "profile",
        "scope",
        "token_type",
    ];
    let mut keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["profile"], "lab");
    assert!(json["expires_in"].as_u64().unwrap() > 3500);
    assert!(json["expires_at"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn header_and_env_are_lines_that_can_be_pasted() {
    let world = World::new();
    let token = world.run(&["token", "lab"]).quiet();
    let token = token.trim_end();
    let header = world.run(&["token", "lab", "--format", "header"]).quiet();
    assert_eq!(header, format!("Authorization: Bearer {token}\n"));
    let env = world.run(&["token", "lab", "--format", "env"]).quiet();
    assert_eq!(env, format!("export AUTH_TOKEN='{token}'\n"));
}

#[test]
fn a_profile_can_name_another_header() {
    let world = World::new();
    let mut command = world.auth(&["token", "lab", "--format", "header"]);
    command.env("AUTH_LAB_HEADER", "X-Identity");
    let header = crate::world::finish(command).quiet();
    assert!(header.starts_with("x-identity: ey"), "{header}");
}

#[test]
fn another_scope_is_another_question_and_leaves_the_first_answer_alone() {
    let world = World::new();
    let both = world.run(&["token", "lab"]).quiet();
    let args = ["token", "lab", "--scope", "read", "--format", "json"];
    let narrow = world.run(&args).quiet();
    assert!(narrow.contains(r#""scope": "read""#), "{narrow}");
    assert_eq!(world.run(&["token", "lab"]).quiet(), both);
    assert_eq!(world.server.count("/token"), 2);
}

#[test]
fn another_account_is_another_login() {
    let world = World::new();
    let first = world.run(&["token", "lab"]).quiet();
    let second = world
        .run(&["token", "lab", "--account", "night shift"])
        .quiet();
    assert_ne!(first, second);
    assert_eq!(world.run(&["token", "lab"]).quiet(), first);
}

#[test]
fn an_audience_can_be_asked_for() {
    let world = World::new();
    world.run(&["token", "lab", "--audience", "plant"]).quiet();
    let requests = world.server.requests();
    let asked = requests.iter().find(|request| request.path() == "/token");
    assert_eq!(asked.unwrap().field("audience").as_deref(), Some("plant"));
}

#[test]
#[cfg_attr(windows, ignore = "wine has no https with a CA of one's own")]
fn https_with_a_ca_file_works_and_without_it_says_what_to_do() {
    let world = World::new();
    let (listening, ca) = world.listen_tls();
    let run = |arguments: &[&str]| {
        let mut command = world.auth(arguments);
        command.env("AUTH_LAB_ISSUER", listening.issuer());
        crate::world::finish(command)
    };
    let ca = ca.to_str().unwrap();
    run(&["token", "lab", "--ca-file", ca]).quiet();
    // What people of Python and curl have.
    for bundle in ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
        let mut command = world.auth(&["token", "lab", "--no-store"]);
        command.env("AUTH_LAB_ISSUER", listening.issuer());
        command.env(bundle, ca);
        crate::world::finish(command).quiet();
    }
    let ended = run(&["token", "lab", "--no-store"]);
    assert_eq!(ended.code, Some(5));
    assert!(ended.stderr.contains("CA file"), "{}", ended.stderr);
}

#[test]
fn nobody_who_reads_stdout_is_no_error() {
    let world = World::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = world.auth(&["token", "lab"]);
    command.stdout(writer);
    let ended = crate::world::finish(command);
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
}
