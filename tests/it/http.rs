//! The default HTTP client, on real sockets.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::SystemClock;
use auth_core::http::{Body, DefaultHttpClient, HttpClient};
use auth_core::{
    CachedSource, ClientAuth, ClientCredentials, Error, ErrorKind, Io, Provider, Result,
    TokenEndpoint, TokenSource,
};
use auth_testkit::{Client, Fault, Server};
use http::{Request, StatusCode};
use secrecy::SecretString;
use tokio::runtime::{Builder, Runtime};
use url::Url;

use crate::world::{MINUTE, World};

fn server() -> Server {
    let server = Server::new(SystemClock::new());
    server.add_client(Client::confidential("robot", "s3cret"));
    server
}

async fn get(client: &DefaultHttpClient, url: &str) -> Result<http::Response<Body>> {
    client
        .send(Request::get(url).body(Body::empty()).unwrap())
        .await
}

async fn refused(client: &DefaultHttpClient, url: &str) -> Error {
    match get(client, url).await {
        Err(error) => error,
        Ok(answer) => panic!("{url} answered {}", answer.status()),
    }
}

#[tokio::test]
#[cfg_attr(windows, ignore = "wine has no https with a CA of one's own")]
async fn a_source_works_over_https_with_a_ca_of_its_own() {
    let server = server();
    let listening = server.listen_tls(0).await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let ca = home.path().join("ca.pem");
    std::fs::write(&ca, listening.ca_pem().unwrap()).unwrap();
    let io = Io::new().with_http(Arc::new(DefaultHttpClient::new().with_ca_file(&ca)));
    let client = ClientAuth::basic("robot", SecretString::from("s3cret"));
    let endpoint = TokenEndpoint::new(listening.url("/token"), client, io.clone());
    CachedSource::new(ClientCredentials::new(endpoint), io)
        .token()
        .await
        .unwrap();
}

#[tokio::test]
#[cfg_attr(windows, ignore = "wine has no https with a CA of one's own")]
async fn an_unknown_ca_is_named_and_nothing_is_sent() {
    let server = server();
    let listening = server.listen_tls(0).await.unwrap();
    let error = refused(&DefaultHttpClient::new(), listening.url("/jwks").as_str()).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("CA"), "{error}");
    assert!(!error.may_have_arrived());
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_ca_file_that_is_missing_or_empty_is_a_config_error() {
    let home = tempfile::tempdir().unwrap();
    let empty = home.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    for path in [home.path().join("missing.pem"), empty] {
        let client = DefaultHttpClient::new().with_ca_file(&path);
        let error = refused(&client, "https://localhost:9/").await;
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_unavailable_and_nothing_was_sent() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("http://{host}:{port}/token?secret=canary");
        let error = refused(&DefaultHttpClient::new(), &url).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(!error.may_have_arrived());
        assert!(
            !format!("{error} {error:#?}").contains("canary"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn r7_a_server_that_never_answers_ends_with_the_deadline_and_may_have_been_reached() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let short = Duration::from_millis(50);
    let error = refused(&DefaultHttpClient::new().with_deadlines(short, short), &url).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.may_have_arrived());
}

#[tokio::test]
async fn s19_redirects_are_not_followed() {
    let server = server();
    let listening = server.listen(0).await.unwrap();
    let client = DefaultHttpClient::new();
    for status in [301, 302, 303, 307, 308] {
        let target = listening.url("/jwks");
        server.fault("/token", Fault::redirect(status, target.as_str()));
        let answer = get(&client, listening.url("/token").as_str())
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), status);
    }
    assert_eq!(server.count("/jwks"), 0);
}

/// `DefaultHttpClient::built_with_reqwest_0_13`.
#[tokio::test]
async fn s19_an_applications_own_reqwest_serves_and_what_is_promised_of_a_request_holds() {
    let server = server();
    let listening = server.listen(0).await.unwrap();
    let elsewhere = DefaultHttpClient::built_with_reqwest_0_13(|| {
        // It would follow, and would send everything through a proxy that is not there.
        let proxy = reqwest::Proxy::all("http://127.0.0.1:9").unwrap();
        let follows = reqwest::redirect::Policy::limited(10);
        let builder = reqwest::Client::builder().proxy(proxy).redirect(follows);
        builder.user_agent("orders/1.0")
    });
    let io = Io::new().with_http(Arc::new(elsewhere.clone()));
    let client = ClientAuth::basic("robot", SecretString::from("s3cret"));
    let endpoint = TokenEndpoint::new(listening.url("/token"), client, io.clone());
    let source = CachedSource::new(ClientCredentials::new(endpoint), io);
    source.token().await.unwrap();
    let sent = server.requests().pop().unwrap();
    assert_eq!(sent.header("user-agent"), Some("orders/1.0"));
    server.fault(
        "/jwks",
        Fault::redirect(307, listening.url("/token").as_str()),
    );
    let answer = get(&elsewhere, listening.url("/jwks").as_str())
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(server.count("/token"), 1);
    let error = refused(&elsewhere, "http://example.com/").await;
    assert!(!error.may_have_arrived(), "{error}");
    let proxied = refused(&elsewhere, "https://example.com/").await;
    assert!(!proxied.may_have_arrived(), "{proxied}");
}

#[tokio::test]
async fn s21_a_body_is_read_up_to_its_limit_and_can_be_left_unread() {
    let server = server();
    let listening = server.listen(0).await.unwrap();
    server.fault("/jwks", Fault::huge(8 << 20).times(2));
    let url = listening.url("/jwks");
    let answer = get(&DefaultHttpClient::new(), url.as_str()).await.unwrap();
    let error = answer.into_body().bytes(1 << 20).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    drop(get(&DefaultHttpClient::new(), url.as_str()).await.unwrap());
    let answer = get(&DefaultHttpClient::new(), url.as_str()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error_and_not_a_short_answer() {
    let server = server();
    let listening = server.listen(0).await.unwrap();
    server.fault("/jwks", Fault::cut());
    let url = listening.url("/jwks");
    let error = match get(&DefaultHttpClient::new(), url.as_str()).await {
        Ok(answer) => answer.into_body().bytes(1 << 20).await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.may_have_arrived());
}

#[tokio::test]
async fn a_streamed_body_arrives() {
    let server = server();
    let listening = server.listen(0).await.unwrap();
    let body = Body::stream(Body::from("streamed".to_owned()));
    let url: Url = listening.url("/nowhere");
    let request = Request::post(url.as_str()).body(body).unwrap();
    DefaultHttpClient::new().send(request).await.unwrap();
    assert_eq!(server.requests()[0].body().as_ref(), b"streamed");
}

#[test]
fn every_io_shares_one_pool_of_connections() {
    assert!(Arc::ptr_eq(Io::new().http(), Io::new().http()));
}

#[test]
fn a_request_in_another_runtime_never_waits_for_the_first_ones_connections() {
    let serving = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let server = server();
    let listening = serving.block_on(server.listen(0)).unwrap();
    let url = listening.url("/jwks");
    let short = Duration::from_secs(5);
    let client = DefaultHttpClient::new().with_deadlines(short, short);
    let ask = |runtime: &Runtime| {
        runtime.block_on(async {
            let body = get(&client, url.as_str()).await.unwrap().into_body();
            body.bytes(1 << 20).await.unwrap();
            tokio::task::yield_now().await;
        });
    };
    let runtime = || Builder::new_current_thread().enable_all().build().unwrap();
    let (idle, ended) = (runtime(), runtime());
    ask(&idle);
    ask(&ended);
    drop(ended);
    ask(&runtime());
    ask(&idle);
    for _ in 0..20 {
        ask(&runtime());
    }
    let threads = Builder::new_multi_thread().enable_all().build().unwrap();
    ask(&threads);
    ask(&idle);
}

#[test]
fn outside_a_runtime_a_request_is_an_error_and_no_panic() {
    let client = DefaultHttpClient::new();
    let mut sending = std::pin::pin!(refused(&client, "https://a.b/"));
    let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(error) = sending.as_mut().poll(context) else {
        panic!("it waits");
    };
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(!error.may_have_arrived());
}

#[tokio::test]
async fn rfc6761_s6_3_names_below_localhost_are_loopback_and_nobody_is_asked_for_them() {
    let server = server();
    let listening = server.listen(0).await.unwrap();
    let port = listening.url("/").port().unwrap();
    for host in [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "id.localhost",
        "a.b.localhost.",
    ] {
        let url = format!("http://{host}:{port}/jwks");
        let answer = get(&DefaultHttpClient::new(), &url).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{host}");
    }
    let provider = Provider::new(format!("http://id.localhost:{port}"), Io::new());
    assert!(provider.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer_is_fetched_within_a_bound_and_a_time() {
    let world = World::new();
    let ask = || {
        let request = Request::get(world.server.url("/jwks").as_str());
        let request = request.body(Body::empty()).unwrap();
        let io = world.io();
        async move { io.fetch(request, MINUTE).await }
    };
    assert!(ask().await.unwrap().body().starts_with(b"{"));
    world.server.fault("/jwks", Fault::huge(2 << 20));
    assert_eq!(ask().await.unwrap_err().kind(), ErrorKind::Protocol);
    world
        .server
        .fault("/jwks", Fault::drip(Duration::from_secs(1)));
    let slow = tokio::spawn(ask());
    world.pass(MINUTE).await;
    let error = slow.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.may_have_arrived());
}
