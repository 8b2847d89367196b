//! A person whose browser logs in.

use std::fmt;
use std::sync::Arc;

use auth_core::prompt::Echo;
use auth_core::{
    AuthorizationCode, BoxFuture, ClientAuth, Error, Prompt, RedirectUri, Result, TokenEndpoint,
};
use secrecy::SecretString;
use url::Url;

use super::server::Server;
use crate::browser::Browser;

#[derive(Clone)]
struct Web(Server);

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Web")
    }
}

impl Prompt for Web {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(question)) })
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut browser = Browser::new(self.0.http.clone());
            let login = browser.open(page).await;
            assert!(login.has("password"), "{login:?}");
            let consent = browser
                .fill(&login, &[("login", "ada"), ("password", "pw")])
                .await;
            browser.fill(&consent, &[]).await;
            Ok(())
        })
    }
}

/// A login of Ada, with a token for what she may read at `audience`.
pub fn login(server: &Server, client: &str, audience: &str) -> AuthorizationCode {
    login_at(
        server,
        server.endpoint(ClientAuth::public(client)),
        audience,
    )
}

/// The same at an endpoint that may ask for something itself.
pub fn login_at(server: &Server, endpoint: TokenEndpoint, audience: &str) -> AuthorizationCode {
    let redirect = RedirectUri::new("http://127.0.0.1/callback").unwrap();
    AuthorizationCode::new(endpoint, Arc::new(Web(server.clone())), redirect)
        .with_scopes(["openid", "read"])
        .with_parameter("resource", audience)
}
