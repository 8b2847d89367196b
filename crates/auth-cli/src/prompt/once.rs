//! [`Once`]: an address of this machine that leads a browser on, once.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Result;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auth_core::Error;
use auth_core::clock::{Clock, SystemClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// Leads the first who asks to an address that others must not see. For browsers that can't read files: what opens them has
/// this address among its arguments, where every user of the machine can read it, so that a second who asks may be somebody
/// else who knows by then what only one may know.
#[derive(Debug)]
pub(super) struct Once {
    listener: TcpListener,
    path: String,
    to: Url,
    asked: AtomicUsize,
}

impl Once {
    /// An address that leads to `to`.
    pub(super) async fn to(to: &Url) -> Result<Self> {
        // No secret: it only keeps away what asks every port for everything.
        let chance = RandomState::new().build_hasher().finish();
        Ok(Self {
            listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
            path: format!("/{chance:016x}"),
            to: to.clone(),
            asked: AtomicUsize::new(0),
        })
    }

    /// The address.
    pub(super) fn address(&self) -> Option<Url> {
        let port = self.listener.local_addr().ok()?.port();
        Url::parse(&format!("http://127.0.0.1:{port}{}", self.path)).ok()
    }

    /// Answers, and completes when somebody asks a second time: why the login must end.
    pub(super) async fn asked_twice(&self) -> Error {
        self.asked_times(2).await;
        Error::interaction(
            "the address that led the browser to the login page was asked for twice: somebody else may know this login, so it \
             is ended",
        )
        .with_advice("log in again; if it happens again, use --device-code")
    }

    /// Answers, and completes when somebody has asked.
    pub(super) async fn asked(&self) {
        self.asked_times(1).await;
    }

    async fn asked_times(&self, times: usize) {
        while self.asked.load(Ordering::Acquire) < times {
            let Ok((stream, _)) = self.listener.accept().await else {
                SystemClock::new().sleep(Duration::from_millis(20)).await;
                continue;
            };
            let patience = SystemClock::new().sleep(PATIENCE);
            tokio::select! {
                biased;
                // Whoever goes away before the answer has asked all the same.
                _ = self.answer(stream) => {}
                () = patience => {}
            }
        }
    }

    /// Answers one request.
    async fn answer(&self, mut stream: TcpStream) -> Result<()> {
        let mut head = Vec::new();
        let mut piece = [0; 1024];
        while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LONGEST {
            match stream.read(&mut piece).await? {
                0 => break,
                length => head.extend_from_slice(&piece[..length]),
            }
        }
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let wanted = format!("GET {} HTTP/1.", self.path);
        let is_asked = line.starts_with(wanted.as_bytes());
        let before = if is_asked {
            self.asked.fetch_add(1, Ordering::AcqRel)
        } else {
            0
        };
        let answer = match (is_asked, before) {
            (true, 0) => format!("302 Found\r\nLocation: {}\r\n", self.to),
            (true, _) => "410 Gone\r\n".to_owned(),
            (false, _) => "404 Not Found\r\n".to_owned(),
        };
        let answer = format!(
            "HTTP/1.1 {answer}Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nContent-Length: 0\r\n\
             Connection: close\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await
    }
}

/// A browser asks at once.
const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST: usize = 8192;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    async fn ask(address: &Url, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", address.port().unwrap()))
            .await
            .unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[test]
    fn the_first_who_asks_is_led_on_and_the_second_ends_it_on_both_runtimes() {
        let runtimes = [
            tokio::runtime::Builder::new_multi_thread(),
            tokio::runtime::Builder::new_current_thread(),
        ];
        for mut runtime in runtimes {
            let runtime = runtime.enable_all().build().unwrap();
            runtime.block_on(async {
                let to = Url::parse("https://id.example/login?state=canary").unwrap();
                let once = Arc::new(Once::to(&to).await.unwrap());
                let address = once.address().unwrap();
                let asking = async {
                    let mut answers = Vec::new();
                    for path in ["/favicon.ico", address.path(), "/", address.path()] {
                        answers.push(ask(&address, path).await);
                    }
                    answers
                };
                let (error, answers) = tokio::join!(once.asked_twice(), asking);
                assert!(error.message().contains("asked for twice"), "{error}");
                let starts: Vec<&str> = answers.iter().map(|answer| &answer[9..12]).collect();
                assert_eq!(starts, ["404", "302", "404", "410"]);
                assert!(answers[1].contains("Location: https://id.example/login?state=canary\r\n"));
                assert!(!answers[3].contains("canary"));
            });
        }
    }
}
