//! How long a token lives, when it is renewed, and which clock says so.

use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::store::{MemoryStore, TokenStore};
use auth_core::{ErrorKind, TokenSource};
use auth_testkit::Fault;

use crate::world::{HOUR, MINUTE, World};

#[tokio::test(start_paused = true)]
async fn a_dead_token_is_never_handed_out() {
    for (life, dead) in [(3600, 3590), (300, 290), (60, 54)] {
        let world = World::with_life(Duration::from_secs(life));
        let source = world.robot();
        let token = source.token().await.unwrap();
        world.server.fault("/token", Fault::status(503).always());
        world
            .pass(Duration::from_secs(dead) - Duration::from_millis(1))
            .await;
        assert!(
            source.token().await.unwrap().is_same(&token),
            "{life} s: it works until {dead} s"
        );
        world.pass(Duration::from_millis(1)).await;
        source.token().await.unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn r10_a_token_is_over_when_either_clock_says_so() {
    let world = World::new();
    let source = world.robot();
    let token = source.token().await.unwrap();
    world.clock.set_back(2 * HOUR);
    assert!(
        source.token().await.unwrap().is_same(&token),
        "a clock set back kills no token"
    );
    world.pass(HOUR).await;
    assert!(
        !source.token().await.unwrap().is_same(&token),
        "and does not prolong it"
    );
    let token = source.token().await.unwrap();
    world.clock.set_forward(2 * HOUR);
    assert!(
        !source.token().await.unwrap().is_same(&token),
        "after a sleep the wall clock decides"
    );
}

#[tokio::test(start_paused = true)]
async fn tokens_of_60_s_and_of_300_s_are_cacheable() {
    for (life, renewed) in [(60, 48), (300, 240), (3600, 3300)] {
        let world = World::with_life(Duration::from_secs(life));
        let source = world.robot();
        source.token().await.unwrap();
        let early = Duration::from_secs(renewed) - Duration::from_secs(life) / 20;
        world.pass(early - Duration::from_secs(1)).await;
        source.token().await.unwrap();
        source.settled().await;
        assert_eq!(
            world.asked(),
            1,
            "{life} s: not before 80 % or 5 minutes, minus jitter"
        );
        world
            .pass(Duration::from_secs(renewed) - early + Duration::from_secs(1))
            .await;
        source.token().await.unwrap();
        source.settled().await;
        assert_eq!(world.asked(), 2, "{life} s: renewed ahead of its end");
    }
}

/// As where many machines were started at once.
#[tokio::test(start_paused = true)]
async fn tokens_of_one_age_are_not_all_renewed_at_once_and_each_at_one_time_wherever_it_is() {
    let world = World::new();
    let mut processes = Vec::new();
    for _ in 0..32 {
        let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
        let pair = [store.clone(), store].map(|store| world.robot().with_store(store));
        for process in &pair {
            process.token().await.unwrap();
        }
        processes.push(pair);
    }
    // Between a twentieth of the life ahead of it, and the time itself.
    world.pass(HOUR - 5 * MINUTE - HOUR / 40).await;
    let stale = processes.iter().filter(|[one, other]| {
        assert_eq!(one.at_hand().is_none(), other.at_hand().is_none());
        one.at_hand().is_none()
    });
    let stale = stale.count();
    assert!((1..32).contains(&stale), "{stale}");
}

#[tokio::test(start_paused = true)]
async fn the_life_of_a_token_counts_from_before_the_request() {
    let world = World::new();
    let start = world.clock.now().wall;
    world
        .server
        .fault("/token", Fault::delay(Duration::from_secs(9)));
    let token = world.robot().token().await.unwrap();
    assert_eq!(token.expires_at(), start + HOUR);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ended_before_it_arrived_is_none_and_that_is_said() {
    let world = World::with_life(Duration::from_secs(10));
    let slow = Fault::delay(Duration::from_secs(20));
    world.server.fault("/token", slow);
    let source = world.robot();
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(
        error.message().contains("ended before it arrived"),
        "{error}"
    );
    assert!(source.at_hand().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_missing_expires_in_is_a_short_life_and_not_for_ever() {
    let world = World::new();
    world.server.fault("/token", Fault::without("expires_in"));
    let token = world.robot().token().await.unwrap();
    assert_eq!(token.life(), 5 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_longer_life_than_the_one_at_hand_is_renewed_for() {
    let world = World::new();
    let source = world.robot();
    let first = source.token_for(30 * MINUTE).await.unwrap();
    world.pass(40 * MINUTE).await;
    assert!(source.token().await.unwrap().is_same(&first));
    let longer = source.token_for(30 * MINUTE).await.unwrap();
    assert!(world.rest(&longer) >= 30 * MINUTE);
    let error = source.token_for(2 * HOUR).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test(start_paused = true)]
async fn the_policy_of_the_answer_wins_where_it_asks_for_an_earlier_renewal() {
    let world = World::new();
    world
        .server
        .fault("/token", Fault::member("refresh_in", 600));
    let source = world.robot();
    source.token().await.unwrap();
    world.pass(11 * MINUTE).await;
    source.token().await.unwrap();
    source.settled().await;
    assert_eq!(world.asked(), 2);
}
