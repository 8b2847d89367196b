//! A login that is killed at any of its requests.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

use auth_testkit::{Fault, User};

use super::{AUTH, CERTS, EXCHANGE, FORM, HIGHWAY_CERTS, SERVICES, TOKEN, realm, world};
use crate::world::{World, finish};

/// The requests of a login for Highway, each by its path and how many went there before.
const REQUESTS: [(&str, usize); 7] = [
    (AUTH, 0),
    (FORM, 0),
    (FORM, 1),
    (TOKEN, 0),
    (CERTS, 0),
    (EXCHANGE, 0),
    (HIGHWAY_CERTS, 0),
];

/// Somebody with a device of their own, so that what happens to others costs them no wait.
struct Person {
    name: String,
    /// In base32.
    totp: String,
}

/// A server for so many of them, and their names.
fn people(count: usize) -> (World, Vec<Person>) {
    let world = world();
    world.config(SERVICES);
    let (mut realm, mut people) = (realm(), Vec::new());
    for number in 0..count {
        let pieces = (0..4).map(|bit| match number >> bit & 1 {
            0 => ("12345", "GEZDGNBV"),
            _ => ("67890", "GY3TQOJQ"),
        });
        let (key, totp): (String, String) = pieces.unzip();
        let name = format!("person-{number}");
        realm = realm.with_user(User::new(&name, "canary-password").with_totp(key));
        people.push(Person { name, totp });
    }
    world.server.add_realm(realm);
    (world, people)
}

impl Person {
    fn auth(&self, world: &World, arguments: &[&str]) -> Command {
        let mut command = world.auth(arguments);
        command
            .env("AUTH_HIGHWAY_USER", &self.name)
            .env("AUTH_HIGHWAY_PASSWORD", "canary-password")
            .env("AUTH_HIGHWAY_TOTP", &self.totp);
        command
    }

    /// Runs `command` and kills it while it waits for the answer to one of the requests, which the server has heeded if
    /// `is_done`.
    fn is_killed(&self, world: &World, command: &str, at: (&str, usize), is_done: bool) {
        let (path, before) = at;
        let long = Duration::from_secs(600);
        world.server.clear_requests();
        for _ in 0..before {
            world.server.fault(path, Fault::delay(Duration::ZERO));
        }
        let stall = match is_done {
            true => Fault::delay(long),
            false => Fault::status(503).with_delay(long),
        };
        world.server.fault(path, stall);
        let mut child = self.auth(world, &[command, "highway"]).spawn().unwrap();
        let begun = Instant::now();
        while world.server.count(path) <= before {
            assert!(begun.elapsed() < Duration::from_secs(60), "{at:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        world.server.clear_faults();
    }

    /// Sends each thing as often as it must be sent, and no code that was sent before it was killed.
    fn gets_a_token(&self, world: &World) {
        let ended = finish(self.auth(world, &["token", "highway"]));
        assert_eq!(ended.code, Some(0), "{}: {ended:?}", self.name);
    }
}

fn logins(world: &World) -> usize {
    let status = world.run(&["status", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    json["logins"].as_array().unwrap().len()
}

fn codes(world: &World) -> Vec<String> {
    let requests = world.server.requests();
    requests.iter().filter_map(|one| one.field("otp")).collect()
}

#[test]
fn a_login_that_is_killed_at_any_request_loses_no_more_than_a_code() {
    let points = REQUESTS.map(|request| [(request, false), (request, true)]);
    let (world, people) = people(14);
    let mut sent = Vec::new();
    for (person, (request, is_done)) in people.iter().zip(points.into_iter().flatten()) {
        person.is_killed(&world, "token", request, is_done);
        sent.extend(codes(&world));
    }
    world.server.clear_requests();
    // Who has lost a code waits for the next one.
    std::thread::scope(|scope| {
        for person in &people {
            scope.spawn(|| person.gets_a_token(&world));
        }
    });
    sent.extend(codes(&world));
    let different: BTreeSet<_> = sent.iter().collect();
    assert_eq!(sent.len(), different.len(), "{sent:?}");
    let requests = world.server.requests();
    for person in &people {
        let is_theirs = |name: &Option<String>| name.as_deref() == Some(&*person.name);
        let names = requests.iter().map(|one| one.field("username"));
        assert!(names.filter(is_theirs).count() <= 1, "{}", person.name);
    }
    assert_eq!(logins(&world), 2 * people.len());
}

#[test]
fn auth_login_writes_all_of_its_entries_or_none() {
    let (world, people) = people(7);
    for (person, request) in people.iter().zip(REQUESTS) {
        person.is_killed(&world, "login", request, true);
        assert_eq!(logins(&world), 0, "{request:?}");
    }
    let ended = finish(people[0].auth(&world, &["login", "highway"]));
    assert_eq!((ended.code, logins(&world)), (Some(0), 2), "{ended:?}");
}
