//! Our own programs at the realm, with a person who goes through its pages.

use std::sync::{Arc, Mutex};

use auth_core::clock::SystemClock;
use auth_core::prompt::{Echo, UserCode};
use auth_core::{BoxFuture, ClientAuth, Error, Io, Prompt, RedirectUri, Result, TokenSource};
use auth_keycloak::Realm as OurRealm;
use auth_keycloak::preset::provena;
use auth_testkit::{Policy, Rotation, Server, Theme};
use insta::assert_snapshot;
use secrecy::SecretString;
use url::Url;

use super::{World, claims, realm};
use crate::browser::{Browser, Page};

/// What the person does who sees a code or a login page.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Allows,
    Types,
    Refuses,
    Forgets,
}

#[derive(Debug)]
struct Person {
    io: Io,
    deed: Deed,
    logins: Mutex<usize>,
}

impl Person {
    fn who(io: Io, deed: Deed) -> Arc<Self> {
        let logins = Mutex::new(0);
        Arc::new(Self { io, deed, logins })
    }

    fn logins(&self) -> usize {
        *self.logins.lock().unwrap()
    }

    fn browser(&self) -> Browser {
        Browser::new(self.io.http().clone())
    }

    async fn log_in(&self, browser: &mut Browser, page: &Page) -> Page {
        *self.logins.lock().unwrap() += 1;
        let fields = [("username", "ada"), ("password", "pw")];
        browser.fill(page, &fields).await
    }
}

impl Prompt for Person {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(question)) })
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut browser = self.browser();
            let login = browser.open(page).await;
            self.log_in(&mut browser, &login).await;
            Ok(())
        })
    }

    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut browser = self.browser();
            let login = match self.deed {
                Deed::Forgets => return Ok(()),
                Deed::Types => {
                    let page = browser.open(code.page()).await;
                    let typed = code.code().to_lowercase().replace('-', "");
                    let wrong = browser.fill(&page, &[("device_user_code", "WRONG")]).await;
                    assert!(wrong.text.contains("Invalid code"), "{wrong:?}");
                    browser.fill(&wrong, &[("device_user_code", &typed)]).await
                }
                _ => browser.open(code.complete_page().unwrap()).await,
            };
            let question = self.log_in(&mut browser, &login).await;
            assert!(
                question.came_through("execution", "OAUTH_GRANT"),
                "{question:?}"
            );
            let (button, said) = match self.deed {
                Deed::Refuses => ("cancel", "Device Login Failed"),
                _ => ("accept", "Device Login Successful"),
            };
            let end = browser.fill(&question, &[(button, "x")]).await;
            assert!(end.text.contains(said), "{end:?}");
            Ok(())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_logs_in_with_a_device_code_and_the_session_renews() {
    for deed in [Deed::Allows, Deed::Types] {
        let world = World::new();
        let ada = Person::who(world.server.io(), deed);
        let person = world
            .ours()
            .person(ClientAuth::public("desktop"), ada.clone());
        let source = person.source();
        let token = source.token().await.unwrap();
        assert_eq!(claims(token.expose_secret())["preferred_username"], "ada");
        let renewed = source.renew().await;
        renewed.unwrap();
        assert_eq!(ada.logins(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_that_is_refused_or_forgotten_says_which() {
    let world = World::new();
    let mut said = Vec::new();
    for deed in [Deed::Refuses, Deed::Forgets] {
        let ada = Person::who(world.server.io(), deed);
        let person = world.ours().person(ClientAuth::public("desktop"), ada);
        let error = person.source().token().await.unwrap_err();
        said.push(format!("{:?} {error}", error.kind()));
    }
    assert_snapshot!(said.join("\n"), @r"
    Refused https://auth.test/realms/main/protocol/openid-connect/token refused: access_denied: The end user denied the authorization request; log in again and allow it, if it was this program that asked
    Interaction the code expired before anybody entered it; log in again, and enter the code in time
    ");
}

#[tokio::test(start_paused = true)]
async fn sixteen_callers_of_a_rotating_realm_share_one_login() {
    let policy = Policy::of_keycloak().with_rotation(Rotation::OneUse);
    let world = World::with(policy, Theme::V2);
    let ada = Person::who(world.server.io(), Deed::Allows);
    let person = world
        .ours()
        .person(ClientAuth::public("desktop"), ada.clone());
    let calls: Vec<_> = (0..16)
        .map(|_| {
            let source = person.source();
            tokio::spawn(async move { source.token().await.unwrap().fingerprint() })
        })
        .collect();
    let mut tokens = Vec::new();
    for call in calls {
        tokens.push(call.await.unwrap().to_string());
    }
    tokens.dedup();
    for _ in 0..3 {
        person.source().renew().await.unwrap();
    }
    assert_eq!((tokens.len(), ada.logins()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn provenas_jobs_need_the_roles_beside_the_offline_token() {
    let world = World::new();
    let mut roles = Vec::new();
    for scopes in [&provena::OFFLINE_SCOPES[..], &["offline_access"]] {
        let ada = Person::who(world.server.io(), Deed::Allows);
        let client = ClientAuth::public(provena::AUTOMATED_ACCESS);
        let ours = world.ours().with_scopes(scopes.iter().copied());
        let login = ours.person(client.clone(), ada).source();
        login.token().await.unwrap();
        let given = login.refresh_token().await.unwrap().unwrap();
        assert_eq!(claims(given.expose_secret())["typ"], "Offline");
        let job = world.ours().offline(client, given);
        let token = job.token().await.unwrap();
        roles.push(claims(token.expose_secret())["realm_access"].is_object());
    }
    assert_eq!(roles, [true, false]);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_was_ended_elsewhere_asks_the_person_again() {
    let world = World::new();
    let ada = Person::who(world.server.io(), Deed::Allows);
    let client = ClientAuth::public("desktop");
    let source = world.ours().person(client.clone(), ada.clone()).source();
    let token = source.token().await.unwrap();
    let kept = source.refresh_token().await.unwrap().unwrap();
    world.ours().endpoint(client).revoke(&kept).await.unwrap();
    source.discard(&token, None);
    source.token().await.unwrap();
    assert_eq!(ada.logins(), 2);
}

#[tokio::test]
async fn a_person_logs_in_with_a_browser_on_this_machine() {
    let server = Server::new(SystemClock::new());
    server.add_realm(realm(Policy::of_keycloak(), Theme::V2));
    let listening = server.listen(0).await.unwrap();
    let io = Io::new();
    let base = listening.url("/");
    let ours = OurRealm::new(base.as_str(), "main", io.clone()).unwrap();
    let ada = Person::who(io, Deed::Allows);
    let redirect = RedirectUri::new("http://127.0.0.1/callback").unwrap();
    let source = ours
        .with_scopes(["openid"])
        .person(ClientAuth::public("desktop"), ada.clone())
        .with_browser(redirect)
        .source();
    let token = source.token().await.unwrap();
    assert_eq!(claims(token.expose_secret())["preferred_username"], "ada");
    source.renew().await.unwrap();
    assert_eq!(ada.logins(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_the_realm_says_of_its_endpoints_is_what_we_think_they_are() {
    let world = World::new();
    let ours = world.ours();
    let theirs = ours.clone().with_discovery();
    let (ours, theirs) = (
        ours.provider().metadata().await.unwrap(),
        theirs.provider().metadata().await.unwrap(),
    );
    assert_eq!(ours.token_endpoint, theirs.token_endpoint);
    assert_eq!(ours.authorization_endpoint, theirs.authorization_endpoint);
    assert_eq!(
        ours.device_authorization_endpoint,
        theirs.device_authorization_endpoint
    );
    assert_eq!(ours.userinfo_endpoint, theirs.userinfo_endpoint);
    assert_eq!(ours.end_session_endpoint, theirs.end_session_endpoint);
    assert_eq!(ours.introspection_endpoint, theirs.introspection_endpoint);
    assert_eq!(ours.revocation_endpoint, theirs.revocation_endpoint);
    assert_eq!(ours.jwks_uri, theirs.jwks_uri);
}
