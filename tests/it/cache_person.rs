//! One login, one person: what an entry holds of whom, and what is left when something fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_core::clock::Clock;
use auth_core::error::Challenge;
use auth_core::session::{Held, Login, TokenCheck, TokenSet};
use auth_core::store::{FileStore, MemoryStore, StoreKey, TokenStore};
use auth_core::{
    BoxFuture, CachedSource, ClientAuth, Error, ErrorKind, Grant, Refreshing, Result, TokenSource,
};
use auth_testkit::Fault;

use crate::world::{HOUR, MINUTE, World, on_both_runtimes, slowly, until};

fn memory() -> Arc<dyn TokenStore> {
    Arc::new(MemoryStore::new())
}

#[tokio::test(start_paused = true)]
async fn a_new_login_starts_empty_whoever_was_logged_in_before() {
    let (world, store) = (World::new(), memory());
    let ada = world.server.login("desktop", "ada", &["read", "write"]);
    let old = world.person_in(&store, &ada, &["read"]);
    old.token().await.unwrap();
    let writing = world.person_in(&store, &ada, &["write"]);
    let of_ada = writing.token().await.unwrap();
    let kept = writing.refresh_token().await.unwrap().unwrap();
    world.server.revoke(kept.expose_secret());
    // Ada's token for `read` ends, and bob logs in for it under the same label.
    let key = old.key().clone();
    let refused = old.token().await.unwrap();
    let bob = world.server.login("desktop", "bob", &["read", "write"]);
    let reading = world.person_in(&store, &bob, &["read"]);
    reading.discard(&refused, None);
    reading.token().await.unwrap();
    let login = Login::load(&*store, key.session()).await.unwrap().unwrap();
    let questions: Vec<_> = login.answers().map(|(question, _)| question).collect();
    assert_eq!(questions, ["scope=read"]);
    let now = world
        .person_in(&store, &bob, &["write"])
        .token()
        .await
        .unwrap();
    assert!(!now.is_same(&of_ada));
}

#[test]
fn what_memory_could_not_save_is_newer_than_what_the_store_has() {
    on_both_runtimes(|| async {
        let world = World::new();
        let directory = tempfile::tempdir().unwrap();
        let store: Arc<dyn TokenStore> = Arc::new(FileStore::new(directory.path().join("tokens")));
        let first = world.server.login("desktop", "ada", &["read"]);
        let source = world.person_in(&store, &first, &["read"]);
        source.token().await.unwrap();
        let saved = source.refresh_token().await.unwrap().unwrap();
        // Somebody deletes the lock's file while it is held: the save is refused.
        world.server.fault("/token", Fault::delay(slowly()));
        let renewing = tokio::spawn({
            let source = source.clone();
            async move { source.renew().await }
        });
        until("it asks", || world.asked() == 2).await;
        for entry in std::fs::read_dir(directory.path().join("tokens")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "lock") {
                std::fs::remove_file(path).unwrap();
            }
        }
        renewing.await.unwrap().unwrap();
        let kept = source.refresh_token().await.unwrap().unwrap();
        assert!(!kept.is_same(&saved) && world.server.is_live(&kept));
    });
}

#[test]
fn fifteen_sources_of_one_login_wait_for_a_slow_server_and_none_fails() {
    on_both_runtimes(|| async {
        let (world, store) = (World::new(), memory());
        let first = world.server.login("desktop", "ada", &["read", "write"]);
        let slow = Fault::delay(slowly());
        world
            .person_in(&store, &first, &["read"])
            .token()
            .await
            .unwrap();
        world.server.fault("/token", slow.always());
        let calls = (0..15).map(|at| {
            let scopes = [&["read"][..], &["write"], &["read", "write"]][at % 3];
            let source = world.person_in(&store, &first, scopes);
            tokio::spawn(async move { source.renew().await })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap().unwrap();
        }
    });
}

/// Notes how often keys were asked for, takes two seconds for it, and has none on demand.
#[derive(Debug, Default)]
struct Keys {
    asked: AtomicUsize,
    gone: bool,
}

impl TokenCheck for Keys {
    fn check<'a>(&'a self, _: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Box::pin(async {
            tokio::time::sleep(slowly() / 10).await;
            match self.gone {
                true => Err(Error::unavailable("no keys")),
                false => Ok(()),
            }
        })
    }

    fn once(&self) -> Option<&str> {
        Some("id_token")
    }
}

#[test]
fn a_crowd_of_processes_makes_one_request_and_one_check() {
    on_both_runtimes(|| async {
        let (world, store) = (World::new(), memory());
        let first = world.server.login("desktop", "ada", &["read"]);
        let keys = Arc::new(Keys::default());
        world.server.fault("/token", Fault::delay(slowly() / 20));
        let calls = (0..64).map(|_| {
            let source = world.person_in(&store, &first, &["read"]);
            let source = source.with_check(keys.clone());
            tokio::spawn(async move { source.token().await })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap().unwrap();
        }
        assert_eq!((world.asked(), keys.asked.load(Ordering::Relaxed)), (1, 1));
    });
}

#[test]
fn while_keys_cannot_be_had_the_checked_answer_before_is_served_in_every_process() {
    on_both_runtimes(|| async {
        let (world, store) = (World::new(), memory());
        let first = world.server.login("desktop", "ada", &["read"]);
        let (keys, none) = (
            Arc::new(Keys::default()),
            Keys {
                gone: true,
                ..Keys::default()
            },
        );
        let none = Arc::new(none);
        let source = |keys: &Arc<Keys>| {
            let source = world.person_in(&store, &first, &["read"]);
            source.with_check(keys.clone())
        };
        let first = source(&keys);
        let checked = first.token().await.unwrap();
        first.settled().await;
        world.jump(HOUR - 4 * MINUTE);
        let error = source(&none).renew().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        for _ in 0..5 {
            let process = source(&none);
            assert!(process.token().await.unwrap().is_same(&checked));
            process.settled().await;
        }
        assert_eq!(
            none.asked.load(Ordering::Relaxed),
            1,
            "the others left it for a while"
        );
        world.jump(MINUTE);
        let process = source(&keys);
        process.token().await.unwrap();
        process.settled().await;
        assert!(!process.token().await.unwrap().is_same(&checked));
        assert_eq!(world.asked(), 2);
    });
}

/// Shows what a login was asked for, and that nobody is there.
#[derive(Debug)]
struct Nobody(StoreKey);

impl Grant for Nobody {
    fn key(&self) -> StoreKey {
        self.0.clone()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        let asked = held.challenge().and_then(|asked| asked.acr_values.clone());
        Box::pin(async move {
            Err(Error::interaction(format!(
                "nobody is logged in ({})",
                asked.unwrap_or_default()
            )))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn rfc9470_s4_what_only_a_login_can_answer_reaches_the_login_also_of_another_process() {
    let (world, store) = (World::new(), memory());
    let first = world.server.login("desktop", "ada", &["read"]);
    let ada = world.person_in(&store, &first, &["read"]);
    let session = ada.key().session().clone();
    ada.token().await.unwrap();
    let source = || {
        let endpoint = world.endpoint(ClientAuth::public("desktop"));
        let nobody = Nobody(ada.key().clone());
        CachedSource::new(Refreshing::new(endpoint, nobody), world.io()).with_store(store.clone())
    };
    let process = source();
    let refused = process.token().await.unwrap();
    let mut challenge = Challenge::default();
    challenge.acr_values = Some("mfa".into());
    process.discard(&refused, Some(&challenge));
    let error = process.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert!(error.message().contains("mfa"), "{error}");
    let kept = Login::load(&*store, &session).await.unwrap().unwrap();
    assert_eq!(kept.challenge(), Some(&challenge));
    // Jobs that do not need it go on.
    source().renew().await.unwrap();
    assert_eq!(world.asked(), 2);
    let kept = Login::load(&*store, &session).await.unwrap().unwrap();
    assert_eq!(kept.challenge(), Some(&challenge));
    assert!(world.clock.now().wall < refused.expires_at());
    // A process whose login follows because the refresh token has ended asks for it, too.
    let refresh = process.refresh_token().await.unwrap().unwrap();
    world.server.revoke(refresh.expose_secret());
    world.jump(2 * HOUR);
    let error = source().token().await.unwrap_err();
    assert!(error.message().contains("(mfa)"), "{error}");
    // It is over once somebody has logged in.
    let second = world.server.login("desktop", "ada", &["read"]);
    let login = world.person_in(&store, &second, &["read"]);
    login.token().await.unwrap();
    let kept = Login::load(&*store, &session).await.unwrap().unwrap();
    assert_eq!(kept.challenge(), None);
}
