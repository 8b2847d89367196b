//! The program `auth` at the realm: people log in, jobs go on without them.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};

use auth_core::RefreshToken;
use serde_json::Value;

use super::home::{Home, address, said};
use crate::keycloak::real::server::claims;

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_person_logs_in_with_a_code_and_out_again() {
    let home = Home::at_hand("rotating");
    home.run(&["token", "ada"], 4);
    let login = ["login", "ada", "--device-code"];
    let (_, told) = said(&home.device(&login, "accept").await, 0);
    assert!(told.contains("logged in as ada"), "{told}");
    let (first, _) = home.run(&["token", "ada"], 0);
    assert_eq!(claims(first.trim())["preferred_username"], "ada");
    let (next, _) = home.run(&["token", "ada", "--refresh"], 0);
    assert_ne!(first, next);
    let (who, _) = home.run(&["whoami", "ada", "--json"], 0);
    let who: Value = serde_json::from_str(&who).unwrap();
    assert_eq!(who["email"], "ada@example.org");
    let (status, _) = home.run(&["status", "ada"], 0);
    assert!(status.contains("ada: ada at"), "{status}");
    let token = home.kept("rotating").await;
    let (_, told) = home.run(&["logout", "ada"], 0);
    assert!(told.contains("revoked at the server"), "{told}");
    assert!(!home.is_live("rotating", "client-tools", &token).await);
    home.run(&["token", "ada"], 4);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_person_who_refuses_is_told_from_one_who_does_not_come() {
    let home = Home::at_hand("steady");
    let login = ["login", "ada", "--device-code"];
    let (_, told) = said(&home.device(&login, "cancel").await, 3);
    assert!(told.contains("access_denied"), "{told}");
    let late = [&login[..], &["--timeout", "2"]].concat();
    let (_, told) = home.run(&late, 4);
    assert!(told.contains("nobody logged in within 2 s"), "{told}");
    home.run(&["token", "ada"], 4);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_person_logs_in_with_the_browser_in_either_response_mode() {
    let home = Home::at_hand("rotating");
    for mode in ["query", "form_post"] {
        let arguments = ["login", "desktop", "--browser", "--no-browser"];
        let mut command = home.command(&arguments);
        command.env("AUTH_DESKTOP_RESPONSE_MODE", mode);
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.as_mut().unwrap());
        let mut told = String::new();
        while !told.contains("log in at") {
            assert!(stderr.read_line(&mut told).unwrap() > 0, "{told}");
        }
        let mut browser = home.server.browser();
        let page = browser.open(&address(&told, "log in at ")).await;
        let end = browser
            .fill(&page, &[("username", "ada"), ("password", "pw")])
            .await;
        if mode == "form_post" {
            // The page would send itself.
            browser.fill(&end, &[]).await;
        }
        said(&child.wait_with_output().unwrap(), 0);
        home.run(&["token", "desktop"], 0);
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_job_lives_on_an_offline_token_that_the_realm_replaces_each_time() {
    let home = Home::at_hand("rotating");
    let make = [
        "offline-token",
        "maker",
        "--device-code",
        "--output",
        "token.txt",
    ];
    let (_, told) = said(&home.device(&make, "accept").await, 0);
    assert!(
        told.contains("the offline token of ada is in token.txt"),
        "{told}"
    );
    let token = || fs::read_to_string(home.path("token.txt")).unwrap();
    assert_eq!(claims(token().trim())["typ"], "Offline");

    let children: Vec<_> = (0..16)
        .map(|_| home.command(&["token", "job"]).spawn().unwrap())
        .collect();
    let tokens: BTreeSet<_> = children
        .into_iter()
        .map(|child| said(&child.wait_with_output().unwrap(), 0).0)
        .collect();
    assert_eq!(tokens.len(), 1, "sixteen processes, one refresh");
    let access = tokens.first().unwrap().trim();
    assert!(claims(access)["realm_access"]["roles"].is_array());

    for _ in 0..3 {
        let before = token();
        home.run(&["token", "job", "--refresh"], 0);
        assert_ne!(token(), before);
    }
    let (_, told) = home.run(&["offline-token", "job", "--check"], 0);
    assert!(told.contains("with no end that the server tells"), "{told}");
    let last = RefreshToken::new(token().trim().to_owned());
    home.run(&["offline-token", "job", "--revoke"], 0);
    assert!(!home.is_live("rotating", "automated-access", &last).await);
    home.run(&["token", "job"], 4);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_job_with_the_token_in_a_variable_keeps_the_successors_in_its_store() {
    let home = Home::at_hand("rotating");
    let make = ["offline-token", "maker", "--device-code"];
    let (token, _) = said(&home.device(&make, "accept").await, 0);
    for round in 0..3 {
        let mut command = home.command(&["token", "remote", "--refresh"]);
        let output = command.env("OFFLINE", token.trim()).output().unwrap();
        let (_, told) = said(&output, 0);
        assert_eq!(
            told.contains("kept in place of the given one"),
            round == 0,
            "{told}"
        );
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn an_ordinary_refresh_token_is_not_taken_for_an_offline_one() {
    let home = Home::at_hand("steady");
    // This client has no offline_access among its scopes.
    let make = [
        "offline-token",
        "ada",
        "--device-code",
        "--output",
        "token.txt",
    ];
    let output = home.device(&make, "accept").await;
    said(&output, 3);
    assert!(!home.path("token.txt").exists());
}
