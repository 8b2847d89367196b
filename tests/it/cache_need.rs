//! What a caller may need beyond a token that works, and what a cache remembers: each law on both
//! runtimes where timing can matter.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use auth_core::error::Recall;
use auth_core::session::{Held, Need, TokenSet};
use auth_core::store::{FileStore, MemoryStore, SessionKey, StoreKey, TokenStore};
use auth_core::{
    AccessToken, BoxFuture, CachedSource, Error, ErrorKind, Grant, Io, Result, TokenSource,
};
use auth_testkit::{Fault, TestClock};

use crate::world::{HOUR, MINUTE, World, crowd, on_both_runtimes, slowly};

/// Answers at once, with another token each time, in this process.
#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl Grant for Counter {
    fn key(&self) -> StoreKey {
        StoreKey::new(SessionKey::new("https://issuer", "client", "default"))
    }

    fn exchange<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async {
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            let now = SystemTime::now();
            AccessToken::new(format!("token-{number}").into(), now, now + HOUR).map(TokenSet::new)
        })
    }
}

async fn rounds(count: usize) {
    let mut old = (0, 0);
    for _ in 0..count {
        let source = CachedSource::new(Counter::default(), Io::new());
        let first = source.token().await.unwrap();
        old.0 += usize::from(source.renew().await.unwrap().is_same(&first));
        let source = CachedSource::new(Counter::default(), Io::new());
        let refused = source.token().await.unwrap();
        source.discard(&refused, None);
        old.1 += usize::from(source.token().await.unwrap().is_same(&refused));
    }
    assert_eq!(old, (0, 0), "old tokens after `renew` and after `discard`");
}

#[test]
fn a_token_that_has_just_landed_is_neither_renewed_into_itself_nor_handed_out_when_discarded() {
    // Where there is one thread nothing can come between.
    let runtimes = [
        (tokio::runtime::Builder::new_multi_thread(), 10_000),
        (tokio::runtime::Builder::new_current_thread(), 1_000),
    ];
    for (mut runtime, count) in runtimes {
        let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(rounds(count));
    }
    auth_core::blocking(async {
        rounds(10_000).await;
        Ok(())
    })
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_who_renew_at_once_share_few_requests_and_none_gets_the_old_token() {
    let source = CachedSource::new(Counter::default(), Io::new());
    let old = source.token().await.unwrap();
    let calls = (0..100).map(|_| {
        let source = source.clone();
        tokio::spawn(async move { source.renew().await.unwrap() })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(!call.await.unwrap().is_same(&old));
    }
}

#[test]
fn a_token_that_lives_long_enough_is_handed_out_while_its_renewal_fails_slowly() {
    on_both_runtimes(|| async {
        let world = World::new();
        let source = world.robot();
        let token = source.token().await.unwrap();
        source.settled().await;
        world.jump(HOUR - 4 * MINUTE);
        let slow = Fault::status(503).with_delay(slowly() / 4);
        world.server.fault("/token", slow.always());
        let calls = (0..100).map(|_| {
            let source = source.clone();
            tokio::spawn(async move { source.token_for(Duration::from_secs(30)).await })
        });
        for call in calls.collect::<Vec<_>>() {
            assert!(call.await.unwrap().unwrap().is_same(&token));
        }
        assert!(world.asked() <= 2, "nobody waited for the renewal's end");
        source.settled().await;
        assert_eq!(world.asked(), 4, "one renewal, three tries");
    });
}

#[test]
fn pauses_and_remembered_refusals_hold_for_every_need() {
    on_both_runtimes(|| async {
        for recall in [Recall::Always, Recall::Briefly] {
            let calls = Arc::new(AtomicUsize::new(0));
            let source = CachedSource::new(Refusing(calls.clone(), recall), Io::new());
            for _ in 0..5 {
                source.token_for(MINUTE).await.unwrap_err();
                source.renew().await.unwrap_err();
                source.token().await.unwrap_err();
            }
            assert_eq!(calls.load(Ordering::Relaxed), 1, "{recall:?}");
        }
    });
}

#[derive(Debug)]
struct Refusing(Arc<AtomicUsize>, Recall);

impl Grant for Refusing {
    fn key(&self) -> StoreKey {
        Counter::default().key()
    }

    fn exchange<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Err(Error::refused("wrong password").with_recall(self.1)) })
    }
}

#[test]
fn a_life_that_the_server_does_not_give_is_asked_for_once() {
    on_both_runtimes(|| async {
        let world = World::with_life(5 * MINUTE);
        let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
        world
            .server
            .fault("/token", Fault::delay(slowly()).always());
        // Each source stands for a process.
        let calls = (0..64).map(|_| {
            let source = world.robot().with_store(store.clone());
            tokio::spawn(async move { source.token_for(10 * MINUTE).await })
        });
        for call in calls.collect::<Vec<_>>() {
            let error = call.await.unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains("300 s"), "{error}");
        }
        assert_eq!(world.asked(), 1);
        let source = world.robot().with_store(store);
        source.token().await.unwrap();
        source.token_for(10 * MINUTE).await.unwrap_err();
        assert_eq!(world.asked(), 1);
    });
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_written_under_a_wrong_clock_is_not_handed_out() {
    let world = World::new();
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let ahead = TestClock::new();
    ahead.set_forward(2 * HOUR);
    let io = world.io().with_clock(Arc::new(ahead));
    let other = world.robot_with(io).with_store(store.clone());
    let wrong = other.token().await.unwrap();
    let ours = world.robot().with_store(store);
    assert!(!ours.token().await.unwrap().is_same(&wrong));
}

#[tokio::test(start_paused = true)]
async fn a_remembered_failure_never_hides_what_the_store_has() {
    let world = World::new();
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let busy = Fault::status(429).with_retry_after(HOUR);
    world.server.fault("/token", busy.times(1));
    let ours = world.robot().with_store(store.clone());
    ours.token().await.unwrap_err();
    world.pass(Duration::from_secs(5)).await;
    ours.token().await.unwrap_err();
    let other = world.robot().with_store(store).token().await.unwrap();
    ours.token().await.unwrap_err();
    world.pass(Duration::from_secs(1)).await;
    assert!(ours.token().await.unwrap().is_same(&other));
    for answer in crowd(&ours).await {
        assert!(answer.unwrap().is_same(&other));
    }
    assert_eq!(world.asked(), 2, "only the other one asked");
}

#[test]
fn who_needs_nobody_to_be_asked_does_not_wait_for_a_person() {
    on_both_runtimes(|| async {
        let source = CachedSource::new(Asking, Io::new());
        let error = source.get(Need::new().with_nobody_asked()).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Interaction);
        let patient = tokio::spawn({
            let source = source.clone();
            async move { source.token().await }
        });
        tokio::time::sleep(slowly()).await;
        let calls = (0..100).map(|_| {
            let source = source.clone();
            tokio::spawn(async move { source.get(Need::new().with_nobody_asked()).await })
        });
        for call in calls.collect::<Vec<_>>() {
            let error = call.await.unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Interaction);
        }
        assert!(!patient.is_finished(), "nobody waited for the person");
        patient.abort();
    });
}

/// Asks a person who never answers.
#[derive(Debug)]
struct Asking;

impl Grant for Asking {
    fn key(&self) -> StoreKey {
        Counter::default().key()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            let clock = Io::new().clock().clone();
            held.asking(&*clock, HOUR, std::future::pending()).await
        })
    }
}

#[test]
fn a_crowd_that_is_told_to_wait_finds_what_the_store_has_meanwhile() {
    on_both_runtimes(|| async {
        let world = World::new();
        let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
        let busy = Fault::status(429)
            .with_retry_after(HOUR)
            .with_delay(slowly());
        world.server.fault("/token", busy.times(1));
        let ours = world.robot().with_store(store.clone());
        for answer in crowd(&ours).await {
            assert_eq!(answer.unwrap_err().kind(), ErrorKind::Unavailable);
        }
        let other = world.robot().with_store(store).token().await.unwrap();
        // It is looked for once a second.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        for answer in crowd(&ours).await {
            assert!(answer.unwrap().is_same(&other));
        }
        assert_eq!(world.asked(), 2, "only the other one asked again");
    });
}

#[tokio::test(start_paused = true)]
async fn an_api_that_refuses_every_token_is_not_asked_for_ever() {
    let world = World::new();
    let source = world.robot();
    for _ in 0..10 {
        if let Ok(token) = source.token().await {
            source.discard(&token, None);
        }
    }
    assert_eq!(world.asked(), 2, "after the second there is a pause");
    world.pass(2 * MINUTE).await;
    source.token().await.unwrap();
    world.pass(2 * MINUTE).await;
    let token = source.token().await.unwrap();
    source.discard(&token, None);
    source.token().await.unwrap();
    assert_eq!(
        world.asked(),
        4,
        "one that worked for a while counts for itself"
    );
}

#[test]
fn a_token_for_longer_waits_for_a_renewal_that_is_under_way_and_makes_one_more() {
    on_both_runtimes(|| async {
        let world = World::with_life(10 * MINUTE);
        let source = world.robot();
        source.token().await.unwrap();
        source.settled().await;
        world.jump(4 * MINUTE);
        world
            .server
            .fault("/token", Fault::delay(slowly() / 4).always());
        let calls = (0..50).map(|_| {
            let (one, other) = (source.clone(), source.clone());
            let short = tokio::spawn(async move { one.renew().await });
            let long = tokio::spawn(async move { other.token_for(9 * MINUTE).await });
            (short, long)
        });
        for (short, long) in calls.collect::<Vec<_>>() {
            short.await.unwrap().unwrap();
            assert!(world.rest(&long.await.unwrap().unwrap()) >= 9 * MINUTE - slowly());
        }
        assert!(world.asked() <= 4, "{}", world.asked());
    });
}

#[test]
fn the_refresh_tokens_end_counts_too() {
    on_both_runtimes(|| async {
        let world = World::with_life(8 * HOUR);
        let first = world.server.login("desktop", "ada", &["read"]);
        let ends = Fault::member("refresh_expires_in", 1800).always();
        world.server.fault("/token", ends);
        let source = world.person(&first, &["read"]);
        source.token().await.unwrap();
        source.settled().await;
        for _ in 0..10 {
            world.jump(26 * MINUTE);
            source.token().await.unwrap();
            source.settled().await;
        }
        assert_eq!(world.asked(), 11, "renewed before the refresh token ends");
    });
}

#[test]
fn a_store_in_files_serves_a_crowd_of_sources_in_turn() {
    let directory = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let grant = Arc::new(Counter::default());
        let calls = (0..32).map(|_| {
            let store = Arc::new(FileStore::new(directory.path().join("tokens")));
            let source = CachedSource::new(Shared(grant.clone()), Io::new()).with_store(store);
            tokio::spawn(async move { source.token().await.unwrap() })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap();
        }
        assert_eq!(grant.0.load(Ordering::Relaxed), 1);
    });
}

#[derive(Debug)]
struct Shared(Arc<Counter>);

impl Grant for Shared {
    fn key(&self) -> StoreKey {
        self.0.key()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        self.0.exchange(held)
    }
}
