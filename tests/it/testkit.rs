//! The identity server that the other tests lean on.

mod assertion;
mod clock;
mod disruptive;
pub mod entra;
mod fault;
mod issuer;
mod machine;
mod record;
mod refresh;
mod resource;
mod session;
mod socket;

use auth_core::http::{Body, HttpClient};
use auth_testkit::{Client, Server, TestClock};
use http::{Request, StatusCode};
use serde_json::Value;
use url::{Url, form_urlencoded};

pub type Form<'a> = &'a [(&'a str, &'a str)];

pub struct Reply {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn text(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

pub async fn send(http: &dyn HttpClient, request: Request<Body>) -> auth_core::Result<Reply> {
    let (head, body) = http.send(request).await?.into_parts();
    Ok(Reply {
        status: head.status,
        headers: head.headers,
        body: body.bytes(16 << 20).await?.to_vec(),
    })
}

pub fn form(url: &Url) -> http::request::Builder {
    Request::post(url.as_str()).header("content-type", "application/x-www-form-urlencoded")
}

pub async fn post(http: &dyn HttpClient, url: &Url, fields: Form<'_>) -> auth_core::Result<Reply> {
    send(http, form(url).body(encoded(fields)).unwrap()).await
}

pub async fn get(http: &dyn HttpClient, url: &Url, token: &str) -> Reply {
    let request = Request::get(url.as_str()).header("authorization", format!("Bearer {token}"));
    send(http, request.body(Body::empty()).unwrap())
        .await
        .unwrap()
}

pub fn encoded(fields: Form<'_>) -> Body {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
        .into()
}

pub fn server() -> (Server, TestClock) {
    let clock = TestClock::new();
    let server = Server::new(clock.clone());
    server.add_client(Client::confidential("robot", "s3cret+/%&").with_scopes(["read", "write"]));
    server.add_client(Client::public("desktop"));
    (server, clock)
}

pub const ROBOT: Form<'static> = &[
    ("grant_type", "client_credentials"),
    ("client_id", "robot"),
    ("client_secret", "s3cret+/%&"),
];

pub fn refresh(token: &str) -> [(&str, &str); 3] {
    [
        ("grant_type", "refresh_token"),
        ("client_id", "desktop"),
        ("refresh_token", token),
    ]
}

pub async fn redeem(server: &Server, token: &str) -> Reply {
    post(server, &server.url("/token"), &refresh(token))
        .await
        .unwrap()
}

pub async fn robot_token(server: &Server) -> String {
    let reply = post(server, &server.url("/token"), ROBOT).await.unwrap();
    reply.text("access_token")
}
