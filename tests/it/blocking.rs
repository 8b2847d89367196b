//! The way in for synchronous programs, in a process and in the children that it forks.
#![cfg(unix)]

use std::time::{Duration, Instant};

use auth_core::clock::SystemClock;
use auth_core::{CachedSource, ClientAuth, ClientCredentials, Io, TokenEndpoint, TokenSource};
use auth_core::{ErrorKind, blocking};
use auth_testkit::{Client, Server};
use fork::{Fork, fork, waitpid_nohang};
use secrecy::SecretString;
use tokio::runtime::Builder;

/// A server on a thread of its own, and a source of tokens from it.
fn source() -> (tokio::runtime::Runtime, CachedSource) {
    let serving = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let server = Server::new(SystemClock::new());
    server.add_client(Client::confidential("robot", "s3cret"));
    let listening = serving.block_on(server.listen(0)).unwrap();
    let client = ClientAuth::basic("robot", SecretString::from("s3cret"));
    let endpoint = TokenEndpoint::new(listening.url("/token"), client, Io::new());
    let source = CachedSource::new(ClientCredentials::new(endpoint), Io::new());
    std::mem::forget(listening);
    (serving, source)
}

/// How a child ends that runs `work`, or `None` if it hangs.
fn in_a_child(work: impl FnOnce() -> bool) -> Option<i32> {
    let child = match fork().unwrap() {
        Fork::Child => std::process::exit(if work() { 0 } else { 1 }),
        Fork::Parent(child) => child,
    };
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if let Some(status) = waitpid_nohang(child).unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    None
}

#[test]
fn a_forked_child_gets_tokens_of_its_own() {
    let (_serving, source) = source();
    let first = blocking(source.token()).unwrap();
    for renews in [false, true] {
        let ended = in_a_child(|| {
            let token = match renews {
                true => blocking(source.renew()),
                false => blocking(source.token()),
            };
            token.is_ok_and(|token| token.is_same(&first) != renews)
        });
        assert_eq!(ended, Some(0), "renews: {renews}");
    }
    blocking(source.renew()).unwrap();
}

#[test]
fn inside_a_runtime_it_is_an_error_and_no_panic() {
    let inside = Builder::new_current_thread().build().unwrap();
    let error = inside.block_on(async { blocking(async { Ok(()) }).unwrap_err() });
    assert_eq!(error.kind(), ErrorKind::Config);
}
