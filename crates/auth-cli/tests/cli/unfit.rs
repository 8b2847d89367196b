//! Values that have the right shape and could never be used: said before anything is sent, with their line.

use crate::world::{SECRET, World, finish};

/// The profile `x`, whose fifth line is the one in question.
fn with(world: &World, line: &str) {
    world.secret("lab.secret", SECRET);
    world.config(&format!(
        "[profile.x]\nkind = \"client-credentials\"\nissuer = \"ISSUER\"\nclient-id = \"robot\"\n{line}\n"
    ));
}

const BY_FILE: &str = "client-secret = { file = \"lab.secret\" }";

#[test]
fn what_no_request_could_carry_is_a_mistake_in_its_line() {
    let world = World::empty();
    for (line, said) in [
        ("timeout = 0", "nothing is done in no time"),
        ("timeout = \"0s\"", "nothing is done in no time"),
        ("timeout = -1", "in profile `x` is no length of time"),
        ("timeout = \"5 parsecs\"", "`parsecs` is no unit"),
        ("timeout = \"5M\"", "write `m` for minutes"),
        ("header = \"Host\"", "a meaning of its own"),
        ("header = \"content-length\"", "a meaning of its own"),
        ("header = \"Cookie\"", "a meaning of its own"),
        ("header = \"X Y\"", "no name for a header"),
        ("scheme = \"Bearer \"", "no scheme"),
        ("scheme = \"Bea rer\"", "no scheme"),
        ("api = \"http://example.org/v1\"", "is not https"),
        ("api = \"ftp://example.org\"", "is not https"),
        ("api = \"https://example.org/?key=canary\"", "has a query"),
        ("api = \"https://example.org/#/v1\"", "has a fragment"),
        ("hosts = [\"\"]", "is no host"),
        ("hosts = [\"*.example.org\"]", "is no host"),
        ("hosts = \"https://example.org/x\"", "is no host"),
        ("hosts = \"example.org?key=canary\"", "is no host"),
        ("scope = \"read,write réad\"", "no scope has that"),
        ("scope = [\"a\\\"b\"]", "no scope has that"),
        ("verify-audience = \"\"", "is empty"),
        ("audience = \" \"", "is empty"),
        ("basic-user = \"a\\nb\"", "a control character"),
        ("ca-file = \"\"", "must name a file"),
        ("audience = \"api \"", "white space around it"),
        (
            "resource = \" https://example.org\"",
            "white space around it",
        ),
    ] {
        with(&world, &format!("{line}\n{BY_FILE}"));
        for arguments in [&["token", "x"][..], &["request", "x", "/y"]] {
            let ended = world.run(arguments);
            assert_eq!(
                (ended.code, &*ended.stdout),
                (Some(2), ""),
                "{line}: {}",
                ended.stderr
            );
            assert!(
                ended.stderr.contains("config.toml:5: ") && ended.stderr.contains(said),
                "{line}: {}",
                ended.stderr
            );
            assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
        }
        let ended = world.run(&["config", "check"]);
        assert_eq!(ended.code, Some(2), "{line}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{line}: {}", ended.stderr);
    }
    assert_eq!(world.server.requests().len(), 0);
}

#[test]
fn what_looks_odd_and_is_right_is_taken() {
    let world = World::empty();
    for line in [
        "scheme = \"\"",
        "scheme = \"Token\"",
        "header = \"X-Identity\"",
        "timeout = 90",
        "timeout = \"1h 30m\"",
        "hosts = [\"[::1]:8443\", \"bücher.example\"]",
        "scope = \"\"",
        "api = \"http://127.0.0.1:1/x\"",
        "api = \"http://lab.localhost/\"",
    ] {
        with(&world, &format!("{line}\n{BY_FILE}"));
        world.run(&["token", "x"]).quiet();
        let ended = world.run(&["config", "check"]);
        assert_eq!(ended.code, Some(0), "{line}: {}", ended.stderr);
    }
}

#[test]
fn a_variable_and_an_option_are_judged_as_the_file_is() {
    let world = World::new();
    for (variable, value, said) in [
        ("AUTH_LAB_API", "http://example.org", "AUTH_LAB_API: `api`"),
        ("AUTH_LAB_HEADER", "host", "AUTH_LAB_HEADER: `header`"),
        ("AUTH_LAB_HOSTS", "a/b", "AUTH_LAB_HOSTS: `a/b`"),
    ] {
        let mut command = world.auth(&["token", "lab"]);
        command.env(variable, value);
        let ended = finish(command);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
    let ended = world.run(&["token", "lab", "--scope", "réad"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("--scope: "), "{}", ended.stderr);
    assert_eq!(world.server.requests().len(), 0);
}

#[test]
fn a_place_where_no_secret_can_be_is_a_mistake_in_its_line() {
    let world = World::empty();
    for (place, said) in [
        ("env = \"\"", "names no variable"),
        ("env = \"A=B\"", "names no variable"),
        ("env = \"LAB SECRET\"", "names no variable"),
        ("file = \"\"", "`file` that is written in another way"),
        ("file = \"a\\u0000b\"", "names no file"),
        ("prompt = \" \"", "has an empty question"),
        ("command = [\"\"]", "names no program"),
        ("command = [\"echo\", \"a\\u0000b\"]", "a NUL character"),
    ] {
        with(&world, &format!("client-secret = {{ {place} }}"));
        let ended = world.run(&["config", "check"]);
        assert_eq!(ended.code, Some(2), "{place}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("config.toml:5: ") && ended.stderr.contains(said),
            "{place}: {}",
            ended.stderr
        );
    }
}

#[test]
fn a_directory_is_no_secret_and_no_rights_of_it_are_the_reason() {
    let world = World::empty();
    for place in ["file = \"/tmp\"", "file = \".\""] {
        with(&world, &format!("client-secret = {{ {place} }}"));
        let ended = world.run(&["token", "x"]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("is a directory; name a file in it"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn a_name_that_no_message_could_show_whole_is_none() {
    let world = World::empty();
    let (long, longest) = ("x".repeat(61), "x".repeat(60));
    let keys = [
        "--kind",
        "oidc",
        "--issuer",
        "https://a.b",
        "--client-id",
        "c",
    ];
    let ended = world.run(&[&["profiles", "add", &long], &keys[..]].concat());
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("60 at most"), "{}", ended.stderr);
    let ended = world.run(&[&["profiles", "add", &longest], &keys[..]].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let command = format!("auth login {longest}");
    assert!(ended.stderr.contains(&command), "{}", ended.stderr);
}

#[test]
fn the_line_that_is_no_text_is_named() {
    let world = World::empty();
    for (bytes, said) in [
        (
            &b"[profile.x]\nkind = \"oidc\"\n# \xff\n"[..],
            "config.toml:3: this line is no text in UTF-8",
        ),
        (
            b"[profile.x]\n\0",
            "config.toml:2: this line has a NUL character",
        ),
        (b"[\0p\0r\0", "config.toml is no text in UTF-8"),
    ] {
        world.secret_bytes("config.toml", bytes);
        let ended = world.run(&["token", "x"]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

/// What a command asks must not be what it is asked for.
#[test]
#[cfg_attr(windows, ignore = "the program is no word of a path there")]
fn a_command_for_a_secret_that_asks_for_itself_ends() {
    let world = World::empty();
    let program = env!("CARGO_BIN_EXE_auth");
    with(
        &world,
        &format!(
            "client-secret = {{ command = [\"{program}\", \"token\", \"x\", \"--no-store\"] }}"
        ),
    );
    let ended = world.run(&["token", "x", "--no-store"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let said = "runs a command, and so on; name a command that has the secret itself";
    assert_eq!(ended.stderr.matches(said).count(), 1, "{}", ended.stderr);
}
