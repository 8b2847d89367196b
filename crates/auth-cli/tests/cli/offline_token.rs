//! `auth offline-token`: made by a person, used by jobs.

use std::process::Child;

use auth_core::RefreshToken;
use auth_testkit::{Client, Fault, Realm, User};

use crate::login::{let_in, started, word_after, world};
use crate::section::{ADA, PERSON};
use crate::system::mode;
use crate::terminal::Terminal;
use crate::world::{Ended, World, finish, finish_with_stdin, set_mode};

/// Starts the program and lets `ada` in.
fn ada(world: &World, arguments: &[&str]) -> Child {
    let arguments = [&["offline-token", "person", "--device-code"], arguments].concat();
    let_in(world, &arguments)
}

fn made(world: &World) -> String {
    let mut child = ada(world, &["--output", "token.txt"]);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    std::fs::read_to_string(world.home().join("token.txt")).unwrap()
}

/// The profile of a job that uses it.
fn with_job(world: &World) {
    let job = ADA.replace("ada.token", "../../token.txt");
    let job = job.replace("profile.ada", "profile.job");
    world.config(&format!("{PERSON}{job}api = \"URL/api\""));
}

#[test]
fn a_person_makes_a_token_and_a_job_lives_on_it() {
    let world = world();
    let token = made(&world);
    with_job(&world);
    let asked = world.server.requests();
    let scopes: Vec<_> = asked
        .iter()
        .filter_map(|request| request.field("scope"))
        .collect();
    assert_eq!(scopes[0], "openid read offline_access");
    assert!(
        world
            .run(&["request", "job", "whoami"])
            .quiet()
            .contains("ada")
    );
    world.run(&["token", "job", "--refresh"]).quiet();
    let now = std::fs::read_to_string(world.home().join("token.txt")).unwrap();
    assert_ne!(now, token, "the server replaced it, and so did the job");
    // It is a session of its own: nobody is logged in by it.
    assert_eq!(world.run(&["token", "person"]).code, Some(4));
}

#[test]
#[cfg_attr(windows, ignore = "files have no modes")]
fn the_file_is_for_its_owner_alone() {
    let world = world();
    made(&world);
    assert_eq!(mode(&world.home().join("token.txt")), 0o600);
}

#[test]
fn a_file_that_is_there_is_not_overwritten_and_nobody_is_asked_in_vain() {
    let world = world();
    std::fs::write(world.home().join("token.txt"), "precious").unwrap();
    let ended = world.run(&["offline-token", "person", "--output", "token.txt"]);
    insta::assert_snapshot!(world.shown(&ended));
    assert!(world.server.requests().is_empty());
    let kept = std::fs::read_to_string(world.home().join("token.txt")).unwrap();
    assert_eq!(kept, "precious");
    let ended = world.run(&["offline-token", "person", "--output", "no/such/place"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
}

#[test]
fn without_a_file_the_token_alone_goes_to_stdout() {
    let world = world();
    let ended = Ended::of(ada(&world, &[]).wait_with_output().unwrap());
    assert_eq!(ended.code, Some(0));
    let token = RefreshToken::new(ended.stdout.trim_end().to_owned());
    assert!(world.server.is_live(&token));
    let denied = world.run(&["offline-token", "person", "--device-code", "--timeout", "1"]);
    assert_eq!((denied.code, &*denied.stdout), (Some(4), ""));
}

#[test]
fn a_token_is_checked_by_using_it_and_revoked_for_good() {
    let world = world();
    made(&world);
    with_job(&world);
    for how in [&["--check"][..], &["--check", "--from", "token.txt"]] {
        let ended = world.run(&[&["offline-token", "job"], how].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stderr.contains("the token works"), "{}", ended.stderr);
    }
    let ended = world.run(&["offline-token", "job", "--revoke"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let token = std::fs::read_to_string(world.home().join("token.txt")).unwrap();
    let token = RefreshToken::new(token.trim_end().to_owned());
    assert!(!world.server.is_live(&token));
    let ended = world.run(&["offline-token", "job", "--check"]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert_eq!(world.run(&["token", "job"]).code, Some(4));
}

#[test]
fn a_logout_that_revokes_nothing_says_how_the_token_is_revoked_that_was_never_used_here() {
    let world = world();
    made(&world);
    with_job(&world);
    let token = std::fs::read_to_string(world.home().join("token.txt")).unwrap();
    let token = RefreshToken::new(token.trim_end().to_owned());
    let ended = world.run(&["logout", "job", "--revoke"]);
    let said = "was not revoked: `auth offline-token job --revoke` ends it";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert!(world.server.is_live(&token));
    let ended = world.run(&["offline-token", "job", "--revoke"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!world.server.is_live(&token));
    let ended = world.run(&["logout", "person", "--revoke"]);
    assert!(!ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn a_token_on_stdin_is_revoked_although_it_was_never_used_here() {
    let world = world();
    let token = world.server.login("desktop", "ada", &["read"]);
    let command = || world.auth(&["offline-token", "person", "--revoke", "--from", "-"]);
    let ended = finish_with_stdin(command(), token.expose_secret());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!world.server.is_live(&token));
}

/// Whether nobody has taken the new token back.
fn lives_on(world: &World) -> bool {
    world.server.count("/revoke") == 0
}

#[test]
fn a_token_that_got_into_no_file_is_revoked_and_that_is_said() {
    let world = world();
    let path = world.home().join("token.txt");
    let arguments = [
        "offline-token",
        "person",
        "--device-code",
        "--output",
        "token.txt",
    ];
    let (child, said) = started(world.auth(&arguments), "enter the code");
    std::fs::write(&path, "precious").unwrap();
    world
        .server
        .allow_device(&word_after(&said, "enter the code "), "ada");
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(!lives_on(&world));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "precious");
}

#[test]
fn a_token_that_nobody_reads_is_revoked_and_that_is_said() {
    let world = world();
    let mut child = ada(&world, &[]);
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(6));
    assert!(!lives_on(&world));
}

#[test]
fn a_server_that_gives_no_refresh_token_is_3_and_nothing_is_written() {
    let world = world();
    world.server.fault(
        "/token",
        Fault::without("refresh_token").after_commit().always(),
    );
    let ended = Ended::of(ada(&world, &[]).wait_with_output().unwrap());
    assert_eq!((ended.code, &*ended.stdout), (Some(3), ""));
}

#[test]
fn a_token_that_could_not_be_revoked_is_not_forgotten_so_that_it_can_be_tried_again() {
    let world = world();
    with_job(&world);
    let given = world.server.login("desktop", "ada", &["read"]);
    let run = |arguments: &[&str]| {
        let mut command = world.auth(arguments);
        command.env("AUTH_JOB_REFRESH_TOKEN", given.expose_secret());
        finish(command)
    };
    assert_eq!(run(&["token", "job"]).code, Some(0));
    world.server.fault("/revoke", Fault::status(503).always());
    let ended = run(&["offline-token", "job", "--revoke"]);
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    assert_eq!(run(&["token", "job", "--refresh"]).code, Some(0));
    world.server.clear_faults();
    let ended = run(&["offline-token", "job", "--revoke"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let ended = run(&["token", "job"]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
}

#[test]
fn what_stands_around_a_token_on_stdin_is_not_part_of_it() {
    let world = world();
    for around in ["TOKEN\r\n", "\u{feff}TOKEN\n\n", "  TOKEN "] {
        let token = world.server.login("desktop", "ada", &["read"]);
        let text = around.replace("TOKEN", token.expose_secret());
        let command = world.auth(&["offline-token", "person", "--revoke", "--from", "-"]);
        let ended = finish_with_stdin(command, &text);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(!world.server.is_live(&token), "{around:?}");
    }
}

#[test]
fn a_successor_that_is_kept_nowhere_is_warned_of() {
    let world = world();
    with_job(&world);
    let given = world.server.login("desktop", "ada", &["read"]);
    let lost = "is lost when this program ends";
    let mut command = world.auth(&["token", "job", "--no-store"]);
    command.env("AUTH_JOB_REFRESH_TOKEN", given.expose_secret());
    let ended = finish(command);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains(lost), "{}", ended.stderr);
    for unknown in ["spent", "another one"] {
        assert!(!ended.stderr.contains(unknown), "{}", ended.stderr);
    }
    // A file follows the rotation without a store.
    std::fs::write(
        world.home().join("token.txt"),
        world
            .server
            .login("desktop", "ada", &["read"])
            .expose_secret(),
    )
    .unwrap();
    set_mode(&world.home().join("token.txt"), 0o600);
    for _ in 0..2 {
        world.run(&["token", "job", "--no-store"]).quiet();
    }
}

#[test]
fn each_wrong_use_is_one_line_with_advice() {
    let world = world();
    let lab = World::new();
    let shown = |world: &World, arguments: &[&str]| world.shown(&finish(world.auth(arguments)));
    let said = [
        shown(&world, &["offline-token", "person", "--check"]),
        shown(&world, &["offline-token", "person", "--from", "x"]),
        shown(
            &world,
            &["offline-token", "person", "--check", "--from", "x"],
        ),
        shown(&lab, &["offline-token", "lab", "--output", "x"]),
        shown(&lab, &["offline-token", "lab", "--check"]),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

/// A realm where one session of the server has the logins of two jobs: of the same token, in two files.
fn with_two_jobs_in_one_session() -> World {
    let world = World::empty();
    let jobs = Client::public("jobs").with_scopes(["offline_access"]);
    let realm = Realm::new("lab").with_client(jobs);
    world
        .server
        .add_realm(realm.with_user(User::new("ada", "pw")));
    let issuer = world.listening().url("/realms/lab").to_string();
    let scopes = ["openid", "offline_access"];
    let token = world.server.login_at(&issuer, "jobs", "ada", &scopes);
    let token = token.unwrap();
    let profile = |name: &str| {
        world.secret(&format!("{name}.token"), token.expose_secret());
        format!(
            "[profile.{name}]\nkind = \"keycloak\"\nissuer = \"URL/realms/lab\"\nclient-id = \"jobs\"\n\
             refresh-token = {{ file = \"{name}.token\" }}\n"
        )
    };
    world.config(&[profile("one"), profile("other")].concat());
    world
}

const REVOKE: [&str; 3] = ["offline-token", "one", "--revoke"];

#[test]
fn what_ends_with_a_token_is_named_before_also_where_the_token_was_never_used_here() {
    for is_used in [true, false] {
        let world = with_two_jobs_in_one_session();
        world.run(&["token", "other"]).quiet();
        if is_used {
            world.run(&["token", "one"]).quiet();
        }
        let ended = world.run(&REVOKE);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let named = ended.stderr.find("is in the same session of the server");
        let done = ended.stderr.find("was revoked at the server");
        assert!(named.is_some() && named < done, "{}", ended.stderr);
        let ended = world.run(&["token", "other", "--refresh"]);
        assert_ne!(ended.code, Some(0), "{}", ended.stderr);
    }
    // Where nothing ends with it, nothing is said.
    let world = with_two_jobs_in_one_session();
    let ended = world.run(&REVOKE);
    assert!(!ended.stderr.contains("session"), "{}", ended.stderr);
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn whoever_is_at_the_terminal_is_asked_before_other_logins_end() {
    let world = with_two_jobs_in_one_session();
    world.run(&["token", "other"]).quiet();
    let revoked = || {
        world
            .server
            .count("/realms/lab/protocol/openid-connect/revoke")
    };
    for (answer, code, count) in [("no\r", 4, 0), ("\r", 4, 0), ("yes\r", 0, 1)] {
        let mut terminal = Terminal::open();
        let child = terminal.run(&world, &REVOKE);
        terminal.wait_for("End them all? (yes or no): ");
        assert_eq!(revoked(), 0, "nothing ends before the answer");
        terminal.type_in(answer);
        let ended = Ended::of(child.wait_with_output().unwrap());
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        assert_eq!(revoked(), count);
    }
}
