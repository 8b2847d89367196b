//! `auth doctor`.

use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use auth_testkit::{Fault, Policy};

use crate::login::logged_in;
use crate::world::{Ended, World, finish, set_mode};

/// Without what differs from build to build, and from machine to machine.
fn stable(world: &World, ended: &Ended) -> String {
    let shown = world.shown(ended);
    let shown = match cfg!(windows) {
        true => shown.replace("auth/tokens, logins", "auth/tokens, mode 0700, logins"),
        false => shown,
    };
    let lines = shown.lines().filter(|line| !line.contains(" version "));
    let lines = lines.map(|line| match line.split_once("; it works for") {
        Some((before, _)) => before,
        None => line,
    });
    let lines: Vec<&str> = lines.collect();
    lines.join("\n") + "\n"
}

fn run(world: &World, arguments: &[&str]) -> Ended {
    let mut command = world.auth(arguments);
    // As on a machine of which nothing more is known.
    command.env("CI", "true");
    finish(command)
}

#[test]
fn where_nothing_is_wrong_each_line_is_ok_and_the_exit_code_is_0() {
    let world = World::new();
    let ended = run(&world, &["doctor", "lab"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    insta::assert_snapshot!(stable(&world, &ended));
    let json = run(&world, &["doctor", "lab", "--json"]).quiet();
    let json: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert!(
        json.iter().all(|finding| finding["state"] == "ok"),
        "{json:?}"
    );
    assert!(json.len() > 8);
}

#[test]
fn a_person_who_is_logged_in_is_not_named_and_nothing_of_theirs_is_spent() {
    let world = crate::login::world();
    let nobody = run(&world, &["doctor", "person"]);
    logged_in(&world);
    let before = world.server.count("/token");
    let ended = run(&world, &["doctor", "person"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(world.server.count("/token"), before);
    assert!(!ended.stdout.contains("ada"), "{}", ended.stdout);
    insta::assert_snapshot!(stable(&world, &nobody) + &stable(&world, &ended));
}

#[test]
#[cfg_attr(windows, ignore = "files have no modes")]
fn each_thing_that_can_be_wrong_is_named_with_what_to_do_and_its_exit_code() {
    let mut said = String::new();
    let mut look = |world: &World, what: &str, arguments: &[&str], code: i32| {
        let ended = run(world, arguments);
        assert_eq!(
            ended.code,
            Some(code),
            "{what}: {}{}",
            ended.stdout,
            ended.stderr
        );
        let shown = stable(world, &ended);
        let bad = shown.lines().filter(|line| !line.starts_with("out: ok"));
        said += &format!("{what}\n{}\n\n", bad.collect::<Vec<_>>().join("\n"));
    };
    let world = World::new();
    let ahead = Fault::date_ahead(Duration::from_secs(600));
    world.server.fault("/", ahead.always());
    look(&world, "the clock is behind", &["doctor", "lab"], 2);
    let world = World::new();
    world.secret("lab.secret", "not the secret");
    look(&world, "a wrong secret", &["doctor", "lab"], 3);
    let world = World::new();
    world.server.fault(
        "/.well-known/openid-configuration",
        Fault::status(404).always(),
    );
    world.server.fault(
        "/.well-known/oauth-authorization-server",
        Fault::status(404).always(),
    );
    look(&world, "no server there", &["doctor", "lab"], 2);
    let world = World::new();
    look(&world, "no such profile", &["doctor", "lba"], 2);
    look(
        &world,
        "no such file",
        &["doctor", "--config", "gone.toml"],
        2,
    );
    look(
        &world,
        "no such certificates",
        &["doctor", "--ca-file", "gone.pem"],
        2,
    );
    let passwd = &["doctor", "--ca-file", "/etc/passwd"];
    look(&world, "certificates that are none", passwd, 2);
    look(&world, "no store", &["doctor", "--no-store"], 0);
    let away = &["doctor", "--store", "/proc/away/tokens"];
    look(&world, "a store that can't be made", away, 6);
    let relative = &["doctor", "--store", "tokens"];
    look(
        &world,
        "a store that is elsewhere the next time",
        relative,
        0,
    );
    world.run(&["token", "lab"]).quiet();
    set_mode(&world.store(), 0o755);
    look(&world, "a store that others can read", &["doctor"], 6);
    let world = crate::login::world();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    world.config(&format!(
        "[profile.person]\nkind = \"oidc\"\nissuer = \"ISSUER\"\nclient-id = \"nobody\"\n\
         client-auth = \"none\"\nredirect-uri = \"http://127.0.0.1:{port}/cb\"\n\
         [profile.away]\nkind = \"oidc\"\nissuer = \"ISSUER\"\nclient-id = \"desktop\"\n\
         client-auth = \"none\"\nredirect-uri = \"https://app.example.org/cb\"\n"
    ));
    look(
        &world,
        "a client that nobody knows, and a port that is taken",
        &["doctor", "person"],
        3,
    );
    look(&world, "a redirect to elsewhere", &["doctor", "away"], 0);
    insta::assert_snapshot!(said.replace(&port.to_string(), "[PORT]"));
}

#[test]
fn what_the_environment_names_and_is_not_there_is_said() {
    let world = World::new();
    let mut said = String::new();
    for (name, value) in [
        ("BROWSER", "no-such-browser --new-window %s"),
        ("BROWSER", "/no/such/browser:true"),
        ("SSL_CERT_FILE", "/no/such/file.pem"),
        ("NO_PROXY", "http://us:canary@proxy.example"),
    ] {
        let mut command = world.auth(&["doctor"]);
        command.env(name, value).env("CI", "true");
        let ended = finish(command);
        let shown = stable(&world, &ended);
        assert!(!shown.contains("canary"), "{shown}");
        let bad = shown.lines().filter(|line| !line.starts_with("out: ok"));
        said += &format!("{}\n\n", bad.collect::<Vec<_>>().join("\n"));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_login_that_is_over_is_not_called_one() {
    let world = crate::login::world();
    let brief = Policy::new().with_token_life(Duration::from_secs(5));
    let brief = brief.with_device_interval(Duration::from_secs(1));
    world.server.set_policy(brief);
    let without = Fault::without("refresh_token").always();
    world.server.fault("/token", without);
    let login = ["login", "person", "--device-code"];
    let login = crate::login::let_in(&world, &login).wait().unwrap();
    assert_eq!(login.code(), Some(0));
    std::thread::sleep(Duration::from_secs(5));
    let ended = run(&world, &["doctor", "person"]);
    assert!(ended.stdout.contains("the login is over"), "{ended:?}");
    assert!(
        ended.stdout.contains("run `auth login person`"),
        "{ended:?}"
    );
}

#[test]
fn proxies_are_shown_without_their_passwords_and_the_home_as_a_tilde() {
    let world = World::new();
    let mut command = world.auth(&["doctor"]);
    command.env(
        "HTTPS_PROXY",
        "http://us:canary@proxy.example:3128/?x=canary",
    );
    command
        .env("no_proxy", "localhost,.example.org")
        .env("ALL_PROXY", "us:canary@proxy");
    command.env("BROWSER", "firefox").env("DISPLAY", ":0");
    let ended = finish(command);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stdout.contains("canary"), "{}", ended.stdout);
    let home = world.home().display().to_string();
    assert!(!ended.stdout.contains(&home), "{}", ended.stdout);
    for part in [
        "http://proxy.example:3128",
        "~/.config/auth/config.toml",
        "ALL_PROXY is no whole address",
    ] {
        let said = world.portable(&ended.stdout);
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// A limit on the size of files stands for a full disk: files can be made, and nothing gets into them.
#[test]
#[cfg_attr(windows, ignore = "no such limit")]
fn a_disk_on_which_no_login_has_room_is_found() {
    let world = World::new();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -f 8; exec \"$0\" doctor"]);
    command.arg(env!("CARGO_BIN_EXE_auth")).env_clear();
    command.env("HOME", world.home());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let ended = finish(command);
    assert_eq!(ended.code, Some(6), "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stdout.contains("can't be written"),
        "{}",
        ended.stdout
    );
}
