//! `auth emulator`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};

use crate::system::{mode, signal};
use crate::world::{World, finish};

pub(crate) struct Emulator(Child);

impl Emulator {
    /// Starts it and reads all that it prints, which ends although it runs on.
    pub(crate) fn start(world: &World, arguments: &[&str]) -> (Self, String) {
        let mut command = world.auth(arguments);
        command.stderr(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut printed = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut printed).unwrap();
        stdout.read_to_string(&mut printed).unwrap();
        (Self(child), printed)
    }

    pub(crate) fn stop(mut self) -> Option<i32> {
        signal(&self.0, "TERM");
        self.0.wait().unwrap().code()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// Runs a line of shell after what the emulator printed.
pub(crate) fn shell(world: &World, printed: &str, line: &str) -> String {
    let auth = env!("CARGO_BIN_EXE_auth");
    let mut command = Command::new("sh");
    command.args([
        "-c",
        &format!("{printed}\n{}", line.replace("auth ", &format!("{auth} "))),
    ]);
    command
        .env_clear()
        .env("HOME", world.home())
        .env("PATH", std::env::var_os("PATH").unwrap());
    finish(command).quiet()
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn an_emulator_is_ended_by_one_line_that_leaves_no_variable_behind() {
    let world = World::empty();
    let (mut emulator, printed) = Emulator::start(&world, &["emulator"]);
    for line in printed.lines() {
        let name = line
            .trim_start_matches("export ")
            .split('=')
            .next()
            .unwrap();
        let left = shell(
            &world,
            &printed,
            &format!("eval \"$(auth emulator --stop 2>/dev/null)\"; echo \"${{{name}-gone}}\""),
        );
        assert_eq!(left, "gone\n", "{name}");
    }
    assert!(emulator.0.wait().unwrap().success());
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn all_commands_work_against_the_emulator_after_eval_of_what_it_prints() {
    let world = World::empty();
    for more in [&[][..], &["--https"]] {
        let mut arguments = vec!["emulator"];
        arguments.extend(more);
        let (emulator, printed) = Emulator::start(&world, &arguments);
        for profile in [
            "disruptive",
            "lab",
            "ada",
            "provena",
            "desp",
            "desp-otp",
            "data-lake",
            "pectus",
        ] {
            let token = shell(&world, &printed, &format!("auth token {profile}"));
            assert_eq!(token.matches('\n').count(), 1, "{token}");
        }
        let projects = shell(&world, &printed, "auth request disruptive /projects");
        assert!(projects.contains("Cold store"), "{projects}");
        assert!(shell(&world, &printed, "auth request ada whoami").contains("ada"));
        let roles = shell(&world, &printed, "auth request provena whoami");
        assert!(roles.contains("data-store-read"), "{roles}");
        // The routes of `auth-verify/examples/pectus.rs`.
        let runs = shell(&world, &printed, "auth request pectus recent_runs/");
        assert_eq!(runs.trim(), r#"[{"run_id":"open"},{"run_id":"daemons"}]"#);
        let run = shell(&world, &printed, "auth request pectus recent_runs/daemons");
        assert_eq!(run.trim(), r#"{"run_id":"daemons","user":"Daemon"}"#);
        for (path, said) in [("operators", "Operator"), ("none", "404")] {
            let line = format!("auth request pectus recent_runs/{path} 2>&1 || echo failed $?");
            let no = shell(&world, &printed, &line);
            assert!(no.contains(said) && no.contains("failed"), "{no}");
        }
        assert_eq!(emulator.stop(), Some(0));
        // A directory of its own goes when it ends.
        let config = printed.lines().next().unwrap().split('\'').nth(1).unwrap();
        assert!(!std::path::Path::new(config).exists());
    }
}

#[test]
#[cfg_attr(windows, ignore = "no signals")]
fn its_directory_is_private_and_the_same_lines_are_in_it() {
    let world = World::empty();
    let directory = world.home().join("emulator");
    let (emulator, printed) =
        Emulator::start(&world, &["emulator", "--dir", directory.to_str().unwrap()]);
    assert_eq!(
        std::fs::read_to_string(directory.join("env")).unwrap(),
        printed
    );
    let of = |file: &str| std::fs::read_to_string(directory.join(file)).unwrap();
    let config = directory.join("config.toml").display().to_string();
    for (file, line) in [
        ("env.fish", format!("set -gx AUTH_CONFIG '{config}'")),
        ("env.ps1", format!("$env:AUTH_CONFIG = '{config}'")),
        ("env.cmd", format!("@set \"AUTH_CONFIG={config}\"")),
    ] {
        assert_eq!(of(file).lines().next(), Some(&*line));
        assert_eq!(of(file).lines().count(), printed.lines().count());
    }
    for entry in std::fs::read_dir(&directory).unwrap() {
        if cfg!(unix) {
            assert_eq!(mode(&entry.unwrap().path()), 0o600);
        }
    }
    emulator.stop();
    assert!(directory.join("config.toml").exists());
}

#[test]
#[cfg_attr(
    windows,
    ignore = "the emulator lets go of its stdout only when it ends"
)]
fn it_speaks_the_words_of_the_shell_that_is_named() {
    let world = World::empty();
    let (mut emulator, printed) = Emulator::start(&world, &["emulator", "--shell", "powershell"]);
    let value = |name: &str| {
        let line = printed
            .lines()
            .find(|line| line.starts_with(&format!("$env:{name} = '")));
        line.unwrap().split('\'').nth(1).unwrap().to_owned()
    };
    let mut stop = world.auth(&["emulator", "--stop", "--shell", "powershell"]);
    for name in ["AUTH_CONFIG", "AUTH_EMULATOR_PID"] {
        stop.env(name, value(name));
    }
    let ended = finish(stop);
    assert!(
        ended.stdout.contains("$env:AUTH_CONFIG = $null\n"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stderr.contains("the emulator ends"),
        "{}",
        ended.stderr
    );
    assert!(emulator.0.wait().unwrap().success());
}

#[test]
fn a_port_that_is_taken_is_one_line() {
    let world = World::empty();
    let port = world.listening().url("/").port().unwrap().to_string();
    let ended = world.run(&["emulator", "--port", &port]);
    assert_eq!((ended.code, &*ended.stdout), (Some(5), ""));
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
}
