//! [`Listening`]: the server on a socket.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use auth_core::http::Body;
use bytes::Bytes;
use http::header::HOST;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::certificate::Authority;
use crate::delivery::Break;
use crate::in_process::UPLOAD_LIMIT;
use crate::server::{Server, at};

/// A [`Server`] that listens on loopback. It stops, and its connections close, when this is dropped.
#[must_use = "the server stops listening when this is dropped"]
pub struct Listening {
    server: Server,
    origin: String,
    ca_pem: Option<String>,
    work: JoinHandle<()>,
}

impl Listening {
    /// The URL of `path` on this socket.
    pub fn url(&self, path: &str) -> Url {
        at(&self.origin, path)
    }

    /// The issuer's identifier on this socket.
    pub fn issuer(&self) -> String {
        self.server.issuer_at(&self.origin)
    }

    /// The certificate, in PEM, that a client must trust, if this is https.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }
}

impl Server {
    /// Serves http on 127.0.0.1. Port 0 is any free one.
    ///
    /// A socket needs real time: do not use it in a test whose time is paused.
    ///
    /// ```
    /// # use auth_core::clock::SystemClock;
    /// # use auth_testkit::Server;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let listening = Server::new(SystemClock::new()).listen(0).await?;
    /// println!("the token endpoint is {}", listening.url("/token"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the port can't be had.
    pub async fn listen(&self, port: u16) -> io::Result<Listening> {
        self.listen_at((Ipv4Addr::LOCALHOST, port).into()).await
    }

    /// Serves http on this address of the machine, which others may reach.
    ///
    /// # Errors
    /// If the address can't be had.
    pub async fn listen_at(&self, address: SocketAddr) -> io::Result<Listening> {
        self.open(address, None).await
    }

    /// Serves https on 127.0.0.1, also as `localhost`, with a certificate of an authority that
    /// exists for this socket only.
    ///
    /// # Errors
    /// If the port can't be had.
    pub async fn listen_tls(&self, port: u16) -> io::Result<Listening> {
        let authority = Authority::new().map_err(io::Error::other)?;
        self.open((Ipv4Addr::LOCALHOST, port).into(), Some(authority))
            .await
    }

    async fn open(
        &self,
        address: SocketAddr,
        authority: Option<Authority>,
    ) -> io::Result<Listening> {
        let socket = TcpListener::bind(address).await?;
        let scheme = if authority.is_some() { "https" } else { "http" };
        let (acceptor, ca_pem) = match authority {
            Some(authority) => (Some(authority.acceptor), Some(authority.pem)),
            None => (None, None),
        };
        Ok(Listening {
            server: self.clone(),
            origin: format!("{scheme}://{}", socket.local_addr()?),
            ca_pem,
            work: tokio::spawn(accept(self.clone(), socket, acceptor)),
        })
    }

    /// Answers one request of a connection. An error closes the connection.
    async fn serve(
        &self,
        scheme: &str,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Break> {
        let (head, body) = request.into_parts();
        let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let url = host.and_then(|host| Url::parse(&format!("{scheme}://{host}{path}")).ok());
        let body = Limited::new(body, UPLOAD_LIMIT).collect().await;
        match (url, body) {
            (Some(url), Ok(body)) => {
                self.receive(Request::from_parts(head, body.to_bytes()), url)
                    .arrive(self.clock())
                    .await
            }
            (None, _) => Ok(no(StatusCode::BAD_REQUEST)),
            (_, Err(_)) => Ok(no(StatusCode::PAYLOAD_TOO_LARGE)),
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.work.abort();
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// Takes connections until the task is aborted, which drops those in progress.
async fn accept(server: Server, socket: TcpListener, acceptor: Option<TlsAcceptor>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            stream = socket.accept() => match stream {
                Ok((stream, _)) => {
                    connections.spawn(connect(server.clone(), stream, acceptor.clone()));
                }
                // Out of file descriptors, most likely.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

async fn connect(server: Server, stream: TcpStream, acceptor: Option<TlsAcceptor>) {
    match acceptor {
        None => talk(server, "http", stream).await,
        Some(acceptor) => {
            // A client that does not trust us says so itself.
            if let Ok(stream) = acceptor.accept(stream).await {
                talk(server, "https", stream).await;
            }
        }
    }
}

async fn talk<S>(server: Server, scheme: &'static str, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(async |request| server.serve(scheme, request).await);
    // A connection that breaks is the client's affair, or a fault that the test ordered.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn no(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Body::from(Bytes::new()));
    *answer.status_mut() = status;
    answer
}
