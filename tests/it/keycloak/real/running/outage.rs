//! A realm whose keys can't be had: the ID token of a refresh can't be checked.

use std::time::{Duration, Instant};

use super::home::Home;
use crate::keycloak::real::front::Front;
use crate::keycloak::real::server::Server;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn while_keys_cant_be_had_the_token_that_works_is_served_and_later_its_successor() {
    let server = Server::at_hand();
    let front = Front::before(server).await;
    let home = Home::of(front.server().clone(), "rotating");
    home.logged_in("ada").await;
    let (old, _) = home.run(&["token", "ada"], 0);
    let before = front.asked("rotating", "token");

    front.breaks("rotating", "certs");
    let (_, told) = home.run(&["token", "ada", "--refresh"], 5);
    assert!(told.contains("503"), "{told}");
    let broken = Instant::now();
    for _ in 0..3 {
        let (token, told) = home.run(&["token", "ada"], 0);
        assert_eq!((token, &*told), (old.clone(), ""));
    }
    assert_eq!(front.asked("rotating", "token"), before + 1);

    front.mends();
    let next = loop {
        let (token, _) = home.run(&["token", "ada"], 0);
        if token != old {
            break token;
        }
        assert!(
            broken.elapsed() < Duration::from_secs(30),
            "still the old token"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert_eq!(
        front.asked("rotating", "token"),
        before + 1,
        "the one that came"
    );
    let next = home.server.userinfo("rotating", next.trim()).await;
    assert_eq!(next.status, 200);
}
