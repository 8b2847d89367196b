//! A real browser in front of a login page: Chromium without a screen, driven by WebDriver.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use auth_core::http::{ANSWER_LIMIT, Body, DefaultHttpClient, HttpClient};
use auth_core::prompt::Echo;
use auth_core::{BoxFuture, Error, Prompt, Result};
use http::Request;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

/// A driver, and the browser that ends with it.
#[derive(Debug)]
pub struct Chromium {
    deeds: Vec<Deed>,
    driver: Child,
    base: String,
    http: DefaultHttpClient,
    session: OnceLock<String>,
}

/// What a person does, as soon as a page lets them.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    /// Types into the field of that name.
    Fill(&'static str, &'static str),
    /// Clicks on what a CSS selector finds.
    Click(&'static str),
}

impl Chromium {
    /// The browser of somebody who does this on the pages that they see.
    pub fn start(deeds: impl IntoIterator<Item = Deed>) -> Self {
        // It chooses a port on one address, and may find it taken on the other.
        let started = (0..5).find_map(|_| match driver() {
            Ok(started) => started.map(Ok),
            Err(missing) => Some(Err(missing)),
        });
        let Ok((driver, port)) = started.expect("a port for the driver") else {
            panic!("chromedriver is missing: install chromium and chromium-driver");
        };
        let base = format!("http://127.0.0.1:{port}/session");
        let http = DefaultHttpClient::new();
        Self {
            deeds: deeds.into_iter().collect(),
            driver,
            base,
            http,
            session: OnceLock::new(),
        }
    }

    async fn command(&self, path: &str, body: Value) -> Value {
        let request = Request::post(format!("{}{path}", self.base)).body(body.to_string().into());
        self.send(path, request.unwrap()).await
    }

    /// Ends the browser, which would outlive its driver.
    pub async fn close(&self) {
        let session = self.session.get().unwrap();
        let request = Request::delete(format!("{}{session}", self.base)).body(Body::empty());
        self.send(session, request.unwrap()).await;
    }

    async fn send(&self, path: &str, request: Request<Body>) -> Value {
        let answer = self.http.send(request).await.unwrap();
        let status = answer.status();
        let answer = answer.into_body().bytes(ANSWER_LIMIT).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert!(status.is_success(), "{path}: {answer}");
        answer["value"].clone()
    }

    /// Opens the page, and does what is to be done there.
    async fn log_in(&self, page: &Url) {
        let options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
        ]});
        let wish = json!({ "acceptInsecureCerts": true, "goog:chromeOptions": options });
        let session = self
            .command("", json!({ "capabilities": { "alwaysMatch": wish } }))
            .await;
        let session = format!("/{}", session["sessionId"].as_str().unwrap());
        self.session.set(session.clone()).unwrap();
        self.command(&format!("{session}/url"), json!({ "url": page.as_str() }))
            .await;
        for deed in &self.deeds {
            let (selector, doing, body) = match deed {
                Deed::Fill(name, text) => {
                    (format!("[name={name}]"), "value", json!({ "text": text }))
                }
                Deed::Click(selector) => ((*selector).to_owned(), "click", json!({})),
            };
            let element = self.element(&session, &selector).await;
            self.command(&format!("{session}/element/{element}/{doing}"), body)
                .await;
        }
    }

    /// What a selector finds, once the page has it.
    async fn element(&self, session: &str, selector: &str) -> String {
        let find = json!({ "using": "css selector", "value": selector });
        let began = Instant::now();
        loop {
            let found = self
                .command(&format!("{session}/elements"), find.clone())
                .await;
            let first = found[0].as_object().and_then(|one| one.values().next());
            if let Some(first) = first {
                return first.as_str().unwrap().to_owned();
            }
            assert!(began.elapsed() < PATIENCE, "no {selector} on the page");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A driver and its port, if it found one.
fn driver() -> std::io::Result<Option<(Child, u16)>> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
    let port = lines.map_while(std::result::Result::ok).find_map(|line| {
        let port = line.split("started successfully on port ").nth(1)?;
        port.trim_end_matches('.').parse().ok()
    });
    if port.is_none() {
        driver.wait()?;
    }
    Ok(port.map(|port| (driver, port)))
}

impl Prompt for Chromium {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(question)) })
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.log_in(page).await;
            Ok(())
        })
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let ended = Command::new("kill")
            .arg(self.driver.id().to_string())
            .status();
        if ended.is_ok() {
            self.driver.wait().ok();
        }
    }
}

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(30);
