//! A key is asked for when something must be signed, and never while a request's deadline runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use auth_core::assertion::{Algorithm, Assertion, ClientAssertion, SigningKey};
use auth_core::clock::Clock as _;
use auth_core::endpoint::Form;
use auth_core::session::{FileSecret, Held, Need, Secret};
use auth_core::store::MemoryStore;
use auth_core::{
    BoxFuture, CachedSource, ClientAuth, ClientCredentials, ErrorKind, Grant, Result, TokenSource,
};
use auth_jwt_bearer::ServiceAccount;
use auth_testkit::{DisruptiveAccount, Fault, TestClock};
use secrecy::SecretString;

use crate::lease::Leasing;
use crate::world::World;

const EMAIL: &str = "sa@project.serviceaccount.d21s.com";

/// A secret that takes a minute to fetch, and counts how often it was wanted and refused.
#[derive(Debug)]
struct Slow {
    clock: TestClock,
    text: &'static str,
    asks: bool,
    wanted: AtomicUsize,
    refused: AtomicUsize,
}

impl Slow {
    fn new(world: &World, text: &'static str) -> Self {
        Self {
            clock: world.clock.clone(),
            text,
            asks: false,
            wanted: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
        }
    }

    fn counts(&self) -> (usize, usize) {
        let (wanted, refused) = (&self.wanted, &self.refused);
        (
            wanted.load(Ordering::Relaxed),
            refused.load(Ordering::Relaxed),
        )
    }
}

impl Secret for Slow {
    fn reveal<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        self.wanted.fetch_add(1, Ordering::Relaxed);
        Box::pin(async {
            self.clock.sleep(Duration::from_secs(60)).await;
            Ok(self.text.into())
        })
    }

    fn asks(&self) -> bool {
        self.asks
    }

    fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }
}

fn account(world: &World, secret: Arc<dyn Secret>) -> ServiceAccount {
    let account = DisruptiveAccount::new(EMAIL).with_key("key1", "secret");
    world.server.add_disruptive_account(account);
    let key = SigningKey::new(secret)
        .with_algorithm(Algorithm::Hs256)
        .with_id("key1");
    ServiceAccount::new(world.server.url("/oauth2/token"), EMAIL, key, world.io())
}

#[tokio::test(start_paused = true)]
async fn an_accounts_key_is_asked_for_once_for_each_request_before_its_deadline() {
    let world = World::new();
    let secret = Arc::new(Slow::new(&world, "secret"));
    let source = account(&world, secret.clone()).source();
    let key = source.key();
    assert_eq!(key.session().account(), EMAIL);
    assert_eq!(secret.counts(), (0, 0), "a grant knows its key without it");

    let broken = Fault::status(503).times(2);
    world.server.fault("/oauth2/token", broken);
    source.token().await.unwrap();
    source.token().await.unwrap();
    assert_eq!(world.server.count("/oauth2/token"), 3);
    assert_eq!(secret.counts(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_the_server_refuses_is_forgotten() {
    let world = World::new();
    let secret = Arc::new(Slow::new(&world, "another"));
    let source = account(&world, secret.clone()).source();
    source.token().await.unwrap_err();
    assert_eq!(secret.counts(), (1, 1));

    let secret = Arc::new(Slow::new(&world, "another"));
    let key = SigningKey::new(secret.clone()).with_algorithm(Algorithm::Hs256);
    let client = ClientAuth::assertion("robot", Arc::new(Assertion::new("robot", key)));
    let unknown = Fault::refusal(401, "invalid_client");
    world.server.fault("/token", unknown);
    let form = Form::new("client_credentials");
    let refused = world.endpoint(client).request(&Held::new(), form).await;
    refused.unwrap_err();
    assert_eq!(secret.counts(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_for_a_key_where_nobody_may_be() {
    let world = World::new();
    let secret = Slow {
        asks: true,
        ..Slow::new(&world, "secret")
    };
    let secret = Arc::new(secret);
    let grant = account(&world, secret.clone()).grant();
    let held = Held::new().with_need(Need::default().with_nobody_asked(), world.clock.now().wall);
    let error = grant.exchange(&held).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert_eq!(secret.counts(), (0, 0));
    grant.exchange(&Held::new()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_key_in_a_file_is_read_anew_and_a_bad_one_is_one_line_at_the_first_use() {
    let world = World::new();
    let file = tempfile::NamedTempFile::new().unwrap();
    let secret = Arc::new(FileSecret::new(file.path()));
    let account = account(&world, secret);
    let empty = account.source().token().await.unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::Config);
    assert!(empty.to_string().contains("is empty"), "{empty}");

    std::fs::write(file.path(), "-----BEGIN PUBLIC KEY-----\n").unwrap();
    let public = account.source().token().await.unwrap_err();
    assert_eq!(public.kind(), ErrorKind::Config);
    assert!(!public.to_string().contains('\n'), "{public}");
    assert_eq!(world.server.requests().len(), 0);

    std::fs::write(file.path(), "secret\n").unwrap();
    account.source().token().await.unwrap();
}

/// Signs far away: where somebody sets the clock forward meanwhile, or never.
#[derive(Debug)]
struct Distant {
    clock: TestClock,
    answers: AtomicBool,
}

impl ClientAssertion for Distant {
    fn sign<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async {
            if !self.answers.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            self.clock.set_forward(Duration::from_secs(40));
            Ok("assertion".into())
        })
    }
}

fn distant(world: &World, answers: bool) -> ClientCredentials {
    let signer = Distant {
        clock: world.clock.clone(),
        answers: AtomicBool::new(answers),
    };
    ClientCredentials::new(world.endpoint(ClientAuth::assertion("robot", Arc::new(signer))))
}

#[tokio::test(start_paused = true)]
async fn a_signer_that_never_answers_ends_with_the_requests_deadline() {
    let world = World::new();
    let start = world.clock.now().monotonic;
    let outcome = distant(&world, false).exchange(&Held::new()).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(!error.may_have_arrived() && error.message().contains("signed"));
    assert_eq!((world.clock.now().monotonic - start).as_secs(), 30);
    assert_eq!(world.server.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn no_try_leaves_after_the_locks_lease() {
    let world = World::new();
    world.server.fault("/token", Fault::status(503).always());
    let store = Leasing::around(Arc::new(MemoryStore::new()));
    store.ends(world.clock.now().wall + Duration::from_secs(60));
    let source = CachedSource::new(distant(&world, true), world.io()).with_store(Arc::new(store));
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(world.asked(), 1, "{error}");
}
