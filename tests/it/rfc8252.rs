//! RFC 8252, logins in the browser of a person's machine: over real sockets, in real time.

mod browser;
mod listener;

use std::sync::Arc;
use std::time::Duration;

use auth_core::error::Challenge;
use auth_core::prompt::NoPrompt;
use auth_core::session::{FileSecret, Held, TokenSet};
use auth_core::{
    AuthorizationCode, CachedSource, ClientAuth, ErrorKind, Grant, RedirectUri, Refreshing, Result,
    TokenEndpoint, TokenSource,
};
use auth_testkit::{Client, Fault, Visitor};

use self::browser::{Browser, Manner, get};
use crate::world::World;

const OPENID: &str = "/.well-known/openid-configuration";
const NATIVE: &str = "http://127.0.0.1/callback";

/// A login by this grant, and what the test does once the page is shown.
async fn meanwhile<T>(
    grant: &AuthorizationCode,
    browser: &Browser,
    work: impl AsyncFnOnce(&Browser) -> T,
) -> (Result<TokenSet>, T) {
    let held = Held::new();
    tokio::join!(grant.exchange(&held), async {
        browser.shown().await;
        work(browser).await
    })
}

impl World {
    fn native() -> Self {
        let world = Self::new();
        world.server.set_visitor(Visitor::logs_in("ada"));
        let scopes = ["openid", "read", "write"];
        world
            .server
            .add_client(Client::public("desktop").with_scopes(scopes));
        world
    }

    fn browser_login(&self, browser: &Arc<Browser>, redirect: &str) -> AuthorizationCode {
        let endpoint: TokenEndpoint = self.found(ClientAuth::public("desktop"));
        let redirect = RedirectUri::new(redirect).unwrap();
        AuthorizationCode::new(endpoint, browser.clone(), redirect)
            .with_scopes(["openid", "read"])
            .with_deadline(Duration::from_secs(20))
    }

    /// A login whose browser stays away, and what the test does once the page is shown.
    async fn meanwhile<T>(&self, work: impl AsyncFnOnce(&Browser) -> T) -> (Result<TokenSet>, T) {
        let browser = Browser::new(self, Manner::Stays);
        let grant = self.browser_login(&browser, NATIVE);
        meanwhile(&grant, &browser, work).await
    }

    async fn comes_back(&self, manner: Manner) -> (Result<TokenSet>, Arc<Browser>) {
        let browser = Browser::new(self, manner);
        let grant = self.browser_login(&browser, NATIVE);
        (grant.exchange(&Held::new()).await, browser)
    }
}

#[tokio::test]
async fn s6_and_s8_1_each_login_has_its_own_s256_challenge_state_and_nonce() {
    let world = World::native();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..2 {
        let (set, browser) = world.comes_back(Manner::Follows).await;
        set.unwrap();
        assert_eq!(browser.parameter("code_challenge_method").unwrap(), "S256");
        assert_eq!(browser.parameter("response_type").unwrap(), "code");
        assert_eq!(browser.parameter("scope").unwrap(), "openid read");
        for name in ["code_challenge", "state", "nonce"] {
            let value = browser.parameter(name).unwrap();
            assert_eq!(value.len(), 43, "256 bits: {name}");
            assert!(seen.insert(value), "{name}");
        }
        let traded = world.server.requests().pop().unwrap();
        assert!(seen.insert(traded.field("code_verifier").unwrap()));
    }
}

#[tokio::test]
async fn a_person_who_refuses_and_a_page_that_fails_are_told_apart() {
    for (code, kind) in [
        ("access_denied", ErrorKind::Refused),
        ("consent_required", ErrorKind::Interaction),
        ("temporarily_unavailable", ErrorKind::Unavailable),
    ] {
        let world = World::native();
        world.server.set_visitor(Visitor::refuses(code));
        let error = world.comes_back(Manner::Follows).await.0.unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, Some(code)));
        assert_eq!(world.asked(), 0);
    }
}

#[tokio::test]
async fn s8_10_an_answer_of_another_issuer_is_refused_and_its_code_is_not_sent() {
    let world = World::native();
    let (error, _) = world
        .meanwhile(async |browser| {
            let state = browser.parameter("state").unwrap();
            let path = format!("/callback?code=c&state={state}&iss=https://evil.example");
            get(&browser.back(), &path).await
        })
        .await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Protocol);
    assert_eq!(world.asked(), 0);
}

#[tokio::test]
async fn r2_a_code_is_sent_once() {
    for fault in [Fault::status(503), Fault::reset().after_commit()] {
        let world = World::native();
        world.server.fault("/token", fault);
        let error = world.comes_back(Manner::Follows).await.0.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(world.asked(), 1);
    }
}

#[tokio::test]
async fn s8_1_a_server_that_offers_other_methods_than_s256_only_is_refused() {
    let world = World::native();
    let plain = serde_json::json!(["plain"]);
    let fault = Fault::member("code_challenge_methods_supported", plain);
    world.server.fault(OPENID, fault);
    let (error, browser) = world.comes_back(Manner::Follows).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Config);
    assert!(browser.opened.lock().unwrap().is_empty());
    // One that lists none is believed to know it.
    let world = World::native();
    world
        .server
        .fault(OPENID, Fault::without("code_challenge_methods_supported"));
    world.comes_back(Manner::Follows).await.0.unwrap();
}

#[tokio::test]
async fn where_openid_is_asked_for_an_id_token_must_come_and_be_for_this_login() {
    for fault in [
        Fault::without("id_token"),
        Fault::member("id_token", "e30.e30.x"),
    ] {
        let world = World::native();
        world.server.fault("/token", fault);
        let error = world.comes_back(Manner::Follows).await.0.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
    }
}

#[tokio::test]
async fn r21_the_address_can_be_pasted_where_the_browser_is_elsewhere() {
    let world = World::native();
    let browser = Browser::new(&world, Manner::Elsewhere);
    *browser.pasted.lock().unwrap() = vec!["http://localhost/?code=c&state=wrong".to_owned(); 2];
    let grant = world.browser_login(&browser, NATIVE);
    grant.exchange(&Held::new()).await.unwrap();
    *browser.pasted.lock().unwrap() = vec!["nonsense".to_owned(); 3];
    let error = grant.exchange(&Held::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
}

#[tokio::test]
async fn a_login_that_nobody_finishes_ends_at_its_deadline() {
    let world = World::native();
    let browser = Browser::new(&world, Manner::Stays);
    let grant = world
        .browser_login(&browser, NATIVE)
        .with_deadline(Duration::from_millis(50));
    let error = grant.exchange(&Held::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert_eq!(error.recall(), auth_core::error::Recall::Never);
}

#[tokio::test]
async fn r21_where_nobody_is_there_the_login_ends_at_once() {
    let world = World::native();
    let endpoint = world.found(ClientAuth::public("desktop"));
    let redirect = RedirectUri::new(NATIVE).unwrap();
    let grant = AuthorizationCode::new(endpoint, Arc::new(NoPrompt::new()), redirect);
    let error = grant.exchange(&Held::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
}

#[tokio::test]
async fn a_secret_that_cannot_be_had_shows_before_a_browser_is_opened() {
    let world = World::native();
    let endpoint = world.found(ClientAuth::body("app", FileSecret::new("/no/such/file")));
    let redirect = RedirectUri::new(NATIVE).unwrap();
    // Nobody is here: opening the page would be another error.
    let grant = AuthorizationCode::new(endpoint, Arc::new(NoPrompt::new()), redirect);
    let error = grant.exchange(&Held::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test]
async fn nobody_is_asked_while_a_token_works() {
    let world = World::native();
    let browser = Browser::new(&world, Manner::Follows);
    let token = world.robot().token().await.unwrap();
    let held = Held::new().with_access(Some(token));
    let grant = world.browser_login(&browser, NATIVE);
    let error = grant.exchange(&held).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert!(browser.opened.lock().unwrap().is_empty());
}

#[tokio::test]
async fn rfc9470_s4_what_an_api_wants_of_the_login_is_asked_of_the_login_page() {
    let world = World::native();
    let browser = Browser::new(&world, Manner::Follows);
    let login = world
        .browser_login(&browser, NATIVE)
        .with_parameter("acr_values", "silver");
    let endpoint = world.found(ClientAuth::public("desktop"));
    let source = CachedSource::new(Refreshing::new(endpoint, login), world.io());
    let refused = source.token().await.unwrap();
    assert_eq!(browser.parameter("acr_values").as_deref(), Some("silver"));
    assert_eq!(browser.parameter("max_age"), None);
    let mut challenge = Challenge::default();
    challenge.acr_values = Some("gold".to_owned());
    challenge.max_age = Some(60);
    source.discard(&refused, Some(&challenge));
    assert!(!source.token().await.unwrap().is_same(&refused));
    assert_eq!(browser.opened.lock().unwrap().len(), 2);
    assert_eq!(browser.parameter("acr_values").as_deref(), Some("gold"));
    assert_eq!(browser.parameter("max_age").as_deref(), Some("60"));
    let sent = world.server.requests();
    let grants: Vec<_> = sent
        .iter()
        .filter_map(|one| one.field("grant_type"))
        .collect();
    assert_eq!(
        grants, ["authorization_code"; 2],
        "no refresh can answer it"
    );
}
