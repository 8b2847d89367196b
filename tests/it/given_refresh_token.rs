//! A session that starts from a refresh token given from outside: by which name it goes, and what happens
//! where another token is given.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::grant::GivenRefreshToken;
use auth_core::session::{Held, Secret};
use auth_core::store::{MemoryStore, TokenStore};
use auth_core::{
    BoxFuture, CachedSource, ClientAuth, ErrorKind, Grant, RefreshToken, Result, TokenSource,
};
use auth_testkit::{Fault, Policy, Rotation};
use secrecy::SecretString;

use crate::world::{HOUR, World, crowd};

/// A vault that has one token, counts who looks, and may ask a person.
#[derive(Clone, Debug, Default)]
struct Vault(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    token: Mutex<String>,
    looked: AtomicUsize,
    forgot: AtomicUsize,
    asks: AtomicBool,
    is_shut: AtomicBool,
}

impl Vault {
    fn with(token: &RefreshToken) -> Self {
        let vault = Self::default();
        vault.put(token);
        vault
    }

    fn put(&self, token: &RefreshToken) {
        *self.0.token.lock().unwrap() = format!("\u{feff}{}\n", token.expose_secret());
    }

    fn looked(&self) -> usize {
        self.0.looked.load(Ordering::Relaxed)
    }
}

impl Secret for Vault {
    fn reveal<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async {
            self.0.looked.fetch_add(1, Ordering::Relaxed);
            if self.0.is_shut.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            Ok(self.0.token.lock().unwrap().clone().into())
        })
    }

    fn asks(&self) -> bool {
        self.0.asks.load(Ordering::Relaxed)
    }

    fn refused(&self) {
        self.0.forgot.fetch_add(1, Ordering::Relaxed);
    }
}

impl World {
    fn of_vault(&self, vault: &Vault) -> CachedSource {
        let endpoint = self.endpoint(ClientAuth::public("desktop"));
        let grant = GivenRefreshToken::fetched(endpoint, vault.clone(), "jobs: vault show");
        CachedSource::new(grant, self.io())
    }

    /// How often the server was sent this one.
    fn was_sent(&self, token: &RefreshToken) -> usize {
        let sent = self.server.requests();
        sent.iter()
            .filter(|request| {
                request.field("refresh_token").as_deref() == Some(token.expose_secret())
            })
            .count()
    }
}

#[tokio::test(start_paused = true)]
async fn what_it_costs_something_to_fetch_is_named_by_its_place_and_fetched_when_it_is_needed() {
    let world = World::new();
    let given = world.server.login("desktop", "ada", &["read"]);
    let vault = Vault::with(&given);
    let source = world.of_vault(&vault);
    assert_eq!(source.key().session().account(), "jobs: vault show");
    assert_eq!(vault.looked(), 0);
    for _ in 0..3 {
        source.token().await.unwrap();
    }
    assert_eq!((vault.looked(), world.asked()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn while_the_same_token_is_given_its_successors_are_redeemed_and_it_is_not_sent_again() {
    let (world, store) = (World::new(), memory());
    let given = world.server.login("desktop", "ada", &["read"]);
    let vault = Vault::with(&given);
    for _ in 0..3 {
        let source = world.of_vault(&vault).with_store(store.clone());
        source.renew().await.unwrap();
    }
    assert_eq!((world.was_sent(&given), world.asked()), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn another_given_token_is_another_login_and_what_is_held_counts_as_empty() {
    for rotation in [Rotation::OneUse, Rotation::Silent] {
        let (world, store) = (World::new(), memory());
        world
            .server
            .set_policy(Policy::new().with_rotation(rotation));
        let first = world.server.login("desktop", "ada", &["read"]);
        let second = world.server.login("desktop", "grace", &["read"]);
        let vault = Vault::with(&first);
        let source = world.of_vault(&vault).with_store(store.clone());
        source.token().await.unwrap();
        let kept = source.refresh_token().await.unwrap().unwrap();

        vault.put(&second);
        let asked = world.was_sent(&kept);
        source.renew().await.unwrap();
        assert_eq!(world.was_sent(&second), 1, "{rotation:?}");
        assert_eq!(world.was_sent(&kept), asked, "the old login is left alone");
        assert!(world.server.is_live(&kept));

        // It goes on from there, in other processes too.
        world
            .of_vault(&vault)
            .with_store(store)
            .renew()
            .await
            .unwrap();
        assert_eq!(world.asked(), 3, "{rotation:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_an_api_asks_for_may_come_as_another_given_token() {
    let (world, store) = (World::new(), memory());
    let vault = Vault::with(&world.server.login("desktop", "ada", &["read"]));
    let source = world.of_vault(&vault).with_store(store);
    let refused = source.token().await.unwrap();
    let mut challenge = auth_core::error::Challenge::default();
    challenge.acr_values = Some("mfa".into());
    source.discard(&refused, Some(&challenge));
    let error = source.token().await.unwrap_err();
    assert!(error.message().contains("the API asks"), "{error}");
    vault.put(&world.server.login("desktop", "ada", &["read"]));
    source.token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_for_the_given_token_while_a_token_works() {
    let world = World::new();
    let given = world.server.login("desktop", "ada", &["read"]);
    let vault = Vault::with(&given);
    vault.0.asks.store(true, Ordering::Relaxed);
    let source = world.of_vault(&vault);
    let first = source.token().await.unwrap();
    // Stale: it is renewed ahead of time.
    world.pass(56 * Duration::from_secs(60)).await;
    assert!(source.token().await.unwrap().is_same(&first));
    source.settled().await;
    assert!(!source.token().await.unwrap().is_same(&first));
    assert_eq!((vault.looked(), world.asked()), (1, 2));
    // Dead: whoever has the vault may have put another one there.
    world.pass(2 * HOUR).await;
    source.token().await.unwrap();
    assert_eq!((vault.looked(), world.asked()), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn a_given_token_that_is_dead_is_forgotten_so_that_another_one_can_come() {
    let (world, store) = (World::new(), memory());
    let given = world.server.login("desktop", "ada", &["read"]);
    let vault = Vault::with(&given);
    let source = world.of_vault(&vault).with_store(store);
    source.token().await.unwrap();
    let kept = source.refresh_token().await.unwrap().unwrap();
    world.server.revoke(kept.expose_secret());
    world.pass(2 * HOUR).await;
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    insta::assert_snapshot!(error, @"the given refresh token is of no use: https://auth.test/token refused: invalid_grant: The login has ended; check that the account, key or login still exists and belongs to this server");
    assert_eq!(world.was_sent(&given), 1, "reuse would end the session");
    assert_eq!(vault.0.forgot.load(Ordering::Relaxed), 1);

    let dead = world.server.login("desktop", "ada", &["read"]);
    world.server.revoke(dead.expose_secret());
    vault.put(&dead);
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    insta::assert_snapshot!(error, @"the given refresh token is of no use: https://auth.test/token refused: invalid_grant: The login has ended; check that the account, key or login still exists and belongs to this server");
    assert_eq!(world.was_sent(&dead), 1);

    vault.put(&world.server.login("desktop", "ada", &["read"]));
    source.token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_is_for_a_person_leaves_the_given_token_and_its_successor_alone() {
    let (world, store) = (World::new(), memory());
    let given = world.server.login("desktop", "ada", &["read"]);
    let vault = Vault::with(&given);
    let source = world.of_vault(&vault).with_store(store);
    source.token().await.unwrap();
    let kept = source.refresh_token().await.unwrap().unwrap();
    world.pass(2 * HOUR).await;
    let consent = Fault::refusal(400, "consent_required");
    world.server.fault("/token", consent);
    let error = source.token().await.unwrap_err();
    assert_eq!(error.code(), Some("consent_required"));
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert!(!error.message().contains("over"), "{error}");
    let now = source.refresh_token().await.unwrap().unwrap();
    assert!(now.is_same(&kept) && world.server.is_live(&kept));
    source.renew().await.unwrap();
    assert_eq!((world.was_sent(&given), world.was_sent(&kept)), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn what_is_given_must_be_one_token() {
    let world = World::new();
    let vault = Vault::default();
    let source = world.of_vault(&vault);
    for text in ["", " \n", "two\nlines", "caf\u{e9}"] {
        text.clone_into(&mut vault.0.token.lock().unwrap());
        let error = source.renew().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{text:?}: {error}");
        assert!(!error.to_string().contains("lines"), "{error}");
    }
    assert_eq!(world.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_does_not_come_is_waited_for_in_vain_for_two_minutes() {
    let world = World::new();
    let vault = Vault::with(&world.server.login("desktop", "ada", &["read"]));
    vault.0.is_shut.store(true, Ordering::Relaxed);
    let source = world.of_vault(&vault);
    let error = tokio::select! {
        outcome = source.token() => outcome.unwrap_err(),
        () = async { loop { world.pass(Duration::from_secs(1)).await } } => unreachable!(),
    };
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    insta::assert_snapshot!(error, @"a secret did not come within 120 s; see whether the place where it is answers, such as a network drive or a pipe");
    assert_eq!(world.asked(), 0);
}

#[test]
fn a_crowd_looks_into_the_vault_once_for_each_exchange_on_both_runtimes() {
    let runtimes = [
        tokio::runtime::Builder::new_multi_thread(),
        tokio::runtime::Builder::new_current_thread(),
    ];
    for mut runtime in runtimes {
        let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let (world, store) = (World::new(), memory());
            let slow = Fault::delay(Duration::from_millis(50));
            world.server.fault("/token", slow.always());
            let given = world.server.login("desktop", "ada", &["read"]);
            let vault = Vault::with(&given);
            let source = world.of_vault(&vault).with_store(store);
            for answer in crowd(&source).await {
                answer.unwrap();
            }
            assert_eq!((vault.looked(), world.asked()), (1, 1));
            vault.put(&world.server.login("desktop", "ada", &["read"]));
            source.discard(&source.at_hand().unwrap(), None);
            for answer in crowd(&source).await {
                answer.unwrap();
            }
            assert_eq!((vault.looked(), world.asked()), (2, 2));
        });
    }
}

#[test]
fn a_given_token_never_prints_itself() {
    let world = World::new();
    let endpoint = world.endpoint(ClientAuth::public("desktop"));
    let grant = GivenRefreshToken::new(endpoint, &RefreshToken::new("canary"));
    let shown = format!("{grant:?} {grant:#?} {:?}", grant.key());
    assert!(!shown.contains("canary"), "{shown}");
}

fn memory() -> Arc<dyn TokenStore> {
    Arc::new(MemoryStore::new())
}
