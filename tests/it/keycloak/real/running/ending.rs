//! What ends with a login: the server ends sessions, never one token alone.

use std::time::Duration;

use auth_core::{ClientAuth, RefreshToken};
use serde_json::Value;
use url::Url;

use super::agreement::testkit;
use crate::browser::Browser;
use crate::keycloak::real::server::{Server, claims, refresh_token};

/// Logins of Ada's; whether the last one is in the browser of those before; what is done to which of the
/// last two; and what comes of it.
type Case = (&'static [Login], Browsers, End, usize, Sessions, Other);

/// A client, and the scope that it asks for.
type Login = (&'static str, &'static str);

#[derive(Clone, Copy)]
enum Browsers {
    Same,
    Another,
}

#[derive(Clone, Copy)]
enum End {
    /// What `auth logout` does.
    Revoke,
    /// What it never does.
    LogOut,
}

/// Whether the last two are one session of the person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sessions {
    One,
    Two,
}

/// What becomes of the other one of the last two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Other {
    Lives,
    Ends,
}

const TOOLS: Login = ("client-tools", "openid");
const ACCESS: Login = ("automated-access", "openid");
const OFFLINE: Login = ("automated-access", "openid offline_access");

const CASES: [Case; 14] = {
    use Browsers::{Another, Same};
    use End::{LogOut, Revoke};
    use Other::{Ends, Lives};
    use Sessions::{One, Two};
    [
        (&[TOOLS, TOOLS], Same, Revoke, 0, One, Ends),
        (&[TOOLS, TOOLS], Same, Revoke, 1, One, Ends),
        (&[TOOLS, TOOLS], Same, LogOut, 0, One, Ends),
        (&[TOOLS, TOOLS], Another, Revoke, 0, Two, Lives),
        (&[TOOLS, TOOLS], Another, LogOut, 0, Two, Lives),
        (&[TOOLS, ACCESS], Same, Revoke, 0, One, Lives),
        (&[TOOLS, ACCESS], Same, LogOut, 0, One, Ends),
        (&[ACCESS, OFFLINE], Same, Revoke, 0, One, Lives),
        (&[ACCESS, OFFLINE], Same, Revoke, 1, One, Ends),
        (&[TOOLS, OFFLINE, OFFLINE], Same, Revoke, 0, One, Ends),
        // An offline login leaves no session behind in the browser.
        (&[OFFLINE, OFFLINE], Same, Revoke, 0, Two, Lives),
        (&[OFFLINE, OFFLINE], Another, Revoke, 0, Two, Lives),
        (&[TOOLS, OFFLINE], Same, Revoke, 1, One, Lives),
        (&[TOOLS, OFFLINE], Same, LogOut, 1, One, Ends),
    ]
};

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_revocation_ends_the_clients_session_and_a_logout_the_persons() {
    let server = Server::at_hand();
    all(&server, "steady").await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn the_same_ends_where_a_refresh_token_can_be_used_once() {
    let server = Server::at_hand();
    all(&server, "rotating").await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn the_same_ends_at_the_testkit() {
    let server = Server::at_hand();
    let testkit = testkit().await;
    let url = testkit.url("/");
    let server = server.at(url.as_str().trim_end_matches('/').to_owned());
    all(&server, "steady").await;
}

async fn all(server: &Server, realm: &str) {
    for (number, case) in CASES.into_iter().enumerate() {
        eprintln!("case {number}");
        holds(server, realm, case).await;
    }
}

async fn holds(server: &Server, realm: &str, case: Case) {
    let (logins, browsers, what, ended, sessions, other) = case;
    let mut browser = server.browser();
    let mut tokens = Vec::new();
    for (index, one) in logins.iter().enumerate() {
        if index + 1 == logins.len() && matches!(browsers, Browsers::Another) {
            browser = server.browser();
        }
        tokens.push(login(server, realm, &mut browser, *one).await);
    }
    let before = logins.len() - 2;
    let (clients, tokens) = (&logins[before..], &tokens[before..]);
    let session = |token: &RefreshToken| claims(token.expose_secret())["sid"].clone();
    let found = match session(&tokens[0]) == session(&tokens[1]) {
        true => Sessions::One,
        false => Sessions::Two,
    };
    assert_eq!(found, sessions);
    end(server, realm, what, clients[ended].0, &tokens[ended]).await;
    for index in [ended, 1 - ended] {
        let lives = is_live(server, realm, clients[index].0, &tokens[index]).await;
        let expected = index != ended && other == Other::Lives;
        assert_eq!(lives, expected, "login {index}");
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn the_revocation_of_a_spent_token_ends_its_successors_too() {
    let server = Server::at_hand();
    let spent = server.session("rotating").await;
    let answer = refreshed(&server, "rotating", "jobs", &spent).await;
    let next = refresh_token(&answer.expect("it is the first time"));
    end(&server, "rotating", End::Revoke, "jobs", &spent).await;
    assert!(!is_live(&server, "rotating", "jobs", &next).await);
}

/// Ada logs in with a code, in a browser that may know her.
async fn login(server: &Server, realm: &str, browser: &mut Browser, login: Login) -> RefreshToken {
    let (client, scope) = login;
    let form = [("client_id", client), ("scope", scope)];
    let code = server.post(realm, "auth/device", &form).await.body;
    let text = |name: &str| code[name].as_str().unwrap().to_owned();
    let place = Url::parse(&text("verification_uri_complete")).unwrap();
    let mut page = browser.open(&place).await;
    if page.has("password") {
        let fields = [("username", "ada"), ("password", "pw")];
        page = browser.fill(&page, &fields).await;
    }
    assert!(page.has("accept"), "{page:?}");
    browser.fill(&page, &[("accept", "x")]).await;
    // The interval of its polls.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", client),
        ("device_code", &text("device_code")),
    ];
    let answer = server.post(realm, "token", &form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    refresh_token(&answer.body)
}

async fn end(server: &Server, realm: &str, end: End, client: &str, token: &RefreshToken) {
    match end {
        End::Revoke => {
            let endpoint = server.realm(realm).endpoint(ClientAuth::public(client));
            endpoint.revoke(token).await.unwrap();
        }
        End::LogOut => {
            let form = [
                ("client_id", client),
                ("refresh_token", token.expose_secret()),
            ];
            let answer = server.post(realm, "logout", &form).await;
            assert_eq!(answer.status, 204, "{answer:?}");
        }
    }
}

async fn is_live(server: &Server, realm: &str, client: &str, token: &RefreshToken) -> bool {
    refreshed(server, realm, client, token).await.is_some()
}

/// The answer to a refresh, or `None` for a token that the server knows no more.
async fn refreshed(
    server: &Server,
    realm: &str,
    client: &str,
    token: &RefreshToken,
) -> Option<Value> {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", client),
        ("refresh_token", token.expose_secret()),
    ];
    let answer = server.post(realm, "token", &form).await;
    match (answer.status, answer.body["error"].as_str()) {
        (200, None) => Some(answer.body),
        (400, Some("invalid_grant")) => None,
        _ => panic!("{answer:?}"),
    }
}
