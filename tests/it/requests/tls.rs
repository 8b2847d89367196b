//! Certificates: what is trusted, what is wrong with one, and which files of authorities are read.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use auth_core::http::{Body, DefaultHttpClient, HttpClient, Manner};
use auth_core::{ErrorKind, Result};
use http::{Request, StatusCode};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{self, HandshakeKind, ServerConfig};

use super::dying;

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
