//! A reverse proxy before the server, as most servers have one: it counts what is asked for, holds answers
//! back, or is out of order.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use auth_core::http::{ANSWER_LIMIT, Body, HttpClient};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::server::Server;

/// A proxy, until its runtime ends. The server calls itself by the proxy's address.
pub struct Front {
    server: Server,
    desk: Arc<Desk>,
}

struct Desk {
    behind: Server,
    place: String,
    notes: Mutex<Notes>,
    held: watch::Sender<bool>,
}

#[derive(Default)]
struct Notes {
    asked: Vec<String>,
    answered: Vec<String>,
    broken: BTreeSet<String>,
}

impl Front {
    /// One before `server`.
    pub async fn before(server: Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap().to_string();
        let front = server.at(format!("http://{place}"));
        let desk = Arc::new(Desk {
            behind: server,
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
        count(&self.desk.notes.lock().unwrap().asked, realm, endpoint)
    }

    /// How often the server has answered there.
    pub fn answered(&self, realm: &str, endpoint: &str) -> usize {
        count(&self.desk.notes.lock().unwrap().answered, realm, endpoint)
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

fn count(paths: &[String], realm: &str, endpoint: &str) -> usize {
    let path = path(realm, endpoint);
    paths.iter().filter(|other| **other == path).count()
}

async fn pass_on(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let broken = {
        let mut notes = desk.notes.lock().unwrap();
        notes.asked.push(path.clone());
        notes.broken.contains(&path)
    };
    if broken {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let rest = head.uri.path_and_query().unwrap();
    head.uri = format!("{}{rest}", desk.behind.url()).parse().unwrap();
    of_one_hop(&mut head.headers);
    for (name, value) in [
        ("x-forwarded-host", &*desk.place),
        ("x-forwarded-proto", "http"),
    ] {
        head.headers.insert(name, value.parse().unwrap());
    }
    let body = to_bytes(body, ANSWER_LIMIT).await.unwrap();
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
