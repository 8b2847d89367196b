//! The testkit's realm answers as the real one does: both are asked the same, and compared.

mod shape;
mod side;

use self::side::Side;
pub use self::side::testkit;
use crate::keycloak::real::server::Server;

/// Where the testkit is known to differ, and how.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "an answer in a form",
        "the button of the form has no name here",
    ),
    ("the logout page", "the realm has a simpler page"),
    ("a logout with an ID token", "the realm has a simpler page"),
    (
        "a logout with garbage at the page",
        "the realm has a simpler page",
    ),
    (
        "a logout that leads elsewhere",
        "the realm has a simpler page",
    ),
    (
        "introspection by nobody",
        "the realm has one text for all clients that it does not believe",
    ),
    (
        "introspection before and after a logout",
        "the realm names `auth_time` after a password grant too",
    ),
    (
        "an exchange",
        "the realm does not carry `openid` over from the subject",
    ),
    ("an exchange for an API", "the same"),
    (
        "an exchange for an ID token",
        "the realm names no more than RFC 8693 asks for",
    ),
    (
        "an exchange for a refresh token",
        "the real server has legacy exchange too, and its texts",
    ),
    ("an exchange of nothing", "the real server fails, with 500"),
    (
        "an exchange of a type that is not said",
        "the realm wants the type, as RFC 8693 does",
    ),
    (
        "an exchange of a foreign token",
        "the real server has legacy exchange too",
    ),
    (
        "an exchange by a public client",
        "the real server has legacy exchange too",
    ),
];

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn programs_get_the_same_answers() {
    compare("steady", include_str!("agreement/tokens.txt")).await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn programs_get_the_same_answers_where_a_refresh_token_can_be_used_once() {
    compare("rotating", include_str!("agreement/tokens.txt")).await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn people_get_the_same_pages() {
    compare("steady", include_str!("agreement/pages.txt")).await;
}

/// Asks both what the cases say, each a line of words with steps below, and fails with every difference
/// that is not named.
async fn compare(realm: &str, cases: &str) {
    let server = Server::at_hand();
    let testkit = testkit().await;
    let mut wrong = Vec::new();
    for case in cases.split("\n\n") {
        let (words, steps) = case.split_once('\n').unwrap();
        let sides = (Side::real(&server, realm), Side::ours(&testkit, realm));
        let found = difference(sides, steps).await;
        let named = DIFFERENCES.iter().any(|(other, _)| *other == words);
        match found {
            Some(found) if !named => wrong.push(format!("{words}\n{found}\n")),
            None if named => wrong.push(format!("{words}: there is no difference any more\n")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The first step to which the answers differ, and both of them.
async fn difference((mut real, mut ours): (Side, Side), steps: &str) -> Option<String> {
    for step in steps.lines().map(str::trim) {
        let (real, ours) = (real.step(step).await, ours.step(step).await);
        if real != ours {
            return Some(format!("{step}\nthe real one: {real}\nthe testkit: {ours}"));
        }
    }
    None
}
