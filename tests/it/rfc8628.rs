//! RFC 8628, device authorization: what the person sees, and how the device waits.

mod poll;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::prompt::{Echo, NoPrompt, UserCode};
use auth_core::session::{FileSecret, Held, Secret, TokenSet};
use auth_core::store::{Attempt, MemoryStore, TokenStore};
use auth_core::{
    BoxFuture, CachedSource, ClientAuth, DeviceCode, Error, ErrorKind, Grant, Prompt, Refreshing,
    Result, TokenSource,
};
use auth_testkit::{Client, Fault, Server};
use secrecy::SecretString;

use crate::lease::Leasing;
use crate::world::{HOUR, World};

const CODES: &str = "/device_authorization";

/// A person who sees the code and, some time later, decides.
#[derive(Debug)]
struct Person {
    server: Server,
    seen: Mutex<Vec<UserCode>>,
}

impl Person {
    fn at(world: &World) -> Arc<Self> {
        Arc::new(Self {
            server: world.server.clone(),
            seen: Mutex::default(),
        })
    }

    fn code(&self) -> UserCode {
        self.seen.lock().unwrap().last().unwrap().clone()
    }
}

impl Prompt for Person {
    fn ask<'a>(&'a self, _: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async { Err(Error::interaction("nobody")) })
    }

    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        assert_eq!(self.server.count("/token"), 0, "shown before anything else");
        self.seen.lock().unwrap().push(code.clone());
        Box::pin(async { Ok(()) })
    }
}

impl World {
    fn device(&self, person: &Arc<Person>) -> DeviceCode {
        DeviceCode::new(self.found(ClientAuth::public("desktop")), person.clone())
            .with_scopes(["read"])
    }

    /// Runs a login during which the person does `deed` after `pause`.
    async fn log_in(
        &self,
        pause: Duration,
        deed: impl FnOnce(&Server, &str),
    ) -> (Result<TokenSet>, UserCode) {
        let person = Person::at(self);
        let grant = self.device(&person);
        let held = Held::new();
        let (outcome, ()) = tokio::join!(grant.exchange(&held), async {
            self.pass(pause).await;
            deed(&self.server, person.code().code());
        });
        (outcome, person.code())
    }

    /// When the polls came, in seconds since the codes were asked for.
    fn polls(&self) -> Vec<u64> {
        let sent = self.server.requests();
        let start = sent.iter().find(|one| one.path() == CODES).unwrap().at();
        let polls = sent.iter().filter(|one| one.path() == "/token");
        polls
            .map(|one| one.at().duration_since(start).unwrap().as_secs())
            .collect()
    }
}

fn allow(server: &Server, code: &str) {
    assert!(server.allow_device(code, "ada"));
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn s3_1_the_request_names_the_client_and_the_scopes() {
    let world = World::new();
    world.log_in(seconds(1), allow).await.0.unwrap();
    let sent = world.server.requests();
    let asked = sent.iter().find(|one| one.path() == CODES).unwrap();
    assert_eq!(asked.field("client_id").as_deref(), Some("desktop"));
    assert_eq!(asked.field("scope").as_deref(), Some("read"));
    assert!(asked.field("grant_type").is_none());
}

#[tokio::test(start_paused = true)]
async fn s3_3_the_code_and_the_page_are_shown_before_the_first_poll() {
    let world = World::new();
    let (set, code) = world.log_in(seconds(1), allow).await;
    set.unwrap();
    assert_eq!(code.page().as_str(), "https://auth.test/device");
    let complete = code.complete_page().unwrap();
    assert!(complete.as_str().ends_with(code.code()), "{complete}");
    assert_eq!(code.other_server(), None);
}

#[tokio::test(start_paused = true)]
async fn s3_3_1_the_page_with_the_code_is_optional_and_never_on_another_host() {
    for fault in [
        Fault::without("verification_uri_complete"),
        Fault::member("verification_uri_complete", "https://evil.example/?c=1"),
        Fault::member("verification_uri_complete", "javascript:alert(1)"),
    ] {
        let world = World::new();
        world.server.fault(CODES, fault);
        let (set, code) = world.log_in(seconds(1), allow).await;
        set.unwrap();
        assert_eq!(code.complete_page(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn s15_a_page_that_no_browser_may_be_sent_to_ends_the_login_unseen() {
    for bad in [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "-a Calculator",
        "http://auth.test/device",
        "https://u:p@auth.test/",
    ] {
        let world = World::new();
        let person = Person::at(&world);
        world
            .server
            .fault(CODES, Fault::member("verification_uri", bad));
        let error = world.device(&person).exchange(&Held::new()).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Protocol, "{bad}");
        assert!(person.seen.lock().unwrap().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn s16_a_text_that_nobody_would_type_is_no_code_and_is_not_shown() {
    let world = World::new();
    let steering = "AB\u{1b}]52;c;x\u{7}\r\n\u{202e}CD";
    let advice = "Your account is locked call 0800 555 555";
    for text in [steering, advice, "https://evil.example/login"] {
        let person = Person::at(&world);
        world.server.fault(CODES, Fault::member("user_code", text));
        let error = world.device(&person).exchange(&Held::new()).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        assert!(error.to_string().contains("without usable codes"));
        assert!(person.seen.lock().unwrap().is_empty(), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn s17_a_page_on_another_host_than_the_server_is_pointed_out() {
    let world = World::new();
    world.server.fault(
        CODES,
        Fault::member("verification_uri", "https://elsewhere.example/device"),
    );
    let (set, code) = world.log_in(seconds(1), allow).await;
    set.unwrap();
    assert_eq!(code.other_server(), Some("auth.test"));
}

#[tokio::test(start_paused = true)]
async fn both_spellings_of_a_page_in_one_answer_are_one_page() {
    for name in [
        "verification_url",
        "verification_uri_complete",
        "verification_url_complete",
    ] {
        let world = World::new();
        let page = world.server.url("/device").to_string();
        world.server.fault(CODES, Fault::member(name, page));
        world.log_in(seconds(1), allow).await.0.unwrap();
    }
    // Google's spelling alone.
    let world = World::new();
    world
        .server
        .fault(CODES, Fault::text("verification_uri", "verification_url"));
    world.log_in(seconds(1), allow).await.0.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rfc7636_the_codes_can_be_bound_to_the_program() {
    let world = World::new();
    let person = Person::at(&world);
    let grant = world.device(&person).with_pkce();
    let held = Held::new();
    let (set, ()) = tokio::join!(grant.exchange(&held), async {
        world.pass(seconds(1)).await;
        allow(&world.server, person.code().code());
    });
    set.unwrap();
    let poll = world.server.requests().pop().unwrap();
    assert_eq!(poll.field("code_verifier").unwrap().len(), 43);
}

#[tokio::test(start_paused = true)]
async fn who_logged_in_is_known_where_openid_was_asked_for() {
    let world = World::new();
    world.server.add_client(Client::public("desktop"));
    let person = Person::at(&world);
    let grant = world.device(&person).with_scopes(["openid"]);
    let held = Held::new();
    let (set, ()) = tokio::join!(grant.exchange(&held), async {
        world.pass(seconds(1)).await;
        allow(&world.server, person.code().code());
    });
    assert_eq!(set.unwrap().account(), Some("ada"));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_while_a_token_works() {
    let world = World::new();
    let person = Person::at(&world);
    let token = world.robot().token().await.unwrap();
    world.server.clear_requests();
    let held = Held::new().with_access(Some(token));
    let error = world.device(&person).exchange(&held).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert!(world.server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn where_nobody_is_there_the_login_ends_at_once() {
    let world = World::new();
    let endpoint = world.found(ClientAuth::public("desktop"));
    let grant = DeviceCode::new(endpoint, Arc::new(NoPrompt::new()));
    let error = grant.exchange(&Held::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert_eq!(world.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_nobody_waits_for_ends_and_those_who_wait_elsewhere_know_of_it() {
    let world = World::new();
    let person = Person::at(&world);
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let endpoint = world.found(ClientAuth::public("desktop"));
    let grant = Refreshing::new(endpoint, world.device(&person));
    let source = CachedSource::new(grant, world.io()).with_store(store.clone());
    let session = source.key().session().clone();
    let waiting = tokio::time::timeout(seconds(60), source.token());
    let (outcome, ()) = tokio::join!(waiting, async {
        world.pass(seconds(30)).await;
        let attempt = store.lock(&session).await.unwrap();
        let until = person.code().expires_at();
        assert!(
            matches!(attempt, Attempt::Busy { asking_until: Some(end) } if end == until),
            "{attempt:?}"
        );
    });
    assert!(outcome.is_err(), "the caller went away");
    source.settled().await;
    let asked = world.asked();
    world.pass(seconds(60)).await;
    assert_eq!(world.asked(), asked, "no more polls");
    let attempt = store.lock(&session).await.unwrap();
    assert!(matches!(attempt, Attempt::Locked(_)), "{attempt:?}");
}

#[tokio::test(start_paused = true)]
async fn after_the_login_the_refresh_token_is_redeemed_and_nobody_is_asked() {
    let world = World::new();
    let person = Person::at(&world);
    let endpoint = world.found(ClientAuth::public("desktop"));
    let grant = Refreshing::new(endpoint, world.device(&person));
    let source = CachedSource::new(grant, world.io());
    let (first, ()) = tokio::join!(source.token(), async {
        world.pass(seconds(1)).await;
        allow(&world.server, person.code().code());
    });
    first.unwrap();
    world.pass(2 * HOUR).await;
    source.token().await.unwrap();
    assert_eq!(world.server.count(CODES), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_ends_before_the_person_decides_ends_the_login_and_says_why() {
    let world = World::new();
    let person = Person::at(&world);
    let store = Leasing::around(Arc::new(MemoryStore::new()));
    store.ends(world.clock.now().wall + seconds(60));
    let store = Arc::new(store);
    let source = CachedSource::new(world.device(&person), world.io()).with_store(store);
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("lock"), "{error}");
    // A poll may take 30 s.
    assert_eq!(world.polls().last(), Some(&30));
}

/// A client's secret that counts how often it was wanted.
#[derive(Debug, Default)]
struct Counted(AtomicUsize);

impl Secret for Counted {
    fn reveal<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok("s3cret".into()) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_clients_secret_is_revealed_once_for_a_whole_login_however_often_it_polls() {
    let world = World::new();
    let client = Client::confidential("app", "s3cret").with_scopes(["read"]);
    world.server.add_client(client);
    let (person, secret) = (Person::at(&world), Arc::new(Counted::default()));
    let endpoint = world.found(ClientAuth::body("app", secret.clone()));
    let grant = DeviceCode::new(endpoint, person.clone()).with_scopes(["read"]);
    let held = Held::new();
    let (set, ()) = tokio::join!(grant.exchange(&held), async {
        world.pass(seconds(21)).await;
        allow(&world.server, person.code().code());
    });
    set.unwrap();
    assert!(world.polls().len() > 2);
    assert_eq!(secret.0.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_cannot_be_had_shows_before_a_person_is_asked() {
    let world = World::new();
    let person = Person::at(&world);
    let endpoint = world.found(ClientAuth::body("app", FileSecret::new("/no/such/file")));
    let grant = DeviceCode::new(endpoint, person.clone());
    let error = grant.exchange(&Held::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(person.seen.lock().unwrap().is_empty() && world.server.requests().is_empty());
}
