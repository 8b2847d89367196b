//! A reverse proxy before the server, as most servers have one: it counts what is asked for, holds answers
//! back, or is out of order.

mod secure;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use auth_core::http::{ANSWER_LIMIT, Body, HttpClient};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::watch;
use url::Url;

use self::secure::Secure;
use super::server::Server;

/// A proxy, until its runtime ends. The server calls itself by the proxy's address.
pub struct Front {
    server: Server,
    desk: Arc<Desk>,
}

struct Desk {
    behind: Server,
    scheme: &'static str,
    place: String,
    notes: Mutex<Notes>,
    held: watch::Sender<bool>,
}

/// A request as it came.
#[derive(Clone)]
pub struct Asked {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Bytes,
}

#[derive(Default)]
struct Notes {
    asked: Vec<Asked>,
    answered: Vec<String>,
    broken: BTreeSet<String>,
}

impl Front {
    /// One before `server`.
    pub async fn before(server: Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap().to_string();
        Self::on(listener, server, "http", place)
    }

    /// One that speaks https, with the certificate that the server has.
    pub async fn secure(server: Server) -> Self {
        let listener = Secure::bind().await;
        let place = listener.local_addr().unwrap().to_string();
        Self::on(listener, server, "https", place)
    }

    fn on(
        listener: impl Listener<Addr: std::fmt::Debug>,
        server: Server,
        scheme: &'static str,
        place: String,
    ) -> Self {
        let front = server.at(format!("{scheme}://{place}"));
        let desk = Arc::new(Desk {
            behind: server,
            scheme,
            place,
            notes: Mutex::default(),
            held: watch::Sender::new(false),
        });
        let router = Router::new()
            .fallback(pass_on)
            .with_state(Arc::clone(&desk));
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self {
            server: front,
            desk,
        }
    }

    /// The server, as it is seen from before the proxy.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// How often one of the realm's endpoints was asked.
    pub fn asked(&self, realm: &str, endpoint: &str) -> usize {
        let path = path(realm, endpoint);
        let notes = self.desk.notes.lock().unwrap();
        let asked = notes.asked.iter();
        asked.filter(|asked| asked.url.path() == path).count()
    }

    /// What was asked since the last time.
    pub fn taken(&self) -> Vec<Asked> {
        std::mem::take(&mut self.desk.notes.lock().unwrap().asked)
    }

    /// How much was asked since the last time.
    pub fn waiting(&self) -> usize {
        self.desk.notes.lock().unwrap().asked.len()
    }

    /// How often the server has answered there.
    pub fn answered(&self, realm: &str, endpoint: &str) -> usize {
        let path = path(realm, endpoint);
        let notes = self.desk.notes.lock().unwrap();
        notes
            .answered
            .iter()
            .filter(|other| **other == path)
            .count()
    }

    /// Has an endpoint answer 503 from now on.
    pub fn breaks(&self, realm: &str, endpoint: &str) {
        let mut notes = self.desk.notes.lock().unwrap();
        notes.broken.insert(path(realm, endpoint));
    }

    /// Has everything work again.
    pub fn mends(&self) {
        self.desk.notes.lock().unwrap().broken.clear();
    }

    /// Keeps what the server answers, until [`release`](Self::release).
    pub fn hold(&self) {
        self.desk.held.send_replace(true);
    }

    /// Hands out what it kept, and keeps nothing any more.
    pub fn release(&self) {
        self.desk.held.send_replace(false);
    }
}

fn path(realm: &str, endpoint: &str) -> String {
    format!("/realms/{realm}/protocol/openid-connect/{endpoint}")
}

async fn pass_on(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let rest = head.uri.path_and_query().unwrap().as_str().to_owned();
    let body = to_bytes(body, ANSWER_LIMIT).await.unwrap();
    let asked = Asked {
        method: head.method.clone(),
        url: format!("{}://{}{rest}", desk.scheme, desk.place)
            .parse()
            .unwrap(),
        headers: head.headers.clone(),
        body: body.clone(),
    };
    let broken = {
        let mut notes = desk.notes.lock().unwrap();
        notes.asked.push(asked);
        notes.broken.contains(&path)
    };
    if broken {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    head.uri = format!("{}{rest}", desk.behind.url()).parse().unwrap();
    of_one_hop(&mut head.headers);
    for (name, value) in [
        ("x-forwarded-host", &*desk.place),
        ("x-forwarded-proto", desk.scheme),
    ] {
        head.headers.insert(name, value.parse().unwrap());
    }
    let request = Request::from_parts(head, Body::from(body));
    let (mut head, body) = desk.behind.http().send(request).await.unwrap().into_parts();
    let body = body.bytes(ANSWER_LIMIT).await.unwrap();
    of_one_hop(&mut head.headers);
    desk.notes.lock().unwrap().answered.push(path);
    let mut held = desk.held.subscribe();
    held.wait_for(|held| !held).await.unwrap();
    (head.status, head.headers, body).into_response()
}

/// Takes away what is for the next hop alone.
fn of_one_hop(headers: &mut HeaderMap) {
    for name in [
        header::HOST,
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
    ] {
        headers.remove(name);
    }
}
