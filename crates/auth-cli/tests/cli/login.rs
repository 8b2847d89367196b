//! `auth login` and `auth logout`: a person in front of it, and what is left without one.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};
use std::time::Duration;

use auth_core::{Body, DefaultHttpClient, HttpClient};
use auth_testkit::{Policy, Visitor};
use http::Request;

use crate::world::{Ended, World, finish};

fn world() -> World {
    let world = World::empty();
    world
        .server
        .set_policy(Policy::new().with_device_interval(Duration::from_secs(1)));
    world.config(
        r#"
        [profile.person]
        kind = "oidc"
        issuer = "ISSUER"
        client-id = "desktop"
        client-auth = "none"
        scope = "openid read"
        "#,
    );
    world
}

/// Starts the program and reads its stderr up to a line with `part` in it.
fn started(mut command: Command, part: &str) -> (Child, String) {
    let mut child = command.spawn().unwrap();
    let mut said = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    while !said.lines().last().is_some_and(|line| line.contains(part)) {
        assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
    }
    // Nobody reads the rest; a pipe holds more than the program has to say.
    std::mem::forget(stderr);
    (child, said)
}

fn word_after(text: &str, part: &str) -> String {
    let (_, rest) = text.split_once(part).unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

fn logged_in(world: &World) {
    let (mut child, said) = started(
        world.auth(&["login", "person", "--device-code"]),
        "enter the code",
    );
    world
        .server
        .allow_device(&word_after(&said, "enter the code "), "ada");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[track_caller]
fn needs_a_login(ended: &Ended) {
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("run `auth login person`"),
        "{}",
        ended.stderr
    );
}

#[test]
fn without_a_login_the_exit_code_is_4_and_the_command_is_named() {
    let world = world();
    needs_a_login(&world.run(&["token", "person"]));
    assert!(
        world.server.requests().is_empty(),
        "nobody is asked for nothing"
    );
}

#[test]
fn a_person_logs_in_with_a_code_once_and_jobs_go_on_without_them() {
    let world = world();
    logged_in(&world);
    world.run(&["token", "person"]).quiet();
    world.run(&["token", "person", "--refresh"]).quiet();
    let status = world.run(&["status"]);
    assert!(
        status.stdout.contains("person: ada at"),
        "{}",
        status.stdout
    );
    assert!(status.stdout.contains("refresh"), "{}", status.stdout);
}

#[test]
fn a_person_logs_in_with_the_browser_of_this_machine() {
    let world = world();
    world.server.set_visitor(Visitor::logs_in("ada"));
    let (mut child, said) = started(
        world.auth(&["login", "person", "--browser", "--no-browser"]),
        "log in at",
    );
    world.follow(&word_after(&said, "log in at "));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    world.run(&["token", "person"]).quiet();
}

#[test]
fn a_login_that_is_denied_is_3_and_one_that_nobody_completes_is_4() {
    let world = world();
    let (mut child, said) = started(
        world.auth(&["login", "person", "--device-code"]),
        "enter the code",
    );
    world
        .server
        .deny_device(&word_after(&said, "enter the code "));
    assert_eq!(child.wait().unwrap().code(), Some(3));
    let late = world.run(&["login", "person", "--device-code", "--timeout", "1"]);
    assert_eq!(late.code, Some(4), "{}", late.stderr);
    assert!(
        late.stderr.contains("nobody logged in within 1 s"),
        "{}",
        late.stderr
    );
}

#[test]
fn a_new_login_replaces_the_old_one_and_a_failed_one_does_not() {
    let world = world();
    logged_in(&world);
    let first = world.run(&["token", "person"]).quiet();
    let late = world.run(&["login", "person", "--device-code", "--timeout", "1"]);
    assert_eq!(late.code, Some(4));
    assert_eq!(world.run(&["token", "person"]).quiet(), first);
    logged_in(&world);
    assert_ne!(world.run(&["token", "person"]).quiet(), first);
}

#[test]
fn logout_revokes_the_login_and_forgets_it() {
    let world = world();
    logged_in(&world);
    let ended = world.run(&["logout", "person"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("revoked at the server"),
        "{}",
        ended.stderr
    );
    assert_eq!(world.server.count("/revoke"), 1);
    needs_a_login(&world.run(&["token", "person"]));
    let again = world.run(&["logout", "person"]);
    assert!(
        again
            .stderr
            .contains("no login of profile `person` is kept"),
        "{}",
        again.stderr
    );
}

#[test]
fn s27_a_login_is_forgotten_even_if_it_cannot_be_revoked_and_that_is_said() {
    let mut world = world();
    logged_in(&world);
    world.listening = None;
    let ended = world.run(&["logout", "person"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("not revoked at the server"),
        "{}",
        ended.stderr
    );
    needs_a_login(&world.run(&["token", "person"]));
}

#[test]
fn a_profile_with_secrets_of_its_own_needs_no_login() {
    let world = World::new();
    let ended = world.run(&["login", "lab"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("auth token lab"), "{}", ended.stderr);
    let ended = finish(world.auth(&["login", "lab", "--browser", "--device-code"]));
    assert_eq!(ended.code, Some(2));
}

impl World {
    /// Plays the browser: goes where the page sends it, until a page stays.
    fn follow(&self, page: &str) {
        self.block_on(async {
            let http = DefaultHttpClient::new();
            let mut place = page.to_owned();
            loop {
                let request = Request::get(&place).body(Body::empty()).unwrap();
                let answer = http.send(request).await.unwrap();
                match answer.headers().get("location") {
                    Some(next) => next.to_str().unwrap().clone_into(&mut place),
                    None => break assert!(answer.status().is_success(), "{place}"),
                }
            }
        });
    }
}
