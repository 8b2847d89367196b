//! A real browser in front of the login page: Chromium without a screen, driven by WebDriver.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};

use auth_core::http::{ANSWER_LIMIT, Body, DefaultHttpClient, HttpClient};
use auth_core::prompt::Echo;
use auth_core::{BoxFuture, ClientAuth, Error, Prompt, RedirectUri, Result, TokenSource};
use http::Request;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use crate::keycloak::real::server::{Server, claims};

/// A driver, and the browser that ends with it.
#[derive(Debug)]
struct Chromium {
    driver: Child,
    base: String,
    http: DefaultHttpClient,
    session: OnceLock<String>,
}

impl Chromium {
    fn start() -> Option<Self> {
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut driver) = driver else {
            eprintln!("skipped: chromedriver is missing; install chromium and chromium-driver");
            return None;
        };
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.map_while(std::result::Result::ok).find_map(|line| {
            let port = line.split("started successfully on port ").nth(1)?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let base = format!(
            "http://127.0.0.1:{}/session",
            port.expect("the driver's port")
        );
        let http = DefaultHttpClient::new();
        Some(Self {
            driver,
            base,
            http,
            session: OnceLock::new(),
        })
    }

    async fn command(&self, path: &str, body: Value) -> Value {
        let request = Request::post(format!("{}{path}", self.base)).body(body.to_string().into());
        self.send(path, request.unwrap()).await
    }

    /// Ends the browser, which would outlive its driver.
    async fn close(&self) {
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

    /// Opens the page and logs in as a person does: by the names of the fields.
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
        for (field, text) in [("username", "ada"), ("password", "pw\u{e007}")] {
            let find = json!({ "using": "css selector", "value": format!("[name={field}]") });
            let element = self.command(&format!("{session}/element"), find).await;
            let element = element.as_object().unwrap().values().next().unwrap();
            let place = format!("{session}/element/{}/value", element.as_str().unwrap());
            self.command(&place, json!({ "text": text })).await;
        }
    }
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

#[tokio::test]
async fn a_real_browser_logs_in_and_comes_back() {
    let Some(server) = Server::at_hand() else {
        return;
    };
    let Some(chromium) = Chromium::start() else {
        return;
    };
    let chromium = Arc::new(chromium);
    let person = server
        .realm("steady")
        .with_scopes(["openid"])
        .person(ClientAuth::public("desktop"), chromium.clone())
        .with_browser(RedirectUri::new("http://localhost/callback").unwrap());
    let outcome = person.source().token().await;
    chromium.close().await;
    let token = outcome.unwrap();
    assert_eq!(claims(token.expose_secret())["preferred_username"], "ada");
}
