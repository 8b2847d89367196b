//! `auth exec`.

use crate::login;
use crate::section::lab;
use crate::system::{signal, symlink};
use crate::world::{KEY, SECRET, World, finish, set_mode};

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn the_token_is_in_the_environment_of_the_program_and_nowhere_else() {
    let world = World::new();
    let token = world.run(&["token", "lab"]).quiet();
    let script =
        r#"printf '%s\n' "$AUTH_TOKEN"; tr '\0' '\n' < /proc/$$/cmdline | grep -c "$AUTH_TOKEN""#;
    let ended = world.run(&["exec", "lab", "--", "sh", "-c", script]);
    assert_eq!(ended.stdout, format!("{token}0\n"), "{}", ended.stderr);
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn each_variable_has_the_token_that_it_was_meant_to_have() {
    let world = World::new();
    let (lab, ada) = (
        world.run(&["token", "lab"]).quiet(),
        world.run(&["token", "ada"]).quiet(),
    );
    let env = |options: &[&str]| -> Vec<String> {
        let mut words = vec!["exec", "lab"];
        words.extend(options);
        words.extend(["--", "env"]);
        let stdout = world.run(&words).quiet();
        let lines = stdout.lines().filter(|line| line.contains("TOKEN"));
        let mut lines: Vec<_> = lines.map(|line| format!("{line}\n")).collect();
        lines.sort();
        lines
    };
    assert_eq!(env(&[]), [format!("AUTH_TOKEN={lab}")]);
    assert_eq!(env(&["--env", "API_TOKEN"]), [format!("API_TOKEN={lab}")]);
    assert_eq!(
        env(&["--env", "A_TOKEN=ada"]),
        [format!("AUTH_TOKEN={lab}"), format!("A_TOKEN={ada}")]
    );
    assert_eq!(
        env(&["--env", "A_TOKEN=ada", "--env", "L_TOKEN"]),
        [format!("A_TOKEN={ada}"), format!("L_TOKEN={lab}")]
    );
    let ended = world.run(&["exec", "lab", "--env", "AUTH_TOKEN=ada", "--", "env"]);
    assert_eq!(ended.code, Some(2));
    insta::assert_snapshot!(world.shown(&ended));
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn a_run_in_another_one_hands_on_the_token_of_that() {
    let world = World::new();
    let auth = world.auth(&[]).get_program().to_str().unwrap().to_owned();
    let inner = [
        "--",
        &auth,
        "exec",
        "ada",
        "--env",
        "ADA_TOKEN",
        "--",
        "sh",
        "-c",
    ];
    let script = r#"test -n "$ADA_TOKEN"; printf %s "$AUTH_TOKEN""#;
    let outer = world.run(&[&["exec", "lab"], &inner[..], &[script]].concat());
    let token = world.run(&["token", "lab"]).quiet();
    assert_eq!(outer.stdout, token.trim_end(), "{}", outer.stderr);
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn what_is_missing_behind_a_program_that_is_there_is_said() {
    let world = World::new();
    let script = world.secret("unread", "#!/no/such/shell\n");
    set_mode(&script, 0o700);
    let run = |program: &str| {
        let mut command = world.auth(&["exec", "lab", "--", program]);
        command.env("PATH", world.config_directory());
        finish(command)
    };
    for program in ["unread", script.to_str().unwrap()] {
        let ended = run(program);
        assert_eq!(ended.code, Some(126), "{}", ended.stderr);
        assert!(ended.stderr.contains("first line"), "{}", ended.stderr);
    }
    assert_eq!(run("gone").code, Some(127));
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn the_program_sees_none_of_the_secrets_that_its_token_comes_from() {
    let world = World::new();
    world.config(&lab(r#"{ env = "LAB_SECRET" }"#));
    let mut command = world.auth(&["exec", "lab", "--", "env"]);
    command.env("LAB_SECRET", SECRET).env("MINE", "kept");
    command.env("DT_SERVICE_ACCOUNT_SECRET", KEY);
    let stdout = finish(command).quiet();
    assert!(
        stdout.contains("MINE=kept") && stdout.contains("HOME="),
        "{stdout}"
    );
    assert!(!stdout.contains(SECRET) && !stdout.contains(KEY));
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn the_exit_code_is_the_programs_and_what_can_not_be_run_is_one_line() {
    let world = World::new();
    let run = |words: &[&str]| world.run(&[&["exec", "lab", "--"], words].concat());
    assert_eq!(run(&["sh", "-c", "exit 42"]).code, Some(42));
    assert_eq!(run(&["true"]).quiet(), "");
    // Whoever is killed by a signal is killed, as if it had been run alone.
    assert_eq!(run(&["sh", "-c", "kill -TERM $$"]).code, None);
    let script = world.secret("plain.txt", "no program");
    set_mode(&script, 0o600);
    let script = script.to_str().unwrap();
    let unread = world.secret("unread.sh", "#!/no/such/shell\n");
    set_mode(&unread, 0o700);
    let unread = unread.to_str().unwrap();
    for (words, code) in [
        (&["no-such-program", "x"][..], 127),
        (&["./gone/x"], 127),
        (&[script], 126),
        (&["/"], 126),
        (&[unread], 126),
        (&[""], 2),
        (&["no-such-program\u{e9}"], 127),
    ] {
        let ended = run(words);
        assert_eq!(ended.code, Some(code), "{words:?} {}", ended.stderr);
        assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
    for words in [
        &["exec", "lab"][..],
        &["exec", "lab", "--"],
        &["exec", "lab", "true"],
    ] {
        let ended = world.run(words);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{words:?}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn a_program_that_runs_for_long_gets_a_token_that_lives_as_long() {
    let world = World::new();
    let short = auth_testkit::Policy::new().with_token_life(std::time::Duration::from_secs(600));
    world.server.set_policy(short);
    let exec = |length: &str| {
        let words = [
            "exec",
            "lab",
            "--min-ttl",
            length,
            "--",
            "printenv",
            "AUTH_TOKEN",
        ];
        world.run(&words)
    };
    let first = exec("5m").quiet();
    world.server.set_policy(auth_testkit::Policy::new());
    assert_eq!(exec("5m").quiet(), first);
    assert_ne!(exec("20m").quiet(), first);
    assert_eq!(exec("2h").code, Some(2));
}

#[test]
fn without_a_token_no_program_runs() {
    let world = login::world();
    let ended = world.run(&["exec", "person", "--", "touch", "ran"]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(!world.home().join("ran").exists());
}

#[test]
#[cfg_attr(windows, ignore = "no signals")]
fn a_signal_reaches_the_program_and_stdin_is_its_own() {
    let world = World::new();
    let script = "trap 'echo caught; exit 7' TERM; echo ready; while :; do sleep 0.05; done";
    let mut child = world
        .auth(&["exec", "lab", "--", "sh", "-c", script])
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    signal(&child, "TERM");
    assert_eq!(lines.next().unwrap().unwrap(), "caught");
    assert_eq!(child.wait().unwrap().code(), Some(7));
    let command = world.auth(&["exec", "lab", "--", "cat"]);
    let ended = crate::world::finish_with_stdin(command, "typed");
    assert_eq!(ended.quiet(), "typed");
}

/// `nohup` starts a program so.
#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux is known to keep it so")]
fn a_hangup_that_was_to_be_ignored_is_ignored_by_the_program_too() {
    let world = World::new();
    let words = ["exec", "lab", "--", "sh", "-c", "kill -HUP $$; echo alive"];
    let run = |before: &str| finish(world.auth_after(before, &words)).stdout;
    assert_eq!(run("trap '' HUP"), "alive\n");
    assert_eq!(run(":"), "");
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn a_pipe_that_nobody_reads_ends_the_program() {
    let world = World::new();
    let script = "yes | head -n 1; echo done >&2";
    let ended = world.run(&["exec", "lab", "--", "sh", "-c", script]);
    assert_eq!((&*ended.stdout, &*ended.stderr), ("y\n", "done\n"));
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn the_program_may_dump_core_where_it_might_have_before() {
    let world = World::new();
    let mut alone = std::process::Command::new("bash");
    let alone = alone.args(["-c", "ulimit -S -c 8; ulimit -S -c"]).output();
    let words = ["exec", "lab", "--", "bash", "-c", "ulimit -S -c"];
    let ended = finish(world.auth_after("ulimit -S -c 8", &words));
    assert_eq!(ended.quiet().as_bytes(), alone.unwrap().stdout);
}

#[test]
#[cfg_attr(windows, ignore = "making a link needs a right that few have")]
fn a_link_with_the_name_of_a_helper_does_not_change_what_a_program_is_called() {
    let world = World::new();
    let link = world.home().join("tool");
    symlink("/bin/sh", &link).unwrap();
    let stdout = world
        .run(&["exec", "lab", "--", "./tool", "-c", "echo $0"])
        .quiet();
    assert_eq!(stdout, "./tool\n");
}

#[cfg(windows)]
#[test]
fn a_program_of_windows_has_the_token_and_its_exit_code_is_what_auth_ends_with() {
    let world = World::new();
    let token = world.run(&["token", "lab"]).quiet();
    let run = |line: &str| world.run(&["exec", "lab", "--", "cmd", "/d", "/c", line]);
    assert_eq!(run("echo %AUTH_TOKEN%").quiet().trim(), token.trim());
    assert_eq!(run("exit 42").code, Some(42));
    let ended = world.run(&["exec", "lab", "--", "no-such-program"]);
    assert_eq!(ended.code, Some(127), "{}", ended.stderr);
    let ended = login::world().run(&["exec", "person", "--", "cmd", "/c", "mkdir ran"]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
}
