//! Callers that go away, runtimes that end, and programs that have none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use auth_core::session::{Held, TokenSet};
use auth_core::store::StoreKey;
use auth_core::{BoxFuture, CachedSource, ErrorKind, Grant, Io, Result, TokenSource};
use auth_testkit::{Fault, TestClock};

use super::{HangsOnce, Scripted, key};
use crate::world::{HOUR, MINUTE, World};

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_never_loses_a_rotated_refresh_token() {
    let world = World::new();
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world.person(&first, &["read"]);
    world
        .server
        .fault("/token", Fault::delay(Duration::from_secs(5)));
    let impatient = tokio::time::timeout(Duration::from_secs(1), source.token()).await;
    assert!(impatient.is_err());
    source.settled().await;
    let kept = source.refresh_token().await.unwrap().unwrap();
    assert!(!kept.is_same(&first) && world.server.is_live(&kept));
    source.token().await.unwrap();
    assert_eq!(world.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_was_under_way_is_no_answer_to_who_wants_another_token_now() {
    let world = World::new();
    let slow = Fault::delay(Duration::from_secs(5));
    world.server.fault("/token", slow.always());
    let source = world.robot();
    let first = tokio::spawn({
        let source = source.clone();
        async move { source.token().await }
    });
    world.pass(Duration::from_secs(1)).await;
    let another = source.renew().await.unwrap();
    assert!(!another.is_same(&first.await.unwrap().unwrap()));
    assert_eq!(world.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_waits_for_a_person_ends_with_its_last_caller() {
    let ended = Arc::new(AtomicBool::new(false));
    let source = CachedSource::new(AskingAPerson(ended.clone()), Io::new());
    let call = tokio::time::timeout(Duration::from_secs(1), source.token());
    assert!(call.await.is_err());
    source.settled().await;
    assert!(ended.load(Ordering::Relaxed));
}

#[test]
fn a_task_that_dies_with_its_runtime_is_a_failed_renewal() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let source = CachedSource::new(HangsOnce(Arc::default()), Io::new());
    let first = runtime();
    first.block_on(async {
        let _ = tokio::time::timeout(Duration::ZERO, source.token()).await;
        tokio::task::yield_now().await;
    });
    let mut joined = source.token();
    assert!(
        poll(&mut joined).is_pending(),
        "it waits for the renewal on the first runtime"
    );
    drop(first);
    match poll(&mut joined) {
        Poll::Ready(Err(error)) => assert_eq!(error.kind(), ErrorKind::Unavailable),
        other => panic!("{other:?}"),
    }
    let next = async { tokio::time::timeout(MINUTE, source.token()).await };
    runtime().block_on(next).unwrap().unwrap();
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let source = Scripted::paused_elsewhere();
    match poll(&mut source.token()) {
        Poll::Ready(Err(error)) => assert_eq!(error.kind(), ErrorKind::Config),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_synchronous_program_gets_a_token_through_blocking() {
    let source = Scripted::paused_elsewhere();
    let token = auth_core::blocking(source.token()).unwrap();
    assert!(auth_core::blocking(source.token()).unwrap().is_same(&token));
}

/// Waits for a person for ever, unless nobody waits for the person.
#[derive(Debug)]
struct AskingAPerson(Arc<AtomicBool>);

impl Grant for AskingAPerson {
    fn key(&self) -> StoreKey {
        key()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            let ended = Ended(self.0.clone());
            let never = std::future::pending::<Result<TokenSet>>();
            let outcome = held.asking(&TestClock::new(), 24 * HOUR, never).await;
            drop(ended);
            outcome
        })
    }
}

/// Notes that it was dropped.
struct Ended(Arc<AtomicBool>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn poll<T>(future: &mut BoxFuture<'_, T>) -> Poll<T> {
    future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}
