//! The record of requests.

use auth_core::clock::Clock;
use auth_testkit::{Client, DisruptiveAccount, Fault};

use super::{get, robot_token, server};

#[tokio::test(start_paused = true)]
async fn every_request_is_on_record_and_its_debug_text_holds_no_secret() {
    let (server, clock) = server();
    let at = clock.now().wall;
    robot_token(&server).await;
    get(&server, &server.url("/api/x?y=a%20b"), "canary").await;
    let requests = server.requests();
    let [token, api] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    assert_eq!(token.field("client_secret").as_deref(), Some("s3cret+/%&"));
    assert_eq!(token.form()[0].1, "client_credentials");
    assert_eq!((token.method().as_str(), token.at()), ("POST", at));
    assert_eq!(api.header("authorization"), Some("Bearer canary"));
    assert_eq!(api.query("y").as_deref(), Some("a b"));
    let shown = [
        format!("{requests:?} {server:?}"),
        format!("{requests:#?} {server:#?}"),
        format!("{:?}", Client::confidential("robot", "s3cret")),
        format!(
            "{:?}",
            DisruptiveAccount::new("a@b").with_key("key1", "s3cret")
        ),
        format!("{:?}", Fault::status(200).with_body("text/plain", "s3cret")),
    ]
    .concat();
    assert!(
        !shown.contains("canary") && !shown.contains("s3cret"),
        "{shown}"
    );
    assert!(shown.contains("client_secret") && shown.contains("/api/x"));
    server.clear_requests();
    assert!(server.requests().is_empty() && server.count("/token") == 0);
}
