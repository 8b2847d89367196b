//! Tokens that an API or a check refused: none is handed out again.

use std::sync::{Arc, Mutex};

use auth_core::error::Challenge;
use auth_core::session::{TokenCheck, TokenSet};
use auth_core::store::MemoryStore;
use auth_core::{AccessToken, BoxFuture, Error, ErrorKind, Result, TokenSource};

use super::Scripted;
use crate::world::{MINUTE, World};

#[tokio::test(start_paused = true)]
async fn a_discarded_token_is_never_handed_out_again() {
    let world = World::new();
    let source = world.robot();
    let refused = source.token().await.unwrap();
    source.discard(&refused, None);
    assert!(source.at_hand().is_none());
    let next = source.token().await.unwrap();
    assert!(!next.is_same(&refused));
    assert_eq!(world.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_an_api_refused_and_that_nothing_replaces_is_handed_out_by_no_other_process() {
    for why in [
        Error::interaction("log in"),
        Error::unavailable("down"),
        Error::refused("no"),
    ] {
        let store = Arc::new(MemoryStore::new());
        let grant = Scripted::new(move |call, _| match call {
            1 => Ok("first".to_owned()),
            2 => Err(why.clone()),
            _ => Ok("second".to_owned()),
        });
        let process = || grant.source().with_store(store.clone());
        let (one, other) = (process(), process());
        let refused = one.token().await.unwrap();
        one.discard(&refused, None);
        one.token().await.unwrap_err();
        let next = other.token().await.unwrap();
        assert!(!next.is_same(&refused));
        assert_eq!(grant.calls(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_enough_for_one_api_serves_other_processes_on() {
    let store = Arc::new(MemoryStore::new());
    let grant = Scripted::new(|call, _| match call {
        1 => Ok("first".to_owned()),
        _ => Err(Error::interaction("log in")),
    });
    let one = grant.source().with_store(store.clone());
    let token = one.token().await.unwrap();
    let mut challenge = Challenge::default();
    challenge.acr_values = Some("mfa".into());
    one.discard(&token, Some(&challenge));
    one.token().await.unwrap_err();
    let other = grant.source().with_store(store);
    assert!(other.token().await.unwrap().is_same(&token));
}

#[tokio::test(start_paused = true)]
async fn a_token_whose_check_fails_is_kept_for_a_process_that_checks_otherwise() {
    let store = Arc::new(MemoryStore::new());
    let grant = Scripted::new(|call, _| match call {
        1 => Ok("first".to_owned()),
        _ => Err(Error::interaction("log in")),
    });
    for _ in 0..2 {
        let strict = grant.source().with_store(store.clone());
        let strict = strict.with_check(Arc::new(Never));
        strict.token().await.unwrap_err();
    }
    let lenient = grant.source().with_store(store);
    lenient.token().await.unwrap();
    assert_eq!(grant.calls(), 2);
}

/// A check that nothing passes.
#[derive(Debug)]
struct Never;

impl TokenCheck for Never {
    fn check<'a>(&'a self, _: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Err(Error::refused("not for us")) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_discarded_token_that_the_server_hands_back_is_an_error_that_says_so() {
    let grant = Scripted::answering("the-same-token");
    let source = grant.source();
    let refused = source.token().await.unwrap();
    source.discard(&refused, None);
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("keeps handing out"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn of_several_tokens_that_were_refused_the_first_does_not_come_back_either() {
    let grant = Scripted::new(|call, _| Ok(["one", "two", "three", "one"][call - 1].to_owned()));
    let source = grant.source();
    for _ in 0..3 {
        let refused = source.token().await.unwrap();
        grant.clock.advance(2 * MINUTE).await;
        source.discard(&refused, None);
    }
    let error = source.token().await.unwrap_err();
    assert!(error.to_string().contains("keeps handing out"), "{error}");
    assert_eq!(grant.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_discarded_while_it_is_checked_is_not_handed_out() {
    let world = World::new();
    let check = Arc::new(Slow::default());
    let source = world.robot().with_check(check.clone());
    let call = tokio::spawn({
        let source = source.clone();
        async move { source.token().await }
    });
    world.pass(MINUTE / 2).await;
    let token = check.0.lock().unwrap().clone().unwrap();
    source.discard(&token, None);
    assert_eq!(call.await.unwrap().unwrap_err().kind(), ErrorKind::Refused);
    assert!(source.at_hand().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_late_discard_of_an_old_token_leaves_the_new_one_alone() {
    let world = World::new();
    let source = world.robot();
    let old = source.token().await.unwrap();
    let new = source.renew().await.unwrap();
    source.discard(&old, None);
    assert!(source.at_hand().unwrap().is_same(&new));
    assert_eq!(world.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_grant_is_told_what_the_resource_server_asked_for() {
    let grant = Scripted::new(|call, held| {
        assert_eq!(held.challenge().is_some(), call == 2);
        assert!(held.access().is_none(), "a discarded token does not work");
        Ok(format!("token-{call}"))
    });
    let source = grant.source();
    let refused = source.token().await.unwrap();
    let mut challenge = Challenge::default();
    challenge.acr_values = Some("mfa".into());
    source.discard(&refused, Some(&challenge));
    source.token().await.unwrap();
    assert_eq!(grant.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_a_source_starts_with_stays_whatever_is_set_after_it() {
    let grant = Scripted::new(|_, held| {
        assert!(held.challenge().is_some());
        Ok("token".to_owned())
    });
    let source = grant.source().with_challenge(Some(Challenge::default()));
    let store = Arc::new(MemoryStore::new());
    source.with_store(store).token().await.unwrap();
}

/// A check that takes a minute and shows what it checks.
#[derive(Debug, Default)]
struct Slow(Mutex<Option<AccessToken>>);

impl TokenCheck for Slow {
    fn check<'a>(&'a self, set: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        *self.0.lock().unwrap() = Some(set.access().clone());
        Box::pin(async {
            tokio::time::sleep(MINUTE).await;
            Ok(())
        })
    }
}
