//! The client of the DESTINY repository beside our API client: what each sends, and what becomes of a 401.

use std::sync::Arc;

use auth_core::http::Body;
use auth_core::{ApiClient, RedirectUri, TokenSource};
use auth_testkit::{Fault, Received};
use http::Request;

use super::ours;
use super::place::{API, Place, TENANT};
use super::theirs::Python;

const HEALTH: &str = "/v1/system/healthcheck/";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask conformance azure"]
async fn the_sdk_sends_a_refused_token_once_and_we_send_another_one() {
    let python = Python::at_hand();
    for kind in ["secret", "person"] {
        let place = Place::open().await;
        place
            .server
            .fault(HEALTH, Fault::delay(std::time::Duration::ZERO));
        place.server.fault(HEALTH, Fault::status(401));
        let said = python.script(&place, "destiny.py", &[kind]);
        let theirs = counts(&place);
        let answers = said["answers"].as_array().unwrap();
        assert_eq!(answers[0], 200, "{said}");
        assert_ne!(answers[1], 200, "the SDK of 0.9 gives up: {said}");

        let place = Place::open().await;
        place
            .server
            .fault(HEALTH, Fault::delay(std::time::Duration::ZERO));
        place.server.fault(HEALTH, Fault::status(401));
        let statuses = ours(&place, kind).await;
        assert_eq!(statuses, [200, 200]);
        let ours = counts(&place);
        println!(
            "{kind}: (token requests, API calls, tokens sent) of the SDK {theirs:?}, ours {ours:?}"
        );
        assert_eq!(theirs, (1, 2, 1));
        assert_eq!(ours, (2, 3, 2));
    }
}

async fn ours(place: &Place, kind: &str) -> Vec<u16> {
    let scope = format!("api://{API}/.default");
    let source: Arc<dyn TokenSource> = match kind {
        "secret" => {
            let robot = ours::robot(place, &ours::secret()).unwrap();
            Arc::new(robot.source(&scope).unwrap())
        }
        _ => {
            let redirect = RedirectUri::new("http://localhost").unwrap();
            let person = ours::person(place).unwrap().with_browser(redirect);
            Arc::new(person.source([scope]))
        }
    };
    let api = ApiClient::new(place.listening.url("/v1/"), source, ours::io(place));
    let mut statuses = Vec::new();
    for _ in 0..2 {
        let url = place.listening.url(HEALTH);
        let request = Request::get(url.as_str()).body(Body::empty()).unwrap();
        statuses.push(api.send(request).await.unwrap().status().as_u16());
    }
    statuses
}

/// How often tokens were asked for, how often the API was, and with how many tokens.
fn counts(place: &Place) -> (usize, usize, usize) {
    let token = format!("/{TENANT}/oauth2/v2.0/token");
    let requests = place.requests();
    let asks = |one: &&Received| one.path() == token;
    let calls: Vec<_> = requests.iter().filter(|one| one.path() == HEALTH).collect();
    let mut tokens: Vec<_> = calls
        .iter()
        .map(|one| one.header("authorization"))
        .collect();
    tokens.sort();
    tokens.dedup();
    (
        requests.iter().filter(asks).count(),
        calls.len(),
        tokens.len(),
    )
}
