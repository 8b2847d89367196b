//! Prompts, at a terminal of our own.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use auth_testkit::Fault;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::world::{Ended, SECRET, World};

/// Both ends of a terminal.
pub(crate) struct Terminal {
    person: File,
    program: File,
}

impl Terminal {
    pub(crate) fn open() -> Self {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let name = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
        let program = File::options().read(true).write(true).open(name).unwrap();
        Self {
            person: person.into(),
            program,
        }
    }

    /// The program in a session of its own with this terminal, its stdout and stderr in pipes.
    pub(crate) fn run(&self, world: &World, arguments: &[&str]) -> Child {
        self.run_with(world, arguments, &[])
    }

    /// The same with these variables.
    pub(crate) fn run_with(
        &self,
        world: &World,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Child {
        let mut program = world.auth(arguments);
        program.envs(variables.iter().copied());
        self.run_command(&program)
    }

    /// The same with a command as it stands, whose environment was emptied first.
    pub(crate) fn run_command(&self, program: &Command) -> Child {
        let mut command = Command::new("setsid");
        command
            .arg("--ctty")
            .arg(program.get_program())
            .args(program.get_args());
        command.env_clear();
        command.envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        command.current_dir(program.get_current_dir().unwrap());
        command.stdin(self.program.try_clone().unwrap());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// The same, with its stderr on this terminal too.
    fn show(&self, world: &World, arguments: &[&str]) -> Child {
        let mut command = world.auth(arguments);
        command.env("TERM", "xterm").stdin(Stdio::null());
        command.stderr(self.program.try_clone().unwrap());
        command.spawn().unwrap()
    }

    /// Reads what the person sees until `text` is there.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let (mut seen, mut bytes, mut piece) = (String::new(), Vec::new(), [0; 256]);
        while !seen.contains(text) {
            let mut ready = [PollFd::new(&self.person, PollFlags::IN)];
            let patience = rustix::time::Timespec {
                tv_sec: 20,
                tv_nsec: 0,
            };
            let count = poll(&mut ready, Some(&patience)).unwrap();
            assert_eq!(count, 1, "`{text}` does not come after {seen}");
            let size = self.person.read(&mut piece).unwrap();
            bytes.extend_from_slice(&piece[..size]);
            seen = String::from_utf8_lossy(&bytes).into_owned();
        }
        seen
    }

    /// Waits for the question and for the moment at which the answer is no longer echoed.
    fn wait_for_question(&mut self) -> String {
        let seen = self.wait_for("Secret of the robot: ");
        while self.echoes() {
            std::thread::yield_now();
        }
        seen
    }

    pub(crate) fn type_in(&mut self, text: &str) {
        self.person.write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn echoes(&self) -> bool {
        let modes = tcgetattr(&self.program).unwrap().local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }
}

fn world() -> World {
    let world = World::empty();
    world.config(
        r#"
        [profile.lab]
        kind = "client-credentials"
        issuer = "ISSUER"
        client-id = "robot"
        client-secret = { prompt = "Secret of the robot" }
        "#,
    );
    world
}

#[test]
fn a_secret_is_asked_for_at_the_terminal_and_never_shown_while_stdout_is_a_pipe() {
    let world = world();
    let mut terminal = Terminal::open();
    let child = terminal.run(&world, &["token", "lab"]);
    let mut seen = terminal.wait_for_question();
    terminal.type_in(&format!("{SECRET}\n"));
    let token = Ended::of(child.wait_with_output().unwrap()).quiet();
    assert_eq!(token.matches('\n').count(), 1, "{token}");
    assert!(terminal.echoes());
    terminal.program.write_all(b"end").unwrap();
    seen.push_str(&terminal.wait_for("end"));
    assert!(!seen.contains("canary"), "{seen}");
    // A token at hand asks nobody.
    world.run(&["token", "lab"]).quiet();
}

#[test]
fn a_renewal_that_was_asked_for_asks_again() {
    let world = world();
    let mut terminal = Terminal::open();
    for _ in 0..2 {
        let child = terminal.run(&world, &["token", "lab", "--refresh"]);
        terminal.wait_for_question();
        terminal.type_in(&format!("{SECRET}\n"));
        Ended::of(child.wait_with_output().unwrap()).quiet();
    }
    assert_eq!(world.server.count("/token"), 2);
}

#[test]
fn s25_ctrl_c_at_a_prompt_gives_the_terminal_back_as_it_was() {
    let world = world();
    for polite_kill in [false, true] {
        let mut terminal = Terminal::open();
        let child = terminal.run(&world, &["token", "lab"]);
        terminal.wait_for_question();
        if polite_kill {
            let id = child.id().to_string();
            assert!(Command::new("kill").arg(id).status().unwrap().success());
        } else {
            terminal.type_in("\u{3}");
        }
        let ended = Ended::of(child.wait_with_output().unwrap());
        assert_eq!(
            (ended.code, &*ended.stdout),
            (Some(130), ""),
            "{}",
            ended.stderr
        );
        assert!(terminal.echoes());
    }
    assert_eq!(world.server.count("/token"), 0);
}

#[test]
fn a_login_counts_down_on_a_terminal_and_nowhere_else() {
    let world = crate::login::world();
    let login = ["login", "person", "--device-code", "--timeout", "90"];
    let mut terminal = Terminal::open();
    let mut child = terminal.show(&world, &login);
    let seen = terminal.wait_for("waiting for the login, 1 min");
    let code = crate::login::word_after(&seen, "enter the code ");
    assert!(world.server.allow_device(&code, "ada"));
    terminal.wait_for("logged in as");
    assert_eq!(child.wait().unwrap().code(), Some(0));

    let (child, _) = crate::login::started(
        world.auth(&["login", "person", "--device-code", "--timeout", "2"]),
        "enter the code",
    );
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(4));
    assert!(!ended.stderr.contains("waiting"), "{}", ended.stderr);
}

#[test]
fn who_waits_for_a_slow_server_sees_which_on_a_terminal_and_nowhere_else() {
    let world = World::new();
    let slow = Fault::delay(Duration::from_millis(2500)).always();
    world.server.fault("/token", slow);
    let mut terminal = Terminal::open();
    let mut child = terminal.show(&world, &["token", "lab"]);
    terminal.wait_for("waiting for 127.0.0.1");
    // The line is taken away before anything else is said.
    terminal.wait_for("\u{1b}[2K");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    terminal.program.write_all(b"end").unwrap();
    let rest = terminal.wait_for("end");
    assert!(rest.ends_with("\u{1b}[2Kend") || rest == "end", "{rest:?}");
    world.run(&["token", "lab", "--refresh"]).quiet();
    let mut scripted = world.auth(&["token", "lab", "--refresh", "--json-errors"]);
    let mut terminal = Terminal::open();
    scripted
        .env("TERM", "xterm")
        .stderr(terminal.program.try_clone().unwrap());
    assert!(scripted.status().unwrap().success());
    terminal.program.write_all(b"end").unwrap();
    assert_eq!(terminal.wait_for("end"), "end");
}

#[test]
fn who_waits_for_another_process_sees_that_on_a_terminal() {
    let world = World::new();
    let slow = Fault::delay(Duration::from_secs(60)).always();
    world.server.fault("/token", slow);
    let mut first = world.auth(&["token", "lab"]).spawn().unwrap();
    while world.server.count("/token") == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut terminal = Terminal::open();
    let mut second = terminal.show(&world, &["token", "lab"]);
    terminal.wait_for("waiting for another process");
    world.server.clear_faults();
    first.kill().unwrap();
    first.wait().unwrap();
    terminal.wait_for("\u{1b}[2K");
    assert_eq!(second.wait().unwrap().code(), Some(0));
}

#[test]
fn what_to_do_next_has_a_line_of_its_own_on_a_terminal_and_one_line_says_all_elsewhere() {
    let world = crate::login::world();
    let mut terminal = Terminal::open();
    let mut child = terminal.show(&world, &["token", "person"]);
    let seen = terminal.wait_for("auth login person");
    assert_eq!(child.wait().unwrap().code(), Some(4));
    let plain = anstream::adapter::strip_str(&seen).to_string();
    let expected = "auth: nobody is logged in for profile `person`\r\nhint: run `auth login person";
    assert!(plain.starts_with(expected), "{plain}");
    let ended = world.run(&["token", "person"]);
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
}
