//! The configuration: its layers, and what it refuses.

use crate::world::{World, finish, set_mode};

fn refused(text: &str) -> String {
    let world = World::empty();
    world.config(text);
    let ended = world.run(&["token", "x"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    world.shown(&ended)
}

#[test]
fn each_mistake_in_the_file_is_one_line_that_names_its_place() {
    let mistakes = [
        "[profile.x]\nkind = \"refresh\"\n\nscop = \"a\"",
        "[profile.x]\nbanana = 1",
        "[profiles.x]\nkind = \"refresh\"",
        "[profile.x]\nkind = \"password\"",
        "[profile.x]\nscope = \"a\"",
        "[profile.x]\nkind = \"client-credentials\"\nrefresh-token = { env = \"A\" }",
        "[profile.x]\nkind = \"client-credentials\"\nclient-secret = \"hunter2\"",
        "[profile.x]\nkind = \"client-credentials\"\nclient-secret = { value = \"hunter2\" }",
        "[profile.x]\nkind = \"client-credentials\"\nclient-secret = { env = \"A\", file = \"b\" }",
        "[profile.x]\nkind = \"client-credentials\"\ntoken-url = \"not a url\"",
        "[profile.x]\nkind = \"client-credentials\"\nclient-id = 7",
        "[profile.x]\nkind = \"client-credentials\"\nscope = [1]",
        "[profile.x]\nkind = \"client-credentials\"\ntoken-url = \"http://127.0.0.1:1/\"",
        "[profile.x]\nkind = \"client-credentials\"\nclient-id = \"a\"\nclient-auth = \"none\"",
        "[profile.x]\nkind = \"client-credentials\"\nclient-id = \"a\"\nissuer = \"http://a.b\"\nclient-auth = \"none\"",
        "[profile.x]\nkind = \"refresh\"\nissuer = \"http://127.0.0.1:1\"\nclient-id = \"a\"",
        "[profile.x]\npreset = \"disruptiv\"",
        "[profile.\"x\\u001b\"]\nkind = \"refresh\"",
        "[profile.x\nclient-secret = \"hunter2\"",
        "profile = 1",
    ];
    let all: String = mistakes
        .map(|text| format!("{text}\n{}\n", refused(text)))
        .concat();
    insta::assert_snapshot!(all);
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_what_is_built_in() {
    let world = World::new();
    let asked = |arguments: &[&str], variable: Option<&str>| {
        let mut command = world.auth(arguments);
        command.envs(variable.map(|scope| ("AUTH_LAB_SCOPE", scope)));
        finish(command).quiet();
        let requests = world.server.requests();
        let last = requests
            .iter()
            .rev()
            .find(|request| request.path() == "/token");
        last.unwrap().field("scope").unwrap()
    };
    assert_eq!(asked(&["token", "lab"], None), "read write");
    assert_eq!(asked(&["token", "lab"], Some("write")), "write");
    assert_eq!(
        asked(&["token", "lab", "--scope", "read"], Some("write")),
        "read"
    );
}

#[test]
fn an_unknown_variable_of_a_profile_is_an_error_with_the_nearest_name() {
    let world = World::new();
    let mut command = world.auth(&["token", "lab"]);
    command.env("AUTH_LAB_SCPOE", "read");
    insta::assert_snapshot!(world.shown(&finish(command)));
}

#[test]
fn a_preset_can_be_used_under_another_name() {
    let world = World::empty();
    world.secret("roof.key", crate::world::KEY);
    world.config(
        r#"
        [profile.roof]
        preset = "disruptive"
        token-url = "URL/oauth2/token"
        api = "URL/v2"
        email = "robot@plant.serviceaccount.d21s.com"
        key-id = "key1"
        key = { file = "roof.key" }
        "#,
    );
    assert!(
        world
            .run(&["request", "roof", "projects"])
            .quiet()
            .contains("Cold store")
    );
}

#[test]
fn a_profile_can_live_in_the_environment_but_for_its_kind() {
    let world = World::empty();
    world.config("[profile.bare]\nkind = \"client-credentials\"");
    let mut command = world.auth(&["token", "bare"]);
    command.env("AUTH_BARE_ISSUER", world.listening().issuer());
    command.env("AUTH_BARE_CLIENT_ID", "robot");
    command.env("AUTH_BARE_CLIENT_SECRET", crate::world::SECRET);
    finish(command).quiet();
}

#[test]
#[cfg_attr(windows, ignore = "files have no modes")]
fn a_configuration_that_others_could_have_written_is_refused() {
    let world = World::new();
    let (file, directory) = (
        world.config_directory().join("config.toml"),
        world.config_directory(),
    );
    let mut all = String::new();
    for (path, loose, strict) in [(&file, 0o666, 0o600), (&directory, 0o777, 0o700)] {
        set_mode(path, loose);
        let ended = world.run(&["token", "lab"]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        all.push_str(&world.shown(&ended));
        set_mode(path, strict);
    }
    world.run(&["token", "lab"]).quiet();
    insta::assert_snapshot!(all);
}

#[test]
#[cfg_attr(windows, ignore = "files have no such owners")]
fn a_configuration_that_belongs_to_another_user_is_refused() {
    let world = World::new();
    let file = world.config_directory().join("config.toml");
    if crate::system::give_away(&file, Some(4242), None).is_err() {
        eprintln!("skipped: only root can give a file away");
        return;
    }
    let ended = world.run(&["token", "lab"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("belongs to user 4242"),
        "{}",
        ended.stderr
    );
}

#[test]
fn the_flag_and_the_variable_name_another_file() {
    let world = World::new();
    let other = world.home().join("other.toml");
    std::fs::rename(world.config_directory().join("config.toml"), &other).unwrap();
    std::fs::rename(
        world.config_directory().join("lab.secret"),
        world.home().join("lab.secret"),
    )
    .unwrap();
    assert_eq!(world.run(&["token", "lab"]).code, Some(2));
    world
        .run(&["token", "lab", "--config", "other.toml"])
        .quiet();
    let mut command = world.auth(&["token", "lab"]);
    command.env("AUTH_CONFIG", &other);
    finish(command).quiet();
}
