//! `auth token --format`: each is read by who it is for.

use std::process::Command;

use auth_testkit::Fault;

use crate::world::{Ended, World, finish};

/// Every character that a token may have and somebody may take for their own.
const ODD: &str = r#"a'b\c"d$e`f;g&h|i<j>k(l)m{n}o[p]q*r?s~t^u=v+w/x,y.z:A@B-C_D"#;

fn world_of(token: &str) -> World {
    let world = World::new();
    let body =
        serde_json::json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3600 });
    let fault = Fault::status(200).with_body("application/json", body.to_string());
    world.server.fault("/token", fault.always());
    world
}

fn run(world: &World, format: &str, options: &[&str]) -> Ended {
    world.run(&[&["token", "lab", "--format", format], options].concat())
}

#[test]
fn each_format_is_written_as_its_reader_wants_it() {
    let world = world_of(ODD);
    let formats = [
        "raw",
        "header",
        "env",
        "fish",
        "powershell",
        "cmd",
        "netrc",
        "curl",
    ];
    let all: Vec<String> = formats
        .iter()
        .map(|format| format!("{format}\n{}", world.shown(&run(&world, format, &[]))))
        .collect();
    insta::assert_snapshot!(all.join("\n"));
}

/// What a program writes; `None` where it is missing.
fn said(words: &[&str]) -> Option<String> {
    let output = Command::new(words[0]).args(&words[1..]).output().ok()?;
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn each_shell_that_is_here_reads_back_the_very_token() {
    let world = world_of(ODD);
    let env = run(&world, "env", &["--name", "LAB_TOKEN"]).quiet();
    let script = format!("{env}printf %s \"$LAB_TOKEN\"");
    assert_eq!(said(&["sh", "-c", &script]).as_deref(), Some(ODD));
    for shell in ["bash", "dash", "zsh"] {
        assert_eq!(
            said(&[shell, "-c", &script]).unwrap_or_else(|| ODD.into()),
            ODD,
            "{shell}"
        );
    }
    let fish = run(&world, "fish", &["--name", "LAB_TOKEN"]).quiet();
    let script = format!("{fish}printf %s \"$LAB_TOKEN\"");
    assert_eq!(
        said(&["fish", "-c", &script]).unwrap_or_else(|| ODD.into()),
        ODD
    );
    let powershell = run(&world, "powershell", &["--name", "LAB_TOKEN"]).quiet();
    let script = format!("{powershell}[Console]::Write($env:LAB_TOKEN)");
    let words = ["pwsh", "-NoProfile", "-Command", &script];
    assert_eq!(said(&words).unwrap_or_else(|| ODD.into()), ODD);
    let exec = world.run(&["exec", "lab", "--", "sh", "-c", "printf %s \"$AUTH_TOKEN\""]);
    assert_eq!(exec.quiet(), ODD);
}

#[test]
fn curl_sends_the_very_token() {
    let world = world_of(ODD);
    let config = world.secret("curl.conf", &run(&world, "curl", &[]).quiet());
    let url = world.listening().url("/api/whoami").to_string();
    if said(&[
        "curl",
        "--silent",
        "--config",
        config.to_str().unwrap(),
        &url,
    ])
    .is_some()
    {
        let requests = world.server.requests();
        let last = requests
            .iter()
            .rfind(|request| request.path() == "/api/whoami")
            .unwrap();
        let sent = last.header("authorization").unwrap();
        assert_eq!(sent, format!("Bearer {ODD}"));
    }
}

#[test]
fn what_a_format_can_not_hold_is_refused() {
    for (token, format) in [
        ("a%PATH%b", "cmd"),
        ("a!b!", "cmd"),
        ("a\"b", "cmd"),
        ("a\\b", "netrc"),
        ("#a", "netrc"),
        ("\"a\"", "netrc"),
    ] {
        let world = world_of(token);
        let ended = run(&world, format, &[]);
        assert_eq!(
            (ended.code, &*ended.stdout),
            (Some(1), ""),
            "{token} {format}"
        );
        assert!(!ended.stderr.contains(token), "{}", ended.stderr);
    }
}

#[test]
fn netrc_needs_a_host_and_curl_has_the_profiles_header() {
    let world = world_of("canary");
    let line = run(&world, "netrc", &["--host", "data.example.org"]).quiet();
    assert_eq!(
        line,
        "machine data.example.org login anonymous password canary\n"
    );
    assert_eq!(
        run(&world, "netrc", &[]).quiet(),
        "machine 127.0.0.1 login anonymous password canary\n"
    );
    let mut command = world.auth(&["token", "lab", "--format", "netrc"]);
    command.env("AUTH_LAB_BASIC_USER", "oauth2");
    assert!(finish(command).quiet().contains(" login oauth2 "));
    for bad in [
        "a b",
        "",
        "https://a.b",
        "a.b:443",
        "a\nmachine b",
        "\"a\"",
        "#a",
    ] {
        let ended = run(&world, "netrc", &["--host", bad]);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{bad:?}");
    }
    let mut command = world.auth(&["token", "lab", "--format", "curl"]);
    command.env("AUTH_LAB_HEADER", "X-Identity");
    assert_eq!(finish(command).quiet(), "header = \"x-identity: canary\"\n");
}

#[test]
fn an_option_that_does_nothing_for_a_format_is_refused() {
    let world = world_of("canary");
    let mut all = String::new();
    for (format, options) in [
        ("raw", &["--name", "A"][..]),
        ("netrc", &["--name", "A"]),
        ("env", &["--host", "a.b"]),
        ("github-output", &[]),
        ("github", &[]),
    ] {
        let ended = run(&world, format, options);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{format}");
        all.push_str(&world.shown(&ended));
    }
    insta::assert_snapshot!(all);
    for bad in ["", "1A", "A B", "A;id", "A=b", "é", "a-b", "$(id)"] {
        let ended = run(&world, "env", &["--name", bad]);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{bad:?}");
    }
    assert!(
        world.server.requests().is_empty(),
        "nobody is asked in vain"
    );
}

#[test]
fn github_masks_the_token_before_it_is_set() {
    let world = world_of("a%b=c<<d");
    for (format, variable, options, line) in [
        ("github", "GITHUB_ENV", &[][..], "AUTH_TOKEN=a%b=c<<d\n"),
        ("github", "GITHUB_ENV", &["--name", "LAB"], "LAB=a%b=c<<d\n"),
        ("github-output", "GITHUB_OUTPUT", &[], "token=a%b=c<<d\n"),
    ] {
        let file = world.secret("step", "FIRST=1\n");
        let words = [&["token", "lab", "--format", format], options].concat();
        let mut command = world.auth(&words);
        command.env(variable, &file);
        assert_eq!(finish(command).quiet(), "::add-mask::a%25b=c<<d\n");
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text, format!("FIRST=1\n{line}"));
    }
    let mut command = world.auth(&["token", "lab", "--format", "github"]);
    command.env("GITHUB_ENV", world.home().join("gone/file"));
    let ended = finish(command);
    assert_eq!(ended.code, Some(2));
    assert!(!ended.stderr.contains("a%b"), "{}", ended.stderr);
}

#[test]
fn kubernetes_is_answered_in_the_version_that_was_asked_for() {
    let world = world_of("canary");
    for version in ["v1", "v1beta1"] {
        let version = format!("client.authentication.k8s.io/{version}");
        let mut command = world.auth(&["token", "lab", "--format", "kubernetes"]);
        let info =
            serde_json::json!({ "apiVersion": version, "kind": "ExecCredential", "spec": {} });
        command.env("KUBERNETES_EXEC_INFO", info.to_string());
        let answer: serde_json::Value = serde_json::from_str(&finish(command).quiet()).unwrap();
        assert_eq!(answer["apiVersion"], version);
        assert_eq!(answer["status"]["token"], "canary");
    }
}
