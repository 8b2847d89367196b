//! The same server on loopback.

use std::time::Duration;

use auth_core::ErrorKind;
use auth_core::http::DefaultHttpClient;
use auth_testkit::{Fault, Listening, Received};
use url::Url;

use super::{ROBOT, Reply, get, post, refresh, server};

#[tokio::test]
#[cfg_attr(windows, ignore = "wine has no https with a CA of one's own")]
async fn the_same_server_listens_on_http_and_https_until_dropped() {
    let (server, _) = server();
    let plain = server.listen(0).await.unwrap();
    let secure = server.listen_tls(0).await.unwrap();
    let http = DefaultHttpClient::new();
    assert_eq!(over(&plain, &http).await.text("sub"), "robot");
    let error = post(&http, &secure.url("/token"), ROBOT)
        .await
        .err()
        .unwrap();
    assert!(!error.may_have_arrived(), "nobody trusts its CA: {error}");

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ca.pem");
    std::fs::write(&file, secure.ca_pem().unwrap()).unwrap();
    let trusting = DefaultHttpClient::new().with_ca_file(&file);
    assert_eq!(over(&secure, &trusting).await.text("sub"), "robot");
    assert_eq!(
        server
            .requests()
            .iter()
            .map(Received::path)
            .filter(|path| *path == "/token")
            .count(),
        2
    );

    let url = plain.url("/jwks");
    drop(plain);
    tokio::task::yield_now().await;
    let error = post(&DefaultHttpClient::new(), &url, ROBOT)
        .await
        .err()
        .unwrap();
    assert!(!error.may_have_arrived(), "{error}");
}

#[tokio::test]
async fn on_a_socket_faults_break_the_connection() {
    let (server, _) = server();
    let listening = server.listen(0).await.unwrap();
    let http = DefaultHttpClient::new();
    let url = listening.url("/token");
    assert_eq!(post(&http, &url, ROBOT).await.unwrap().status, 200); // the connection is kept
    let token = server.login("desktop", "ada", &[]);
    server.fault("/token", Fault::reset().after_commit());
    let error = post(&http, &url, &refresh(token.expose_secret()))
        .await
        .err()
        .unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.may_have_arrived() && !server.is_live(&token));
    assert_eq!(
        server.count("/token"),
        2,
        "nothing repeats the request behind our back"
    );

    server.fault("/token", Fault::cut());
    let error = post(&http, &url, ROBOT).await.err().unwrap();
    assert!(error.may_have_arrived(), "{error}");
    server.fault("/token", Fault::drip(Duration::from_millis(1)));
    server.fault("/token", Fault::huge(1 << 20));
    for _ in 0..2 {
        let reply = post(&http, &url, ROBOT).await.unwrap();
        assert!(!reply.text("access_token").is_empty());
    }
}
async fn over(listening: &Listening, http: &DefaultHttpClient) -> Reply {
    let metadata = get(
        http,
        &listening.url("/.well-known/openid-configuration"),
        "",
    )
    .await;
    assert_eq!(metadata.text("issuer"), listening.issuer());
    let token = Url::parse(&metadata.text("token_endpoint")).unwrap();
    let reply = post(http, &token, ROBOT).await.unwrap();
    let token = reply.text("access_token");
    get(http, &listening.url("/api/whoami"), &token).await
}
