//! The lock file of a session: who holds it, what is left in it, and when it goes.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::store::{Attempt, SessionKey, StoreKey, TokenStore};
use auth_core::{CachedSource, ClientAuth, Refreshing, TokenSource};

use super::{Place, bytes, private, session};
use crate::world::{Nobody, World};

#[tokio::test]
async fn one_holder_has_the_lock_and_says_whether_it_asks_a_person() {
    let place = Place::new();
    let lock = place.lock().await;
    let until = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
    for asking in [None, Some(until), None] {
        lock.announce(asking).await;
        let Attempt::Busy { asking_until } = place.store.lock(&session()).await.unwrap() else {
            panic!("two holders")
        };
        assert_eq!(asking_until, asking);
    }
    let other = SessionKey::new("https://issuer", "client", "other");
    assert!(matches!(
        place.store.lock(&other).await.unwrap(),
        Attempt::Locked(_)
    ));
    drop(lock);
    place.lock().await;
}

#[tokio::test]
async fn whoever_lets_go_or_is_killed_while_a_person_is_asked_leaves_nobody_waiting_for_that_person()
 {
    let place = Place::new();
    place.save(None, "one").await;
    let lock = place.lock().await;
    let until = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
    lock.announce(Some(until)).await;
    let note = place.file(".asking");
    let text = fs::read(&note).unwrap();
    drop(lock);
    assert!(!note.exists());
    // As a holder leaves it who is killed.
    private(&note, &text);
    let _lock = place.lock().await;
    let Attempt::Busy { asking_until } = place.store.lock(&session()).await.unwrap() else {
        panic!("two holders")
    };
    assert_eq!(asking_until, None);
}

#[tokio::test]
#[cfg_attr(windows, ignore = "a file that somebody has open keeps its name")]
async fn r17_a_deleted_lock_file_takes_the_lock_away() {
    let place = Place::new();
    let lock = place.lock().await;
    fs::remove_file(place.file(".lock")).unwrap();
    let _other = place.lock().await;
    let error = place
        .store
        .save(&lock, None, &bytes("x"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("deleted"), "{error}");
}

#[tokio::test]
async fn a_lock_of_another_store_saves_nothing() {
    let (place, other) = (Place::new(), Place::new());
    let lock = other.lock().await;
    place
        .store
        .save(&lock, None, &bytes("x"))
        .await
        .unwrap_err();
}

#[tokio::test]
async fn r12_room_is_reserved_before_anything_is_spent() {
    let place = Place::new();
    let _lock = place.lock().await;
    assert!(fs::metadata(place.file(".spare")).unwrap().len() >= 16 << 10);
}

#[tokio::test(start_paused = true)]
async fn who_finds_no_login_and_gets_none_leaves_no_file() {
    let (world, place) = (World::new(), Place::new());
    let key = StoreKey::new(session());
    let grant = Refreshing::new(
        world.endpoint(ClientAuth::public("desktop")),
        Nobody(key.clone()),
    );
    let source = CachedSource::new(grant, world.io()).with_store(Arc::new(place.store.clone()));
    source.token().await.unwrap_err();
    assert!(place.names().is_empty(), "{:?}", place.names());
    drop(place.lock().await);
    assert!(place.names().is_empty(), "{:?}", place.names());
}

#[tokio::test]
async fn a_word_that_was_left_waits_for_the_next_holder_and_says_nothing_to_those_who_wait() {
    let place = Place::new();
    let until = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
    let lock = place.lock().await;
    assert_eq!(lock.left(), None);
    lock.leave(Some("sent one")).await;
    lock.announce(Some(until)).await;
    lock.leave(Some("sent the other")).await;
    let Attempt::Busy { asking_until } = place.store.lock(&session()).await.unwrap() else {
        panic!("two holders")
    };
    assert_eq!(asking_until, Some(until));
    drop(lock);
    for _ in 0..2 {
        assert_eq!(place.lock().await.left(), Some("sent the other"));
    }
    let lock = place.lock().await;
    let Attempt::Busy { asking_until } = place.store.lock(&session()).await.unwrap() else {
        panic!("two holders")
    };
    assert_eq!(asking_until, None, "who asked is gone");
    lock.leave(None).await;
    drop(lock);
    assert_eq!(place.lock().await.left(), None);
    place.removed().await;
    assert!(place.names().is_empty(), "{:?}", place.names());
}

/// Whoever waits for a lock whose file is deleted gets the next one, and never both.
#[tokio::test]
#[cfg_attr(windows, ignore = "lock files stay: none is told from its successor")]
async fn a_lock_file_goes_with_its_entry_and_one_holder_has_the_next() {
    let place = Place::new();
    place.save(None, "one").await;
    let lock = place.lock().await;
    place.store.remove(&lock).await.unwrap();
    assert!(matches!(
        place.store.lock(&session()).await.unwrap(),
        Attempt::Busy { .. }
    ));
    drop(lock);
    assert!(place.names().is_empty(), "{:?}", place.names());
    let lock = place.lock().await;
    // It may save again: then the file stays.
    place.store.remove(&lock).await.unwrap();
    place.store.save(&lock, None, &bytes("two")).await.unwrap();
    drop(lock);
    assert_eq!(place.load().await.as_deref(), Some("two"));
    assert!(place.names().iter().any(|name| name.ends_with(".lock")));
}
