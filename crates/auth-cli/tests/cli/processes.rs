//! Many processes on one store, and processes that are killed.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use auth_core::RefreshToken;
use auth_testkit::{Fault, Policy};

use crate::world::{Ended, World};

fn start(command: Command) -> Child {
    let mut command = command;
    command.spawn().unwrap()
}

/// The token that one of a crowd got, which on a slow machine is told that it waits.
fn served(child: Child) -> String {
    let mut ended = Ended::of(child.wait_with_output().unwrap());
    let lines = ended.stderr.split_inclusive('\n');
    ended.stderr = lines
        .filter(|line| !line.contains("; waiting for it"))
        .collect();
    ended.quiet()
}

/// The refresh token of the only login in the store.
fn kept(world: &World) -> Option<RefreshToken> {
    let files = std::fs::read_dir(world.store()).ok()?;
    let mut entries = files.map(|entry| entry.unwrap().path());
    let path = entries.find(|path| path.extension().is_some_and(|kind| kind == "json"))?;
    let text = std::fs::read_to_string(path).unwrap();
    let start = text.find("refresh_token\":\"")? + "refresh_token\":\"".len();
    let end = text[start..].find('"')?;
    Some(RefreshToken::new(text[start..start + end].to_owned()))
}

#[test]
fn s7_64_processes_on_one_store_refresh_once_and_nobody_is_logged_out() {
    let world = World::new();
    world
        .server
        .fault("/token", Fault::delay(Duration::from_millis(300)).always());
    let children: Vec<Child> = (0..64)
        .map(|_| start(world.auth(&["token", "ada"])))
        .collect();
    let tokens: std::collections::BTreeSet<String> = children.into_iter().map(served).collect();
    assert_eq!(tokens.len(), 1);
    assert_eq!(world.server.count("/token"), 1);
    assert!(world.server.is_live(&kept(&world).unwrap()));
}

#[test]
fn s7_64_processes_renew_a_token_that_ended_once() {
    let world = World::new();
    let short = Policy::new().with_token_life(Duration::from_secs(2));
    world.server.set_policy(short);
    world.run(&["token", "ada"]).quiet();
    world.server.set_policy(Policy::new());
    std::thread::sleep(Duration::from_secs(2));
    let children: Vec<Child> = (0..64)
        .map(|_| start(world.auth(&["token", "ada"])))
        .collect();
    children.into_iter().map(served).for_each(drop);
    assert_eq!(world.server.count("/token"), 2);
    assert!(world.server.is_live(&kept(&world).unwrap()));
}

/// Whatever the moment: the store parses and holds the old or the new token. If the server had
/// committed and nothing was written, the login is lost and the person is told so: nothing can help that.
#[test]
fn r12_a_process_that_is_killed_leaves_the_old_or_the_new_token() {
    let world = World::new();
    world.run(&["token", "ada"]).quiet();
    let mut moments = Moments(0x5eed);
    let mut start_of_login = 0;
    for round in 0..40 {
        let before = kept(&world).unwrap();
        let pause = Duration::from_millis(20);
        world.server.fault("/token", Fault::delay(pause));
        let mut child = start(world.auth(&["token", "ada", "--refresh"]));
        std::thread::sleep(Duration::from_micros(moments.next() % 60_000));
        child.kill().unwrap();
        let _ = child.wait_with_output().unwrap();
        world.server.clear_faults();

        let status = world.run(&["status", "ada", "--json"]);
        let json: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
        assert_eq!(
            json["logins"].as_array().unwrap().len(),
            1,
            "round {round}: {json}"
        );
        let after = kept(&world).unwrap();
        if after.fingerprint() != before.fingerprint() {
            assert!(world.server.is_live(&after), "round {round}");
        }
        let next = world.run(&["token", "ada", "--refresh"]);
        if next.code == Some(0) {
            continue;
        }
        // The answer never came home, though what the killed process had sent may have come to the server late.
        let requests = world.server.requests();
        let sent = requests[start_of_login..].iter();
        let mut sent: Vec<_> = sent
            .filter_map(|request| request.field("refresh_token"))
            .collect();
        sent.sort_unstable();
        let is_repeated = sent.windows(2).any(|pair| pair[0] == pair[1]);
        assert!(is_repeated, "round {round}: {}", next.stderr);
        assert!(next.stderr.contains("was lost"), "{}", next.stderr);
        let given = world.server.login("desktop", "ada", &["read"]);
        world.secret("ada.token", given.expose_secret());
        std::fs::remove_dir_all(world.store()).unwrap();
        start_of_login = requests.len();
        world.run(&["token", "ada", "--refresh"]).quiet();
    }
}

/// Different moments that are the same in every run.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[test]
fn a_lock_whose_holder_was_killed_is_free() {
    let world = World::new();
    world
        .server
        .fault("/token", Fault::delay(Duration::from_secs(30)));
    let mut holder = start(world.auth(&["token", "lab"]));
    while world.server.count("/token") == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    holder.kill().unwrap();
    holder.wait().unwrap();
    let start = Instant::now();
    world.run(&["token", "lab"]).quiet();
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_stale_token_is_printed_at_once_and_its_renewal_finished_before_the_program_ends() {
    let world = World::new();
    world.server.fault("/token", Fault::member("refresh_in", 0));
    let stale = world.run(&["token", "lab"]).quiet();
    world
        .server
        .fault("/token", Fault::delay(Duration::from_millis(300)));
    assert_eq!(world.run(&["token", "lab"]).quiet(), stale);
    assert_ne!(
        world.run(&["token", "lab"]).quiet(),
        stale,
        "the renewal was kept"
    );
    assert_eq!(world.server.count("/token"), 2);
}

#[test]
fn a_stale_token_is_printed_while_the_server_is_down() {
    let mut world = World::new();
    world.server.fault("/token", Fault::member("refresh_in", 0));
    let stale = world.run(&["token", "lab"]).quiet();
    world.listening = None;
    assert_eq!(world.run(&["token", "lab"]).quiet(), stale);
}
