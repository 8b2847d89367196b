//! Requests as networks are: one to an API lasts as long as something moves, and one that can be sent only once takes no
//! connection that may be dead.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
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
use http::{Request, Response, StatusCode};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{self, HandshakeKind, ServerConfig};

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

/// A server of TLS with one certificate, and a file with that certificate.
struct Tls {
    url: String,
    home: TempDir,
    pem: String,
    /// How each connection began.
    began: mpsc::UnboundedReceiver<HandshakeKind>,
}

impl Tls {
    async fn new(change: impl FnOnce(&mut CertificateParams)) -> Self {
        Self::named("localhost", change).await
    }

    async fn named(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.is_ca = IsCa::ExplicitNoCa;
        change(&mut params);
        let certificate = params.self_signed(&key).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let (begins, began) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                let (stream, _) = socket.accept().await.unwrap();
                let (acceptor, begins) = (acceptor.clone(), begins.clone());
                tokio::spawn(async move {
                    use tokio::io::{AsyncReadExt, AsyncWriteExt};
                    if let Ok(mut stream) = acceptor.accept(stream).await {
                        let kind = stream.get_ref().1.handshake_kind();
                        let _ = begins.send(kind.unwrap());
                        let mut head = [0; 4096];
                        let _ = stream.read(&mut head).await;
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                        let _ = stream.write_all(answer).await;
                    }
                });
            }
        });
        Self {
            url: format!("https://localhost:{port}/"),
            home: tempfile::tempdir().unwrap(),
            pem: certificate.pem(),
            began,
        }
    }

    fn file(&self, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home.path().join("ca.pem");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    async fn ask(&self, bytes: impl AsRef<[u8]>) -> Result<StatusCode> {
        let client = DefaultHttpClient::new().with_ca_file(self.file(bytes));
        let request = Request::get(&self.url).body(Body::empty()).unwrap();
        client.send(request).await.map(|answer| answer.status())
    }

    /// What is said where its own certificate is trusted.
    async fn said(&self) -> String {
        let error = self.ask(&self.pem).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(!error.may_have_arrived(), "{error}");
        error.to_string()
    }
}

#[tokio::test]
#[cfg_attr(windows, ignore = "wine has no https with a CA of one's own")]
async fn a_certificate_of_a_server_alone_can_be_trusted_by_its_file() {
    let tls = Tls::new(|_| {}).await;
    assert_eq!(tls.ask(&tls.pem).await.unwrap(), StatusCode::OK);
}

#[test]
#[cfg_attr(windows, ignore = "wine has no https with a CA of one's own")]
fn a_connection_of_its_own_to_a_server_that_is_known_is_resumed() {
    use HandshakeKind::{Full, Resumed};

    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let (here, there) = (runtime(), runtime());
    let mut tls = here.block_on(Tls::new(|_| {}));
    let client = DefaultHttpClient::new().with_ca_file(tls.file(&tls.pem));
    let send = async |manner: Option<Manner>| {
        let mut request = Request::get(&tls.url).body(Body::empty()).unwrap();
        if let Some(manner) = manner {
            request.extensions_mut().insert(manner);
        }
        client
            .send(request)
            .await
            .unwrap()
            .into_body()
            .bytes(9)
            .await
            .unwrap();
    };
    for manner in [None, Some(Manner::Once), Some(Manner::Once)] {
        here.block_on(send(manner));
    }
    // What sessions are resumed by lies behind a lock, which a runtime of a forked process must not find.
    there.block_on(send(Some(Manner::Once)));
    let began = std::iter::from_fn(|| tls.began.try_recv().ok());
    assert_eq!(began.collect::<Vec<_>>(), [Full, Resumed, Resumed, Full]);
}

#[tokio::test]
#[cfg_attr(windows, ignore = "wine has no https with a CA of one's own")]
async fn what_is_wrong_with_a_certificate_is_said_and_how_to_cure_it() {
    let ca = |params: &mut CertificateParams| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    };
    let said = Tls::new(ca).await.said().await;
    for part in [
        "CA:TRUE",
        "openssl req -x509",
        "subjectAltName=DNS:localhost",
        "critical,CA:FALSE",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let said = Tls::named("other.example", |_| {}).await.said().await;
    assert!(
        said.contains("another name than localhost") && said.contains("other.example"),
        "{said}"
    );
    let old = |params: &mut CertificateParams| params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let said = Tls::new(old).await.said().await;
    assert!(
        said.contains("ended on Wed, 01 Jan 2020 00:00:00 GMT"),
        "{said}"
    );
    assert!(
        said.contains("clock, which says ") && said.contains("renewed"),
        "{said}"
    );
    let early =
        |params: &mut CertificateParams| params.not_before = rcgen::date_time_ymd(2900, 1, 1);
    let said = Tls::new(early).await.said().await;
    assert!(
        said.contains("begins on ") && said.contains("check this machine's clock"),
        "{said}"
    );
    let client = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    };
    let said = Tls::new(client).await.said().await;
    assert!(
        said.contains("not for servers") && said.contains("serverAuth"),
        "{said}"
    );
    // One that nobody signed for us, and one that was made anew under the name of the old one.
    let (one, anew) = (Tls::new(|_| {}).await, Tls::new(|_| {}).await);
    let said = one.ask(&anew.pem).await.unwrap_err().to_string();
    assert!(
        said.contains("not signed by the CA of that name") && said.contains("new PEM file"),
        "{said}"
    );
    let named = |params: &mut CertificateParams| {
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "somebody else");
    };
    let other = Tls::new(named).await;
    let said = one.ask(&other.pem).await.unwrap_err().to_string();
    assert!(
        said.contains("not trusted here") && said.contains("CA file"),
        "{said}"
    );
}

#[tokio::test]
async fn https_to_a_port_that_speaks_none_is_called_so() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
        }
    });
    let request = Request::get(&url).body(Body::empty()).unwrap();
    let error = DefaultHttpClient::new().send(request).await.unwrap_err();
    assert!(error.to_string().contains("speaks no TLS"), "{error}");
}

#[tokio::test]
#[cfg_attr(windows, ignore = "wine has no https with a CA of one's own")]
async fn a_ca_file_is_read_in_each_of_its_forms() {
    let tls = Tls::new(|_| {}).await;
    let der = reqwest_der(&tls.pem);
    let trusted = {
        // What OpenSSL puts behind the certificate: here an empty sequence.
        let bytes = [&der[..], &[0x30, 0x00]].concat();
        pem("TRUSTED CERTIFICATE", &bytes)
    };
    let other = Tls::new(|_| {}).await;
    for (bytes, how) in [
        (format!("\u{feff}{}", tls.pem).into_bytes(), "with a mark"),
        (
            tls.pem.replace('\n', "\r\n").into_bytes(),
            "with other line ends",
        ),
        (
            format!("# a comment\n{}{}", other.pem, tls.pem).into_bytes(),
            "among others",
        ),
        (trusted.into_bytes(), "as OpenSSL trusts it"),
        (der.clone(), "in DER"),
    ] {
        let answer = tls.ask(bytes).await;
        assert!(answer.is_ok(), "{how}: {answer:?}");
    }
}

#[tokio::test]
#[cfg_attr(windows, ignore = "wine has no https with a CA of one's own")]
async fn a_ca_file_that_can_not_be_used_is_named_with_the_certificate_that_is_damaged() {
    let tls = Tls::new(|_| {}).await;
    let damaged = pem("CERTIFICATE", b"\x30\x03\x02\x01\x01");
    for (bytes, said) in [
        (
            format!("{}{damaged}", tls.pem).into_bytes(),
            "certificate 2 of 2 in the CA file",
        ),
        (pem("CERTIFICATE", b"").into_bytes(), "certificate 1 of 1"),
        (tls.pem.replace('M', "*").into_bytes(), "certificate 1 of 1"),
        (
            b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n".to_vec(),
            "holds no certificate",
        ),
        (Vec::new(), "holds no certificate"),
        (vec![b' '; 9 << 20], "is longer than"),
    ] {
        let error = tls.ask(bytes).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(
            error.message().contains(said) && error.message().contains("ca.pem"),
            "{error}"
        );
    }
    let endless = DefaultHttpClient::new().with_ca_file("/dev/zero");
    let request = Request::get(&tls.url).body(Body::empty()).unwrap();
    let error = endless.send(request).await.unwrap_err();
    assert!(
        error.message().contains("/dev/zero is longer than"),
        "{error}"
    );
    // What could not be read once is tried again.
    let path = tls.home.path().join("late.pem");
    let client = DefaultHttpClient::new().with_ca_file(&path);
    let ask = || client.send(Request::get(&tls.url).body(Body::empty()).unwrap());
    assert_eq!(ask().await.unwrap_err().kind(), ErrorKind::Config);
    std::fs::write(&path, &tls.pem).unwrap();
    assert_eq!(ask().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn plain_http_on_loopback_needs_nothing_of_tls() {
    let address = dying(Vec::new());
    let client = DefaultHttpClient::new().with_ca_file("/nowhere/ca.pem");
    let request = Request::get(&address).body(Body::empty()).unwrap();
    assert_eq!(client.send(request).await.unwrap().status(), StatusCode::OK);
}

fn reqwest_der(pem: &str) -> Vec<u8> {
    use base64::Engine as _;
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64::engine::general_purpose::STANDARD
        .decode(body)
        .unwrap()
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
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
