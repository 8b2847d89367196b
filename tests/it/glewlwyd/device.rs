//! A login with a code, at a server that minds how often it is asked.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use auth_core::http::{ANSWER_LIMIT, Body, HttpClient};
use auth_core::prompt::{self, UserCode};
use auth_core::{
    BoxFuture, CachedSource, ClientAuth, DeviceCode, Error, Io, Prompt, Refreshing, Result,
    TokenSource,
};
use http::{Request, Response};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::server::Server;

/// The network, in which the first poll arrives twice, so that the server finds us hasty; and Ada, who
/// allows it after that.
#[derive(Debug)]
struct Echo {
    server: Server,
    page: Mutex<Option<Url>>,
    polls: Mutex<Vec<(Instant, String)>>,
}

impl HttpClient for Echo {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        Box::pin(async move {
            if !request.uri().path().ends_with("/token") {
                return self.server.http.send(request).await;
            }
            let (head, body) = request.into_parts();
            if self.polls.lock().unwrap().is_empty() {
                let first = Request::from_parts(head.clone(), body.try_clone().unwrap());
                self.server.http.send(first).await.unwrap();
            }
            let request = Request::from_parts(head, body);
            let (head, body) = self.server.http.send(request).await?.into_parts();
            let body = body.bytes(ANSWER_LIMIT).await?;
            let said: Value = serde_json::from_slice(&body).unwrap_or_default();
            let said = said["error"].as_str().unwrap_or_default().to_owned();
            self.polls.lock().unwrap().push((Instant::now(), said));
            let page = self.page.lock().unwrap().take();
            if let Some(page) = page {
                self.server.allowed(page.as_str()).await;
            }
            Ok(Response::from_parts(head, body.into()))
        })
    }
}

impl Prompt for Echo {
    fn ask<'a>(
        &'a self,
        question: &'a str,
        _: prompt::Echo,
    ) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(question)) })
    }

    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        *self.page.lock().unwrap() = code.complete_page().cloned();
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance glewlwyd"]
async fn rfc8628_s3_5_slow_down_makes_each_pause_five_seconds_longer() {
    let server = Server::at_hand();
    let echo = Arc::new(Echo {
        server: server.clone(),
        page: Mutex::default(),
        polls: Mutex::default(),
    });
    let io = Io::new().with_http(echo.clone());
    let endpoint = server.endpoint(ClientAuth::public("desktop"), io.clone());
    let login = DeviceCode::new(endpoint, echo.clone()).with_scopes(["openid", "api.read"]);
    let source = CachedSource::new(login, io);
    source.token().await.unwrap();
    let polls = echo.polls.lock().unwrap();
    let said: Vec<_> = polls.iter().map(|(_, said)| &**said).collect();
    assert_eq!(said, ["slow_down", ""]);
    assert!(
        polls[1].0 - polls[0].0 >= Duration::from_secs(7),
        "{polls:?}"
    );
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance glewlwyd"]
async fn a_login_with_a_code_renews() {
    let server = Server::at_hand();
    let endpoint = server.desktop();
    let login = DeviceCode::new(endpoint.clone(), Arc::new(server.clone()))
        .with_scopes(super::server::SCOPES);
    let source = CachedSource::new(Refreshing::new(endpoint, login), server.io());
    let token = source.token().await.unwrap();
    let next = source.renew().await.unwrap();
    assert!(!next.is_same(&token));
}
