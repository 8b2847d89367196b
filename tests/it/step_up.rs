//! What an API asks for beyond a token that works: a stronger or newer login (RFC 9470), or claims (Entra).

use std::sync::{Arc, Mutex};

use auth_core::error::Challenge;
use auth_core::prompt::{Echo, UserCode};
use auth_core::session::Login;
use auth_core::store::{MemoryStore, TokenStore};
use auth_core::{
    AccessToken, BoxFuture, CachedSource, ClientAuth, DeviceCode, Error, ErrorKind, Prompt,
    Refreshing, Result, TokenExchange, TokenSource,
};
use auth_testkit::{Client, Fault, Received, Server};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

use crate::world::{HOUR, Nobody, World};

const CODES: &str = "/device_authorization";
const CLAIMS: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;

/// A claims request as an API sends it in a header.
fn claims() -> Challenge {
    let mut challenge = Challenge::default();
    challenge.claims = Some(STANDARD.encode(CLAIMS));
    challenge
}

/// What only a login can answer.
fn acr() -> Challenge {
    let mut challenge = Challenge::default();
    challenge.acr_values = Some("mfa".into());
    challenge.max_age = Some(60);
    challenge
}

fn memory() -> Arc<dyn TokenStore> {
    Arc::new(MemoryStore::new())
}

/// Somebody who allows whatever they are shown, unless they are away.
#[derive(Debug)]
struct Person {
    server: Server,
    seen: Mutex<usize>,
    is_away: bool,
}

impl Person {
    fn at(world: &World) -> Arc<Self> {
        Self::who(world, false)
    }

    fn who(world: &World, is_away: bool) -> Arc<Self> {
        Arc::new(Self {
            server: world.server.clone(),
            seen: Mutex::default(),
            is_away,
        })
    }

    fn seen(&self) -> usize {
        *self.seen.lock().unwrap()
    }
}

impl Prompt for Person {
    fn ask<'a>(&'a self, _: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async { Err(Error::interaction("nobody")) })
    }

    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        *self.seen.lock().unwrap() += 1;
        assert!(self.is_away || self.server.allow_device(code.code(), "ada"));
        Box::pin(async { Ok(()) })
    }
}

impl World {
    /// A login that `person` can begin anew.
    fn attended(&self, person: &Arc<Person>, store: &Arc<dyn TokenStore>) -> CachedSource {
        let endpoint = self.found(ClientAuth::public("desktop"));
        let login = DeviceCode::new(endpoint.clone(), person.clone())
            .with_scopes(["read"])
            .with_parameter("acr_values", "pwd")
            .with_parameter("hint", "ada");
        CachedSource::new(Refreshing::new(endpoint, login), self.io()).with_store(store.clone())
    }

    /// The same login in a program that can ask nobody.
    fn unattended(&self, like: &CachedSource, store: &Arc<dyn TokenStore>) -> CachedSource {
        let endpoint = self.found(ClientAuth::public("desktop"));
        let nobody = Nobody(like.key().clone());
        CachedSource::new(Refreshing::new(endpoint, nobody), self.io()).with_store(store.clone())
    }

    fn exchanged(&self, subject: CachedSource) -> CachedSource {
        self.server.add_client(Client::public("highway"));
        let endpoint = self.endpoint(ClientAuth::public("highway"));
        let grant = TokenExchange::new(endpoint, Arc::new(subject)).unwrap();
        CachedSource::new(grant, self.io())
    }

    /// The same, with a refresh token of its own.
    fn refreshed(&self, subject: CachedSource) -> CachedSource {
        self.server.add_client(Client::public("highway"));
        let endpoint = self.endpoint(ClientAuth::public("highway"));
        let grant = TokenExchange::new(endpoint.clone(), Arc::new(subject)).unwrap();
        let grant = grant.with_parameter(
            "requested_token_type",
            "urn:ietf:params:oauth:token-type:refresh_token",
        );
        CachedSource::new(Refreshing::new(endpoint, grant), self.io())
    }

    fn last(&self, path: &str) -> Received {
        let sent = self.server.requests();
        let last = sent.into_iter().rfind(|one| one.path() == path);
        last.unwrap()
    }

    /// What was posted with this grant, from the first on.
    fn granted(&self, grant: &str) -> Vec<Received> {
        let sent = self.server.requests().into_iter();
        sent.filter(|one| {
            one.field("grant_type")
                .is_some_and(|of| of.ends_with(grant))
        })
        .collect()
    }
}

async fn refused(source: &CachedSource, challenge: &Challenge) -> AccessToken {
    let refused = source.token().await.unwrap();
    source.discard(&refused, Some(challenge));
    refused
}

async fn noted(source: &CachedSource, store: &Arc<dyn TokenStore>) -> Option<Challenge> {
    let login = Login::load(&**store, source.key().session()).await.unwrap();
    login.unwrap().challenge().cloned()
}

#[tokio::test(start_paused = true)]
async fn claims_go_with_a_refresh_first_and_nobody_is_asked() {
    let (world, store) = (World::new(), memory());
    let person = Person::at(&world);
    let source = world.attended(&person, &store);
    let old = refused(&source, &claims()).await;
    assert!(!source.token().await.unwrap().is_same(&old));
    let sent = world.granted("refresh_token");
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].field("claims").as_deref(), Some(CLAIMS));
    // They were answered.
    source.renew().await.unwrap();
    assert!(world.last("/token").field("claims").is_none());
    assert_eq!((person.seen(), noted(&source, &store).await), (1, None));
}

#[tokio::test(start_paused = true)]
async fn claims_that_no_refresh_brings_go_with_a_login_as_the_server_put_them() {
    for code in ["interaction_required", "invalid_grant"] {
        let (world, store) = (World::new(), memory());
        let person = Person::at(&world);
        let source = world.attended(&person, &store);
        refused(&source, &claims()).await;
        let more = CLAIMS.replace("c1", "c2");
        let said = serde_json::json!({ "error": code, "claims": more });
        let no = Fault::status(400).with_body("application/json", said.to_string());
        world.server.fault("/token", no);
        source.token().await.unwrap();
        assert_eq!(world.granted("refresh_token").len(), 1, "{code}");
        assert_eq!(world.last(CODES).field("claims"), Some(more));
        assert_eq!((person.seen(), noted(&source, &store).await), (2, None));
    }
}

#[tokio::test(start_paused = true)]
async fn claims_that_only_a_login_brings_wait_for_one_where_nobody_can_be_asked() {
    let (world, store) = (World::new(), memory());
    let person = Person::at(&world);
    let attended = world.attended(&person, &store);
    attended.token().await.unwrap();
    let source = world.unattended(&attended, &store);
    refused(&source, &claims()).await;
    let no = Fault::refusal(400, "interaction_required");
    world.server.fault("/token", no);
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert_eq!(noted(&source, &store).await, Some(claims()));
    // One that a refresh brings after all is not waited for any more.
    let later = world.unattended(&attended, &store);
    refused(&later, &claims()).await;
    later.token().await.unwrap();
    assert_eq!(noted(&source, &store).await, None);
}

#[tokio::test(start_paused = true)]
async fn rfc9470_s4_a_device_is_told_what_the_api_asks_in_place_of_what_is_configured() {
    let (world, store) = (World::new(), memory());
    let person = Person::at(&world);
    let source = world.attended(&person, &store);
    refused(&source, &acr()).await;
    let first = world.last(CODES);
    assert_eq!(first.field("acr_values").as_deref(), Some("pwd"));
    assert!(first.field("max_age").is_none());
    source.token().await.unwrap();
    let second = world.last(CODES);
    for (name, value) in [("acr_values", "mfa"), ("max_age", "60"), ("hint", "ada")] {
        assert_eq!(second.field(name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(world.granted("refresh_token").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_fails_is_not_taken_for_a_refresh_that_was_refused() {
    let (world, store) = (World::new(), memory());
    let attended = world.attended(&Person::at(&world), &store);
    attended.token().await.unwrap();
    let person = Person::who(&world, true);
    let source = world.attended(&person, &store);
    refused(&source, &acr()).await;
    let error = source.token().await.unwrap_err();
    assert_eq!(error.code(), Some("expired_token"));
    assert_eq!(person.seen(), 1, "a code that expired is shown once");
    assert_eq!(noted(&source, &store).await, Some(acr()));
}

#[tokio::test(start_paused = true)]
async fn what_an_api_asks_beyond_an_exchanged_token_reaches_the_subjects_login() {
    let (world, store) = (World::new(), memory());
    let person = Person::at(&world);
    let subject = world.attended(&person, &store);
    let source = world.exchanged(subject.clone());
    refused(&source, &acr()).await;
    source.token().await.unwrap();
    assert_eq!(person.seen(), 2);
    assert_eq!(
        world.last(CODES).field("acr_values").as_deref(),
        Some("mfa")
    );
    let now = subject.token().await.unwrap();
    let sent = world.granted("token-exchange").pop().unwrap();
    assert_eq!(
        sent.field("subject_token").as_deref(),
        Some(now.expose_secret())
    );
    // Claims go by the subject's refresh.
    world.pass(HOUR / 4).await;
    refused(&source, &claims()).await;
    source.token().await.unwrap();
    assert_eq!(person.seen(), 2);
    let sent = world.granted("refresh_token").pop().unwrap();
    assert_eq!(sent.field("claims").as_deref(), Some(CLAIMS));
}

#[tokio::test(start_paused = true)]
async fn what_an_api_asks_beyond_an_exchanged_token_waits_where_nobody_can_be_asked() {
    let (world, store) = (World::new(), memory());
    let attended = world.attended(&Person::at(&world), &store);
    attended.token().await.unwrap();
    let subject = world.unattended(&attended, &store);
    let source = world.exchanged(subject.clone());
    refused(&source, &acr()).await;
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert_eq!(noted(&subject, &store).await, Some(acr()));
}

#[tokio::test(start_paused = true)]
async fn what_a_server_asks_of_an_exchange_reaches_the_subjects_login_too() {
    let said = serde_json::json!({ "error": "interaction_required", "claims": CLAIMS });
    let no = Fault::status(400).with_body("application/json", said.to_string());
    let (world, store) = (World::new(), memory());
    let person = Person::at(&world);
    let subject = world.attended(&person, &store);
    let source = world.exchanged(subject.clone());
    subject.token().await.unwrap();
    world.server.fault("/token", no.clone());
    source.token().await.unwrap();
    assert_eq!(
        (person.seen(), world.granted("token-exchange").len()),
        (1, 2)
    );
    let sent = world.granted("refresh_token").pop().unwrap();
    assert_eq!(sent.field("claims").as_deref(), Some(CLAIMS));
    // Whoever called us can answer it where we can't.
    let token = subject.token().await.unwrap();
    let caller = auth_core::StaticSource::of_caller(token, "https://issuer", "ada", &world.io());
    let endpoint = world.endpoint(ClientAuth::public("highway"));
    let grant = TokenExchange::new(endpoint, Arc::new(caller)).unwrap();
    world.server.fault("/token", no);
    let error = CachedSource::new(grant, world.io())
        .token()
        .await
        .unwrap_err();
    let challenge = error.challenge().unwrap();
    assert_eq!(challenge.claims.as_deref(), Some(CLAIMS));
}

#[tokio::test(start_paused = true)]
async fn an_exchanged_token_is_never_somebody_elses_who_logged_in_before() {
    let (world, store) = (World::new(), memory());
    let subject = |who: &str| {
        let first = world.server.login("desktop", who, &["read"]);
        world.person_in(&store, &first, &["read"])
    };
    let process = |subject: CachedSource| world.exchanged(subject).with_store(store.clone());
    let ada = subject("ada");
    let running = process(ada.clone());
    let of_ada = running.token().await.unwrap();
    // As long as she is logged in, refreshes make no difference.
    ada.renew().await.unwrap();
    assert!(process(ada.clone()).token().await.unwrap().is_same(&of_ada));
    // Bob logs in under the same label.
    let kept = ada.refresh_token().await.unwrap().unwrap();
    world.server.revoke(kept.expose_secret());
    let bob = subject("bob");
    bob.discard(&ada.token().await.unwrap(), None);
    let of_bob = bob.token().await.unwrap();
    let exchanged = process(bob).token().await.unwrap();
    assert!(!exchanged.is_same(&of_ada));
    let sent = world.granted("token-exchange").pop().unwrap();
    assert_eq!(
        sent.field("subject_token").as_deref(),
        Some(of_bob.expose_secret())
    );
    // A process that has hers in memory finds out when it looks.
    world.pass(HOUR / 2).await;
    assert!(running.token_for(HOUR * 3 / 4).await.is_ok());
    assert!(!running.token().await.unwrap().is_same(&of_ada));
}

#[tokio::test(start_paused = true)]
async fn an_exchanged_session_that_refreshes_itself_ends_with_the_login_that_it_came_from() {
    let (world, store) = (World::new(), memory());
    let subject = |who: &str| {
        let first = world.server.login("desktop", who, &["read"]);
        world.person_in(&store, &first, &["read"])
    };
    let ada = subject("ada");
    let source = world.refreshed(ada.clone()).with_store(store.clone());
    source.token().await.unwrap();
    for _ in 0..2 {
        world.pass(2 * HOUR).await;
        source.token().await.unwrap();
    }
    assert_eq!(world.granted("token-exchange").len(), 1);
    let kept = ada.refresh_token().await.unwrap().unwrap();
    world.server.revoke(kept.expose_secret());
    world.pass(2 * HOUR).await;
    let bob = subject("bob");
    let of_bob = bob.token().await.unwrap();
    world
        .refreshed(bob)
        .with_store(store.clone())
        .token()
        .await
        .unwrap();
    let sent = world.granted("token-exchange");
    assert_eq!(sent.len(), 2);
    assert_eq!(
        sent[1].field("subject_token").as_deref(),
        Some(of_bob.expose_secret())
    );
}
