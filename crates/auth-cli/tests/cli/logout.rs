//! `auth logout`: what it ends beyond the login, and what it leaves alone.

use auth_testkit::{Fault, Visitor};

use crate::login::{logged_in, world};
use crate::opener::Opened;
use crate::section::PERSON;
use crate::world::World;

fn without_revocation(world: &World) {
    let without = Fault::without("revocation_endpoint").always();
    world
        .server
        .fault("/.well-known/openid-configuration", without);
}

#[test]
fn where_nothing_can_be_revoked_the_providers_logout_page_is_named() {
    let world = world();
    logged_in(&world);
    without_revocation(&world);
    let ended = world.run(&["logout", "person", "--no-browser"]);
    insta::assert_snapshot!(world.shown(&ended));
    assert!(!ended.stderr.contains("id_token_hint"), "{}", ended.stderr);
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn rp_initiated_logout_the_browser_ends_the_session_and_comes_back_with_the_state() {
    let world = world();
    world.config(&format!(
        "{PERSON}logout-redirect-uri = \"http://127.0.0.1/out\""
    ));
    logged_in(&world);
    without_revocation(&world);
    let opened = Opened::by(&world, "browser", 0);
    let child = opened
        .run(&["logout", "person", "--browser"])
        .spawn()
        .unwrap();
    let page = opened.page();
    assert!(
        page.contains("id_token_hint=") && page.contains("state="),
        "{page}"
    );
    assert!(!opened.arguments().contains("id_token_hint"));
    world.follow(&page);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("the session at the provider is ended"),
        "{said}"
    );
    assert!(!said.contains("id_token_hint"), "{said}");
    assert_eq!(world.server.count("/logout"), 1);
}

#[test]
fn a_jobs_token_in_a_file_is_left_alone_unless_somebody_says_so() {
    let world = World::new();
    world.run(&["token", "ada"]).quiet();
    let ended = world.run(&["logout", "ada"]);
    insta::assert_snapshot!(world.shown(&ended));
    assert_eq!(world.server.count("/revoke"), 0);
    world.run(&["token", "ada"]).quiet();
    let ended = world.run(&["logout", "ada", "--revoke"]);
    assert!(
        ended.stderr.contains("revoked at the server"),
        "{}",
        ended.stderr
    );
    assert_eq!(world.run(&["token", "ada"]).code, Some(4));
}

#[test]
fn every_login_is_ended_at_once_and_one_of_no_profile_by_its_key() {
    let world = world();
    logged_in(&world);
    let config = world.config_directory().join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, "").unwrap();
    let status = world.run(&["status"]).stdout;
    assert!(status.starts_with("(no profile): ada at "), "{status}");
    let key = crate::login::word_after(&status, "auth logout --key ");
    let key = key.trim_end_matches('`');
    let wrong = world.run(&["logout", "--key", "0000"]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.stderr);
    let ended = world.run(&["logout", "--key", &key[..8]]);
    assert!(
        ended.stderr.contains("was revoked and is forgotten"),
        "{}",
        ended.stderr
    );
    assert_eq!(world.run(&["status"]).stdout, "");

    std::fs::write(&config, text).unwrap();
    logged_in(&world);
    world.server.set_visitor(Visitor::logs_in("ada"));
    let ended = world.run(&["logout", "--all"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("of profile `person` was revoked"),
        "{}",
        ended.stderr
    );
    assert_eq!(
        (
            world.server.count("/revoke"),
            &*world.run(&["status"]).stdout
        ),
        (2, "")
    );
    let none = world.run(&["logout", "--all"]);
    assert!(none.stderr.contains("no login is kept"), "{}", none.stderr);
}

#[test]
fn whose_login_ends_must_be_said_in_one_way() {
    let world = world();
    for line in [
        &["logout"][..],
        &["logout", "person", "--all"],
        &["logout", "--all", "--key", "a"],
    ] {
        assert_eq!(world.run(line).code, Some(2), "{line:?}");
    }
}
