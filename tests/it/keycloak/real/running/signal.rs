//! Programs that are told to end while the server has replaced their refresh token already, or is about to.

use std::process::{Child, Command};
use std::time::Duration;

use super::home::Home;
use crate::keycloak::real::front::Front;
use crate::keycloak::real::server::Server;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_hangup_in_the_middle_of_a_refresh_loses_no_login() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        // Under `nohup` the programs that are started here would ignore it, if it had not been listened for.
        drop(signal(SignalKind::hangup()).unwrap());
    }
    rounds("-HUP").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_polite_kill_in_the_middle_of_a_refresh_loses_no_login() {
    rounds("-TERM").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn ctrl_c_in_the_middle_of_a_refresh_loses_no_login() {
    rounds("-INT").await;
}

/// Sixty refreshes, each cut short at another moment: while the answer is on its way, or while it is
/// checked and saved.
async fn rounds(signal: &str) {
    let server = Server::at_hand();
    let front = Front::before(server).await;
    let home = Home::of(front.server().clone(), "rotating");
    home.logged_in("ada").await;
    let given = home.kept("rotating").await;
    let mut interrupted = 0;
    for round in 0..60_u64 {
        let before = front.answered("rotating", "token");
        front.hold();
        let mut child = home
            .command(&["token", "ada", "--refresh"])
            .spawn()
            .unwrap();
        while front.answered("rotating", "token") == before {
            assert_eq!(child.try_wait().unwrap(), None, "it asks for a token");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let pause = Duration::from_millis(round / 2);
        match round % 2 {
            0 => {
                send(signal, &child);
                tokio::time::sleep(pause).await;
                front.release();
            }
            _ => {
                front.release();
                tokio::time::sleep(pause).await;
                send(signal, &child);
            }
        }
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        match ended.status.code() {
            Some(130) => interrupted += 1,
            // It was done already.
            Some(0) => {}
            _ => panic!("round {round}: {}: {said}", ended.status),
        }
        home.run(&["token", "ada"], 0);
        home.run(&["token", "ada", "--refresh"], 0);
    }
    assert!(interrupted >= 30, "{interrupted} of 60 were cut short");
    let refused = home
        .server
        .events("rotating", "REFRESH_TOKEN_ERROR", &given);
    assert_eq!(refused.await, 0, "no spent token was sent");
}

fn send(signal: &str, child: &Child) {
    let id = child.id().to_string();
    // One that has ended is not there any more.
    let _ = Command::new("kill").args([signal, &id]).output().unwrap();
}
