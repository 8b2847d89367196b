//! The plan `oidcc-client-rp-initiated-logout-rp-basic`: each on both runtimes.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::http::Body;
use auth_core::prompt::Echo;
use auth_core::{BoxFuture, Error, Prompt, RedirectUri, Result, TokenSource};
use auth_testkit::Fault;
use http::Request;
use secrecy::SecretString;
use url::Url;

use super::suite::{Mode, Party, Suite, Web, on_each_runtime};
use crate::browser::Browser;

#[test]
fn oidcc_client_test_rp_init_logout() {
    on_each_runtime(|| async {
        let suite = Suite::new();
        let (visitor, kept) = logged_out(&suite, &[]).await;
        let pages = visitor.pages.lock().unwrap();
        let [page] = &pages[..] else {
            panic!("{pages:?}");
        };
        let asked = |name: &str| {
            let mut query = page.query_pairs();
            query
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        assert!(asked("id_token_hint").is_some_and(|hint| hint.starts_with("ey")));
        assert!(asked("state").is_some_and(|state| state.len() >= 22));
        let back = asked("post_logout_redirect_uri").unwrap();
        assert!(
            back.starts_with("http://127.0.0.1:") && back.ends_with("/out"),
            "{back}"
        );
        assert!(!suite.server.is_live(&kept));
    });
}

#[test]
fn oidcc_client_test_rp_init_logout_other_state() {
    on_each_runtime(|| async {
        let suite = Suite::new();
        logged_out(&suite, &[Some("other"), Some("")]).await;
    });
}

#[test]
fn oidcc_client_test_rp_init_logout_no_state() {
    on_each_runtime(|| async {
        let suite = Suite::new();
        logged_out(&suite, &[None]).await;
    });
}

#[test]
fn a_logout_that_nobody_waits_for_needs_no_place_to_come_back_to() {
    on_each_runtime(|| async {
        let suite = Suite::new();
        let party = Party::new(&suite, Mode::Query);
        let login = party.login();
        login.token().await.unwrap();
        let kept = login.refresh_token().await.unwrap().unwrap();
        let id = login.id_token().await.unwrap();
        let visitor = Visitor::new(&suite, &[]);
        let endpoint = party.endpoint();
        let ended = endpoint.end_session(id.as_ref(), None, &visitor, Duration::MAX);
        ended.await.unwrap();
        assert!(!visitor.pages.lock().unwrap()[0].as_str().contains("state="));
        assert!(!suite.server.is_live(&kept));
    });
}

/// Logs in and out again, where the server answers with these states before it answers with the right one.
async fn logged_out(
    suite: &Arc<Suite>,
    wrong: &[Option<&'static str>],
) -> (Visitor, auth_core::RefreshToken) {
    let party = Party::new(suite, Mode::Query);
    let login = party.login();
    login.token().await.unwrap();
    let id = login.id_token().await.unwrap();
    let kept = login.refresh_token().await.unwrap().unwrap();
    let visitor = Visitor::new(suite, wrong);
    let back = RedirectUri::new("http://127.0.0.1/out").unwrap();
    let endpoint = party.endpoint();
    let ended = endpoint.end_session(id.as_ref(), Some(&back), &visitor, Duration::MAX);
    ended.await.unwrap();
    (visitor, kept)
}

/// Whose browser logs out.
struct Visitor {
    suite: Arc<Suite>,
    wrong: Vec<Option<&'static str>>,
    pages: Mutex<Vec<Url>>,
}

impl Visitor {
    fn new(suite: &Arc<Suite>, wrong: &[Option<&'static str>]) -> Self {
        Self {
            suite: suite.clone(),
            wrong: wrong.to_vec(),
            pages: Mutex::default(),
        }
    }
}

impl Prompt for Visitor {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(question)) })
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.pages.lock().unwrap().push(page.clone());
            if !page.as_str().contains("post_logout_redirect_uri") {
                let request = Request::get(page.as_str()).body(Body::empty()).unwrap();
                let answer = self.suite.server.io().http().send(request).await.unwrap();
                assert_eq!(answer.status(), 200);
                return Ok(());
            }
            let mut browser = Browser::new(Arc::new(Web::new(&self.suite)));
            for state in &self.wrong {
                let fault = Fault::parameter("state", *state);
                self.suite.server.fault("/logout", fault);
                let stray = browser.open(page).await;
                assert_eq!(stray.status, 400, "{state:?} is nobody's answer");
            }
            let end = browser.open(page).await;
            assert_eq!(end.status, 200, "{end:?}");
            Ok(())
        })
    }
}

impl fmt::Debug for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Visitor")
    }
}
