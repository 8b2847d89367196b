//! A server that says anything, and time that passes as soon as somebody waits.

#![allow(dead_code, reason = "each target needs a part of it")]

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use auth_core::clock::{Clock, Now};
use auth_core::http::{Body, HttpClient};
use auth_core::prompt::{Echo, UserCode};
use auth_core::{BoxFuture, Error, Io, Prompt, Result};
use http::{Request, Response};
use secrecy::SecretString;

pub const ISSUER: &str = "https://id.test";

/// In each secret: it is in no error.
pub const CANARY: &str = "canary-5d1f";

/// Answers what is not metadata with the same bytes.
#[derive(Clone)]
pub struct Server {
    /// What it says of itself, if not what is right.
    pub metadata: Option<Vec<u8>>,
    pub status: u16,
    pub kind: &'static str,
    pub challenge: Vec<u8>,
    pub body: Vec<u8>,
}

impl Server {
    /// The first two bytes choose status and content type, the rest is the body.
    pub fn of(bytes: &[u8]) -> Self {
        let (choice, body) = bytes.split_at(bytes.len().min(2));
        let at = |index: usize| usize::from(choice.get(index).copied().unwrap_or_default());
        Self {
            status: STATUSES[at(0) % STATUSES.len()],
            kind: KINDS[at(1) % KINDS.len()],
            metadata: None,
            challenge: Vec::new(),
            body: body.to_vec(),
        }
    }

    /// Everything that it needs to be asked.
    pub fn io(self) -> Io {
        Io::of(self, Quick::default())
    }
}

impl HttpClient for Server {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        let is_encrypted = request.uri().scheme_str() == Some("https");
        let host = request.uri().host().unwrap_or_default();
        // What is right names no machine in the neighbourhood: only a virtual one asks there who it is.
        let stays_here = LOOPBACK.contains(&host) || (host == "169.254.169.254" && self.metadata.is_none());
        assert!(is_encrypted || stays_here, "nothing leaves in the clear: {}", request.uri());
        let issuer = request.uri().to_string();
        let issuer = issuer.split_once("/.well-known/").map(|(issuer, _)| issuer.to_owned());
        Box::pin(async move {
            let answer = match issuer {
                Some(issuer) => {
                    let right = || METADATA.replace("ISSUER", &issuer).into_bytes();
                    let metadata = self.metadata.clone().unwrap_or_else(right);
                    Response::builder().header("content-type", "application/json").body(metadata.into())
                }
                None => Response::builder()
                    .status(self.status)
                    .header("content-type", self.kind)
                    .header("www-authenticate", &self.challenge[..])
                    .body(self.body.clone().into()),
            };
            answer.map_err(|_| Error::protocol("no answer"))
        })
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

/// A clock on which every wait is over at once.
#[derive(Debug, Default)]
struct Quick(Arc<AtomicU64>);

impl Clock for Quick {
    fn now(&self) -> Now {
        let passed = Duration::from_millis(self.0.load(Ordering::Relaxed));
        Now::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600) + passed, passed)
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        let passed = self.0.clone();
        Box::pin(async move {
            let pause = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX >> 16);
            passed.fetch_add(pause.min(u64::MAX >> 16), Ordering::Relaxed);
        })
    }
}

/// A person who sees every code and answers nothing.
#[derive(Debug)]
pub struct Person;

impl Prompt for Person {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(question)) })
    }

    fn show_user_code<'a>(&'a self, _: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

/// A secret with the canary in it.
pub fn secret() -> SecretString {
    SecretString::from(CANARY)
}

pub fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(work)
}

/// What an error shows: no secret, and nothing that moves a cursor.
pub fn assert_harmless<T>(outcome: Result<T>) {
    if let Err(error) = outcome {
        let said = error.to_string();
        assert!(!said.contains(CANARY), "{said:?}");
        assert!(!said.chars().any(char::is_control), "{said:?}");
    }
}

const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];
const STATUSES: [u16; 8] = [200, 400, 401, 201, 302, 403, 429, 500];
const KINDS: [&str; 6] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "text/html; charset=utf-8",
    "text/plain",
    "application/jwt",
    "text/html; charset=utf-16",
];
const METADATA: &str = r#"{
    "issuer": "ISSUER", "token_endpoint": "ISSUER/token", "authorization_endpoint": "ISSUER/authorize",
    "device_authorization_endpoint": "ISSUER/device", "revocation_endpoint": "ISSUER/revoke",
    "introspection_endpoint": "ISSUER/introspect", "userinfo_endpoint": "ISSUER/userinfo", "jwks_uri": "ISSUER/jwks"
}"#;
