//! Ctrl-C and a polite kill.

use std::io::{BufRead, BufReader, Read};
use std::process::Command;
use std::time::{Duration, Instant};

use auth_testkit::Fault;

use crate::login;
use crate::system::signal;
use crate::world::{Ended, REPLACED, World};

fn wait_for_request(world: &World) {
    wait_for(world, "/token");
}

fn wait_for(world: &World, path: &str) {
    while world.server.count(path) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Ctrl-C while an answer from `path` is waited for ends the program, which says nothing.
#[track_caller]
fn ends_at_once(world: &World, arguments: &[&str], path: &str) {
    let slow = Fault::delay(Duration::from_secs(20));
    world.server.fault(path, slow);
    let start = Instant::now();
    let child = world.auth(arguments).spawn().unwrap();
    wait_for(world, path);
    signal(&child, "INT");
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!((ended.code, &*ended.stderr), (Some(130), ""));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
#[cfg_attr(windows, ignore = "no signals")]
fn r23_ctrl_c_during_a_renewal_waits_for_it_and_keeps_it() {
    for name in ["INT", "TERM", "HUP"] {
        let world = World::new();
        world
            .server
            .fault("/token", Fault::delay(Duration::from_millis(700)));
        let child = world.auth(&["token", "ada"]).spawn().unwrap();
        wait_for_request(&world);
        signal(&child, name);
        let ended = Ended::of(child.wait_with_output().unwrap());
        assert_eq!(ended.code, Some(130), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
        let told = ended.stderr.lines().filter(|line| !line.contains(REPLACED));
        assert_eq!(told.count(), 1, "{}", ended.stderr);
        // The renewal was kept: the next call asks nobody.
        world.run(&["token", "ada"]).quiet();
        assert_eq!(world.server.count("/token"), 1);
    }
}

#[test]
#[cfg_attr(windows, ignore = "no signals")]
fn a_second_ctrl_c_waits_for_nothing() {
    let world = World::new();
    world
        .server
        .fault("/token", Fault::delay(Duration::from_secs(20)));
    let start = Instant::now();
    let child = world.auth(&["token", "lab"]).spawn().unwrap();
    wait_for_request(&world);
    signal(&child, "INT");
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, "INT");
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// A pipe into which nobody writes, or a drive that went away.
#[test]
#[cfg_attr(windows, ignore = "no signals")]
fn a_secrets_file_that_does_not_answer_leaves_the_program_its_ears() {
    let world = World::new();
    let path = world.config_directory().join("lab.secret");
    std::fs::remove_file(&path).unwrap();
    let made = Command::new("mkfifo")
        .args(["-m", "600"])
        .arg(&path)
        .status();
    assert!(made.unwrap().success());
    for name in ["INT", "TERM"] {
        let start = Instant::now();
        let child = world.auth(&["token", "lab"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(500));
        // Nothing was sent, so nothing is waited for.
        signal(&child, name);
        let ended = Ended::of(child.wait_with_output().unwrap());
        assert_eq!(
            (ended.code, &*ended.stdout),
            (Some(130), ""),
            "{}",
            ended.stderr
        );
        assert!(start.elapsed() < Duration::from_secs(10));
    }
    assert_eq!(world.server.count("/token"), 0);
}

#[test]
#[cfg_attr(windows, ignore = "no signals")]
fn ctrl_c_ends_at_once_where_no_login_could_be_lost() {
    let world = World::new();
    ends_at_once(&world, &["token", "lab"], "/token");
}

#[test]
#[cfg_attr(windows, ignore = "no signals")]
fn ctrl_c_with_nothing_to_wait_for_ends_at_once() {
    let world = World::new();
    world.run(&["token", "lab"]).quiet();
    ends_at_once(&world, &["request", "lab", "slow"], "/api/slow");
}

#[test]
#[cfg_attr(windows, ignore = "no signals")]
fn ctrl_c_while_a_person_is_waited_for_ends_at_once_and_says_nothing_of_renewals() {
    for way in [&["--device-code"][..], &["--browser", "--no-browser"]] {
        for command in ["login", "offline-token"] {
            let world = login::world();
            let start = Instant::now();
            let arguments = [&[command, "person"], way].concat();
            let mut child = world.auth(&arguments).spawn().unwrap();
            let mut stderr = BufReader::new(child.stderr.take().unwrap());
            let mut line = String::new();
            while !line.contains("enter the code") && !line.contains("log in at") {
                line.clear();
                assert!(stderr.read_line(&mut line).unwrap() > 0);
            }
            signal(&child, "INT");
            let mut rest = String::new();
            stderr.read_to_string(&mut rest).unwrap();
            let ended = Ended::of(child.wait_with_output().unwrap());
            assert_eq!(
                (ended.code, &*ended.stdout, &*rest),
                (Some(130), "", ""),
                "{arguments:?}"
            );
            assert!(start.elapsed() < Duration::from_secs(10));
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "no signals")]
fn a_login_that_is_brought_here_is_not_lost_to_ctrl_c() {
    let world = login::world();
    let given = world.server.login("desktop", "ada", &["read"]);
    let file = format!(r#"{{"refresh_token":"{}"}}"#, given.expose_secret());
    let path = world.secret("tokens.json", &file);
    let slow = Fault::delay(Duration::from_millis(700));
    world.server.fault("/token", slow);
    let mut import = world.auth(&["import", "person", path.to_str().unwrap()]);
    let child = import.env("AUTH_PERSON_SCOPE", "read").spawn().unwrap();
    wait_for_request(&world);
    signal(&child, "INT");
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.stderr.contains("is kept"), "{}", ended.stderr);
    let mut token = world.auth(&["token", "person"]);
    token.env("AUTH_PERSON_SCOPE", "read");
    assert_eq!(crate::world::finish(token).code, Some(0));
}

#[test]
#[cfg_attr(windows, ignore = "no signals")]
fn a_token_for_jobs_that_nobody_got_because_of_ctrl_c_is_ended() {
    let world = login::world();
    world
        .server
        .set_visitor(auth_testkit::Visitor::logs_in("ada"));
    let slow = Fault::delay(Duration::from_millis(700));
    world.server.fault("/token", slow);
    let arguments = ["offline-token", "person", "--browser", "--no-browser"];
    let command = world.auth(&[&arguments[..], &["--output", "token.txt"]].concat());
    let (child, said) = login::started(command, "log in at");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            wait_for_request(&world);
            signal(&child, "INT");
        });
        world.follow(&login::word_after(&said, "log in at "));
    });
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert_eq!(world.server.count("/revoke"), 1);
}
