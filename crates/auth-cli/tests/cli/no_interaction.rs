//! `--no-interaction`: nobody is asked, neither here nor in a browser.

use crate::login::{logged_in, world};
use crate::opener::Opened;
use crate::section::{ASKED, lab};
use crate::terminal::Terminal;
use crate::world::{Ended, World, finish};

#[test]
fn a_login_is_refused_at_once_with_the_command_that_helps_and_nothing_is_sent() {
    let world = world();
    let mut said = String::new();
    for more in [
        &["--device-code"][..],
        &["--browser"],
        &["--account", "my work"],
    ] {
        let mut arguments = vec!["login", "person", "--no-interaction"];
        arguments.extend(more);
        said += &world.shown(&world.run(&arguments));
    }
    let mut command = world.auth(&["offline-token", "person", "--output", "new.txt"]);
    command.env("AUTH_NO_INTERACTION", "1");
    said += &world.shown(&finish(command));
    assert!(!world.home().join("new.txt").exists());
    insta::assert_snapshot!(said);
    assert!(world.server.requests().is_empty());
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn a_terminal_is_not_asked_for_a_secret_a_user_or_stdin() {
    let world = World::empty();
    let piped = lab("{ stdin = true }").replace("profile.lab", "profile.piped");
    world.config(&(lab(ASKED) + &piped));
    let terminal = Terminal::open();
    let mut said = String::new();
    for (profile, code) in [("lab", 4), ("piped", 2)] {
        let child = terminal.run(&world, &["token", profile, "--no-interaction"]);
        let ended = Ended::of(child.wait_with_output().unwrap());
        assert_eq!(ended.code, Some(code), "{ended:?}");
        said += &world.shown(&ended);
    }
    let child = terminal.run(&world, &["desp", "-s", "highway", "--no-interaction"]);
    said += &world.shown(&Ended::of(child.wait_with_output().unwrap()));
    insta::assert_snapshot!(said);
}

#[test]
fn a_logout_opens_no_browser() {
    let world = world();
    logged_in(&world);
    let without = auth_testkit::Fault::without("revocation_endpoint").always();
    let place = "/.well-known/openid-configuration";
    world.server.fault(place, without);
    let opened = Opened::by(&world, "browser", 0);
    let mut command = opened.run(&["logout", "person", "--no-interaction"]);
    let ended = finish({
        command.stdout(std::process::Stdio::piped());
        command
    });
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("no browser was opened"),
        "{}",
        ended.stderr
    );
    assert_eq!(world.server.count("/logout"), 0);
}

#[test]
fn the_variable_can_say_no() {
    let world = world();
    let login = |value: &str| {
        let login = ["login", "person", "--device-code", "--timeout", "1"];
        let mut command = world.auth(&login);
        command.env("AUTH_NO_INTERACTION", value);
        let ended = finish(command);
        assert_eq!(ended.code, Some(4), "{value}: {}", ended.stderr);
        ended.stderr.contains("enter the code")
    };
    for value in ["1", "yes"] {
        assert!(!login(value), "{value}");
    }
    assert!(world.server.requests().is_empty());
    for value in ["0", "", "no"] {
        assert!(login(value), "{value:?}");
    }
}
