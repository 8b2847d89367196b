//! Secrets: where they come from, and where they must not go.

mod command;
mod misplaced;

use std::path::{Path, PathBuf};
use std::time::Duration;

use auth_testkit::Fault;

use crate::section::lab;
use crate::world::{KEY, SECRET, World, finish, finish_with_stdin, set_mode};

fn world_with(source: &str) -> World {
    let world = World::empty();
    world.secret("lab.secret", &format!("{SECRET}\n"));
    world.config(&lab(source));
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
