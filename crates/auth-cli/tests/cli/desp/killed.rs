//! A login that is killed at any of its requests.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use auth_testkit::Fault;

use super::{AUTH, CERTS, EXCHANGE, FORM, HIGHWAY_CERTS, TOKEN, unattended};
use crate::world::World;

/// The requests of Bob's login for Highway, each by its path and how many went there before.
const REQUESTS: [(&str, usize); 7] = [
    (AUTH, 0),
    (FORM, 0),
    (FORM, 1),
    (TOKEN, 0),
    (CERTS, 0),
    (EXCHANGE, 0),
    (HIGHWAY_CERTS, 0),
];

/// Runs `command` and kills it while it waits for the answer to one of the requests, which the server has heeded if
/// `is_done`.
fn kill(world: &World, command: &str, (path, before): (&str, usize), is_done: bool) {
    let long = Duration::from_secs(120);
    for _ in 0..before {
        world.server.fault(path, Fault::delay(Duration::ZERO));
    }
    let stall = match is_done {
        true => Fault::delay(long),
        false => Fault::status(503).with_delay(long),
    };
    world.server.fault(path, stall);
    let mut child = world.auth(&[command, "highway"]).spawn().unwrap();
    let begun = Instant::now();
    while world.server.count(path) <= before {
        assert!(begun.elapsed() < Duration::from_secs(60), "{path} {before}");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    world.server.clear_faults();
}

fn logins(world: &World) -> usize {
    let status = world.run(&["status", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    json["logins"].as_array().unwrap().len()
}

/// Another run has its token, no code was sent twice, and the password as often as it had to be.
fn ensure_another_run_works(world: &World, point: &str) {
    let ended = world.run(&["token", "highway"]);
    assert_eq!(ended.code, Some(0), "{point}: {ended:?}");
    let requests = world.server.requests();
    let codes: Vec<_> = requests.iter().filter_map(|one| one.field("otp")).collect();
    let different: BTreeSet<_> = codes.iter().collect();
    assert_eq!(codes.len(), different.len(), "{point}: {codes:?}");
    let passwords = requests
        .iter()
        .filter(|one| one.field("password").is_some());
    assert!(passwords.count() <= 2, "{point}");
    assert_eq!(logins(world), 2, "{point}");
}

/// All at once, since a code that was sent costs the wait for the next one.
#[test]
fn a_login_that_is_killed_at_any_request_loses_no_more_than_a_code() {
    std::thread::scope(|scope| {
        for (request, is_done) in REQUESTS
            .into_iter()
            .flat_map(|request| [(request, false), (request, true)])
        {
            scope.spawn(move || {
                let world = unattended();
                kill(&world, "token", request, is_done);
                ensure_another_run_works(&world, &format!("{request:?} {is_done}"));
            });
        }
    });
}

#[test]
fn auth_login_writes_all_of_its_entries_or_none() {
    std::thread::scope(|scope| {
        for request in REQUESTS {
            scope.spawn(move || {
                let world = unattended();
                kill(&world, "login", request, true);
                assert_eq!(logins(&world), 0, "{request:?}");
                ensure_another_run_works(&world, &format!("{request:?}"));
            });
        }
    });
}
