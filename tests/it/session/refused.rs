//! A refresh token that the server refuses.

use std::time::Duration;

use auth_core::store::{StoreKey, TokenStore};
use auth_core::{CachedSource, ClientAuth, ErrorKind, Refreshing, TokenSource};
use auth_testkit::{Fault, Policy};

use super::memory;
use super::spy::Spy;
use crate::world::{HOUR, MINUTE, Nobody, World};

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
