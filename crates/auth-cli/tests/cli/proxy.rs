//! R19: proxies come from the environment, never stand between us and loopback, and are named when
//! they refuse.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use crate::world::{World, finish};

/// A proxy that answers `requests` requests with `answer`, and hands out their first lines.
fn proxy(answer: &'static str, requests: usize) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let lines = std::thread::spawn(move || {
        let connections = listener.incoming().take(requests);
        let first_lines = connections.map(|connection| {
            let mut connection = BufReader::new(connection.unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && connection.read_line(&mut head).unwrap() > 0 {}
            connection.get_mut().write_all(answer.as_bytes()).unwrap();
            head.lines().next().unwrap_or_default().to_owned()
        });
        first_lines.collect()
    });
    (address, lines)
}

fn elsewhere(world: &World) {
    world.secret("far.secret", "canary-secret-of-the-client");
    world.config(
        r#"
        [profile.far]
        kind = "client-credentials"
        token-url = "https://login.far.example/token"
        client-id = "robot"
        client-secret = { file = "far.secret" }
        "#,
    );
}

#[test]
fn a_proxy_of_the_environment_is_asked_for_the_host_and_its_refusal_is_named() {
    let world = World::empty();
    elsewhere(&world);
    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
    // A refused connection sent nothing, so it is tried three times.
    let (address, lines) = proxy(refusal, 3);
    let mut command = world.auth(&["token", "far"]);
    command.env(
        "HTTPS_PROXY",
        format!("http://ada:canary-password@{address}"),
    );
    let ended = finish(command);
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    assert!(ended.stderr.contains("proxy"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    for line in lines.join().unwrap() {
        assert_eq!(line, "CONNECT login.far.example:443 HTTP/1.1");
    }
}

#[test]
fn a_host_of_no_proxy_is_asked_directly() {
    let world = World::empty();
    elsewhere(&world);
    let mut command = world.auth(&["token", "far"]);
    // Nobody listens there: whoever asked the proxy would hear of it.
    command
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .env("NO_PROXY", "far.example");
    let ended = finish(command);
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    assert!(!ended.stderr.contains("127.0.0.1"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("refused"), "{}", ended.stderr);
}

#[test]
fn loopback_is_never_proxied() {
    let world = World::new();
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"] {
        let mut command = world.auth(&["token", "lab", "--no-store"]);
        command.env(variable, "http://127.0.0.1:9");
        finish(command).quiet();
    }
}
