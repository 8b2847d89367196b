//! The lock of a session: how long it is awaited, and what a lease must cover.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::store::Attempt;
use auth_core::{ErrorKind, TokenSource};
use auth_testkit::Fault;

use super::{Told, memory};
use crate::lease::Leasing;
use crate::world::{HOUR, MINUTE, World, on_both_runtimes, slowly};

#[tokio::test(start_paused = true)]
async fn a_lock_is_awaited_for_as_long_as_one_request_may_take() {
    let (world, store) = (World::new(), memory());
    let source = world.robot().with_store(store.clone());
    let lock = store.lock(source.key().session()).await.unwrap();
    let start = world.clock.now().monotonic;
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let waited = world.clock.now().monotonic - start;
    assert!((45..=46).contains(&waited.as_secs()), "{waited:?}");
    assert_eq!(world.asked(), 0);
    drop(lock);
}

#[tokio::test(start_paused = true)]
async fn a_lock_whose_holder_asks_a_person_is_awaited_until_the_holders_deadline() {
    let (world, store) = (World::new(), memory());
    let source = world.robot().with_store(store.clone());
    let Attempt::Locked(lock) = store.lock(source.key().session()).await.unwrap() else {
        panic!()
    };
    lock.announce(Some(world.clock.now().wall + 5 * MINUTE))
        .await;
    let told = Arc::new(Told::default());
    let waiting = tokio::spawn({
        let source = source.with_observer(told.clone());
        async move { source.token().await }
    });
    for pause in [MINUTE / 30, 4 * MINUTE] {
        world.pass(pause).await;
        assert!(!waiting.is_finished());
        assert_eq!(
            told.1.load(Ordering::Relaxed),
            1,
            "those who wait say so at once"
        );
    }
    drop(lock);
    waiting.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_ends_before_the_deadline_lets_no_request_leave() {
    let (world, store) = (World::new(), Leasing::around(memory()));
    store.ends(world.clock.now().wall + Duration::from_secs(20));
    let source = world.robot().with_store(Arc::new(store));
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(world.asked(), 0);
}

#[test]
fn a_lease_that_ends_while_a_slow_server_answers_lets_nobody_spend_the_same_refresh_token() {
    on_both_runtimes(|| async {
        let (world, store) = (World::new(), Leasing::around(memory()));
        let first = world.server.login("desktop", "ada", &["read", "write"]);
        let first = world
            .person(&first, &["read"])
            .with_store(Arc::new(store.clone()));
        first.token().await.unwrap();
        let kept = first.refresh_token().await.unwrap().unwrap();
        world
            .server
            .fault("/token", Fault::delay(slowly()).always());
        let before = world.asked();
        store.ends(world.clock.now().wall + Duration::from_secs(25));
        let calls = (0..16).map(|at| {
            let scopes = [&["read"][..], &["write"]][at % 2];
            let source = world
                .person(&kept, scopes)
                .with_store(Arc::new(store.clone()));
            tokio::spawn(async move { source.renew().await })
        });
        for call in calls.collect::<Vec<_>>() {
            let error = call.await.unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        }
        assert_eq!(
            world.asked(),
            before,
            "nothing left that a lease did not cover"
        );
        assert!(world.server.is_live(&kept));
        store.ends(world.clock.now().wall + HOUR);
        first.renew().await.unwrap();
    });
}
