//! Bad input: one clear line on stderr, nothing on stdout, and the exit code that the help promises.

use std::process::Command;
use std::time::Duration;

use auth_testkit::Fault;

use crate::section::{ASKED, lab};
use crate::world::{EMAIL, Ended, KEY_ID, World, finish, set_mode};

#[track_caller]
fn one_line(ended: &Ended, code: i32) {
    assert_eq!(ended.code, Some(code), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.starts_with("auth: "), "{}", ended.stderr);
}

macro_rules! assert_one_line {
    ($world:expr, $ended:expr, $code:expr) => {
        let (world, ended) = (&$world, $ended);
        one_line(&ended, $code);
        insta::assert_snapshot!(world.shown(&ended));
    };
}

#[test]
fn no_configuration_at_all() {
    let world = World::empty();
    assert_one_line!(world, world.run(&["token", "disruptive"]), 2);
}

#[test]
fn half_a_configuration() {
    let world = World::empty();
    let mut command = world.auth(&["token", "disruptive"]);
    command.env("DT_SERVICE_ACCOUNT_KEY_ID", KEY_ID);
    assert_one_line!(world, finish(command), 2);
}

#[test]
fn no_file_for_a_profile_of_ones_own() {
    let world = World::empty();
    assert_one_line!(world, world.run(&["token", "greenhouse"]), 2);
}

#[test]
fn an_unknown_profile_with_a_near_name() {
    let world = World::new();
    assert_one_line!(world, world.run(&["token", "disruptiv"]), 2);
}

#[test]
fn a_named_file_that_is_not_there() {
    let world = World::empty();
    assert_one_line!(
        world,
        world.run(&["token", "lab", "--config", "nowhere.toml"]),
        2
    );
}

#[test]
fn a_wrong_secret() {
    let world = World::new();
    world.secret("lab.secret", "not the secret");
    assert_one_line!(world, world.run(&["token", "lab"]), 3);
}

#[test]
fn a_wrong_key_of_a_service_account() {
    let world = World::new();
    let mut command = world.auth(&["token", "disruptive"]);
    command.env("DT_SERVICE_ACCOUNT_KEY_ID", KEY_ID);
    command.env("DT_SERVICE_ACCOUNT_SECRET", "not the secret");
    command.env("DT_SERVICE_ACCOUNT_EMAIL", EMAIL);
    assert_one_line!(world, finish(command), 3);
}

#[test]
fn a_malformed_pem() {
    let world = World::empty();
    world.secret(
        "key.pem",
        "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n",
    );
    world.config(
        r#"
        [profile.robot]
        kind = "jwt-bearer"
        token-url = "URL/token"
        email = "robot@example.org"
        key = { file = "key.pem" }
        algorithm = "RS256"
        "#,
    );
    assert_one_line!(world, world.run(&["token", "robot"]), 2);
}

#[test]
fn a_clock_that_is_off() {
    let world = World::new();
    let refusal = serde_json::json!({
        "error": "invalid_grant",
        "error_description": "Timing-related error. Check the 'exp' and 'iat' claims.",
    });
    let fault = Fault::status(400).with_body("application/json", refusal.to_string());
    // An hour and a half, and a bit: the line says minutes.
    let date = std::time::SystemTime::now() - Duration::from_secs(5400 + 3);
    let fault = fault.with_header("date", &httpdate::fmt_http_date(date));
    world.server.fault("/oauth2/token", fault);
    let ended = world.run_disruptive(&["token", "disruptive"]);
    one_line(&ended, 3);
    assert!(
        ended.stderr.contains("Timing-related error"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("ahead"), "{}", ended.stderr);
}

#[test]
fn a_server_that_is_down() {
    let mut world = World::new();
    world.config(
        r#"
        [profile.lab]
        kind = "client-credentials"
        token-url = "URL/token"
        client-id = "robot"
        client-secret = { file = "lab.secret" }
        "#,
    );
    let authority = world.listening().url("/").authority().to_owned();
    world.listening = None;
    let ended = world.run(&["token", "lab"]);
    one_line(&ended, 5);
    assert!(ended.stderr.contains(&authority), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("can't be reached"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_server_that_answers_with_a_page() {
    let world = World::new();
    world.server.fault("/token", Fault::html(200).always());
    assert_one_line!(world, world.run(&["token", "lab"]), 1);
    world.server.clear_faults();
    world.run(&["token", "lab"]).quiet();
}

#[test]
fn a_server_that_wants_to_steer_the_terminal() {
    let world = World::new();
    let refusal = serde_json::json!({
        "error": "invalid_client",
        "error_description": "\u{1b}]52;c;aGFoYQ==\u{7}\r\nauth: all is well\u{202e}",
    });
    let fault = Fault::status(400).with_body("application/json", refusal.to_string());
    world.server.fault("/token", fault.always());
    let ended = world.run(&["token", "lab"]);
    one_line(&ended, 3);
    assert!(!ended.stderr.contains(['\u{1b}', '\r', '\u{7}', '\u{202e}']));
}

#[test]
#[cfg_attr(windows, ignore = "no sessions without a terminal")]
fn no_terminal_to_ask_at() {
    let world = World::new();
    world.config(&lab(ASKED));
    let program = world.auth(&["token", "lab"]);
    // A session of its own has no controlling terminal.
    let mut command = Command::new("setsid");
    command
        .arg("--wait")
        .arg(program.get_program())
        .args(program.get_args());
    command
        .env_clear()
        .env("HOME", world.home())
        .env("PATH", std::env::var_os("PATH").unwrap());
    assert_one_line!(world, finish(command), 4);
    assert_eq!(world.server.count("/token"), 0);
}

#[test]
fn a_missing_variable() {
    let world = World::new();
    world.config(&lab(r#"{ env = "LAB_SECRET" }"#));
    assert_one_line!(world, world.run(&["token", "lab"]), 2);
}

#[test]
fn a_key_that_is_neither_pem_nor_jwk() {
    let world = World::empty();
    world.secret("key", "just text");
    world.config(
        r#"
        [profile.robot]
        kind = "jwt-bearer"
        token-url = "URL/token"
        email = "robot@example.org"
        key = { file = "key" }
        "#,
    );
    assert_one_line!(world, world.run(&["token", "robot"]), 2);
}

#[test]
#[cfg_attr(windows, ignore = "files have no modes")]
fn a_store_that_others_can_read() {
    let world = World::new();
    world.run(&["token", "lab"]).quiet();
    set_mode(&world.store(), 0o755);
    assert_one_line!(world, world.run(&["status"]), 6);
}

#[test]
#[cfg_attr(windows, ignore = "no /dev and no /proc")]
fn a_full_disk_behind_stdout() {
    let world = World::new();
    let mut command = world.auth(&["token", "lab"]);
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    command.stdout(full);
    let ended = finish(command);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("stdout can't be written"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_tip_is_about_what_was_typed_and_nothing_else() {
    let world = World::new();
    for (words, tip) in [
        (&["profiles", "add", "-x"][..], None),
        (
            &["request", "lab", "-X", "POST", "/x"],
            Some("before the path"),
        ),
        (&["config", "get", "lab"], Some("auth config show PROFILE")),
        (&["get", "lab"], Some("auth token PROFILE")),
        (&["completions", "elvish"], None),
        (&["completions", "tcsh"], None),
        (&["completions", "BASH"], Some("'bash'")),
        (&["token", "lab", "--format", "JSON"], Some("'json'")),
        (&["profiles", "add", "x", "--kind", "OIDC"], Some("'oidc'")),
        (
            &["profiles", "add", "x", "--kind", "client_credentials"],
            Some("'client-credentials'"),
        ),
    ] {
        let ended = world.run(words);
        assert_eq!(ended.code, Some(2), "{words:?}: {}", ended.stderr);
        let said = ended.stderr.lines().find(|line| line.contains("tip: "));
        match tip {
            Some(tip) => assert!(
                said.is_some_and(|line| line.contains(tip)),
                "{words:?}: {said:?}"
            ),
            None => assert_eq!(said, None, "{words:?}"),
        }
    }
}

#[test]
fn a_variable_that_every_shell_needs_gets_no_token() {
    let world = World::new();
    for words in [
        &["token", "lab", "--format", "env", "--name", "PATH"][..],
        &["exec", "lab", "--env", "PATH", "--", "true"],
    ] {
        let ended = world.run(words);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
        assert!(ended.stderr.contains("PATH says where"), "{}", ended.stderr);
    }
}

#[test]
fn the_emulators_end_is_no_reason_for_a_file_that_somebody_names() {
    let world = World::new();
    let run = |words: &[&str], config: &str| {
        let mut command = world.auth(words);
        command
            .env("AUTH_EMULATOR_PID", "1")
            .env("AUTH_CONFIG", config);
        finish(command).stderr
    };
    let said = run(&["profiles"], "gone.toml");
    assert!(said.contains("emulator --stop"), "{said}");
    let said = run(&["profiles", "--config", "gone.toml"], "gone.toml");
    assert!(said.contains("check the path"), "{said}");
}

#[test]
#[cfg_attr(windows, ignore = "its home has another name")]
fn the_place_of_a_file_is_not_told_where_the_file_would_not_be_read() {
    let world = World::empty();
    let mut command = world.auth(&["config", "path"]);
    let ended = finish({
        command.env("HOME", "relative");
        command
    });
    assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
    assert!(
        ended.stderr.contains("no absolute path"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_pipe_that_brings_no_token_says_where_to_look() {
    let world = World::new();
    let issuer = world.listening().issuer();
    let ended = world.run(&["verify", "--issuer", &issuer, "--audience", "api"]);
    assert_eq!(ended.code, Some(3));
    assert!(
        ended.stderr.contains("the command before the pipe"),
        "{}",
        ended.stderr
    );
}
