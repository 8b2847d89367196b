//! Secrets: where they come from, and where they must not go.

use std::path::{Path, PathBuf};
use std::time::Duration;

use auth_testkit::Fault;

use crate::world::{KEY, SECRET, World, finish, finish_with_stdin, set_mode};

fn world_with(source: &str) -> World {
    let world = World::empty();
    world.secret("lab.secret", &format!("{SECRET}\n"));
    world.config(&format!(
        r#"
        [profile.lab]
        kind = "client-credentials"
        issuer = "ISSUER"
        client-id = "robot"
        client-secret = {source}
        "#
    ));
    world
}

/// A program that somebody keeps secrets with.
fn vault(world: &World, body: &str) -> PathBuf {
    let path = world.secret("vault", &format!("#!/bin/sh\n{body}\n"));
    set_mode(&path, 0o700);
    path
}

#[test]
fn a_secret_comes_from_a_variable() {
    let world = world_with(r#"{ env = "LAB_SECRET" }"#);
    let mut command = world.auth(&["token", "lab"]);
    command.env("LAB_SECRET", SECRET);
    finish(command).quiet();
}

#[test]
fn a_secret_comes_from_a_file_without_its_last_line_break() {
    let world = world_with(r#"{ file = "lab.secret" }"#);
    world.run(&["token", "lab"]).quiet();
}

#[test]
fn a_secret_comes_from_stdin_once() {
    let world = world_with("{ stdin = true }");
    finish_with_stdin(world.auth(&["token", "lab"]), SECRET).quiet();
    let args = [
        "request",
        "lab",
        "/x",
        "--no-store",
        "--data",
        "-",
        "--allow-origin",
        "http://127.0.0.1:1",
    ];
    let ended = finish_with_stdin(world.auth(&args), SECRET);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("read before"), "{}", ended.stderr);
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn a_secret_comes_from_a_command_that_no_shell_reads_and_that_sees_no_other_secret() {
    let world = world_with(r#"{ command = ["./vault", "show", "$HOME; lab"] }"#);
    let seen = world.home().join("seen");
    let body = format!("env >{0}; echo \"$2\" >>{0}; echo {SECRET}", seen.display());
    let vault = vault(&world, &body);
    let text = std::fs::read_to_string(world.config_directory().join("config.toml")).unwrap();
    let text = text.replace("./vault", vault.to_str().unwrap());
    let text =
        text + "\n[profile.other]\nkind = \"refresh\"\nrefresh-token = { env = \"OTHER\" }\n";
    world.config(&text);
    let mut command = world.auth(&["token", "lab"]);
    command
        .env("OTHER", "canary-1")
        .env("AUTH_OTHER_REFRESH_TOKEN", "canary-2");
    command
        .env("DT_SERVICE_ACCOUNT_SECRET", "canary-3")
        .env("AUTH_TOKEN", "canary-4");
    finish(command).quiet();
    let seen = std::fs::read_to_string(seen).unwrap();
    assert!(!seen.contains("canary-"), "{seen}");
    assert!(seen.ends_with("$HOME; lab\n"), "{seen}");
}

/// Some supervisors of services start everything so.
#[test]
#[cfg_attr(windows, ignore = "no signals")]
fn a_command_for_a_secret_may_end_where_the_ends_of_children_are_ignored() {
    let run = |word: &str| {
        let world = world_with(&format!("{{ command = {word} }}"));
        finish(world.auth_after("trap '' CHLD", &["token", "lab"]))
    };
    run(&format!(r#"["echo", "{SECRET}"]"#)).quiet();
    let ended = run(r#"["false"]"#);
    let why = "the command `false` failed: exit status: 1";
    assert!(ended.stderr.contains(why), "{}", ended.stderr);
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn a_command_is_not_run_while_a_token_works() {
    let world = World::new();
    let runs = world.home().join("runs");
    let vault = vault(
        &world,
        &format!("echo run >>{}; echo {SECRET}", runs.display()),
    );
    world.config(&format!(
        r#"
        [profile.lab]
        kind = "client-credentials"
        issuer = "ISSUER"
        client-id = "robot"
        client-secret = {{ command = ["{}"] }}
        "#,
        vault.display()
    ));
    for _ in 0..3 {
        world.run(&["token", "lab"]).quiet();
    }
    assert_eq!(std::fs::read_to_string(runs).unwrap(), "run\n");
}

/// A world whose profile `jobs` starts from the refresh token that a vault gives, and where its runs are
/// counted.
fn jobs(kind: &str) -> (World, PathBuf, PathBuf) {
    let world = World::empty();
    let (token, runs) = (world.home().join("given"), world.home().join("runs"));
    let body = format!("echo run >>{}; cat {}", runs.display(), token.display());
    let vault = vault(&world, &body);
    world.config(&format!(
        r#"
        [profile.jobs]
        kind = "{kind}"
        issuer = "ISSUER"
        client-id = "desktop"
        refresh-token = {{ command = ["{}"] }}
        "#,
        vault.display()
    ));
    (world, token, runs)
}

fn count(runs: &Path) -> usize {
    std::fs::read_to_string(runs)
        .unwrap_or_default()
        .lines()
        .count()
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn a_refresh_token_from_a_command_goes_by_the_command_which_runs_when_it_is_needed() {
    let (world, token, runs) = jobs("refresh");
    let given = world.server.login("desktop", "ada", &["read"]);
    std::fs::write(&token, given.expose_secret()).unwrap();
    for _ in 0..3 {
        world.run(&["token", "jobs"]).quiet();
    }
    assert_eq!((count(&runs), world.server.count("/token")), (1, 1));

    let status = world.run(&["status"]).stdout;
    let label = format!(
        "jobs: jobs: {}",
        world.config_directory().join("vault").display()
    );
    assert!(status.starts_with(&label), "{status}");
    assert_eq!(count(&runs), 1, "its place is known");

    world.run(&["token", "jobs", "--refresh"]).quiet();
    assert_eq!((count(&runs), world.server.count("/token")), (2, 2));
    assert!(!world.server.is_live(&given), "its successor goes on");

    let ended = world.run(&["logout", "jobs"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("revoked"), "{}", ended.stderr);
    assert_eq!(count(&runs), 2);
    assert_eq!(world.run(&["status"]).stdout, "");
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn another_refresh_token_from_the_command_is_another_login() {
    let (world, token, runs) = jobs("refresh");
    let given = world.server.login("desktop", "ada", &["read"]);
    std::fs::write(&token, given.expose_secret()).unwrap();
    world.run(&["token", "jobs"]).quiet();
    let other = world.server.login("desktop", "grace", &["read"]);
    std::fs::write(&token, other.expose_secret()).unwrap();
    let kept = world.run(&["token", "jobs"]).quiet();
    assert_eq!(count(&runs), 1, "a token that works is handed out");
    let next = world.run(&["token", "jobs", "--refresh"]).quiet();
    assert_ne!(kept, next);
    let requests = world.server.requests();
    let sent = requests
        .iter()
        .rev()
        .find_map(|request| request.field("refresh_token"));
    assert_eq!(sent.as_deref(), Some(other.expose_secret()));

    // A dead one is one line, and the next one that the command gives works again.
    world.server.revoke(other.expose_secret());
    let dead = world.server.login("desktop", "ada", &["read"]);
    world.server.revoke(dead.expose_secret());
    std::fs::write(&token, dead.expose_secret()).unwrap();
    let ended = world.run(&["token", "jobs", "--refresh"]);
    insta::assert_snapshot!(world.shown(&ended));
    let last = world.server.login("desktop", "ada", &["read"]);
    std::fs::write(&token, last.expose_secret()).unwrap();
    world.run(&["token", "jobs", "--refresh"]).quiet();
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn what_a_command_gives_is_revoked_with_what_is_kept_under_its_name() {
    let (world, token, _) = jobs("refresh");
    let given = world.server.login("desktop", "ada", &["read"]);
    std::fs::write(&token, given.expose_secret()).unwrap();
    let ended = world.run(&["offline-token", "jobs", "--check"]);
    assert!(ended.stderr.contains("the token works"), "{ended:?}");
    let other = world.server.login("desktop", "grace", &["read"]);
    std::fs::write(&token, other.expose_secret()).unwrap();
    let ended = world.run(&["offline-token", "jobs", "--revoke"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!world.server.is_live(&other));
    assert_eq!(world.server.count("/revoke"), 2);
    assert_eq!(world.run(&["status"]).stdout, "");
}

#[test]
fn a_refresh_token_comes_from_stdin_and_goes_by_its_fingerprint() {
    let world = World::empty();
    world.config(
        r#"
        [profile.jobs]
        kind = "refresh"
        issuer = "ISSUER"
        client-id = "desktop"
        refresh-token = { stdin = true }
        "#,
    );
    let given = world.server.login("desktop", "ada", &["read"]);
    let text = format!("{}\n", given.expose_secret());
    for _ in 0..2 {
        finish_with_stdin(world.auth(&["token", "jobs"]), &text).quiet();
    }
    assert_eq!(world.server.count("/token"), 1);
    // Who asks for all logins has another use for stdin.
    let status = finish_with_stdin(world.auth(&["status"]), "");
    assert!(status.stdout.starts_with("(no profile): "), "{status:?}");
    let ended = finish_with_stdin(world.auth(&["logout", "jobs"]), &text);
    assert!(ended.stderr.contains("revoked"), "{}", ended.stderr);
    let given = world.server.login("desktop", "ada", &["read"]);
    let revoke = world.auth(&["offline-token", "jobs", "--revoke"]);
    let ended = finish_with_stdin(revoke, given.expose_secret());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!world.server.is_live(&given));
}

#[test]
#[cfg_attr(windows, ignore = "`yes` is a program of Unix")]
fn a_command_that_says_no_end_is_one_line() {
    let world = world_with(r#"{ command = ["yes"] }"#);
    insta::assert_snapshot!(world.shown(&world.run(&["token", "lab"])));
}

#[test]
#[cfg_attr(windows, ignore = "`false` is a program of Unix")]
fn a_command_that_fails_or_is_not_there_is_one_line() {
    let world = world_with(r#"{ command = ["false"] }"#);
    let failed = world.shown(&world.run(&["token", "lab"]));
    let world = world_with(r#"{ command = ["no-such-vault", "x"] }"#);
    insta::assert_snapshot!(failed + &world.shown(&world.run(&["token", "lab"])));
}

#[test]
#[cfg_attr(windows, ignore = "files have no modes")]
fn a_secret_that_others_can_read_is_warned_of_and_one_that_others_can_write_is_refused() {
    let world = world_with(r#"{ file = "lab.secret" }"#);
    let path = world.config_directory().join("lab.secret");
    set_mode(&path, 0o644);
    let warned = world.run(&["token", "lab", "--no-store"]);
    assert_eq!(warned.code, Some(0));
    assert_eq!(warned.stderr.matches('\n').count(), 1, "{}", warned.stderr);
    set_mode(&path, 0o666);
    let refused = world.run(&["token", "lab", "--no-store"]);
    assert_eq!(refused.code, Some(2));
    insta::assert_snapshot!(
        warned
            .stderr
            .replace(&*world.home().to_string_lossy(), "[HOME]")
            + &world.shown(&refused)
    );
}

#[test]
fn no_secret_is_on_stderr_however_talkative_it_is() {
    let world = World::new();
    world.server.fault("/token", Fault::status(503));
    let mut tokens = Vec::new();
    let mut told = String::new();
    for profile in ["lab", "ada", "disruptive"] {
        for more in [&["--refresh"][..], &[]] {
            let mut arguments = vec!["token", profile, "-vv"];
            arguments.extend(more);
            let ended = world.run_disruptive(&arguments);
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
            tokens.push(ended.stdout.trim_end().to_owned());
            told.push_str(&ended.stderr);
        }
    }
    world.secret("lab.secret", "canary-wrong-secret");
    told.push_str(&world.run(&["token", "lab", "--refresh", "-vv"]).stderr);
    assert!(told.contains("DEBUG"), "{told}");

    let requests = world.server.requests();
    let fields = ["refresh_token", "assertion", "client_secret"];
    let forms = requests
        .iter()
        .flat_map(|request| fields.map(|name| request.field(name)));
    let headers = requests
        .iter()
        .map(|request| request.header("authorization"));
    let credential = |value: Option<&str>| Some(value?.split_once(' ')?.1.to_owned());
    let sent: Vec<String> = forms.chain(headers.map(credential)).flatten().collect();
    assert!(sent.len() >= 4, "{}", sent.len());
    for secret in tokens
        .iter()
        .chain(&sent)
        .map(String::as_str)
        .chain([KEY, SECRET, "canary"])
    {
        // Halves too: a cut secret is a leak as well.
        for part in [
            secret,
            &secret[..secret.len().div_ceil(2)],
            &secret[secret.len() / 2..],
        ] {
            assert!(part.len() < 3 || !told.contains(part), "{part} in {told}");
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "no /dev and no /proc")]
fn nothing_secret_is_in_the_arguments_and_the_process_can_not_be_dumped() {
    let world = World::new();
    world
        .server
        .fault("/token", Fault::delay(Duration::from_secs(2)));
    let mut child = world.auth(&["token", "lab"]).spawn().unwrap();
    while world.server.count("/token") == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let arguments = std::fs::read_to_string(process.join("cmdline")).unwrap();
    let limits = std::fs::read_to_string(process.join("limits")).unwrap();
    let (owner, _) = crate::system::owner(&process.join("environ"));
    let output = child.wait().unwrap();
    assert!(output.success());
    assert!(!arguments.contains("canary"), "{arguments}");
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    let core: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(core, ["0", "0"]);
    // What can't be dumped belongs to root.
    assert_eq!(owner, 0);
}

#[cfg(windows)]
#[test]
fn a_secret_comes_from_a_program_of_windows() {
    let line = format!("echo {SECRET}");
    let world = world_with(&format!(r#"{{ command = ["cmd", "/d", "/c", "{line}"] }}"#));
    world.run(&["token", "lab"]).quiet();
}

/// What people give as an argument by mistake, and a part of it that must not come back.
const MISPLACED: [(&str, &str); 3] = [
    (
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLWtlcHQtZnJvbS1sb2dz",
        "c2lnbmF0dXJl",
    ),
    (
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLWtlcHQtZnJvbS1sb2dz",
        "c2lnbmF0dXJl",
    ),
    (
        "ghs16C7e42F292c6912E7710c838347Ae178B4aghs16C7e42F292c6912E7710c838347Ae178B4a",
        "292c6912",
    ),
];

#[test]
fn a_token_given_as_an_argument_is_refused_and_not_shown() {
    let world = world_with(r#"{ env = "LAB_SECRET" }"#);
    for (token, part) in MISPLACED {
        let (option, set) = (format!("--{token}"), format!("--format={token}"));
        let lines: [&[&str]; 15] = [
            &[token],
            &["token", token],
            &["token", "lab", token],
            &["token", "lab", &option],
            &["token", "lab", &set],
            &["token", "lab", "--min-ttl", token],
            &["token", "lab", "--config", token],
            &["login", token],
            &["logout", token],
            &["inspect", token],
            &["import", "lab", token],
            &["offline-token", "lab", "--check", "--from", token],
            &["config", "show", token],
            &[
                "verify",
                "--issuer",
                "https://issuer.example",
                "--audience",
                "a",
                token,
            ],
            &["request", "lab", token, "/x"],
        ];
        for line in lines {
            let ended = world.run(line);
            assert_eq!(ended.code, Some(2), "{line:?}: {}", ended.stderr);
            assert_eq!(ended.stdout, "");
            assert!(!ended.stderr.contains(part), "{}", ended.stderr);
        }
    }
}

#[test]
fn who_gives_a_token_as_an_argument_learns_how_to_give_it() {
    let world = World::empty();
    let ended = world.run(&["inspect", MISPLACED[0].0]);
    insta::assert_snapshot!(world.shown(&ended));
}

#[test]
fn what_a_configured_url_may_hide_is_shown_nowhere() {
    let world = World::new();
    let issuer = world.listening().issuer();
    world.config(
        &format!(
            r#"
        [profile.keyed]
        kind = "client-credentials"
        token-url = "{issuer}/token?subscription-key=canary"
        client-id = "robot"
        client-secret = "unused"
        api = "{issuer}/api"
        "#
        )
        .replace(r#""unused""#, r#"{ env = "LAB_SECRET" }"#),
    );
    let lines: [&[&str]; 7] = [
        &["token", "keyed", "-vv"],
        &["token", "keyed", "--refresh", "-vv"],
        &["request", "keyed", "x", "-vv", "--include"],
        &["status"],
        &["status", "--json"],
        &["profiles", "--json"],
        &["config", "show", "keyed"],
    ];
    for line in lines {
        let mut command = world.auth(line);
        command.env("LAB_SECRET", SECRET);
        let ended = finish(command);
        assert!(
            !format!("{}{}", ended.stdout, ended.stderr).contains("canary"),
            "{line:?}: {}{}",
            ended.stdout,
            ended.stderr
        );
    }
    for entry in std::fs::read_dir(world.store()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(
                !String::from_utf8_lossy(&bytes).contains("canary"),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn a_password_in_a_configured_url_is_refused_and_not_shown() {
    for key in ["token-url", "issuer", "api"] {
        let world = World::empty();
        world.config(&format!(
            r#"
            [profile.lab]
            kind = "client-credentials"
            {key} = "https://ada:canary@id.example/t?k=canary"
            client-id = "robot"
            client-secret = {{ env = "LAB_SECRET" }}
            "#
        ));
        let mut command = world.auth(&["token", "lab"]);
        command.env("LAB_SECRET", SECRET);
        let ended = finish(command);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(
            !ended.stderr.contains("canary") && ended.stderr.contains("user or password"),
            "{}",
            ended.stderr
        );
    }
}
