//! What people get wrong: exit 2, with the place and the way out.

use crate::world::{World, finish};

const CLIENT: &str = "client-id = \"robot\"\nclient-secret = { file = \"lab.secret\" }";

#[test]
fn an_issuer_in_another_spelling_is_a_mistake_in_the_file() {
    let world = World::new();
    let issuer = world.listening().issuer();
    let well_known = format!("{issuer}/.well-known/openid-configuration");
    let said = [
        ("client-credentials", format!("{issuer}/")),
        ("client-credentials", well_known.clone()),
        ("client-credentials", format!("{issuer} ")),
        ("client-credentials", format!("{issuer}/nowhere")),
        ("oidc", format!("{issuer}/")),
        ("keycloak", format!("{issuer}/realms/my lab")),
        (
            "keycloak",
            format!("{issuer}/realms/lab/.well-known/openid-configuration"),
        ),
    ]
    .map(|(kind, issuer)| {
        world.config(&format!(
            "[profile.x]\nkind = \"{kind}\"\nissuer = \"{issuer}\"\n{CLIENT}"
        ));
        let ended = match kind {
            "oidc" => world.run(&["login", "x", "--device-code"]),
            _ => world.run(&["token", "x"]),
        };
        assert_eq!(ended.code, Some(2), "{issuer}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("config.toml:3: "),
            "{issuer}: {}",
            ended.stderr
        );
        world.shown(&ended)
    });
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn an_address_with_nothing_at_it_is_a_mistake_in_the_file() {
    let world = World::new();
    let issuer = world.listening().issuer();
    world.config(&format!(
        "[profile.x]\nkind = \"client-credentials\"\ntoken-url = \"{issuer}/tokn\"\n{CLIENT}"
    ));
    insta::assert_snapshot!(world.shown(&world.run(&["token", "x"])));
}

#[test]
fn one_broken_profile_breaks_no_other() {
    let world = World::new();
    let path = world.config_directory().join("config.toml");
    let good = std::fs::read_to_string(&path).unwrap();
    for broken in [
        "[profile.odd]\nkind = \"client_credentials\"\n",
        "[profile.odd]\nscope = things\n",
        "[profile.odd]\nscope = \"things\n",
        "[profile.odd\nkind = \"oidc\"\n",
        "[profile.odd]\nbanana = 1\n",
        "[profile.odd]\nclient-secret = \"canary\"\n",
    ] {
        for text in [format!("{broken}{good}"), format!("{good}{broken}")] {
            std::fs::write(&path, &text).unwrap();
            let lab = world.run(&["token", "lab"]);
            assert_eq!(lab.code, Some(0), "{text}{}", lab.stderr);
            let odd = world.run(&["token", "odd"]);
            assert_eq!(odd.code, Some(2), "{text}{}", odd.stderr);
            assert!(odd.stderr.contains("config.toml:"), "{text}{}", odd.stderr);
            let listed = world.run(&["profiles", "--json"]);
            assert_eq!(listed.code, Some(0), "{text}{}", listed.stderr);
            let said = format!(
                "{}{}{}{}",
                odd.stderr, lab.stderr, listed.stdout, listed.stderr
            );
            assert!(
                said.contains("config.toml:") && !said.contains("canary"),
                "{said}"
            );
        }
    }
}

#[test]
fn what_a_broken_file_says_of_a_built_in_profile_is_not_done_without() {
    let world = World::empty();
    world.config(
        "[profile.x]\nscope = [\"a\n[profile.disruptive]\napi = \"https://staging.example\"\n",
    );
    for (name, code) in [("disruptive", Some(2)), ("destiny", Some(4))] {
        let ended = world.run_disruptive(&["token", name]);
        assert_eq!(ended.code, code, "{name}: {}", ended.stderr);
    }
}

/// What is said of a profile with these keys, which is a mistake.
fn said_of(world: &World, keys: &str) -> String {
    world.config(&format!("[profile.x]\n{keys}"));
    let ended = world.run(&["token", "x"]);
    assert_eq!(ended.code, Some(2), "{keys}: {}", ended.stderr);
    world.shown(&ended)
}

#[test]
fn a_key_that_does_nothing_is_an_error() {
    let world = World::empty();
    let said = [
        "kind = \"keycloak\"\naudience = \"a\"",
        "kind = \"oidc\"\nkey-id = \"a\"",
        "kind = \"oidc\"\nclient-auth = \"none\"\nclient-secret = { env = \"X\" }",
        "kind = \"client-credentials\"\nprompt = \"login\"",
        "kind = \"entra\"\nclient-secret = { env = \"X\" }\nlogin-hint = \"a\"",
        "kind = \"desp\"\naudience = \"a\"",
        "kind = \"chain\"\nprompt = \"login\"",
        "kind = \"client_credentials\"",
    ]
    .map(|keys| said_of(&world, keys));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn parameters_of_a_login_and_of_a_token_reach_the_server() {
    let world = World::empty();
    world
        .server
        .set_visitor(auth_testkit::Visitor::logs_in("ada"));
    world.config(
        r#"
        [profile.me]
        kind = "oidc"
        issuer = "ISSUER"
        client-id = "desktop"
        client-auth = "none"
        scope = "openid"
        audience = "https://api.example"
        resource = "https://data.example"
        prompt = "consent"
        login-hint = "ada@example.org"
        access-type = "offline"
        "#,
    );
    let login = ["login", "me", "--browser", "--no-browser"];
    let (mut child, said) = crate::login::started(world.auth(&login), "log in at");
    world.follow(&crate::login::word_after(&said, "log in at "));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    world.run(&["token", "me", "--refresh"]).quiet();
    let requests = world.server.requests();
    let page = requests
        .iter()
        .find(|one| one.path() == "/authorize")
        .unwrap();
    for (name, value) in [
        ("audience", "https://api.example"),
        ("resource", "https://data.example"),
        ("prompt", "consent"),
        ("login_hint", "ada@example.org"),
        ("access_type", "offline"),
    ] {
        assert_eq!(page.query(name).as_deref(), Some(value), "{name}");
    }
    let tokens = requests.iter().filter(|one| one.path() == "/token");
    let tokens: Vec<_> = tokens.collect();
    assert_eq!(tokens.len(), 2);
    for one in tokens {
        assert_eq!(
            one.field("resource").as_deref(),
            Some("https://data.example")
        );
        assert_eq!(one.field("audience"), None);
    }
    // Another audience is another login.
    let other = world.run(&["token", "me", "--audience", "https://other.example"]);
    assert_eq!(other.code, Some(4), "{}", other.stderr);
    assert!(
        other.stderr.contains("--audience https://other.example"),
        "{}",
        other.stderr
    );
}

#[test]
fn names_that_a_variable_can_not_tell_apart_are_told_apart_by_whoever_named_them() {
    let world = World::new();
    world.config(
        "[profile.lab-a]\nkind = \"client-credentials\"\n[profile.lab_a]\nkind = \"client-credentials\"\n",
    );
    let mut command = world.auth(&["token", "lab-a"]);
    command.env("AUTH_LAB_A_SCOPE", "x");
    insta::assert_snapshot!(world.shown(&finish(command)));
}

#[test]
fn a_slip_of_the_finger_finds_its_name_and_no_other_word_does() {
    let world = World::new();
    let said = [
        &["token", "lba"][..],
        &["token", "lab", "--secret", "abc"],
        &["token", "lab", "--refesh"],
        &["tokne", "lab"],
        &["TOKEN", "lab"],
        &["credential", "lab"],
        &["secret", "lab"],
        &["install"],
        &["exec", "lab", "ls"],
        &["logout", "--force"],
        &["token", "[profile.lba]"],
    ]
    .map(|line| world.shown(&world.run(line)));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_life_that_was_asked_for_is_demanded_of_a_new_token_too() {
    let world = World::new();
    world.run(&["token", "lab"]).quiet();
    let ended = world.run(&["token", "lab", "--refresh", "--min-ttl", "2h"]);
    assert_ne!(ended.code, Some(0));
    assert!(ended.stderr.contains("3600 s"), "{}", ended.stderr);
}

#[test]
fn the_metadata_are_asked_for_once_and_the_program_says_who_it_is() {
    let world = World::new();
    let text = std::fs::read_to_string(world.config_directory().join("config.toml")).unwrap();
    world.config(&text.replace("api = ", "verify-audience = \"api\"\napi = "));
    world.run(&["token", "lab"]).quiet();
    let requests = world.server.requests();
    let asked = requests
        .iter()
        .filter(|one| one.path().contains("well-known"));
    assert_eq!(asked.count(), 1);
    for request in requests {
        let name = request.header("user-agent").unwrap_or_default().to_owned();
        assert!(name.starts_with("auth/"), "{name}");
    }
}

#[test]
fn a_configuration_that_is_no_file_of_text_is_said_to_be_what_it_is() {
    let world = World::new();
    let directory = world.home().display().to_string();
    let utf16 = "[profile.x]\n".encode_utf16().flat_map(u16::to_le_bytes);
    let file = world.secret_bytes("utf16.toml", &utf16.chain([0xff]).collect::<Vec<u8>>());
    let file = file.display().to_string();
    for (path, said) in [
        (&directory, "is a directory; name a file"),
        (&file, "is no text in UTF-8; save it as UTF-8"),
    ] {
        let ended = world.run(&["--config", path, "token", "lab"]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
        assert!(!ended.stderr.contains("chmod"), "{}", ended.stderr);
    }
}

#[test]
fn an_option_that_is_not_there_is_not_called_a_value() {
    let world = World::new();
    for words in [
        ["token", "lab", "--jsn"],
        ["token", "lab", "-5"],
        ["status", "--nothing", "lab"],
    ] {
        let ended = world.run(&words);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(!ended.stderr.contains("as a value"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("tip: \n"), "{}", ended.stderr);
    }
}

/// A path on Linux, and what is pasted, may be no text.
#[cfg(unix)]
#[test]
fn an_argument_or_a_variable_that_is_no_text_is_one_line() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let world = World::new();
    let odd = OsStr::from_bytes(b"a\xffb");
    let long = [b"l\xff".as_slice(), [b'x'; 100].as_slice()].concat();
    for words in [
        &["token"][..],
        &["token", "lab", "--scope"],
        &["token", "lab", "--account"],
        &["token", "lab", "--config"],
        &["exec", "lab", "--"],
        &["inspect"],
        &["profiles", "show"],
        &["git-credential", "lab"],
        &["request", "lab", "/api", "--data"],
    ] {
        for argument in [odd, OsStr::from_bytes(&long)] {
            let mut command = world.auth(words);
            command.arg(argument);
            let ended = finish(command);
            let code = ended.code.unwrap();
            assert!([0, 2, 127].contains(&code), "{words:?} {code}");
            assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
            assert!(!ended.stderr.contains(&"x".repeat(61)), "{}", ended.stderr);
        }
    }
    for (variable, said) in [
        ("AUTH_PROFILE", "there is no profile"),
        ("AUTH_ACCOUNT", "AUTH_ACCOUNT is not a text"),
        ("AUTH_LAB_SCOPE", "AUTH_LAB_SCOPE is not a text"),
    ] {
        let named = ["token", "lab"];
        let mut command = world.auth(&named[..1 + usize::from(variable != "AUTH_PROFILE")]);
        command.env(variable, odd);
        let ended = finish(command);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{variable}");
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

#[test]
fn a_login_has_a_name_that_can_be_seen() {
    let world = World::new();
    for name in [" ", "a\nb", "\u{1b}[2J", "a\tb"] {
        let ended = world.run(&["token", "lab", "--account", name]);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{name:?}");
        let said = "--account: the name of a login is empty or has a control character";
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
    let mut command = world.auth(&["token", "lab"]);
    command.env("AUTH_ACCOUNT", "");
    finish(command).quiet();
    world.run(&["token", "lab", "--account", "é a/b"]).quiet();
}

#[test]
fn a_word_of_another_program_leads_to_ours() {
    let world = World::new();
    let said = [
        &["get-token", "lab"][..],
        &["auth", "token", "lab"],
        &["profiles", "list"],
        &["config", "set", "lab", "scope", "read"],
        &["token", "--profile", "lab"],
        &["token", "lab", "-o", "json"],
        &["request", "lab", "-X", "POST", "/things"],
        &["request", "lab", "/things", "POST"],
        &["request", "lab", "POST"],
        &["login", "--hostname", "github.com"],
        &["token", "lab", "--account", ""],
    ]
    .map(|line| world.shown(&world.run(line)));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_profile_has_a_name_that_can_be_typed_as_one() {
    let world = World::empty();
    for name in ["-", "--", "..", ".hidden", "-v", ""] {
        let line = ["profiles", "add", "--kind", "oidc", "--", name];
        let ended = world.run(&line);
        assert_eq!(ended.code, Some(2), "{name}: {}", ended.stderr);
        assert!(ended.stderr.contains("is not usable"), "{}", ended.stderr);
    }
}

#[test]
fn a_secret_among_the_words_is_not_shown_once_more() {
    let world = World::new();
    for secret in [
        "gho_CANARY0123456789abcdefghijABCDEFGH",
        "ya29.CANARY_a0AfH6SMBxabc",
        "c4a4a4b8df75c9742b2be072bb25e06dbb2d",
        "k3j4h5g6f7d8s9a0q1w2",
        "deadbeef01234567",
        "https://ada:hunter2@idp.example/x",
        "https://idp.example/x?code=hunter2",
    ] {
        for line in [
            &["inspect", secret][..],
            &["token", secret],
            &["request", secret],
            &["token", "lab", secret],
            &["token", "lab", "--scope", secret],
            &["logout", "--key", secret],
            &["completions", secret],
            &["init", secret],
            &["profiles", "add", "x", secret],
        ] {
            let ended = world.run(line);
            let said = format!("{}{}", ended.stdout, ended.stderr);
            assert!(!said.contains(secret), "{line:?}: {said}");
        }
    }
}

#[test]
fn what_editors_and_other_formats_leave_in_a_line_is_named() {
    let world = World::new();
    let said = [
        "kind = “oidc”",
        "kind\u{a0}= \"oidc\"",
        "kind: oidc",
        "; kind = \"oidc\"",
        "kind = \"oidc\"\0",
        "kind = \"azure\"",
        "kind = \"client-credentials\"\ntoken-url = \"https:///token\"",
        "kind = \"client-credentials\"\ntokenEndpoint = \"https://a.example/token\"",
        "client-auth = \"client_secret_post\"",
        "client-secret = { command = \"pass show lab\" }",
        "kind = \"client-credentials\"\nissuer = \"https://a.example\"\nclient-id = \"\"\nclient-secret = { env = \"A\" }",
        "kind = \"client-credentials\"\nissuer = \"ISSUER\"\nclient-id = \"robot\"\nclient-secret = { env = \"$A\" }",
        "kind = \"client-credentials\"\nissuer = \"ISSUER\"\nclient-id = \"robot\"\nclient-secret = { file = \"$HOME/a\" }",
    ]
    .map(|keys| said_of(&world, keys));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_was_meant_to_be_replaced_in_a_path_is_said_to_stand_there_as_it_is() {
    let world = World::new();
    let text = std::fs::read_to_string(world.config_directory().join("config.toml")).unwrap();
    for (path, part) in [
        ("$HOME/a", "no variable is read in it"),
        ("%APPDATA%/a", "no variable is read in it"),
        ("~ada/a", "no shell has replaced the `~`"),
        ("file:///etc/a", "no address"),
    ] {
        world.config(&format!("include = [\"{path}\"]\n{text}"));
        let included = world.run(&["token", "lab"]);
        assert_eq!(included.code, Some(0), "{}", included.stderr);
        for ended in [
            world.run(&["--store", path, "token", "lab"]),
            world.run(&["--config", path, "token", "lab"]),
            world.run(&["inspect", path]),
            world.run(&["profiles"]),
        ] {
            assert!(ended.stderr.contains(part), "{path}: {}", ended.stderr);
            assert!(!ended.stderr.contains("secret"), "{path}: {}", ended.stderr);
        }
    }
    world.config(&text);
    world.run(&["--store", "./a~b", "token", "lab"]).quiet();
}
