//! Secrets that a command gives: when it runs, what it sees, and whose login comes of them.

use super::{count, jobs, vault, world_with};
use crate::section;
use crate::world::{SECRET, World, finish};

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
    let secret = format!(r#"{{ command = ["{}"] }}"#, vault.display());
    world.config(&section::lab(&secret));
    for _ in 0..3 {
        world.run(&["token", "lab"]).quiet();
    }
    assert_eq!(std::fs::read_to_string(runs).unwrap(), "run\n");
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

#[cfg(windows)]
#[test]
fn a_secret_comes_from_a_program_of_windows() {
    let line = format!("echo {SECRET}");
    let world = world_with(&format!(r#"{{ command = ["cmd", "/d", "/c", "{line}"] }}"#));
    world.run(&["token", "lab"]).quiet();
}
