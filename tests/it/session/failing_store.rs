//! A store that can't be read, locked or written: nothing is spent that could not be kept, and nothing is lost.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use auth_core::session::{TokenCheck, TokenSet};
use auth_core::store::TokenStore;
use auth_core::{BoxFuture, Error, ErrorKind, Result, TokenSource};

use super::spy::Spy;
use super::{Told, memory, unattended};
use crate::world::{HOUR, MINUTE, World};

/// Somebody else may have replaced it.
#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_can_not_be_read_again_under_the_lock_is_not_sent() {
    let (world, store) = (World::new(), Spy::around(memory()));
    let first = world.server.login("desktop", "ada", &["read"]);
    let login = world.person(&first, &["read"]).with_store(store.clone());
    login.token().await.unwrap();
    let one = unattended(&world, &(store.clone() as Arc<dyn TokenStore>));
    one.token().await.unwrap();
    login.renew().await.unwrap();
    world.pass(2 * HOUR).await;
    store.break_loads(true);
    let error = one.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error}");
    assert_eq!(world.asked(), 2);
    store.break_loads(false);
    world.pass(MINUTE).await;
    one.token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn another_token_is_another_one_also_where_the_store_could_not_be_read_at_first() {
    let (world, store) = (World::new(), Spy::around(memory()));
    let first = world.server.login("desktop", "ada", &["read"]);
    let login = world.person(&first, &["read"]).with_store(store.clone());
    let token = login.token().await.unwrap();
    let process = world.person(&first, &["read"]).with_store(store.clone());
    store.refuse_load_once();
    assert!(!process.renew().await.unwrap().is_same(&token));
    assert_eq!(world.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_reported_once_and_the_token_is_handed_out() {
    let world = World::new();
    let store = Spy::around(memory());
    store.break_down(true);
    let told = Arc::new(Told::default());
    let source = world
        .robot()
        .with_store(store.clone())
        .with_observer(told.clone());
    let token = source.token().await.unwrap();
    assert!(source.token().await.unwrap().is_same(&token));
    source.renew().await.unwrap();
    assert_eq!(told.0.load(Ordering::Relaxed), 1);
    store.break_down(false);
    source.renew().await.unwrap();
    assert!(store.load(source.key().session()).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn r14_a_refresh_token_is_not_spent_where_its_successor_cannot_be_kept() {
    let (world, store) = (World::new(), Spy::around(memory()));
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world.person(&first, &["read"]).with_store(store.clone());
    source.token().await.unwrap();
    let kept = source.refresh_token().await.unwrap().unwrap();
    world.pass(2 * HOUR).await;
    store.refuse_locks(true);
    assert_eq!(source.token().await.unwrap_err().kind(), ErrorKind::Store);
    assert!(world.server.is_live(&kept));
    store.refuse_locks(false);
    world.pass(MINUTE).await;
    source.token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_store_is_not_said_to_fail_for_tokens_that_nobody_got() {
    let (world, store) = (World::new(), Spy::around(memory()));
    let given = world.server.login("desktop", "ada", &["read"]);
    let told = Arc::new(Told::default());
    let source = world.given(&given).with_store(store.clone());
    let source = source.with_observer(told.clone());
    store.break_down(true);
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(world.server.is_live(&given), "it was not spent");
    assert_eq!(
        told.0.load(Ordering::Relaxed),
        0,
        "nothing is kept in memory"
    );
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_saved_is_used_and_saved_later() {
    let (world, store) = (World::new(), Spy::around(memory()));
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world.person(&first, &["read"]).with_store(store.clone());
    source.token().await.unwrap();
    store.refuse_saves(true);
    source.renew().await.unwrap();
    source.renew().await.unwrap();
    // What the store has is spent, so nothing is lost by going on without a lock.
    store.refuse_locks(true);
    source.renew().await.unwrap();
    store.refuse_locks(false);
    store.refuse_saves(false);
    source.renew().await.unwrap();
    let kept = source.refresh_token().await.unwrap().unwrap();
    assert!(
        world.server.is_live(&kept),
        "the chain of successors was never broken"
    );
}

#[tokio::test(start_paused = true)]
async fn a_check_without_a_memory_leaves_nothing_that_looks_unsaved() {
    let world = World::new();
    let store = Spy::around(memory());
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world.person(&first, &["read"]).with_store(store.clone());
    let source = source.with_check(Arc::new(Keyless));
    source.token().await.unwrap_err();
    let kept = source.refresh_token().await.unwrap().unwrap();
    world.pass(2 * HOUR).await;
    store.refuse_locks(true);
    assert_eq!(source.token().await.unwrap_err().kind(), ErrorKind::Store);
    assert!(world.server.is_live(&kept), "it was not spent");
}

/// Checks what is true now, and has no keys for it.
#[derive(Debug)]
struct Keyless;

impl TokenCheck for Keyless {
    fn check<'a>(&'a self, _: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Err(Error::unavailable("no keys")) })
    }
}
