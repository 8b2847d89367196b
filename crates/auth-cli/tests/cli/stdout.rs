//! What each command writes to a piped stdout: what was asked for, and nothing else.

use std::io::{BufRead, BufReader, Read};

use crate::login;
use crate::world::{Ended, World, finish, finish_with_stdin};

/// A program that is on every system.
const PROGRAM: &str = env!("CARGO_BIN_EXE_auth");

/// The commands, as the help lists them.
fn commands(world: &World) -> Vec<String> {
    let help = world.run(&["--help"]).quiet();
    let (_, rest) = help.split_once("Commands:\n").unwrap();
    let (list, _) = rest.split_once("\n\n").unwrap();
    let names = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

/// The world of the other tests, in which somebody can log in, too.
fn world() -> World {
    let world = World::new();
    let path = world.config_directory().join("config.toml");
    let config = std::fs::read_to_string(path).unwrap();
    world.config(&format!(
        "{config}\n[profile.person]\nkind = \"oidc\"\nissuer = \"ISSUER\"\nclient-id = \"desktop\"\n\
         client-auth = \"none\"\nscope = \"openid read\"\n"
    ));
    let fast = auth_testkit::Policy::new();
    world
        .server
        .set_policy(fast.with_device_interval(std::time::Duration::from_secs(1)));
    world
}

/// Says whether a stdout is as it should be.
type Right = fn(&str) -> bool;

fn is_token(text: &str) -> bool {
    let line = text.strip_suffix('\n').unwrap_or_default();
    !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}

fn is_nothing(text: &str) -> bool {
    text.is_empty()
}

fn is_table(text: &str) -> bool {
    !text.is_empty() && !text.contains("auth:")
}

fn stdin(world: &World, words: &[&str], said: &str) -> Ended {
    finish_with_stdin(world.auth(words), said)
}

/// Runs a command in the way that people mostly do, and says what its stdout has to be.
fn run(world: &World, command: &str, token: &str) -> Option<(Ended, Right)> {
    let host = world.listening().url("/").authority().to_owned();
    let issuer = world.listening().issuer();
    Some(match command {
        "token" => (world.run(&["token", "ada"]), is_token),
        "exec" => (
            world.run(&["exec", "lab", "--", PROGRAM, "token", "lab"]),
            is_token,
        ),
        "request" => (world.run(&["request", "lab", "/whoami"]), is_json),
        "login" => {
            let child = login::let_in(world, &["login", "person", "--device-code"]);
            (Ended::of(child.wait_with_output().unwrap()), is_nothing)
        }
        "logout" => (world.run(&["logout", "lab", "--no-browser"]), is_nothing),
        "whoami" => (world.run(&["whoami", "person", "--json"]), is_json),
        "netrc" => (world.run(&["netrc", "lab"]), is_nothing),
        "desp" => (world.run(&["desp", "-s", "cacheb", "-p"]), is_nothing),
        "offline-token" => (world.run(&["offline-token", "ada", "--check"]), is_nothing),
        "import" => (stdin(world, &["import", "person"], "{}"), is_nothing),
        "status" => (world.run(&["status", "--json"]), is_json),
        "profiles" => (world.run(&["profiles"]), is_table),
        "init" => (world.run(&["init", "--no-interaction"]), is_nothing),
        "switch" => (world.run(&["switch", "person"]), is_table),
        "doctor" => (world.run(&["doctor", "lab", "--json"]), is_json),
        "version" => (world.run(&["version", "--json"]), is_json),
        "config" => (world.run(&["config", "show", "lab"]), is_table),
        "kubernetes" => (world.run(&["kubernetes", "person"]), is_json),
        "git-credential" => {
            let said = format!("protocol=https\nhost={host}\n");
            let is_answer = |text: &str| text.lines().count() == 3 && text.contains("password=");
            (
                stdin(world, &["git-credential", "lab", "get"], &said),
                is_answer,
            )
        }
        "docker-credential" => (
            stdin(world, &["docker-credential", "lab", "get"], &host),
            is_json,
        ),
        "bazel-credential" => {
            let said = format!("{{\"uri\":\"https://{host}/\"}}");
            (
                stdin(world, &["bazel-credential", "lab", "get"], &said),
                is_json,
            )
        }
        "verify" => {
            let words = ["verify", "--issuer", &issuer, "--audience", "api", "--json"];
            (stdin(world, &words, token), is_json)
        }
        "inspect" => (stdin(world, &["inspect"], token), is_table),
        "completions" => (world.run(&["completions", "bash"]), is_table),
        "man" => (world.run(&["man", "pages"]), is_nothing),
        "demo" => (world.run(&["demo"]), is_table),
        "emulator" => (emulator(world), |text| {
            let start = if cfg!(windows) { "$env:" } else { "export " };
            text.lines().all(|line| line.starts_with(start))
        }),
        _ => return None,
    })
}

/// It runs on behind a stdout that ends, but on Windows, where nobody can let go of it.
fn emulator(world: &World) -> Ended {
    let mut child = world.auth(&["emulator"]).spawn().unwrap();
    if cfg!(windows) {
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let mut lines = stderr.lines().map(Result::unwrap);
        assert!(lines.any(|line| line.contains("listening on")));
        child.kill().unwrap();
    }
    let mut stdout = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    if !cfg!(windows) {
        child.kill().unwrap();
    }
    let code = child.wait().unwrap().code();
    Ended {
        code,
        stdout,
        stderr: String::new(),
    }
}

#[test]
fn each_command_writes_what_was_asked_for_and_nothing_else() {
    let world = world();
    login::logged_in(&world);
    let token = world.run(&["token", "lab"]).quiet();
    for command in commands(&world) {
        let known = run(&world, &command, &token);
        let (ended, is_right) =
            known.unwrap_or_else(|| panic!("what does `auth {command}` write?"));
        assert!(is_right(&ended.stdout), "{command}: {ended:?}");
        assert!(
            !ended.stderr.contains(token.trim_end()),
            "{command}: {ended:?}"
        );
    }
}

#[test]
fn a_command_that_fails_writes_nothing_but_what_its_protocol_says() {
    let world = world();
    for command in commands(&world) {
        let words: &[&str] = match &*command {
            "demo" | "emulator" | "man" | "profiles" | "status" | "inspect" | "verify" => {
                &["--nonsense"]
            }
            "exec" => &["nobody", "--", "true"],
            "config" => &["show", "nobody"],
            "request" => &["nobody", "/x"],
            "desp" => &["-s", "nobody", "-p"],
            command if command.ends_with("-credential") => &["nobody", "get"],
            _ => &["nobody"],
        };
        let mut all = vec![&*command];
        all.extend(words);
        let ended = finish(world.auth(&all));
        assert_ne!(ended.code, Some(0), "{all:?}");
        match &*command {
            // What it found is what was asked for.
            "doctor" => assert!(ended.stdout.contains("there is no profile"), "{ended:?}"),
            // Docker shows its users what stands there.
            "docker-credential" => assert_eq!(ended.stdout.matches('\n').count(), 1),
            _ => assert_eq!(ended.stdout, "", "{all:?}"),
        }
    }
}

/// There is such a file on Linux alone.
#[cfg(target_os = "linux")]
#[test]
fn an_output_that_nothing_more_fits_into_is_a_failure_whatever_was_asked_for() {
    let world = world();
    for words in [
        &["--help"][..],
        &["token", "--help"],
        &["--version"],
        &["completions", "bash"],
        &["profiles"],
        &["token", "lab"],
    ] {
        let mut command = world.auth(words);
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        command.stdout(full.unwrap());
        let ended = Ended::of(command.spawn().unwrap().wait_with_output().unwrap());
        assert_eq!(ended.code, Some(1), "{words:?}: {ended:?}");
        let said = "stdout can't be written";
        assert!(ended.stderr.contains(said), "{words:?}: {ended:?}");
    }
}
