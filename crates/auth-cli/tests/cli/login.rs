//! `auth login` and `auth logout`: a person in front of it, and what is left without one.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};
use std::time::Duration;

use auth_core::http::{Body, DefaultHttpClient, HttpClient};
use auth_testkit::{Fault, Policy, Visitor};
use http::Request;

use crate::section::PERSON;
use crate::world::{Ended, World, finish};

/// A provider, and a profile of somebody who logs in there.
pub(crate) fn world() -> World {
    let world = World::empty();
    world
        .server
        .set_policy(Policy::new().with_device_interval(Duration::from_secs(1)));
    world.config(PERSON);
    world
}

/// Starts the program and reads its stderr up to a line with `part` in it.
pub(crate) fn started(mut command: Command, part: &str) -> (Child, String) {
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

pub(crate) fn word_after(text: &str, part: &str) -> String {
    let (_, rest) = text.split_once(part).unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

/// Starts a command that shows a code, and lets Ada in.
pub(crate) fn let_in(world: &World, arguments: &[&str]) -> Child {
    let (child, said) = started(world.auth(arguments), "enter the code");
    let code = word_after(&said, "enter the code ");
    assert!(world.server.allow_device(&code, "ada"));
    child
}

pub(crate) fn logged_in(world: &World) {
    let mut child = let_in(world, &["login", "person", "--device-code"]);
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
fn a_person_may_be_given_any_time() {
    let world = world();
    for length in ["18446744073709551615s", "292277026596y"] {
        let login = ["login", "person", "--device-code", "--timeout", length];
        let (mut child, said) = started(world.auth(&login), "enter the code");
        let code = word_after(&said, "enter the code ");
        world.server.deny_device(&code);
        assert_eq!(child.wait().unwrap().code(), Some(3), "{length}");
    }
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
fn r14_nobody_is_asked_for_a_login_that_cannot_be_kept() {
    let world = world();
    std::fs::write(world.home().join("taken"), "").unwrap();
    let ended = world.run(&["login", "person", "--device-code", "--store", "taken"]);
    assert_eq!(ended.code, Some(6), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert_eq!(world.server.requests().len(), 0);
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

#[test]
fn oidc_core_s3_1_3_7_a_login_whose_id_token_is_forged_is_not_kept() {
    let world = world();
    let forged = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA";
    let fault = Fault::member("id_token", forged).after_commit();
    let mut child = let_in(&world, &["login", "person", "--device-code"]);
    world.server.fault("/token", fault.always());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    world.server.clear_faults();
    needs_a_login(&world.run(&["token", "person"]));
}

#[test]
fn an_id_token_is_checked_once_and_a_token_at_hand_asks_for_no_keys() {
    let world = world();
    logged_in(&world);
    assert_eq!(world.server.count("/jwks"), 1);
    for _ in 0..3 {
        world.run(&["token", "person"]).quiet();
    }
    assert_eq!(world.server.count("/jwks"), 1);
    world.run(&["token", "person", "--refresh"]).quiet();
    assert_eq!(world.server.count("/jwks"), 2, "the new ID token");
}

#[test]
fn a_login_that_cannot_be_checked_yet_is_kept_and_checked_before_its_use() {
    let world = world();
    world.server.fault("/jwks", Fault::status(503).always());
    let child = let_in(&world, &["login", "person", "--device-code"]);
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(5));
    assert_eq!(world.run(&["token", "person"]).code, Some(5));
    world.server.clear_faults();
    world.run(&["token", "person"]).quiet();
}

#[test]
fn a_login_in_the_browser_can_come_back_as_a_form() {
    let world = world();
    world.server.set_visitor(Visitor::logs_in("ada"));
    let mut command = world.auth(&["login", "person", "--browser", "--no-browser"]);
    command.env("AUTH_PERSON_RESPONSE_MODE", "form_post");
    let (mut child, said) = started(command, "log in at");
    world.follow(&word_after(&said, "log in at "));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn rfc9470_what_an_api_asks_of_a_login_reaches_it_through_another_process() {
    let world = world();
    let path = world.config_directory().join("config.toml");
    let text = std::fs::read_to_string(path).unwrap();
    world.config(&(text + "api = \"URL/api\"\n"));
    world.server.set_visitor(Visitor::logs_in("ada"));
    logged_in(&world);
    let asks = "Bearer error=\"insufficient_user_authentication\", acr_values=\"mfa\"";
    let step_up = Fault::status(401).with_header("www-authenticate", asks);
    world.server.fault("/api/plant", step_up.always());
    for _ in 0..2 {
        let ended = world.run(&["request", "person", "plant"]);
        needs_a_login(&ended);
        insta::assert_snapshot!("an_api_asks_for_another_login", world.shown(&ended));
    }
    // Other APIs are not concerned.
    world.run(&["request", "person", "whoami"]).quiet();

    let (mut child, said) = started(
        world.auth(&["login", "person", "--browser", "--no-browser"]),
        "log in at",
    );
    world.follow(&word_after(&said, "log in at "));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let requests = world.server.requests();
    let asked = requests.iter().rev().find(|r| r.path() == "/authorize");
    assert_eq!(asked.unwrap().query("acr_values").as_deref(), Some("mfa"));
    world.server.clear_faults();
    world.run(&["request", "person", "plant"]).quiet();
}

/// The server names its session in the ID token, and each login through a code has one of its own.
#[test]
fn a_login_that_is_replaced_is_ended_at_the_server() {
    let world = world();
    logged_in(&world);
    assert_eq!(world.server.count("/revoke"), 0);
    logged_in(&world);
    assert_eq!(world.server.count("/revoke"), 1);
    world.run(&["token", "person", "--refresh"]).quiet();
}

#[test]
fn a_login_whose_token_is_not_in_order_is_ended_at_the_server() {
    let world = world();
    let mut command = world.auth(&["login", "person", "--device-code"]);
    command.env("AUTH_PERSON_VERIFY_AUDIENCE", "somebody-else");
    let (mut child, said) = started(command, "enter the code");
    world
        .server
        .allow_device(&word_after(&said, "enter the code "), "ada");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(world.server.count("/revoke"), 1);
    needs_a_login(&world.run(&["token", "person"]));
}

impl World {
    /// Plays the browser: goes where the page sends it, until a page stays.
    /// The status of what is at an address, without going on from there.
    pub(crate) async fn status_of(&self, address: &str) -> u16 {
        let request = Request::get(address).body(Body::empty()).unwrap();
        let answer = DefaultHttpClient::new().send(request).await.unwrap();
        answer.status().as_u16()
    }

    pub(crate) fn follow(&self, page: &str) {
        self.block_on(async {
            let http = DefaultHttpClient::new();
            let mut place = page.to_owned();
            loop {
                let request = Request::get(&place).body(Body::empty()).unwrap();
                let mut answer = http.send(request).await.unwrap();
                if answer.headers().get("location").is_none() && answer.status().is_success() {
                    let page = answer.into_body().bytes(1 << 16).await.unwrap();
                    match posted_by(std::str::from_utf8(&page).unwrap()) {
                        Some(request) => answer = http.send(request).await.unwrap(),
                        None => break,
                    }
                }
                match answer.headers().get("location") {
                    Some(next) => next.to_str().unwrap().clone_into(&mut place),
                    None => break assert!(answer.status().is_success(), "{place}"),
                }
            }
        });
    }
}

/// What a page posts by itself (OAuth 2.0 Form Post Response Mode), if it does.
fn posted_by(page: &str) -> Option<Request<Body>> {
    let quoted = |text: &str| text.split('"').next().unwrap().replace("&amp;", "&");
    let (_, rest) = page.split_once("<form method=\"post\" action=\"")?;
    let mut fields = url::form_urlencoded::Serializer::new(String::new());
    for input in rest.split("<input ").skip(1) {
        let (_, name) = input.split_once("name=\"")?;
        let (_, value) = input.split_once("value=\"")?;
        fields.append_pair(&quoted(name), &quoted(value));
    }
    Some(
        Request::post(quoted(rest))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(fields.finish()))
            .unwrap(),
    )
}

#[test]
fn oidc_core_s11_an_offline_login_asks_for_consent_unless_the_profile_says_otherwise() {
    let page = |scope: &str, more: &str| {
        let world = world();
        world.config(&format!(
            "[profile.person]\nkind = \"oidc\"\nissuer = \"ISSUER\"\nclient-id = \"desktop\"\n\
             client-auth = \"none\"\nscope = \"{scope}\"\n{more}"
        ));
        let login = ["login", "person", "--browser", "--no-browser"];
        let (mut child, said) = started(world.auth(&login), "log in at");
        child.kill().unwrap();
        child.wait().unwrap();
        word_after(&said, "log in at ")
    };
    assert!(page("openid offline_access", "").contains("prompt=consent"));
    let other = page("openid offline_access", "prompt = \"login\"");
    assert!(
        other.contains("prompt=login") && !other.contains("consent"),
        "{other}"
    );
    assert!(!page("openid", "").contains("prompt="));
}
