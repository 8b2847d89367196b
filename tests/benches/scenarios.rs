//! [`Stage`]: what a crowd costs the server, and what its callers wait for.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use auth_core::clock::SystemClock;
use auth_testkit::{Fault, Listening, Server};
use tokio::task::JoinSet;

use crate::library::{Library, Maker};

/// A server on loopback.
pub struct Stage {
    pub server: Server,
    pub http: Listening,
}

/// What one library came to.
pub struct Figures {
    pub name: &'static str,
    /// A thousand callers with nothing cached, of an endpoint that takes 50 ms.
    pub cold: Crowd,
    /// Two hundred callers of an endpoint that says no after 20 ms.
    pub failing: Crowd,
    /// A caller of one scope, which is cached, while a token for another is fetched for 500 ms.
    pub beside: Option<Duration>,
    /// Requests for a hundred calls in a row, where tokens live 300 s.
    pub short: usize,
}

pub struct Crowd {
    pub requests: usize,
    pub wall: Duration,
}

impl Stage {
    pub async fn open() -> Self {
        let server = Server::new(SystemClock::new());
        Self {
            http: server.listen(0).await.unwrap(),
            server,
        }
    }

    pub async fn measure(&self, maker: &Maker) -> Figures {
        let no = Fault::refusal(400, "invalid_scope").with_delay(Duration::from_millis(20));
        let cold = answer(3600).with_delay(Duration::from_millis(50));
        Figures {
            name: maker.name,
            cold: self.crowd(maker, 1000, cold, true).await,
            failing: self.crowd(maker, 200, no, false).await,
            beside: self.beside(maker).await,
            short: self.short(maker).await,
        }
    }

    /// Has every request to `path` answered like this from now on.
    pub fn answer(&self, path: &str, answer: Fault) {
        self.server.fault(path, answer.always());
    }

    /// The same, and forgets what was before.
    fn restart(&self, maker: &Maker, answer: Fault) {
        self.server.clear_faults();
        self.server.clear_requests();
        self.answer(maker.path, answer);
    }

    /// Has so many callers ask at once. All of them get a token, or none of them.
    async fn crowd(&self, maker: &Maker, callers: usize, answer: Fault, served: bool) -> Crowd {
        self.restart(maker, answer);
        let library = (maker.make)();
        let start = Instant::now();
        let mut calls: JoinSet<bool> = (0..callers).map(|_| call(&library, "read")).collect();
        while let Some(came) = calls.join_next().await {
            assert_eq!(came.unwrap(), served, "{}: a caller's token", maker.name);
        }
        Crowd {
            wall: start.elapsed(),
            requests: self.server.count(maker.path),
        }
    }

    async fn beside(&self, maker: &Maker) -> Option<Duration> {
        if !maker.takes_scopes {
            return None;
        }
        self.restart(maker, answer(3600));
        let library = (maker.make)();
        assert!(library.ask("read").await, "{}: a first token", maker.name);
        let slow = Duration::from_millis(500);
        self.restart(maker, answer(3600).with_delay(slow));
        let other = tokio::spawn(call(&library, "write"));
        while self.server.count(maker.path) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let start = Instant::now();
        assert!(library.ask("read").await, "{}: a cached token", maker.name);
        let waited = start.elapsed();
        assert!(other.await.unwrap(), "{}: a slow token", maker.name);
        Some(waited)
    }

    async fn short(&self, maker: &Maker) -> usize {
        self.restart(maker, answer(300));
        let library = (maker.make)();
        for _ in 0..100 {
            assert!(library.ask("read").await, "{}: a short token", maker.name);
        }
        self.server.count(maker.path)
    }
}

/// An answer of a token endpoint with a token as long as those of large providers.
pub fn answer(expires_in: u64) -> Fault {
    let token = "x".repeat(1500);
    let body =
        format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{expires_in}}}"#);
    Fault::status(200).with_body("application/json", body)
}

fn call(library: &Arc<dyn Library>, scope: &'static str) -> impl Future<Output = bool> + use<> {
    let library = library.clone();
    async move { library.ask(scope).await }
}

impl Figures {
    pub const HEADINGS: &str = "requests and waits | 1,000 cold callers, 50 ms | 200 callers, no after 20 ms | \
        cached A beside slow B | 300 s, 100 calls";
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let beside = match self.beside {
            Some(waited) => format!("{:.3} ms", waited.as_secs_f64() * 1e3),
            None => "one scope only".to_owned(),
        };
        write!(
            f,
            "{:<18} | {:<25} | {:<27} | {beside:<22} | {} sent",
            self.name,
            self.cold.to_string(),
            self.failing.to_string(),
            self.short
        )
    }
}

impl fmt::Display for Crowd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sent, {} ms", self.requests, self.wall.as_millis())
    }
}
