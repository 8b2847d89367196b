//! A person in front of the server's pages: they log in, allow, refuse or forget.

use std::sync::Arc;
use std::sync::Mutex;

use auth_core::prompt::{Echo, UserCode};
use auth_core::{BoxFuture, Error, Prompt, Result};
use secrecy::SecretString;
use url::Url;

use crate::browser::{Browser, Page};
use crate::keycloak::real::server::Server;

/// What the person does who sees a code or a login page.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    Allows,
    Refuses,
    Forgets,
}

/// A person with a browser of their own.
pub struct Person {
    server: Server,
    deed: Deed,
    logins: Mutex<usize>,
    /// The browser in which they logged in.
    pub browser: tokio::sync::Mutex<Option<Browser>>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Person").field(&self.deed).finish()
    }
}

impl Person {
    pub fn who(server: &Server, deed: Deed) -> Arc<Self> {
        Arc::new(Self {
            server: server.clone(),
            deed,
            logins: Mutex::new(0),
            browser: tokio::sync::Mutex::new(None),
        })
    }

    pub fn logins(&self) -> usize {
        *self.logins.lock().unwrap()
    }

    async fn log_in(&self, browser: &mut Browser, page: &Url) -> Page {
        *self.logins.lock().unwrap() += 1;
        let login = browser.open(page).await;
        assert!(login.has("password"), "{login:?}");
        browser
            .fill(&login, &[("username", "ada"), ("password", "pw")])
            .await
    }
}

impl Prompt for Person {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(question)) })
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            // Given up as soon as the login comes back, so the browser is kept from the start.
            let mut kept = self.browser.lock().await;
            let end = self.log_in(kept.insert(self.server.browser()), page).await;
            assert_eq!(end.url.path(), "/callback", "{end:?}");
            Ok(())
        })
    }

    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            assert_eq!(code.code().len(), 9, "{code:?}");
            let button = match self.deed {
                Deed::Allows => "accept",
                Deed::Refuses => "cancel",
                Deed::Forgets => return Ok(()),
            };
            let mut browser = self.server.browser();
            let question = self
                .log_in(&mut browser, code.complete_page().unwrap())
                .await;
            assert!(question.has(button), "{question:?}");
            let end = browser.fill(&question, &[(button, "x")]).await;
            assert!(end.url.path().ends_with("/device/status"), "{end:?}");
            Ok(())
        })
    }
}
