//! [`Browser`]: stands for the person's, and what is sent to where a program listens.

use std::sync::{Arc, Mutex};

use auth_core::http::Body;
use auth_core::prompt::Echo;
use auth_core::{BoxFuture, Error, Prompt, Result};
use auth_testkit::Server;
use http::Request;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use crate::world::World;

/// A browser: it opens the login page and follows where that sends it.
#[derive(Debug)]
pub(super) struct Browser {
    pub(super) server: Server,
    manner: Manner,
    pub(super) opened: Mutex<Vec<Url>>,
    pub(super) pasted: Mutex<Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Manner {
    /// Comes back at once.
    Follows,
    /// Never comes.
    Stays,
    /// Is on another machine: the person pastes.
    Elsewhere,
}

impl Browser {
    pub(super) fn new(world: &World, manner: Manner) -> Arc<Self> {
        Arc::new(Self {
            server: world.server.clone(),
            manner,
            opened: Mutex::default(),
            pasted: Mutex::default(),
        })
    }

    /// Completes when a login page was shown.
    pub(super) async fn shown(&self) {
        while self.opened.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    }

    pub(super) fn page(&self) -> Url {
        self.opened.lock().unwrap().last().unwrap().clone()
    }

    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        parameter(&self.page(), name)
    }

    pub(super) fn back(&self) -> Url {
        Url::parse(&self.parameter("redirect_uri").unwrap()).unwrap()
    }

    /// Where the login page sends it.
    pub(super) async fn sent_to(&self) -> Url {
        let request = Request::get(self.page().as_str())
            .body(Body::empty())
            .unwrap();
        let io = self.server.io();
        let answer = io.http().send(request).await.unwrap();
        Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap()
    }
}

impl Prompt for Browser {
    fn ask<'a>(&'a self, _: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async { Err(Error::interaction("nobody")) })
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        self.opened.lock().unwrap().push(page.clone());
        Box::pin(async move {
            if matches!(self.manner, Manner::Stays | Manner::Elsewhere) {
                return Ok(());
            }
            let back = self.sent_to().await;
            get(&back, &target(&back)).await;
            Ok(())
        })
    }

    fn paste_redirect(&self) -> BoxFuture<'_, Result<SecretString>> {
        Box::pin(async move {
            if self.manner != Manner::Elsewhere {
                return std::future::pending().await;
            }
            let is_shown = !self.opened.lock().unwrap().is_empty();
            assert!(
                is_shown,
                "nobody can paste where an address leads that was not shown"
            );
            let wrong = self.pasted.lock().unwrap().pop();
            match wrong {
                Some(text) => Ok(text.into()),
                None => Ok(self.sent_to().await.to_string().into()),
            }
        })
    }
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

pub(super) fn target(url: &Url) -> String {
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

/// Sends raw bytes to where the program listens, and reads until it closes.
pub(super) async fn raw(back: &Url, bytes: &[u8]) -> String {
    let address = (back.host_str().unwrap(), back.port().unwrap());
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Both may fail where the other side closes early.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

pub(super) async fn get(back: &Url, target: &str) -> String {
    let host = format!("{}:{}", back.host_str().unwrap(), back.port().unwrap());
    raw(
        back,
        format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes(),
    )
    .await
}
