//! Prompts, at a terminal of our own.

use std::time::Duration;

use auth_testkit::Fault;

use crate::section::{ASKED, lab};
use crate::system::signal;
use crate::terminal::Terminal;
use crate::world::{Ended, SECRET, World};

/// Waits for the question and for the moment at which the answer is no longer echoed.
fn wait_for_question(terminal: &mut Terminal) -> String {
    let seen = terminal.wait_for("Secret of the robot: ");
    while terminal.echoes() {
        std::thread::yield_now();
    }
    seen
}

fn world() -> World {
    let world = World::empty();
    world.config(&lab(ASKED));
    world
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn a_secret_is_asked_for_at_the_terminal_and_never_shown_while_stdout_is_a_pipe() {
    let world = world();
    let mut terminal = Terminal::open();
    let child = terminal.run(&world, &["token", "lab"]);
    let mut seen = wait_for_question(&mut terminal);
    terminal.type_in(&format!("{SECRET}\n"));
    let token = Ended::of(child.wait_with_output().unwrap()).quiet();
    assert_eq!(token.matches('\n').count(), 1, "{token}");
    assert!(terminal.echoes());
    terminal.print("end");
    seen.push_str(&terminal.wait_for("end"));
    assert!(!seen.contains("canary"), "{seen}");
    // A token at hand asks nobody.
    world.run(&["token", "lab"]).quiet();
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn a_renewal_that_was_asked_for_asks_again() {
    let world = world();
    let mut terminal = Terminal::open();
    for _ in 0..2 {
        let child = terminal.run(&world, &["token", "lab", "--refresh"]);
        wait_for_question(&mut terminal);
        terminal.type_in(&format!("{SECRET}\n"));
        Ended::of(child.wait_with_output().unwrap()).quiet();
    }
    assert_eq!(world.server.count("/token"), 2);
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn s25_ctrl_c_at_a_prompt_gives_the_terminal_back_as_it_was() {
    let world = world();
    for polite_kill in [false, true] {
        let mut terminal = Terminal::open();
        let child = terminal.run(&world, &["token", "lab"]);
        wait_for_question(&mut terminal);
        if polite_kill {
            signal(&child, "TERM");
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
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
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
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
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
    terminal.print("end");
    let rest = terminal.wait_for("end");
    assert!(rest.ends_with("\u{1b}[2Kend") || rest == "end", "{rest:?}");
    world.run(&["token", "lab", "--refresh"]).quiet();
    let mut scripted = world.auth(&["token", "lab", "--refresh", "--json-errors"]);
    let mut terminal = Terminal::open();
    scripted.env("TERM", "xterm");
    assert!(terminal.show_command(scripted).wait().unwrap().success());
    terminal.print("end");
    assert_eq!(terminal.wait_for("end"), "end");
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
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
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn what_the_server_said_and_what_to_do_next_have_lines_of_their_own_on_a_terminal_alone() {
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

    let world = World::new();
    let refusal = r#"{"error":"invalid_client","error_description":"Invalid client credentials"}"#;
    let fault = Fault::status(401).with_body("application/json", refusal);
    world.server.fault("/token", fault.always());
    let mut terminal = Terminal::open();
    let mut child = terminal.show(&world, &["token", "lab"]);
    let seen = terminal.wait_for("hint:");
    assert_eq!(child.wait().unwrap().code(), Some(3));
    let plain = anstream::adapter::strip_str(&seen).to_string();
    let expected = "/token refused\r\ncause: invalid_client: Invalid client credentials\r\nhint:";
    assert!(plain.contains(expected), "{plain}");
}
