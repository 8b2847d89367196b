//! What the program says ends with a login, and what does.

use std::fs;

use auth_core::RefreshToken;

use super::home::{Home, said};
use crate::browser::Browser;
use crate::keycloak::real::server::claims;

const REALM: &str = "rotating";
const CLIENT: &str = "automated-access";

impl Home {
    /// An offline token of Ada's, in the file that job `job` takes it from, and what was said.
    async fn offline(&self, browser: &mut Browser, file: &str) -> (RefreshToken, String) {
        let make = ["offline-token", "maker", "--device-code", "--output", file];
        let (_, told) = said(&self.device_in(browser, &make, "accept").await, 0);
        let token = fs::read_to_string(self.path(file)).unwrap();
        (RefreshToken::new(token.trim().to_owned()), told)
    }

    /// Whether the file's token works, as a job uses it.
    fn works(&self, file: &str) -> bool {
        let check = ["offline-token", "maker", "--check", "--from", file];
        self.command(&check).output().unwrap().status.success()
    }

    async fn lasting(&self) -> RefreshToken {
        let scopes = ["openid", "offline_access"];
        self.kept_of(REALM, CLIENT, &scopes).await
    }

    async fn has_ended(&self, token: &RefreshToken) -> bool {
        !self.is_live(REALM, CLIENT, token).await
    }
}

fn session(token: &RefreshToken) -> String {
    claims(token.expose_secret())["sid"].to_string()
}

/// A browser in which Ada is logged in to something else.
async fn in_use(home: &Home) -> Browser {
    let mut browser = home.server.browser();
    let login = ["login", "ada", "--device-code"];
    said(&home.device_in(&mut browser, &login, "accept").await, 0);
    browser
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn of_three_offline_logins_a_logout_leaves_none() {
    for is_one_session in [false, true] {
        let home = Home::at_hand(REALM);
        let mut browser = in_use(&home).await;
        let mut tokens = Vec::new();
        for _ in 0..3 {
            if !is_one_session {
                browser = home.server.browser();
            }
            let login = ["login", "lasting", "--device-code"];
            said(&home.device_in(&mut browser, &login, "accept").await, 0);
            home.run(&["token", "lasting", "--refresh"], 0);
            tokens.push(home.lasting().await);
        }
        let is_one = tokens
            .iter()
            .all(|token| session(token) == session(&tokens[0]));
        assert_eq!(is_one, is_one_session);
        let (_, told) = home.run(&["logout", "lasting"], 0);
        assert!(told.contains("revoked at the server"), "{told}");
        for token in &tokens {
            assert!(home.has_ended(token).await);
        }
        // The login of another client in that browser lives on, and nobody said otherwise.
        assert!(!told.contains("same session"), "{told}");
        home.run(&["token", "ada", "--refresh"], 0);
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_second_login_in_the_browser_of_the_first_takes_its_place_and_goes_on() {
    let home = Home::at_hand(REALM);
    let mut browser = home.server.browser();
    let login = ["login", "desktop", "--browser", "--no-browser"];
    for _ in 0..2 {
        said(&home.page_in(&mut browser, &login).await, 0);
        home.run(&["token", "desktop", "--refresh"], 0);
    }
    home.run(&["token", "desktop", "--refresh"], 0);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn offline_tokens_of_two_homes_end_together_where_one_browser_was_logged_in_as_the_help_says()
{
    for is_one_session in [false, true] {
        let [one, other] = [Home::at_hand(REALM), Home::at_hand(REALM)];
        let mut browser = in_use(&one).await;
        let (first, _) = one.offline(&mut browser, "token.txt").await;
        if !is_one_session {
            browser = other.server.browser();
        }
        let (second, told) = other.offline(&mut browser, "token.txt").await;
        assert_eq!(session(&first) == session(&second), is_one_session);
        // This home knows nothing of the other one, so the help is where it is said.
        assert!(!told.contains("shares its session"), "{told}");
        let (help, _) = other.run(&["offline-token", "--help"], 0);
        assert!(
            help.contains("revoking one of them then ends the others"),
            "{help}"
        );
        one.run(
            &["offline-token", "maker", "--revoke", "--from", "token.txt"],
            0,
        );
        assert!(!one.works("token.txt"));
        assert_eq!(other.works("token.txt"), !is_one_session);
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_second_offline_token_in_the_session_of_one_that_is_known_is_warned_of_and_named_when_it_is_revoked()
 {
    let home = Home::at_hand(REALM);
    let mut browser = in_use(&home).await;
    let (first, told) = home.offline(&mut browser, "token.txt").await;
    assert!(!told.contains("shares its session"), "{told}");
    home.run(&["token", "job"], 0);
    let (second, told) = home.offline(&mut browser, "second.txt").await;
    assert_eq!(session(&first), session(&second));
    assert!(told.contains("shares its session"), "{told}");
    assert!(told.contains("a private window"), "{told}");
    // One of a window of its own is no reason.
    let (_, told) = home.offline(&mut home.server.browser(), "third.txt").await;
    assert!(!told.contains("shares its session"), "{told}");

    let revoke = |file| {
        home.run(&["offline-token", "maker", "--revoke", "--from", file], 0)
            .1
    };
    let told = revoke("third.txt");
    assert!(!told.contains("same session"), "{told}");
    assert!(home.works("second.txt"));
    let told = revoke("second.txt");
    assert!(
        told.contains("is in the same session of the server"),
        "{told}"
    );
    assert!(!home.works("second.txt"));
    home.run(&["token", "job", "--refresh"], 4);
    home.run(&["token", "ada", "--refresh"], 0);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_logout_ends_the_login_of_another_home_in_the_same_browser_as_the_help_says() {
    let [one, other] = [Home::at_hand(REALM), Home::at_hand(REALM)];
    let mut browser = in_use(&one).await;
    let login = ["login", "ada", "--device-code"];
    said(&other.device_in(&mut browser, &login, "accept").await, 0);
    let (help, _) = one.run(&["logout", "--help"], 0);
    assert!(help.contains("also those of another home"), "{help}");
    let token = other.kept(REALM).await;
    one.run(&["logout", "ada"], 0);
    assert!(!other.is_live(REALM, "client-tools", &token).await);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn logins_of_two_names_in_one_session_end_together_and_the_other_is_named() {
    let home = Home::at_hand(REALM);
    let mut browser = in_use(&home).await;
    let login = ["login", "ada", "--account", "work", "--device-code"];
    said(&home.device_in(&mut browser, &login, "accept").await, 0);
    let token = home.kept(REALM).await;
    let (_, told) = home.run(&["logout", "ada", "--account", "work"], 0);
    assert!(told.contains("the login default at"), "{told}");
    assert!(
        told.contains("was in the same session of the server"),
        "{told}"
    );
    assert!(!home.is_live(REALM, "client-tools", &token).await);
}
