//! The ways in which a client proves who it is, and refresh tokens from outside.

use auth_testkit::Fault;

use crate::section::lab;
use crate::world::{REPLACED, SECRET, World, finish, set_mode};

fn world(more: &str) -> World {
    let world = World::empty();
    world.secret("lab.secret", SECRET);
    world.config(&format!(
        r#"
        [profile.lab]
        kind = "client-credentials"
        token-url = "URL/token"
        client-id = "robot"
        {more}
        "#
    ));
    world
}

#[test]
fn a_secret_alone_means_basic() {
    let world = world(r#"client-secret = { file = "lab.secret" }"#);
    world.run(&["token", "lab"]).quiet();
    let requests = world.server.requests();
    assert!(
        requests[0]
            .header("authorization")
            .unwrap()
            .starts_with("Basic ")
    );
    assert_eq!(requests[0].field("client_secret"), None);
}

#[test]
fn the_secret_can_go_into_the_body() {
    let world = world("client-auth = \"body\"\nclient-secret = { file = \"lab.secret\" }");
    world.run(&["token", "lab"]).quiet();
    let requests = world.server.requests();
    assert_eq!(requests[0].header("authorization"), None);
    assert_eq!(requests[0].field("client_secret").as_deref(), Some(SECRET));
}

#[test]
fn rfc7523_s2_2_a_key_signs_an_assertion_of_the_client() {
    let world = world("key = { file = \"lab.secret\" }\nalgorithm = \"HS256\"");
    world.run(&["token", "lab"]).quiet();
    world.run(&["token", "lab", "--refresh"]).quiet();
    let requests = world.server.requests();
    let assertion = |index: usize| requests[index].field("client_assertion").unwrap();
    assert_ne!(assertion(0), assertion(1));
}

#[test]
fn a_rotated_refresh_token_takes_its_place_in_the_file() {
    let world = World::new();
    let file = world.config_directory().join("ada.token");
    for _ in 0..3 {
        let before = std::fs::read_to_string(&file).unwrap();
        world.run(&["token", "ada", "--refresh"]).quiet();
        let sent = world.server.requests().pop().unwrap();
        assert_eq!(
            sent.field("refresh_token").as_deref(),
            Some(before.trim_end())
        );
        assert_ne!(std::fs::read_to_string(&file).unwrap(), before);
    }
    // A process that starts later finds the token of those before it, too.
    world.run(&["token", "ada"]).quiet();
    assert_eq!(world.server.count("/token"), 3);
}

#[test]
fn another_token_in_the_file_is_another_login() {
    let world = World::new();
    let old = world.run(&["request", "ada", "whoami"]).quiet();
    assert!(old.contains("ada"), "{old}");
    let token = world.server.login("desktop", "grace", &["read"]);
    world.secret("ada.token", token.expose_secret());
    let new = world.run(&["request", "ada", "whoami"]).quiet();
    assert!(new.contains("grace"), "{new}");
}

#[test]
fn where_the_file_cannot_be_written_the_successor_is_in_the_store_and_that_is_said() {
    let world = World::new();
    set_mode(&world.config_directory().join("ada.token"), 0o400);
    let first = world.run(&["token", "ada"]);
    assert_eq!(first.code, Some(0));
    for said in [
        "which is in the token store only",
        "still works the server did not say",
    ] {
        assert!(first.stderr.contains(said), "{}", first.stderr);
    }
    world.run(&["token", "ada"]).quiet();
    world.run(&["token", "ada", "--refresh"]).quiet();
    assert_eq!(world.server.count("/token"), 2);
}

#[test]
fn a_rotated_refresh_token_is_kept_and_the_given_one_is_not_sent_again() {
    let world = World::new();
    let given = world.server.login("desktop", "ada", &["read"]);
    for run in 0..3 {
        let mut command = world.auth(&["token", "ada", "--refresh"]);
        command.env("AUTH_ADA_REFRESH_TOKEN", given.expose_secret());
        let ended = finish(command);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        // That it was spent is said once.
        assert_eq!(
            ended.stderr.starts_with(REPLACED),
            run == 0,
            "{}",
            ended.stderr
        );
        assert_eq!(ended.stderr.lines().count(), usize::from(run == 0));
    }
    let requests = world.server.requests();
    let sent = requests
        .iter()
        .filter_map(|request| request.field("refresh_token"));
    assert_eq!(
        sent.filter(|token| token == given.expose_secret()).count(),
        1
    );
}

#[test]
fn another_given_refresh_token_is_another_login() {
    let world = World::new();
    let old = world.run(&["request", "ada", "whoami"]).quiet();
    assert!(old.contains("ada"), "{old}");
    let token = world.server.login("desktop", "grace", &["read"]);
    let mut command = world.auth(&["request", "ada", "whoami"]);
    command.env("AUTH_ADA_REFRESH_TOKEN", token.expose_secret());
    let new = finish(command).quiet();
    assert!(new.contains("grace"), "{new}");
}

#[test]
fn a_refresh_token_that_is_dead_is_refused_with_advice() {
    let world = World::new();
    world.secret("ada.token", "no such token");
    let ended = world.run(&["token", "ada"]);
    insta::assert_snapshot!(world.shown(&ended));
}

#[test]
fn a_job_whose_refresh_token_is_dead_needs_a_person_by_whichever_code_the_server_says_so() {
    let given = |world: &World, ask: &str| {
        let mut command = world.auth(&["token", "ada"]);
        if ask == "env" {
            command.env("AUTH_ADA_REFRESH_TOKEN", "r1");
        }
        finish(command)
    };
    for (status, code) in [
        (400, "invalid_grant"),
        (401, "invalid_token"),
        (200, "bad_refresh_token"),
        (400, "invalid_refresh_token"),
        (400, "expired_token"),
    ] {
        for ask in ["file", "env"] {
            let world = World::new();
            world
                .server
                .fault("/token", Fault::refusal(status, code).always());
            let ended = given(&world, ask);
            assert_eq!(ended.code, Some(4), "{code} {ask}: {}", ended.stderr);
            assert!(ended.stderr.contains("of no use"), "{}", ended.stderr);
            assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        }
    }
    let world = World::new();
    let body = r#"{"error":"invalid_grant","error_description":"Account disabled"}"#;
    let disabled = Fault::status(400).with_body("application/json", body);
    world.server.fault("/token", disabled.always());
    let ended = given(&world, "file");
    assert!(
        ended.stderr.contains("ask whoever runs the server"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("log in"), "{}", ended.stderr);
}

#[test]
fn r24_fewer_scopes_than_were_asked_for_are_said() {
    let world = World::new();
    let policy = auth_testkit::Policy::new().with_granted_scopes(["read"]);
    world.server.set_policy(policy);
    let ended = world.run(&["token", "lab"]);
    assert_eq!(ended.code, Some(0));
    insta::assert_snapshot!(
        ended
            .stderr
            .replace(&world.listening().issuer(), "[ISSUER]")
    );
}

#[test]
fn an_access_token_is_checked_where_the_profile_says_so() {
    let world = |audience: &str| {
        let world = World::empty();
        world.secret("lab.secret", SECRET);
        let lab = lab(r#"{ file = "lab.secret" }"#);
        world.config(&format!("{lab}verify-audience = \"{audience}\""));
        world
    };
    let good = world("api");
    for _ in 0..2 {
        good.run(&["token", "lab"]).quiet();
    }
    assert_eq!(
        good.server.count("/jwks"),
        1,
        "a token at hand needs no keys"
    );
    let other = world("other-api");
    let shown = other.shown(&other.run(&["token", "lab"]));
    // Each server makes keys of its own.
    let after = shown.split("key ").nth(1).unwrap();
    let key = after.split(')').next().unwrap();
    insta::assert_snapshot!(shown.replace(key, "[KEY]"));
}

#[test]
fn oidc_core_s9_a_secret_signs_an_assertion_for_whom_the_profile_says() {
    for (more, is_for_issuer) in [
        ("", false),
        ("assertion-audience = \"issuer\"\nissuer = \"ISSUER\"", true),
    ] {
        let profile = format!(
            "client-auth = \"client-secret-jwt\"\nclient-secret = {{ file = \"lab.secret\" }}\n{more}"
        );
        let world = world(&profile);
        let ended = world.run(&["token", "lab"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let sent = world.server.requests().pop().unwrap();
        let assertion = sent.field("client_assertion").unwrap();
        let part = |index: usize| -> serde_json::Value {
            use base64::Engine as _;
            let text = assertion.split('.').nth(index).unwrap();
            let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text);
            serde_json::from_slice(&text.unwrap()).unwrap()
        };
        assert_eq!(part(0)["alg"], "HS256");
        let issuer = world.listening().issuer();
        let expected = match is_for_issuer {
            true => issuer,
            false => world.listening().url("/token").to_string(),
        };
        assert_eq!(part(1)["aud"], expected);
    }
}
