//! One login, many questions and many processes: what the store is for (cache law 6, 7 and 9).

mod failing_store;
mod given;
mod lock;
mod lost_answer;
mod refused;
mod spy;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use auth_core::clock::Clock;
use auth_core::grant::GivenRefreshToken;
use auth_core::session::{Held, Login, Observer, TokenSet};
use auth_core::store::{Attempt, MemoryStore, SessionKey, StoreKey, TokenStore};
use auth_core::{
    AccessToken, BoxFuture, CachedSource, ClientAuth, Error, ErrorKind, Grant, RefreshToken,
    Refreshing, Result, TokenSource,
};
use auth_testkit::{Fault, Policy, Rotation, TestClock};

use crate::world::{HOUR, MINUTE, Nobody, World, on_both_runtimes, slowly};

fn memory() -> Arc<dyn TokenStore> {
    Arc::new(MemoryStore::new())
}

#[tokio::test(start_paused = true)]
async fn one_login_answers_many_questions_and_each_sees_what_the_other_rotated() {
    let (world, store) = (World::new(), memory());
    let first = world.server.login("desktop", "ada", &["read", "write"]);
    let reading = world.person_in(&store, &first, &["read"]);
    let writing = world.person_in(&store, &first, &["write"]);
    for _ in 0..3 {
        let read = reading.renew().await.unwrap();
        let write = writing.renew().await.unwrap();
        assert_eq!((read.scope(), write.scope()), (Some("read"), Some("write")));
    }
    assert_eq!(world.asked(), 6, "one request each, none refused");
    let kept = writing.refresh_token().await.unwrap().unwrap();
    assert!(world.server.is_live(&kept));
}

/// Also at servers that would not mind if they came all at once.
#[test]
fn the_sources_of_a_session_renew_one_at_a_time() {
    for rotation in [Rotation::OneUse, Rotation::Lenient, Rotation::Same] {
        on_both_runtimes(|| async {
            let (world, store) = (World::new(), memory());
            world
                .server
                .set_policy(Policy::new().with_rotation(rotation));
            let first = world.server.login("desktop", "ada", &["read", "write"]);
            let pause = slowly();
            world.server.fault("/token", Fault::delay(pause).always());
            let sources: Vec<_> = [&["read"][..], &["write"], &["read", "write"]]
                .map(|scopes| world.person_in(&store, &first, scopes))
                .into();
            let calls: Vec<_> = sources
                .into_iter()
                .map(|source| tokio::spawn(async move { source.token().await }))
                .collect();
            for call in calls {
                call.await.unwrap().unwrap();
            }
            let sent = world.server.requests();
            assert_eq!(sent.len(), 3, "{rotation:?}");
            // The next left when the answer to the one before was there.
            for pair in sent.windows(2) {
                let apart = pair[1].at().duration_since(pair[0].at()).unwrap();
                assert!(apart >= pause, "{rotation:?}: {apart:?}");
            }
            // And took up what that one had brought.
            let tokens = sent.iter().map(|one| one.field("refresh_token").unwrap());
            let tokens: std::collections::BTreeSet<_> = tokens.collect();
            let different = if rotation == Rotation::Same { 1 } else { 3 };
            assert_eq!(tokens.len(), different, "{rotation:?}");
        });
    }
}

#[tokio::test(start_paused = true)]
async fn many_processes_make_one_request() {
    let (world, store) = (World::new(), memory());
    let first = world.server.login("desktop", "ada", &["read"]);
    world
        .server
        .fault("/token", Fault::delay(Duration::from_secs(1)));
    let calls: Vec<_> = (0..64)
        .map(|_| {
            // Each source stands for a process: they share nothing but the store.
            let source = world.person_in(&store, &first, &["read"]);
            tokio::spawn(async move { source.token().await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(world.asked(), 1);
}

/// A login that only a person could begin anew.
fn unattended(world: &World, store: &Arc<dyn TokenStore>) -> CachedSource {
    let endpoint = world.endpoint(ClientAuth::public("desktop"));
    let read = ["read".to_owned()];
    let key = StoreKey::new(endpoint.session("default")).with_scopes(&read);
    let grant = Refreshing::new(endpoint, Nobody(key)).with_scopes(read);
    CachedSource::new(grant, world.io()).with_store(store.clone())
}

#[tokio::test(start_paused = true)]
async fn dead_access_tokens_are_pruned_on_save() {
    let (world, store) = (World::new(), memory());
    let first = world.server.login("desktop", "ada", &["read", "write"]);
    let reading = world.person_in(&store, &first, &["read"]);
    reading.token().await.unwrap();
    world.pass(2 * HOUR).await;
    world
        .person_in(&store, &first, &["write"])
        .token()
        .await
        .unwrap();
    let login = Login::load(&*store, reading.key().session())
        .await
        .unwrap()
        .unwrap();
    let questions: Vec<_> = login
        .answers()
        .map(|(question, _)| question.to_owned())
        .collect();
    assert_eq!(questions, ["scope=write"]);
    assert_eq!(login.account(), Some("ada"));
}

#[tokio::test(start_paused = true)]
async fn r4_a_stale_token_in_the_store_is_handed_out_at_once_also_while_the_server_is_down() {
    let (world, store) = (World::new(), memory());
    let token = world
        .robot()
        .with_store(store.clone())
        .token()
        .await
        .unwrap();
    world.pass(HOUR - 2 * MINUTE).await;
    world.server.fault(
        "/token",
        Fault::status(503)
            .with_delay(Duration::from_secs(5))
            .times(6),
    );
    // Each source stands for a new process.
    let source = world.robot().with_store(store.clone());
    let before = world.clock.now().monotonic;
    assert!(source.token().await.unwrap().is_same(&token));
    assert_eq!(world.clock.now().monotonic, before, "nobody waited");
    source.settled().await;
    assert!(source.token().await.unwrap().is_same(&token));
    assert_eq!(world.asked(), 4, "a renewal was tried");
    let error = source.token_for(30 * MINUTE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    world.server.clear_faults();
    world
        .server
        .fault("/token", Fault::delay(Duration::from_secs(5)));
    let source = world.robot().with_store(store);
    assert!(source.token().await.unwrap().is_same(&token));
    source.settled().await;
    assert!(!source.at_hand().unwrap().is_same(&token));
}

#[tokio::test(start_paused = true)]
async fn memory_never_brings_back_an_entry_that_somebody_removed() {
    let (world, store) = (World::new(), memory());
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world.person_in(&store, &first, &["read"]);
    source.token().await.unwrap();
    let Attempt::Locked(lock) = store.lock(source.key().session()).await.unwrap() else {
        panic!()
    };
    store.remove(&lock).await.unwrap();
    drop(lock);
    // The first refresh token is spent, so a new login is not to be had; the old one is not taken up.
    source.renew().await.unwrap_err();
    assert!(source.at_hand().is_none());
    assert!(store.load(source.key().session()).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn memory_hands_out_no_token_of_whoever_was_logged_in_before() {
    let (world, store) = (World::new(), memory());
    let ada = world.server.login("desktop", "ada", &["read"]);
    let source = world.person_in(&store, &ada, &["read"]);
    source.token().await.unwrap();
    world.pass(HOUR - 2 * MINUTE).await;
    let Attempt::Locked(lock) = store.lock(source.key().session()).await.unwrap() else {
        panic!("somebody has the lock")
    };
    store.remove(&lock).await.unwrap();
    drop(lock);
    // Bob's tokens are over soon.
    let brief = Policy::new().with_token_life(Duration::from_secs(20));
    world.server.set_policy(brief);
    let bob = world.server.login("desktop", "bob", &["read"]);
    let (user, login) = ("bob", world.grant(&bob));
    let other = CachedSource::new(As { user, login }, world.io()).with_store(store.clone());
    other.token().await.unwrap();
    let login = Login::load(&*store, other.key().session()).await;
    assert_eq!(login.unwrap().unwrap().account(), Some("bob"));
    world.pass(Duration::from_secs(30)).await;
    world.server.fault("/token", Fault::status(503).always());
    // It is stale, so whoever asks first is the one who has it looked after.
    let _ = source.token().await;
    source.settled().await;
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_entry_of_another_user_than_the_configured_one_counts_as_empty() {
    let (world, store) = (World::new(), memory());
    let first = world.server.login("desktop", "ada", &["read"]);
    let ada = world.person_in(&store, &first, &["read"]);
    ada.token().await.unwrap();
    let second = world.server.login("desktop", "bob", &["read"]);
    let bob = As {
        user: "bob",
        login: world.grant(&second),
    };
    let bob = CachedSource::new(bob, world.io()).with_store(store.clone());
    bob.token().await.unwrap();
    assert_eq!(world.asked(), 2, "ada's token is not bob's");
}

impl World {
    fn grant(&self, first: &RefreshToken) -> GivenRefreshToken {
        GivenRefreshToken::new(self.endpoint(ClientAuth::public("desktop")), first)
    }

    fn given(&self, token: &RefreshToken) -> CachedSource {
        CachedSource::new(self.grant(token), self.io())
    }
}

/// The same login under the label `default`, for a configured user.
#[derive(Debug)]
struct As {
    user: &'static str,
    login: GivenRefreshToken,
}

impl auth_core::Grant for As {
    fn key(&self) -> StoreKey {
        let key = self.login.key();
        let session = key.session().clone().with_account("default");
        StoreKey::new(session)
            .with_scopes(&["read".to_owned()])
            .with_user(self.user)
    }

    fn exchange<'a>(
        &'a self,
        held: &'a Held,
    ) -> BoxFuture<'a, Result<auth_core::session::TokenSet>> {
        Box::pin(async move {
            assert!(held.refresh().is_none() && held.account().is_none());
            Ok(self.login.exchange(held).await?.with_account(self.user))
        })
    }
}

/// How often a store failed, and how often somebody waited.
#[derive(Debug, Default)]
struct Told(AtomicUsize, AtomicUsize);

impl Observer for Told {
    fn store_failed(&self, _: &StoreKey, _: &Error) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn waiting(&self, _: &StoreKey, _: Option<SystemTime>) {
        self.1.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_in_memory_forgets_what_is_of_no_use_any_more_and_nothing_else() {
    let (world, store) = (World::with_life(Duration::from_secs(20)), memory());
    let first = world.server.login("desktop", "ada", &["read"]);
    let ada = world.person_in(&store, &first, &["read"]);
    ada.token().await.unwrap();
    let callers = |number: usize| {
        let key = SessionKey::new("https://issuer", "client", format!("{number}"));
        let grant = Brief(StoreKey::new(key), world.clock.clone());
        CachedSource::new(grant, world.io()).with_store(store.clone())
    };
    for number in 0..300 {
        callers(number).token().await.unwrap();
        world.jump(Duration::from_secs(1));
    }
    let kept = store.list().await.unwrap();
    assert!(kept.len() <= 64, "{}", kept.len());
    for number in 285..300 {
        let key = callers(number).key().session().clone();
        assert!(kept.contains(&key), "{number} works still");
    }
    assert!(
        kept.contains(ada.key().session()),
        "its refresh token works"
    );
}

/// A token of 20 s, and nothing with it.
#[derive(Debug)]
struct Brief(StoreKey, TestClock);

impl Grant for Brief {
    fn key(&self) -> StoreKey {
        self.0.clone()
    }

    fn exchange<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async {
            let now = self.1.now().wall;
            let token = AccessToken::new("brief".into(), now, now + Duration::from_secs(20));
            token.map(TokenSet::new)
        })
    }
}
