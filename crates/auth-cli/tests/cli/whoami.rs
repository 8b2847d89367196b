//! `auth whoami`: what the provider says about who logged in.

use auth_testkit::Fault;

use crate::login::{logged_in, world};
use crate::world::World;

#[test]
fn whoami_tells_who_logged_in_for_people_and_for_scripts() {
    let world = world();
    logged_in(&world);
    insta::assert_snapshot!(world.run(&["whoami", "person"]).quiet());
    let json = world.run(&["whoami", "person", "--json"]).quiet();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["sub"], "ada");
}

#[test]
fn oidc_core_s5_3_2_an_answer_about_somebody_else_is_refused() {
    let world = world();
    logged_in(&world);
    world.server.fault("/userinfo", Fault::member("sub", "eve"));
    insta::assert_snapshot!(world.shown(&world.run(&["whoami", "person"])));
}

#[test]
fn a_token_that_the_provider_refuses_is_renewed_once() {
    let world = world();
    logged_in(&world);
    world.server.fault("/userinfo", Fault::status(401));
    world.run(&["whoami", "person"]).quiet();
    assert_eq!(world.server.count("/userinfo"), 2);
}

#[test]
fn where_the_provider_says_nothing_the_checked_id_token_does() {
    let world = world();
    logged_in(&world);
    let without = Fault::without("userinfo_endpoint");
    world
        .server
        .fault("/.well-known/openid-configuration", without);
    let none = world.shown(&world.run(&["whoami", "person"]));
    let refusal = Fault::status(403).with_header(
        "www-authenticate",
        "Bearer error=\"insufficient_scope\", error_description=\"no profile for you\"",
    );
    world.server.fault("/userinfo", refusal);
    let refused = world.shown(&world.run(&["whoami", "person"]));
    let times = [(r"[\w-]{22,}", "[HASH]"), (r"\d{10}", "[TIME]")];
    insta::with_settings!({filters => times.to_vec()}, {
        insta::assert_snapshot!(none + "\n" + &refused);
    });
}

#[test]
fn each_reason_why_nobody_can_be_named_is_one_line_with_advice() {
    let world = world();
    let mut said = vec![world.shown(&world.run(&["whoami", "person"]))];
    logged_in(&world);
    world.server.fault("/userinfo", Fault::status(503));
    said.push(world.shown(&world.run(&["whoami", "person"])));
    world.server.fault("/userinfo", Fault::html(200));
    said.push(world.shown(&world.run(&["whoami", "person"])));
    world.server.fault("/userinfo", Fault::without("sub"));
    said.push(world.shown(&world.run(&["whoami", "person"])));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_program_is_who_its_token_says_and_nobody_is_asked() {
    let world = World::new();
    let ended = world.run(&["whoami", "lab"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let first = ended.stdout.lines().nth(2).unwrap_or_default().trim();
    assert!(
        first.starts_with("sub") && first.ends_with("robot"),
        "{}",
        ended.stdout
    );
    assert_eq!(
        ended.stderr,
        "auth: this is what the token says of itself; nobody was asked\n"
    );
    let json = world.run(&["whoami", "lab", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["client_id"], "robot");
    // So is a job whose refresh token somebody gave it, with no ID token beside it.
    let ended = world.run(&["whoami", "ada", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(said["sub"], "ada");
    assert_eq!(world.server.count("/userinfo"), 0);
    // A token that says nothing: how to find out all the same.
    let ended = world.run_disruptive(&["whoami", "disruptive"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("auth verify --profile "),
        "{}",
        ended.stderr
    );
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
}

#[test]
fn signed_claims_that_nobody_reads_are_said_and_the_id_token_is_shown() {
    let world = world();
    logged_in(&world);
    for (kind, body) in [
        ("application/jwt", "e30.e30.c2ln"),
        ("Application/JWT; charset=utf-8", "e30.key.iv.text.tag"),
        ("application/json", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"),
    ] {
        let signed = Fault::status(200).with_body(kind, body);
        world.server.fault("/userinfo", signed);
        let ended = world.run(&["whoami", "person", "--json"]);
        assert_eq!(ended.code, Some(0), "{kind}: {}", ended.stderr);
        assert!(ended.stderr.contains("signed claims"), "{}", ended.stderr);
        assert!(ended.stdout.contains("\"ada\""), "{}", ended.stdout);
    }
}

#[test]
fn why_the_provider_says_nothing_is_told_wherever_it_says_so() {
    let world = world();
    logged_in(&world);
    let refusal = r#"{"error":"insufficient_scope","error_description":"not without openid"}"#;
    let fault = Fault::status(403).with_body("application/json", refusal);
    world.server.fault("/userinfo", fault);
    let ended = world.run(&["whoami", "person"]);
    assert!(
        ended
            .stderr
            .contains("insufficient_scope: not without openid"),
        "{}",
        ended.stderr
    );
}
