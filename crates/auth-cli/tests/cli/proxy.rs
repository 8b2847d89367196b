//! R19: proxies come from the environment, never stand between us and loopback, and are named when
//! they refuse.

use std::io::{BufRead, BufReader, Read, Write};
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

/// A SOCKS proxy (RFC 1928) that hands out which host and port it was asked for, and says that nobody is there.
fn socks() -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut greeting = [0; 2];
        connection.read_exact(&mut greeting).unwrap();
        assert_eq!(greeting[0], 5);
        let mut methods = vec![0; greeting[1].into()];
        connection.read_exact(&mut methods).unwrap();
        connection.write_all(&[5, 0]).unwrap();
        let mut head = [0; 5];
        connection.read_exact(&mut head).unwrap();
        assert_eq!(
            head[..4],
            [5, 1, 0, 3],
            "it is asked for a name, which it looks up itself"
        );
        let mut rest = vec![0; usize::from(head[4]) + 2];
        connection.read_exact(&mut rest).unwrap();
        let (name, port) = rest.split_at(rest.len() - 2);
        // Host unreachable.
        connection
            .write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0])
            .unwrap();
        let port = u16::from_be_bytes([port[0], port[1]]);
        format!("{}:{port}", String::from_utf8_lossy(name))
    });
    (address, asked)
}

#[test]
fn a_socks_proxy_is_asked_for_the_host_and_named_where_it_fails() {
    let world = World::empty();
    elsewhere(&world);
    let (address, asked) = socks();
    let mut command = world.auth(&["token", "far"]);
    command.env("ALL_PROXY", format!("socks5h://{address}"));
    let ended = finish(command);
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    assert_eq!(asked.join().unwrap(), "login.far.example:443");
    let named = format!("through the proxy socks5h://{address} of ALL_PROXY");
    assert!(ended.stderr.contains(&named), "{}", ended.stderr);
}

#[test]
#[cfg_attr(windows, ignore = "Windows says so in words of its own")]
fn a_proxy_that_is_down_or_has_an_unknown_name_is_named() {
    let world = World::empty();
    elsewhere(&world);
    for proxy in [
        "http://127.0.0.1:9",
        "http://proxy.invalid:3128",
        "socks5://127.0.0.1:9",
    ] {
        let mut command = world.auth(&["token", "far"]);
        command.env("https_proxy", proxy);
        let ended = finish(command);
        assert_eq!(ended.code, Some(5), "{}", ended.stderr);
        let named = format!("through the proxy {proxy} of https_proxy");
        assert!(ended.stderr.contains(&named), "{}", ended.stderr);
    }
}

#[test]
fn a_variable_that_names_no_proxy_is_refused_by_its_name_and_nothing_goes_past_it() {
    let world = World::empty();
    elsewhere(&world);
    for value in [
        "file:///x",
        "http://u:canary-password@[bad",
        "socks9://canary-password@x:1",
    ] {
        let mut command = world.auth(&["token", "far"]);
        command.env("HTTPS_PROXY", value);
        let ended = finish(command);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("HTTPS_PROXY names no proxy"),
            "{}",
            ended.stderr
        );
        assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    }
}

#[test]
fn hosts_of_no_proxy_are_named_as_people_name_them() {
    let world = World::empty();
    elsewhere(&world);
    for none in [
        "*.far.example",
        "login.far.example:443",
        "far.example.",
        "x.example login.far.example",
        "*",
    ] {
        let mut command = world.auth(&["token", "far"]);
        // Nobody listens there: whoever asked the proxy would hear of it.
        command
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .env("NO_PROXY", none);
        let ended = finish(command);
        assert_eq!(ended.code, Some(5), "{}", ended.stderr);
        assert!(!ended.stderr.contains("proxy"), "{none}: {}", ended.stderr);
    }
}
