//! A crowd of processes that all want a new token of one login, where a race would end it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::home::{Home, said};
use crate::keycloak::real::front::Front;
use crate::keycloak::real::server::Server;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn one_hundred_and_twenty_eight_processes_that_want_a_new_token_at_once_ask_once_or_twice_and_fetch_no_more_keys()
 {
    let server = Server::at_hand();
    let front = Front::before(server).await;
    let home = Home::of(front.server().clone(), "rotating");
    home.logged_in("ada").await;
    let given = home.kept("rotating").await;
    let asked = |endpoint: &str| front.asked("rotating", endpoint);
    let (tokens, keys) = (asked("token"), asked("certs"));

    front.hold();
    let children: Vec<_> = (0..128)
        .map(|_| {
            let refresh = ["token", "ada", "--refresh"];
            home.command(&refresh).spawn().unwrap()
        })
        .collect();
    // The answer is on its way until each of them has begun.
    tokio::time::sleep(Duration::from_secs(3)).await;
    front.release();
    let got: BTreeSet<_> = children
        .into_iter()
        .map(|child| said(&child.wait_with_output().unwrap(), 0).0)
        .collect();

    let (tokens, keys) = (asked("token") - tokens, asked("certs") - keys);
    eprintln!("128 processes: {tokens} requests for a token, {keys} for keys");
    assert!((1..=2).contains(&tokens), "{tokens} requests");
    assert_eq!(got.len(), tokens);
    assert!(keys <= tokens, "{keys} times the keys");
    let errors = home
        .server
        .events("rotating", "REFRESH_TOKEN_ERROR", &given);
    assert_eq!(errors.await, 0);
    home.run(&["token", "ada", "--refresh"], 0);
}
