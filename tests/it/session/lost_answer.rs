//! The answer to a renewal that never came, perhaps with a new refresh token in it.

use std::sync::Arc;

use auth_core::store::{Attempt, FileStore, TokenStore};
use auth_core::{ErrorKind, TokenSource};
use auth_testkit::{Fault, Policy, Rotation};

use super::spy::Spy;
use super::{memory, unattended};
use crate::world::{HOUR, MINUTE, World};

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

#[tokio::test(start_paused = true)]
async fn whose_new_refresh_token_came_and_could_not_be_saved_is_told_so_too() {
    let (world, spy) = (World::new(), Spy::around(memory()));
    let store: Arc<dyn TokenStore> = spy.clone();
    let first = world.server.login("desktop", "ada", &["read"]);
    world
        .person_in(&store, &first, &["read"])
        .token()
        .await
        .unwrap();
    world.pass(2 * HOUR).await;
    // This process has the new one in memory, and ends.
    spy.refuse_saves(true);
    unattended(&world, &store).token().await.unwrap();
    spy.refuse_saves(false);
    let error = unattended(&world, &store).token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction, "{error}");
    assert!(error.message().contains("was lost"), "{error}");
}
