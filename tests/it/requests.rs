//! Requests as networks are: one to an API lasts as long as something moves, and one that can be sent only once takes no
//! connection that may be dead.

mod tls;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::http::{Body, DefaultHttpClient, HttpClient, Manner};
use auth_core::session::Held;
use auth_core::{
    ApiClient, BoxFuture, ClientAuth, Error, ErrorKind, Io, Provider, RefreshToken, Result,
    StaticSource, TokenEndpoint,
};
use auth_testkit::TestClock;
use bytes::Bytes;
use http::{Request, Response};

use crate::world::{HOUR, MINUTE, World};

/// An API that takes its time: `pause` for each piece that it is sent, before it answers, and between the pieces of
/// its answer.
#[derive(Clone, Debug)]
struct Slow {
    clock: TestClock,
    pause: Duration,
    /// After so many pieces nothing comes any more.
    stops_after: usize,
}

impl HttpClient for Slow {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        assert_eq!(request.extensions().get::<Manner>(), Some(&Manner::Flowing));
        Box::pin(async move {
            let mut body = request.into_body();
            let (mut length, mut pieces) = (0, 0);
            while let Some(piece) = body.chunk().await {
                length += piece?.len();
                pieces += 1;
                if pieces > self.stops_after {
                    std::future::pending::<()>().await;
                }
                self.clock.sleep(self.pause).await;
            }
            self.clock.sleep(self.pause).await;
            let answer = Answer {
                clock: self.clock.clone(),
                pause: self.pause,
                left: 3,
                stops: self.stops_after < 3,
                waits: None,
            };
            let mut answer = Response::new(Body::stream(answer));
            answer.headers_mut().insert("x-length", length.into());
            Ok(answer)
        })
    }
}

struct Answer {
    clock: TestClock,
    pause: Duration,
    left: usize,
    stops: bool,
    waits: Option<BoxFuture<'static, ()>>,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>>>> {
        use std::task::Poll;

        if self.left == 0 {
            return Poll::Ready(None);
        }
        if self.stops && self.left == 1 {
            return Poll::Pending;
        }
        let (clock, pause) = (self.clock.clone(), self.pause);
        let waits = self.waits.get_or_insert_with(|| clock.sleep(pause));
        std::task::ready!(waits.as_mut().poll(context));
        self.waits = None;
        self.left -= 1;
        Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(b"x")))))
    }
}

fn api(world: &World, pause: Duration, stops_after: usize) -> ApiClient {
    let slow = Slow {
        clock: world.clock.clone(),
        pause,
        stops_after,
    };
    let now = world.clock.now().wall;
    let token = auth_core::AccessToken::new("t".to_owned().into(), now, now + 24 * HOUR).unwrap();
    let io = world.io().with_http(Arc::new(slow));
    let source = Arc::new(StaticSource::new(token, &io));
    ApiClient::new("https://api.test/".parse().unwrap(), source, io)
}

/// Sends `length` bytes and reads the whole answer, while time passes.
async fn send(world: &World, api: &ApiClient, length: usize) -> Result<(String, Bytes)> {
    let request = Request::post("/things")
        .body(vec![7; length].into())
        .unwrap();
    let work = async {
        let answer = api.send(request).await?;
        let sent = answer.headers()["x-length"].to_str().unwrap().to_owned();
        Ok((sent, answer.into_body().bytes(1 << 20).await?))
    };
    let time = async {
        loop {
            world.pass(MINUTE / 6).await;
        }
    };
    tokio::select! {
        outcome = work => outcome,
        () = time => unreachable!(),
    }
}

#[tokio::test(start_paused = true)]
async fn an_api_may_take_its_time_for_as_long_as_something_moves() {
    let world = World::new();
    // Each step takes four minutes, all of them together more than six hours.
    let api = api(&world, 4 * MINUTE, usize::MAX);
    let start = world.clock.now().monotonic;
    let (sent, answer) = send(&world, &api, 6_000_000).await.unwrap();
    assert_eq!((&*sent, &answer[..]), ("6000000", &b"xxx"[..]));
    assert!(world.clock.now().monotonic - start > 6 * HOUR);
}

#[tokio::test(start_paused = true)]
async fn an_api_that_is_silent_is_given_up_after_five_minutes_or_as_long_as_somebody_says() {
    for (stops_after, what) in [
        (10, "it stops taking"),
        (1, "it stops in the middle of its answer"),
    ] {
        let world = World::new();
        let start = world.clock.now().monotonic;
        let patient = api(&world, Duration::from_secs(1), stops_after);
        let length = if stops_after == 1 { 10 } else { 6_000_000 };
        let error = send(&world, &patient, length).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{what}: {error}");
        assert!(
            error.to_string().contains("api.test was silent for 300 s"),
            "{what}: {error}"
        );
        let took = world.clock.now().monotonic - start;
        assert!(took > 5 * MINUTE && took < 6 * MINUTE, "{what}: {took:?}");
        let short =
            api(&world, Duration::from_secs(1), stops_after).with_timeout(Duration::from_secs(20));
        let error = send(&world, &short, length).await.unwrap_err();
        assert!(
            error.to_string().contains("silent for 20 s"),
            "{what}: {error}"
        );
    }
    // It works for longer than anybody waits for a token.
    let world = World::new();
    let (_, answer) = send(&world, &api(&world, 4 * MINUTE, usize::MAX), 0)
        .await
        .unwrap();
    assert_eq!(answer.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn headers_of_the_connection_are_not_the_callers() {
    let world = World::new();
    let api = api(&world, Duration::from_secs(1), usize::MAX);
    for name in [
        "content-length",
        "transfer-encoding",
        "host",
        "connection",
        "upgrade",
        "te",
    ] {
        let request = Request::get("/things")
            .header(name, "1")
            .body(Body::empty())
            .unwrap();
        let error = api.send(request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains(name), "{error}");
    }
}

/// A server that answers one request on each connection and never another one, without closing it.
fn dying(answers: Vec<(&'static str, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut kept: Vec<TcpStream> = Vec::new();
        for connection in listener.incoming() {
            let mut connection = BufReader::new(connection.unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                connection.read_line(&mut line).unwrap();
                if let Some((name, value)) = line.split_once(':')
                    && name.eq_ignore_ascii_case("content-length")
                {
                    length = value.trim().parse().unwrap();
                }
                head += &line;
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            connection.read_exact(&mut body).unwrap();
            let path = head.split_whitespace().nth(1).unwrap_or_default();
            let found = answers.iter().find(|(of, _)| *of == path);
            let body = found
                .map_or("{}", |(_, body)| body)
                .replace("ADDRESS", &address.to_string());
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            let mut stream = connection.into_inner();
            stream.write_all(answer.as_bytes()).unwrap();
            kept.push(stream);
        }
    });
    format!("http://{address}")
}

#[test]
fn what_can_be_sent_only_once_takes_no_connection_that_may_have_died() {
    let metadata = r#"{"issuer":"http://ADDRESS","token_endpoint":"http://ADDRESS/token"}"#;
    let token = r#"{"access_token":"t","token_type":"bearer","refresh_token":"r2"}"#.to_owned();
    let address = dying(vec![
        ("/.well-known/openid-configuration", metadata.to_owned()),
        ("/token", token),
    ]);
    for runtime in [
        tokio::runtime::Builder::new_current_thread(),
        tokio::runtime::Builder::new_multi_thread(),
    ] {
        let mut runtime = runtime;
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(async {
            let io = Io::new().with_http(Arc::new(DefaultHttpClient::new()));
            let provider = Provider::new(address.clone(), io).unwrap();
            provider.metadata().await.unwrap();
            let endpoint = TokenEndpoint::discovered(provider, ClientAuth::public("c"));
            let set = endpoint
                .refresh(&Held::new(), &RefreshToken::new("r1"), &[])
                .await
                .unwrap();
            assert_eq!(set.access().expose_secret(), "t");
        });
    }
}

#[tokio::test]
async fn http_to_a_port_that_speaks_something_else_is_called_so() {
    for other in [&b"\x15\x03\x01\x00\x02\x02\x46"[..], b"SSH-2.0-x\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let _ = connection.read(&mut [0; 4096]);
                let _ = connection.write_all(other);
            }
        });
        let request = Request::get(&url).body(Body::empty()).unwrap();
        let error = DefaultHttpClient::new().send(request).await.unwrap_err();
        assert!(error.to_string().contains("speaks no HTTP"), "{error}");
    }
}
