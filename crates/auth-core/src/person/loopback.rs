//! [`Loopback`]: waits on this machine for the browser to come back (RFC 8252 §7.3).
//!
//! Whoever can reach the loopback interface can talk to it, and so can every web page that the person
//! visits meanwhile. So nothing but the one request that carries the right `state` ends the wait.

mod page;
mod request;

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::OnceLock;
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use secrecy::SecretString;
use tokio::net::{TcpListener, TcpStream};

use self::request::Rules;
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::io::clock::Clock;
use crate::person::Host;
use crate::person::RedirectUri;

/// What a login ends in: a code, or the reason why there is none.
pub(crate) type Outcome = Result<SecretString>;

/// Decides about the parameters that somebody sent; `None`: they are not the answer that is waited for.
pub(crate) type Judge<'a> = dyn Fn(&[u8]) -> Option<Outcome> + Sync + 'a;

/// Sockets on one port, held until this is dropped.
pub(crate) struct Loopback {
    sockets: Vec<TcpListener>,
    port: u16,
    uri: RedirectUri,
}

impl Loopback {
    /// Binds the addresses that `uri` means: one, or both families for the name `localhost`.
    pub(crate) async fn bind(uri: &RedirectUri) -> Result<Self> {
        let (first, second): (IpAddr, Option<IpAddr>) = match uri.host() {
            Host::Ipv4 => (Ipv4Addr::LOCALHOST.into(), None),
            Host::Ipv6 => (Ipv6Addr::LOCALHOST.into(), None),
            Host::Localhost => (Ipv4Addr::LOCALHOST.into(), Some(Ipv6Addr::LOCALHOST.into())),
        };
        let mut tries = 0;
        loop {
            tries += 1;
            match Self::bind_both(uri, first, second).await {
                // The other family's port may be taken by chance.
                Err(error) if error.kind() == TAKEN && uri.port().is_none() && tries < 16 => {}
                outcome => return outcome.map_err(|error| busy(uri, &error)),
            }
        }
    }

    async fn bind_both(
        uri: &RedirectUri,
        first: IpAddr,
        second: Option<IpAddr>,
    ) -> std::io::Result<Self> {
        let wanted = uri.port().unwrap_or(0);
        let mut sockets = Vec::new();
        let mut port = wanted;
        let mut failed = None;
        for address in std::iter::once(first).chain(second) {
            match TcpListener::bind(SocketAddr::new(address, port)).await {
                Ok(socket) => {
                    port = socket.local_addr()?.port();
                    sockets.push(socket);
                }
                Err(error) if error.kind() == TAKEN => return Err(error),
                // A machine may lack one of the families.
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if sockets.is_empty() => Err(error),
            _ => Ok(Self {
                sockets,
                port,
                uri: uri.clone(),
            }),
        }
    }

    /// The redirect URI with the port that was bound.
    pub(crate) fn redirect_uri(&self) -> String {
        self.uri.spelled(self.port)
    }

    /// Completes when a request came that `judge` takes for the answer, and its page was delivered.
    /// `form_post`: the answer may be posted.
    pub(crate) async fn outcome(
        &self,
        clock: &dyn Clock,
        form_post: bool,
        judge: &Judge<'_>,
    ) -> Outcome {
        let rules = Rules::new(self.port, self.uri.path(), form_post, judge);
        let answer = Answer::default();
        let mut connections: Vec<BoxFuture<'_, ()>> = Vec::new();
        loop {
            tokio::select! {
                biased;
                () = any_done(&mut connections) => {}
                socket = self.accept() => match socket {
                    // What is left to do is to deliver the page.
                    Ok(_) if answer.outcome.get().is_some() => {}
                    Ok(socket) => {
                        if connections.len() == MOST_CONNECTIONS {
                            // The oldest had its chance.
                            drop(connections.remove(0));
                        }
                        connections.push(Box::pin(serve(socket, &rules, &answer, clock)));
                    }
                    // Out of file descriptors, most likely.
                    Err(_) => clock.sleep(Duration::from_millis(20)).await,
                },
            }
            if let (Some(outcome), Some(())) = (answer.outcome.get(), answer.delivered.get()) {
                return Outcome::clone(outcome);
            }
        }
    }

    async fn accept(&self) -> std::io::Result<TcpStream> {
        poll_fn(|context| {
            for socket in &self.sockets {
                if let Poll::Ready(accepted) = socket.poll_accept(context) {
                    return Poll::Ready(accepted.map(|(stream, _)| stream));
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// What the connections find.
#[derive(Default)]
struct Answer {
    outcome: OnceLock<Outcome>,
    /// Set when the connection that brought it has its page.
    delivered: OnceLock<()>,
}

/// Lets all connections go on, and completes when some are done.
async fn any_done(connections: &mut Vec<BoxFuture<'_, ()>>) {
    poll_fn(|context| {
        let before = connections.len();
        connections.retain_mut(|connection| connection.as_mut().poll(context).is_pending());
        if connections.len() < before {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Serves one request and closes.
async fn serve(stream: TcpStream, rules: &Rules<'_>, answer: &Answer, clock: &dyn Clock) {
    let brought = OnceLock::new();
    let service = service_fn(async |request| {
        let (page, outcome) = rules.answer(request).await;
        // The first answer counts.
        if outcome.is_some_and(|outcome| answer.outcome.set(outcome).is_ok()) {
            brought.get_or_init(|| ());
        }
        Ok::<_, Infallible>(page)
    });
    let served = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        biased;
        // A connection that breaks is its caller's affair.
        _ = served => {}
        () = clock.sleep(CONNECTION_DEADLINE) => {}
    }
    if brought.get().is_some() {
        answer.delivered.get_or_init(|| ());
    }
}

fn busy(uri: &RedirectUri, error: &std::io::Error) -> Error {
    let why = match error.kind() {
        TAKEN => "another program has it".to_owned(),
        kind => kind.to_string(),
    };
    let host = uri.host().text();
    match uri.port() {
        Some(port) => Error::config(format!(
            "port {port} of {host}, where the browser would come back to, can't be had: {why}"
        ))
        .with_advice("end the other program, or use another port that is registered at the server"),
        None => Error::config(format!("no port of {host} can be had: {why}"))
            .with_advice("use a device code instead of the browser"),
    }
}

const TAKEN: std::io::ErrorKind = std::io::ErrorKind::AddrInUse;
/// A code may be long, and so may the cookies of all that runs on this machine.
const LONGEST_HEAD: usize = 64 << 10;
const MOST_CONNECTIONS: usize = 16;
const CONNECTION_DEADLINE: Duration = Duration::from_secs(10);
