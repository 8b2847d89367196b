//! One login, many questions and many processes: what the store is for (cache law 6, 7 and 9).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use auth_core::clock::Clock;
use auth_core::error::Challenge;
use auth_core::grant::GivenRefreshToken;
use auth_core::session::{Held, Login, Observer, TokenCheck, TokenSet};
use auth_core::store::{
    Attempt, Entry, FileStore, Generation, MemoryStore, SessionKey, StoreKey, StoreLock, TokenStore,
};
use auth_core::{
    AccessToken, BoxFuture, CachedSource, ClientAuth, Error, ErrorKind, Grant, RefreshToken,
    Refreshing, Result, TokenSource,
};
use auth_testkit::{Fault, Policy, Rotation, TestClock};
use secrecy::SecretSlice;

use crate::lease::Leasing;
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

#[tokio::test(start_paused = true)]
async fn an_invalid_grant_is_final_only_after_one_more_read() {
    let (world, store) = (World::new(), Spy::around(memory()));
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world.person(&first, &["read"]).with_store(store.clone());
    source.token().await.unwrap();
    let stale = store.load(source.key().session()).await.unwrap().unwrap();
    source.renew().await.unwrap();
    // The next two looks show the store as it was before the rotation; somebody else's write shows later.
    store.pretend(stale, 2);
    world
        .server
        .set_policy(Policy::new().with_reuse_grace(Duration::ZERO));
    world
        .server
        .fault("/token", Fault::refusal(400, "invalid_grant"));
    source.renew().await.unwrap();
}

/// A login that only a person could begin anew.
fn unattended(world: &World, store: &Arc<dyn TokenStore>) -> CachedSource {
    let endpoint = world.endpoint(ClientAuth::public("desktop"));
    let read = ["read".to_owned()];
    let key = StoreKey::new(endpoint.session("default")).with_scopes(&read);
    let grant = Refreshing::new(endpoint, Nobody(key)).with_scopes(read);
    CachedSource::new(grant, world.io()).with_store(store.clone())
}

/// Each source stands for a process, and the word of it lies in the lock.
#[tokio::test(start_paused = true)]
async fn whose_refresh_token_was_replaced_by_an_answer_that_was_lost_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let files: Arc<dyn TokenStore> = Arc::new(FileStore::new(folder.path().join("store")));
    for store in [memory(), files] {
        for lost in [
            Fault::reset().after_commit(),
            Fault::cut(),
            Fault::truncated(),
            Fault::status(502).after_commit(),
            Fault::delay(MINUTE),
        ] {
            let world = World::new();
            let first = world.server.login("desktop", "ada", &["read"]);
            let shown = format!("{lost:?}");
            let login = world.person_in(&store, &first, &["read"]);
            login.token().await.unwrap();
            world.pass(2 * HOUR).await;
            world.server.fault("/token", lost);
            let error = unattended(&world, &store).token().await.unwrap_err();
            assert_ne!(error.kind(), ErrorKind::Interaction, "{shown}: {error}");
            for _ in 0..2 {
                let error = unattended(&world, &store).token().await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Interaction, "{shown}: {error}");
                assert!(error.message().contains("was lost"), "{shown}: {error}");
            }
            let error = unattended(&world, &store).token().await.unwrap_err();
            insta::allow_duplicates! {
                insta::assert_snapshot!(error, @"nobody is logged in: the answer to the renewal before was lost, perhaps with a new refresh token: https://auth.test/token refused: invalid_grant: The login has ended; log in again, or give a new refresh token");
            }
            // Whoever logs in anew has nothing to do with it.
            let second = world.server.login("desktop", "ada", &["read"]);
            let login = world.person_in(&store, &second, &["read"]);
            login.token().await.unwrap();
            let kept = login.refresh_token().await.unwrap().unwrap();
            world.server.revoke(kept.expose_secret());
            world.pass(2 * HOUR).await;
            let error = unattended(&world, &store).token().await.unwrap_err();
            assert!(!error.message().contains("was lost"), "{shown}: {error}");
            let Attempt::Locked(lock) = store.lock(login.key().session()).await.unwrap() else {
                panic!("somebody has the lock")
            };
            store.remove(&lock).await.unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_costs_nothing_where_the_server_replaced_nothing_or_forgives_it() {
    let forgiving = Policy::new().with_reuse_grace(MINUTE);
    let replaces_nothing = Policy::new().with_rotation(Rotation::Same);
    for (policy, lost) in [
        (forgiving, Fault::reset().after_commit()),
        (replaces_nothing, Fault::reset().after_commit()),
        (Policy::new(), Fault::reset()),
        (Policy::new(), Fault::refused().times(3)),
    ] {
        let (world, store) = (World::new(), memory());
        world.server.set_policy(policy);
        let first = world.server.login("desktop", "ada", &["read"]);
        let login = world.person_in(&store, &first, &["read"]);
        login.token().await.unwrap();
        world.pass(2 * HOUR).await;
        world.server.fault("/token", lost);
        let error = unattended(&world, &store).token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        unattended(&world, &store).token().await.unwrap();
        // Whatever ends the login later was not that.
        let kept = login.refresh_token().await.unwrap().unwrap();
        world.server.revoke(kept.expose_secret());
        world.pass(2 * HOUR).await;
        let error = unattended(&world, &store).token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interaction, "{error}");
        assert!(!error.message().contains("was lost"), "{error}");
    }
}

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
async fn a_dead_refresh_token_is_dropped_and_the_login_starts_anew() {
    let (world, store) = (World::new(), memory());
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world.person_in(&store, &first, &["read"]);
    source.token().await.unwrap();
    let kept = source.refresh_token().await.unwrap().unwrap();
    world.server.revoke(kept.expose_secret());
    let second = world.server.login("desktop", "ada", &["read"]);
    world.pass(2 * HOUR).await;
    let source = world.person_in(&store, &second, &["read"]);
    source.token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn while_a_token_works_a_refused_refresh_token_is_kept_and_nobody_is_asked() {
    let (world, store) = (World::new(), memory());
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world.person_in(&store, &first, &["read"]);
    let token = source.token().await.unwrap();
    let before = source.refresh_token().await.unwrap().unwrap();
    world.pass(HOUR - 2 * MINUTE).await;
    world
        .server
        .fault("/token", Fault::refusal(400, "invalid_grant"));
    assert!(source.token().await.unwrap().is_same(&token));
    source.settled().await;
    assert_eq!(world.asked(), 2);
    assert!(
        source
            .refresh_token()
            .await
            .unwrap()
            .unwrap()
            .is_same(&before)
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_for_one_question_leaves_the_others_alone() {
    let (world, store) = (World::new(), memory());
    let first = world.server.login("desktop", "ada", &["read", "write"]);
    let reading = world.person_in(&store, &first, &["read"]);
    let endpoint = world.endpoint(ClientAuth::public("desktop"));
    let write = ["write".to_owned()];
    let key = StoreKey::new(endpoint.session("default")).with_scopes(&write);
    let writing = Refreshing::new(endpoint, Nobody(key)).with_scopes(write);
    let writing = CachedSource::new(writing, world.io()).with_store(store.clone());
    let read = reading.token().await.unwrap();
    world
        .server
        .fault("/token", Fault::refusal(400, "consent_required"));
    let error = writing.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert_eq!(error.code(), Some("consent_required"));
    assert!(reading.token().await.unwrap().is_same(&read));
    world.pass(MINUTE).await;
    writing.token().await.unwrap();
    reading.renew().await.unwrap();
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
    store.refuse_saves(false);
    source.renew().await.unwrap();
    let kept = source.refresh_token().await.unwrap().unwrap();
    assert!(
        world.server.is_live(&kept),
        "the chain of successors was never broken"
    );
}

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
    world.pass(4 * MINUTE).await;
    assert!(!waiting.is_finished());
    assert_eq!(told.1.load(Ordering::Relaxed), 1, "those who wait say so");
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

#[tokio::test(start_paused = true)]
async fn a_given_refresh_token_is_redeemed_once_and_then_its_successors() {
    let (world, store) = (World::new(), memory());
    let given = world.server.login("desktop", "ada", &["read"]);
    let source = world.given(&given).with_store(store.clone());
    assert_eq!(source.key().session().account(), given.fingerprint().name());
    source.token().await.unwrap();
    // Another process is given the same token: it finds the successor in the store.
    let again = world.given(&given).with_store(store.clone());
    again.renew().await.unwrap();
    assert_eq!(world.asked(), 2);
    // Where the successor is dead the given one is not tried: the server would end the whole login.
    let kept = again.refresh_token().await.unwrap().unwrap();
    world.server.revoke(kept.expose_secret());
    world.pass(2 * HOUR).await;
    let error = world
        .given(&given)
        .with_store(store)
        .token()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    let sent = world.server.requests();
    let sent = sent
        .iter()
        .filter(|r| r.field("refresh_token").as_deref() == Some(given.expose_secret()));
    assert_eq!(sent.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_rotate_gets_the_same_refresh_token_again() {
    for rotation in [Rotation::Silent, Rotation::Same, Rotation::Lenient] {
        let (world, store) = (World::new(), memory());
        world
            .server
            .set_policy(Policy::new().with_rotation(rotation));
        let given = world.server.login("desktop", "ada", &["read"]);
        let source = world.given(&given).with_store(store);
        for _ in 0..3 {
            source.renew().await.unwrap();
        }
        assert_eq!(world.asked(), 3, "{rotation:?}");
    }
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

/// A store that fails on demand.
#[derive(Debug)]
struct Spy {
    inner: Arc<dyn TokenStore>,
    no_load: AtomicBool,
    no_load_once: AtomicBool,
    no_lock: AtomicBool,
    no_save: AtomicBool,
    old: Mutex<Option<(Entry, usize)>>,
}

impl Spy {
    fn around(inner: Arc<dyn TokenStore>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            no_load: AtomicBool::new(false),
            no_load_once: AtomicBool::new(false),
            no_lock: AtomicBool::new(false),
            no_save: AtomicBool::new(false),
            old: Mutex::default(),
        })
    }

    fn break_down(&self, broken: bool) {
        self.no_load.store(broken, Ordering::Relaxed);
        self.refuse_locks(broken);
    }

    fn break_loads(&self, broken: bool) {
        self.no_load.store(broken, Ordering::Relaxed);
    }

    fn refuse_load_once(&self) {
        self.no_load_once.store(true, Ordering::Relaxed);
    }

    fn refuse_locks(&self, refuse: bool) {
        self.no_lock.store(refuse, Ordering::Relaxed);
    }

    fn refuse_saves(&self, refuse: bool) {
        self.no_save.store(refuse, Ordering::Relaxed);
    }

    fn pretend(&self, entry: Entry, times: usize) {
        *self.old.lock().unwrap() = Some((entry, times));
    }
}

impl TokenStore for Spy {
    fn lock<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Attempt>> {
        if self.no_lock.load(Ordering::Relaxed) {
            return Box::pin(async { Err(Error::store("read-only")) });
        }
        self.inner.lock(session)
    }

    fn load<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Option<Entry>>> {
        if self.no_load.load(Ordering::Relaxed) || self.no_load_once.swap(false, Ordering::Relaxed)
        {
            return Box::pin(async { Err(Error::store("unreadable")) });
        }
        let mut old = self.old.lock().unwrap();
        if let Some((entry, times)) = old.as_mut()
            && *times > 0
        {
            *times -= 1;
            let entry = Entry::new(entry.bytes.clone(), entry.generation);
            return Box::pin(async { Ok(Some(entry)) });
        }
        self.inner.load(session)
    }

    fn save<'a>(
        &'a self,
        lock: &'a StoreLock,
        after: Option<Generation>,
        bytes: &'a SecretSlice<u8>,
    ) -> BoxFuture<'a, Result<Generation>> {
        if self.no_save.load(Ordering::Relaxed) {
            return Box::pin(async { Err(Error::store("disk full")) });
        }
        self.inner.save(lock, after, bytes)
    }

    fn remove<'a>(&'a self, lock: &'a StoreLock) -> BoxFuture<'a, Result<()>> {
        self.inner.remove(lock)
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionKey>>> {
        self.inner.list()
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_api_asks_of_a_login_is_no_end_of_a_given_refresh_token() {
    let (world, store) = (World::new(), memory());
    let given = world.server.login("desktop", "ada", &["read"]);
    let source = world.given(&given).with_store(store.clone());
    let refused = source.token().await.unwrap();
    let mut challenge = Challenge::default();
    challenge.acr_values = Some("mfa".into());
    source.discard(&refused, Some(&challenge));
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert!(error.message().contains("the API asks"), "{error}");
    let kept = source.refresh_token().await.unwrap().unwrap();
    assert!(world.server.is_live(&kept) && world.asked() == 1);
    // Another process, that calls another API, goes on with the successor.
    world.given(&given).with_store(store).renew().await.unwrap();
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
