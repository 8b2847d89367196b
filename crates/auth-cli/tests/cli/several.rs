//! Audiences and resources of which a profile asks for several at once.

use serde_json::{Value, json};

use crate::login::{let_in, logged_in};
use crate::world::{World, finish, finish_with_stdin};

const CLIENT: &str = "client-id = \"robot\"\nclient-secret = { file = \"lab.secret\" }";

/// A client that asks for itself, with these keys.
fn robot(world: &World, keys: &str) {
    world.config(&format!(
        "[profile.x]\nkind = \"client-credentials\"\nissuer = \"ISSUER\"\n{CLIENT}\n{keys}"
    ));
}

fn token(world: &World, arguments: &[&str]) -> String {
    world.run(&[&["token"], arguments].concat()).quiet()
}

fn audience(world: &World, token: &str) -> Value {
    let seen = finish_with_stdin(world.auth(&["inspect"]), token);
    serde_json::from_str::<Value>(&seen.stdout).unwrap()["claims"]["aud"].clone()
}

/// What the last request for a token said of `name`.
fn sent(world: &World, name: &str) -> Vec<String> {
    let sent = world.server.requests();
    let sent = sent.iter().rfind(|one| one.path() == "/token");
    sent.unwrap().fields(name)
}

#[test]
fn one_token_is_asked_for_all_of_them_in_each_way_to_say_so() {
    let world = World::new();
    robot(&world, r#"audience = ["b", "a c"]"#);
    let first = token(&world, &["x"]);
    assert_eq!(sent(&world, "audience"), ["b", "a c"]);
    assert_eq!(audience(&world, &first), json!(["b", "a c"]));
    assert_eq!(token(&world, &["x"]), first, "it is kept");
    let given = token(&world, &["x", "--audience", "c", "--audience=d e"]);
    assert_eq!(audience(&world, &given), json!(["c", "d e"]));
    let mut command = world.auth(&["token", "x"]);
    command.env("AUTH_X_AUDIENCE", r#" ["d", 'e f'] "#);
    let of_variable = finish(command).quiet();
    assert_eq!(audience(&world, &of_variable), json!(["d", "e f"]));
    let of_file = "AUTH_X_RESOURCE";
    let mut command = world.auth(&["token", "x", "--audience", "a"]);
    command.env(of_file, r#"["https://b.example", "https://c.example"]"#);
    let both = finish(command).quiet();
    let all = json!(["https://b.example", "https://c.example", "a"]);
    assert_eq!(audience(&world, &both), all);
    let add = [
        "profiles",
        "add",
        "y",
        "--kind=client-credentials",
        "--client-id=robot",
        "--client-secret=file:lab.secret",
        "--resource=https://a.example",
        "--resource=https://b.example",
        "--audience=one",
    ];
    let issuer = format!("--issuer={}", world.listening().issuer());
    let mut command = world.auth(&[&add[..], &[&issuer]].concat());
    let ended = finish({
        command.current_dir(world.config_directory());
        command
    });
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let written = std::fs::read_to_string(world.config_directory().join("config.toml")).unwrap();
    let list = r#"resource = ["https://a.example", "https://b.example"]"#;
    assert!(
        written.contains(list) && written.contains("audience = \"one\""),
        "{written}"
    );
    let all = json!(["https://a.example", "https://b.example", "one"]);
    assert_eq!(audience(&world, &token(&world, &["y"])), all);
}

#[test]
fn one_in_a_list_is_the_one_and_no_two_sets_share_a_token() {
    let world = World::new();
    let of = |said: &str| {
        robot(&world, &format!("audience = {said}"));
        token(&world, &["x"])
    };
    let one = of(r#""b""#);
    assert_eq!(of(r#"["b"]"#), one);
    let tokens = [
        one,
        of(r#"["b", "c"]"#),
        of(r#"["c", "b"]"#),
        of(r#""b c""#),
        of(r#"["b", "c", "d"]"#),
    ];
    let different: std::collections::BTreeSet<_> = tokens.iter().collect();
    assert_eq!(different.len(), tokens.len());
}

#[test]
fn a_refresh_token_and_an_exchange_ask_for_all_of_them_too() {
    let world = World::new();
    let several = r#"resource = ["https://a.example", "https://b.example"]
        audience = ["c", "d"]"#;
    world.config(&format!(
        r#"
        [profile.given]
        kind = "refresh"
        issuer = "ISSUER"
        client-id = "desktop"
        refresh-token = {{ file = "ada.token" }}
        {several}

        [profile.robot]
        kind = "client-credentials"
        issuer = "ISSUER"
        {CLIENT}

        [profile.traded]
        kind = "token-exchange"
        issuer = "ISSUER"
        {CLIENT}
        subject = "robot"
        requested-token-type = "refresh-token"
        {several}
        "#
    ));
    let all = json!(["https://a.example", "https://b.example", "c", "d"]);
    assert_eq!(audience(&world, &token(&world, &["given"])), all);
    assert_eq!(audience(&world, &token(&world, &["traded"])), all);
    // No RFC has an audience in a refresh, and the new token is for what it names (RFC 8707 §2.2).
    let renewed = token(&world, &["traded", "--refresh"]);
    assert_eq!(sent(&world, "grant_type"), ["refresh_token"]);
    assert_eq!(
        sent(&world, "resource"),
        ["https://a.example", "https://b.example"]
    );
    let resources = json!(["https://a.example", "https://b.example"]);
    assert_eq!(audience(&world, &renewed), resources);
}

#[test]
fn a_person_logs_in_for_all_of_them_and_is_told_how_with_each() {
    let world = crate::login::world();
    let path = world.config_directory().join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let resources = "resource = [\"https://a.example\", \"https://b.example\"]\n";
    std::fs::write(&path, text + resources).unwrap();
    logged_in(&world);
    let both = json!(["https://a.example", "https://b.example"]);
    assert_eq!(audience(&world, &token(&world, &["person"])), both);
    assert_eq!(
        audience(&world, &token(&world, &["person", "--refresh"])),
        both
    );
    let flags = ["--audience", "c d", "--audience", "e"];
    let other = world.run(&[&["token", "person"], &flags[..]].concat());
    assert_eq!(other.code, Some(4), "{}", other.stderr);
    let command = "`auth login person --audience 'c d' --audience e`";
    assert!(other.stderr.contains(command), "{}", other.stderr);
    let login = [&["login", "person", "--device-code"], &flags[..]].concat();
    assert_eq!(let_in(&world, &login).wait().unwrap().code(), Some(0));
    let codes = world.server.requests();
    let codes = codes
        .iter()
        .rfind(|one| one.path() == "/device_authorization");
    assert_eq!(codes.unwrap().fields("audience"), ["c d", "e"]);
    token(&world, &[&["person"], &flags[..]].concat());
    world.run(&[&["logout", "person"], &flags[..]].concat());
    let gone = world.run(&[&["token", "person"], &flags[..]].concat());
    assert_eq!(gone.code, Some(4), "{}", gone.stderr);
    token(&world, &["person"]);
}

#[test]
fn what_is_shown_of_them_can_be_told_apart() {
    let world = World::new();
    robot(&world, r#"audience = ["b", "a c"]"#);
    let shown = world.run(&["config", "show", "x"]).quiet();
    assert!(shown.contains(r#"["b", "a c"]"#), "{shown}");
    let given = token(&world, &["x"]);
    let status = world.run(&["status", "--json"]).quiet();
    let status: Value = serde_json::from_str(&status).unwrap();
    let asked_for = &status["logins"][0]["tokens"][0]["asked_for"];
    assert_eq!(*asked_for, json!({ "audience": "b", "audience 2": "a c" }));
    for (profile, code) in [
        (r#"["b", "a c"]"#, 0),
        (r#"["c", "a c"]"#, 0),
        (r#"["c", "d"]"#, 3),
    ] {
        robot(&world, &format!("audience = {profile}"));
        let ended = finish_with_stdin(world.auth(&["verify", "--profile", "x"]), &given);
        assert_eq!(ended.code, Some(code), "{profile}: {}", ended.stderr);
    }
}

#[test]
fn what_they_can_not_be_is_one_line_that_says_where() {
    let world = World::new();
    let mut said = Vec::new();
    for keys in [
        "audience = []",
        "audience = \"\"",
        "audience = [\"a\", \" \"]",
        "audience = [\"a\", \"b\", \"a\"]",
        "audience = [\"a\", 1]",
        "audience = [[\"a\"]]",
        "audience = 1",
        "resource = { a = \"b\" }",
        "resource = [\"a\", \"a\"]",
    ] {
        robot(&world, keys);
        said.push(world.shown(&world.run(&["token", "x"])));
    }
    robot(&world, "");
    for list in ["[]", "[\"a\"", "[a, b]", "[\"a\", \"a\"]", "[\"\"]", " "] {
        let mut command = world.auth(&["token", "x"]);
        command.env("AUTH_X_AUDIENCE", list);
        said.push(world.shown(&finish(command)));
    }
    for flags in [
        &["--audience=a", "--audience=a"][..],
        &["--audience=a", "--audience= "],
    ] {
        said.push(world.shown(&world.run(&[&["token", "x"], flags].concat())));
    }
    let twice = [
        "profiles",
        "add",
        "y",
        "--kind=oidc",
        "--audience=a",
        "--audience=a",
    ];
    said.push(world.shown(&world.run(&twice)));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_kind_that_asks_for_one_says_so() {
    let world = World::empty();
    let said = [
        "kind = \"jwt-bearer\"\naudience = [\"a\", \"b\"]",
        "kind = \"desp\"\nexchange-url = \"https://a.example\"\naudience = [\"a\", \"b\"]",
        "kind = \"entra\"\nresource = [\"a\", \"b\"]",
        "kind = \"managed-identity\"\nresource = [\"a\", \"b\"]",
        "kind = \"chain\"\nresource = [\"a\", \"b\"]",
        "kind = \"keycloak\"\naudience = [\"a\", \"b\"]",
    ]
    .map(|keys| {
        world.config(&format!("[profile.x]\n{keys}"));
        let checked = world.run(&["config", "check"]);
        assert_eq!(checked.code, Some(2), "{}", checked.stderr);
        assert!(
            checked.stderr.contains("1 mistake was found"),
            "{}",
            checked.stderr
        );
        world.shown(&world.run(&["token", "x"]))
    });
    insta::assert_snapshot!(said.join("\n"));
    world.config("[profile.x]\nkind = \"jwt-bearer\"");
    let ended = world.run(&["token", "x", "--audience=a", "--audience=b"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("--audience: `audience` must be one text"),
        "{}",
        ended.stderr
    );
}
