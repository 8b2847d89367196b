//! The listener on loopback: its port, who else calls there, and what a browser sees.

use std::net::Ipv6Addr;
use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::{Clock, Now};
use auth_core::http::Body;
use auth_core::session::Held;
use auth_core::{
    AuthorizationCode, BoxFuture, CachedSource, ClientAuth, ErrorKind, Grant, Io, RedirectUri,
    TokenEndpoint, TokenSource,
};
use http::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::browser::{Browser, Manner, get, raw, target};
use super::{NATIVE, meanwhile};
use crate::world::World;

/// All that comes to a loopback port and is not the answer, also where it has the right code and state.
async fn strays(back: &Url) {
    let (port, path, right) = (back.port().unwrap(), back.path(), target(back));
    let ours = format!("127.0.0.1:{port}");
    let line = |line: &str, host: &str, more: &str| {
        format!("{line} HTTP/1.1\r\nhost: {host}\r\n{more}\r\n")
    };
    let elsewhere = right.replacen(path, "/other", 1);
    let query = back.query().unwrap();
    let form = format!(
        "content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{query}",
        query.len()
    );
    for (request, status) in [
        (line("GET /favicon.ico", &ours, ""), 404),
        (line(&format!("GET {elsewhere}"), &ours, ""), 404),
        (line(&format!("GET {path}/../x?{query}"), &ours, ""), 404),
        (line(&format!("GET {path}"), &ours, ""), 400),
        (line(&format!("GET {path}?code=c"), &ours, ""), 400),
        (
            line(&format!("GET {path}?code=c&state=wrong"), &ours, ""),
            400,
        ),
        (
            line(&format!("GET {path}?error=access_denied"), &ours, ""),
            400,
        ),
        (line(&format!("GET {right}&state=x"), &ours, ""), 400),
        (line(&format!("OPTIONS {right}"), &ours, ""), 405),
        (line(&format!("HEAD {right}"), &ours, ""), 405),
        (line(&format!("POST {path}"), &ours, &form), 405),
        (line(&format!("GET {right}"), "evil.example", ""), 400),
        (
            line(&format!("GET {right}"), &format!("evil.example:{port}"), ""),
            400,
        ),
        (line(&format!("GET {right}"), "127.0.0.1", ""), 400),
        (
            line(&format!("GET {right}"), &ours, &format!("host: {ours}\r\n")),
            400,
        ),
        (line(&format!("GET http://{ours}{right}"), &ours, ""), 400),
        (
            line(
                &format!("GET {right}"),
                &ours,
                "origin: https://evil.example\r\n",
            ),
            403,
        ),
        (format!("GET {right} HTTP/1.0\r\n\r\n"), 400),
        ("\x16\x03\x01 no http\r\n\r\n".to_owned(), 400),
    ] {
        let answer = raw(back, request.as_bytes()).await;
        let got = answer.split(' ').nth(1).unwrap_or_default();
        assert_eq!(got, status.to_string(), "{request}: {answer}");
    }
}

#[tokio::test]
async fn s7_3_any_free_port_is_bound_and_named_as_registered_in_both_requests() {
    let world = World::native();
    let (set, browser) = world.comes_back(Manner::Follows).await;
    assert_eq!(set.unwrap().account(), Some("ada"));
    let back = browser.parameter("redirect_uri").unwrap();
    let port = browser.back().port().unwrap();
    assert_eq!(back, format!("http://127.0.0.1:{port}/callback"));
    let traded = world.server.requests().pop().unwrap();
    assert_eq!(traded.field("redirect_uri"), Some(back));
    assert_eq!(
        traded.field("grant_type").as_deref(),
        Some("authorization_code")
    );
    // Nothing listens any more.
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

#[tokio::test]
async fn r20_the_name_localhost_is_listened_to_on_both_families() {
    let world = World::native();
    let browser = Browser::new(&world, Manner::Stays);
    let grant = world.browser_login(&browser, "http://localhost");
    let (set, page) = meanwhile(&grant, &browser, async |browser| {
        let to = browser.sent_to().await;
        let port = to.port().unwrap();
        let mut hosts = vec!["127.0.0.1"];
        if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.is_ok() {
            hosts.push("[::1]");
        }
        for host in hosts {
            let there = Url::parse(&format!("http://{host}:{port}/")).unwrap();
            let answer = get_at(&there, "/?state=x").await;
            assert!(answer.starts_with("HTTP/1.1 400"), "{host}: {answer}");
        }
        get(&to, &target(&to)).await
    })
    .await;
    set.unwrap();
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(!browser.parameter("redirect_uri").unwrap().ends_with('/'));
}

/// As [`get`], also where the host is an IPv6 address in brackets.
async fn get_at(there: &Url, target: &str) -> String {
    let port = there.port().unwrap();
    let address = match there.host().unwrap() {
        url::Host::Ipv6(address) => std::net::SocketAddr::from((address, port)),
        _ => std::net::SocketAddr::from(([127, 0, 0, 1], port)),
    };
    let mut stream = TcpStream::connect(address).await.unwrap();
    let host = format!("{}:{port}", there.host_str().unwrap());
    let request = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn s11_a_registered_port_that_is_taken_is_a_clear_error_and_nothing_is_opened() {
    let world = World::native();
    let browser = Browser::new(&world, Manner::Follows);
    let other = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = other.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost"] {
        let redirect = format!("http://{host}:{port}/callback");
        let grant = world.browser_login(&browser, &redirect);
        let error = grant.exchange(&Held::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(&port.to_string()), "{error}");
    }
    assert!(browser.opened.lock().unwrap().is_empty());
    drop(other);
    let redirect = format!("http://127.0.0.1:{port}/callback");
    let grant = world.browser_login(&browser, &redirect);
    grant.exchange(&Held::new()).await.unwrap();
    assert_eq!(browser.parameter("redirect_uri"), Some(redirect));
}

#[tokio::test]
async fn s8_9_and_s12_stray_requests_are_turned_away_and_never_end_the_wait() {
    let world = World::native();
    let (set, page) = world
        .meanwhile(async |browser| {
            let back = browser.sent_to().await;
            strays(&back).await;
            get(&back, &target(&back)).await
        })
        .await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    set.unwrap();
}

#[tokio::test]
async fn s13_many_idle_and_huge_callers_do_not_keep_the_browser_out() {
    let world = World::native();
    let (set, ()) = world
        .meanwhile(async |browser| {
            let (back, to) = (browser.back(), browser.sent_to().await);
            let port = back.port().unwrap();
            let mut idle = Vec::new();
            for _ in 0..100 {
                let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let _ = stream.write_all(b"GET /callback HTTP/1.1\r\nx").await;
                idle.push(stream);
            }
            let huge = get(&back, &format!("/callback?{}", "x".repeat(20_000))).await;
            assert!(!huge.starts_with("HTTP/1.1 200"), "{huge}");
            let page = get(&to, &target(&to)).await;
            assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        })
        .await;
    set.unwrap();
}

#[tokio::test]
async fn s13_a_connection_that_says_nothing_is_closed_after_ten_seconds() {
    /// A hundred times as fast.
    #[derive(Debug)]
    struct Fast(Arc<dyn Clock>);
    impl Clock for Fast {
        fn now(&self) -> Now {
            self.0.now()
        }
        fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
            self.0.sleep(pause / 100)
        }
    }
    let world = World::native();
    let clock = Arc::new(Fast(world.server.clock().clone()));
    let io: Io = world.io().with_clock(clock);
    let provider = auth_core::Provider::new(world.server.issuer(), io).unwrap();
    let endpoint = TokenEndpoint::discovered(provider, ClientAuth::public("desktop"));
    let browser = Browser::new(&world, Manner::Stays);
    let redirect = RedirectUri::new(NATIVE).unwrap();
    let grant = AuthorizationCode::new(endpoint, browser.clone(), redirect);
    let (error, answer) = meanwhile(&grant, &browser, async |browser| {
        raw(&browser.back(), b"GET /callback HTTP/1.1\r\n").await
    })
    .await;
    assert_eq!(answer, "");
    // The total deadline: five minutes.
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert!(error.to_string().contains("300 s"), "{error}");
}

#[tokio::test]
async fn the_answer_may_be_posted_where_that_was_asked_for_whatever_its_origin() {
    let world = World::native();
    let browser = Browser::new(&world, Manner::Stays);
    let grant = world.browser_login(&browser, NATIVE).with_form_post();
    let (set, ()) = meanwhile(&grant, &browser, async |browser| {
        assert_eq!(browser.parameter("response_mode").unwrap(), "form_post");
        let request = Request::get(browser.page().as_str())
            .body(Body::empty())
            .unwrap();
        let io = browser.server.io();
        let answer = io.http().send(request).await.unwrap();
        let page = answer.into_body().bytes(100_000).await.unwrap();
        let page = String::from_utf8_lossy(&page).into_owned();
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for input in page.split("<input type=\"hidden\" name=\"").skip(1) {
            let parts: Vec<&str> = input.split('"').collect();
            body.append_pair(parts[0], parts[2]);
        }
        let (body, back) = (body.finish(), browser.back());
        let post = |length: usize, body: &str| {
            format!(
                "POST /callback HTTP/1.1\r\nhost: 127.0.0.1:{}\r\norigin: null\r\ncontent-type: \
                 application/x-www-form-urlencoded; charset=utf-8\r\ncontent-length: {length}\r\n\r\n{body}",
                back.port().unwrap(),
            )
        };
        let huge = format!("{body}&x={}", "x".repeat(20_000));
        let answer = raw(&back, post(huge.len(), &huge).as_bytes()).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "S13, 16 KiB: {answer}");
        let answer = raw(&back, post(body.len(), &body).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    })
    .await;
    set.unwrap();
}

/// Codes are long at some servers, and whatever runs on this machine has left its cookies.
#[tokio::test]
async fn an_answer_of_many_kilobytes_is_one() {
    let world = World::native();
    let (outcome, ()) = world
        .meanwhile(async |browser| {
            let (back, state) = (browser.back(), browser.parameter("state").unwrap());
            let query = format!(
                "error=access_denied&state={state}&iss={}&more={}",
                world.server.issuer(),
                "x".repeat(8_500)
            );
            let head = format!(
                "GET /callback?{query} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncookie: {}\r\n\r\n",
                back.port().unwrap(),
                "c=1; ".repeat(4_000),
            );
            let answer = raw(&back, head.as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        })
        .await;
    let error = outcome.unwrap_err();
    assert!(error.is_refusal("access_denied"), "{error}");
}

#[tokio::test]
async fn s14_the_page_is_static_loads_nothing_and_shows_nothing_of_the_request() {
    let world = World::native();
    let (error, page) = world
        .meanwhile(async |browser| {
            let back = browser.back();
            let state = browser.parameter("state").unwrap();
            let issuer = world.server.issuer();
            let error = "error=%3Cscript%3Eevil&error_description=%3Cscript%3Eevil%3C/script%3E";
            get(
                &back,
                &format!("/callback?{error}&state={state}&iss={issuer}&next=//evil"),
            )
            .await
        })
        .await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(!page.contains("evil"), "{page}");
    let head = page.to_lowercase();
    for header in [
        "content-security-policy: default-src 'none'; script-src 'sha256-",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
        "connection: close",
        "x-content-type-options: nosniff",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    assert!(!head.contains("location:"), "S14a: {head}");
}

#[tokio::test]
async fn r23_a_login_that_nobody_waits_for_any_more_frees_its_port() {
    let world = World::native();
    let browser = Browser::new(&world, Manner::Stays);
    let source = CachedSource::new(world.browser_login(&browser, NATIVE), world.io());
    let waiting = tokio::time::timeout(Duration::from_millis(200), source.token()).await;
    assert!(waiting.is_err());
    source.settled().await;
    let port = browser.back().port().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
}
