//! The cache law: each of its sentences, under paused time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::error::{Challenge, Recall};
use auth_core::session::{Held, Observer, TokenCheck, TokenSet};
use auth_core::store::{MemoryStore, SessionKey, StoreKey};
use auth_core::{
    AccessToken, BoxFuture, CachedSource, Error, ErrorKind, Grant, Io, RefreshToken, Result,
    TokenSource,
};
use auth_testkit::{Fault, Policy, Rotation, TestClock};

use crate::world::{HOUR, MINUTE, World, crowd};

#[tokio::test(start_paused = true)]
async fn a_hundred_cold_callers_make_one_request() {
    let world = World::new();
    world
        .server
        .fault("/token", Fault::delay(Duration::from_millis(50)));
    let answers = crowd(&world.robot()).await;
    let first = answers[0].as_ref().unwrap();
    assert!(
        answers
            .iter()
            .all(|answer| answer.as_ref().unwrap().is_same(first))
    );
    assert_eq!(world.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_callers_of_a_failing_endpoint_make_one_request_and_share_the_error() {
    let world = World::new();
    let slow_no = Fault::refusal(400, "invalid_scope").with_delay(Duration::from_millis(20));
    world.server.fault("/token", slow_no.always());
    let source = world.robot();
    for answer in crowd(&source).await {
        assert!(answer.unwrap_err().is_refusal("invalid_scope"));
    }
    assert_eq!(world.asked(), 1);
    crowd(&source).await;
    assert_eq!(world.asked(), 1, "those who come right after share it too");
}

#[tokio::test(start_paused = true)]
async fn a_stale_token_never_makes_the_crowd_wait() {
    let world = World::new();
    let source = world.robot();
    let old = source.token().await.unwrap();
    world.pass(HOUR - 4 * MINUTE).await;
    assert!(source.at_hand().is_none(), "it is stale");
    world
        .server
        .fault("/token", Fault::delay(Duration::from_secs(20)));
    let before = world.clock.now().monotonic;
    for answer in crowd(&source).await {
        assert!(answer.unwrap().is_same(&old));
    }
    assert_eq!(world.clock.now().monotonic, before, "nobody waited");
    source.settled().await;
    assert_eq!(world.asked(), 2);
    assert!(!source.at_hand().unwrap().is_same(&old));
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_never_displaces_a_token_that_works() {
    let world = World::new();
    let source = world.robot();
    let token = source.token().await.unwrap();
    world.server.fault("/token", Fault::status(503).always());
    while world.rest(&token) > Duration::from_secs(11) {
        world.pass(Duration::from_secs(1)).await;
        assert!(source.token().await.unwrap().is_same(&token));
    }
    let tried = world.asked() - 1;
    assert!(
        (3..60).contains(&tried),
        "it was tried again, with pauses: {tried}"
    );
    world.pass(Duration::from_secs(2)).await;
    assert_eq!(
        source.token().await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_there_is_a_pause_and_always_a_next_try() {
    let world = World::new();
    let source = world.robot();
    for round in 1..=20 {
        world
            .server
            .fault("/token", Fault::refusal(400, "invalid_client"));
        source.token().await.unwrap_err();
        source.token().await.unwrap_err();
        assert_eq!(world.asked(), round, "the pause holds");
        world.pass(2 * MINUTE).await;
    }
    source.token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn retry_after_makes_the_pause_longer() {
    let world = World::new();
    let busy = Fault::status(429).with_retry_after(10 * MINUTE);
    world.server.fault("/token", busy);
    let source = world.robot();
    let error = source.token().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(10 * MINUTE));
    world.pass(9 * MINUTE).await;
    source.token().await.unwrap_err();
    assert_eq!(world.asked(), 1);
    world.pass(2 * MINUTE).await;
    source.token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_person_typed_or_cancelled_is_not_remembered() {
    let grant = Scripted::failing(Error::interaction("cancelled"));
    let source = grant.source();
    source.token().await.unwrap_err();
    source.token().await.unwrap_err();
    assert_eq!(grant.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_configured_password_that_was_refused_is_never_sent_again() {
    let grant = Scripted::failing(Error::refused("wrong password").with_recall(Recall::Always));
    let source = grant.source();
    for _ in 0..5 {
        source.token().await.unwrap_err();
        grant.clock.advance(24 * HOUR).await;
    }
    assert_eq!(grant.calls(), 1);
}

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
async fn a_missing_expires_in_is_a_short_life_and_not_for_ever() {
    let world = World::new();
    world.server.fault("/token", Fault::without("expires_in"));
    let token = world.robot().token().await.unwrap();
    assert_eq!(token.life(), 5 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_fresh_token_is_handed_out_without_an_allocation() {
    let world = World::new();
    let source = world.robot();
    source.token().await.unwrap();
    let hand_out = || {
        assert!(
            source
                .at_hand()
                .is_some_and(|t| t.authorization().is_sensitive())
        )
    };
    assert_eq!(allocation_counter::measure(hand_out).count_total, 0);
    let ask = || drop(source.token());
    assert_eq!(
        allocation_counter::measure(ask).count_total,
        1,
        "the box of its future"
    );
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
async fn renew_really_asks_the_server() {
    let world = World::new();
    let source = world.robot();
    let first = source.token().await.unwrap();
    let second = source.renew().await.unwrap();
    assert!(!second.is_same(&first));
    assert_eq!(world.asked(), 2);
    world.server.fault("/token", Fault::status(500).always());
    source.renew().await.unwrap_err();
    assert!(
        source.token().await.unwrap().is_same(&second),
        "the working one is still there"
    );
}

#[tokio::test(start_paused = true)]
async fn a_checked_source_hands_out_only_what_the_check_agreed_to() {
    let world = World::new();
    let check = Arc::new(Check::default());
    let source = world.robot().with_check(check.clone());
    check.answer(Some(Error::unavailable("no keys")));
    assert_eq!(
        source.token().await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    check.answer(None);
    world.pass(MINUTE).await;
    source.token().await.unwrap();
    assert_eq!(
        world.asked(),
        1,
        "the set was kept; only the check was repeated"
    );
    check.answer(Some(Error::refused("forged")));
    source.renew().await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn the_observer_is_told_of_each_rotated_refresh_token_also_of_the_one_that_was_given() {
    let world = World::new();
    let first = world.server.login("desktop", "ada", &["read"]);
    let seen = Arc::new(Seen::default());
    let source = world.person(&first, &["read"]).with_observer(seen.clone());
    for rotations in 1..=2 {
        source.renew().await.unwrap();
        let told = seen.0.lock().unwrap().clone();
        let kept = source.refresh_token().await.unwrap().unwrap();
        assert_eq!(told.len(), rotations);
        assert!(told[rotations - 1].is_same(&kept));
    }
    let silent = Policy::new().with_rotation(Rotation::Silent);
    world.server.set_policy(silent);
    source.renew().await.unwrap();
    assert_eq!(seen.0.lock().unwrap().len(), 2, "nothing was replaced");
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

#[tokio::test(start_paused = true)]
async fn a_source_without_network_is_made_without_network() {
    let world = World::new();
    world.server.set_policy(Policy::new());
    let _ = (world.robot(), world.robot().at_hand());
    assert_eq!(world.asked(), 0);
}

type Script = dyn Fn(usize, &Held) -> Result<String> + Send + Sync;

/// A grant that does what a test says, and counts.
#[derive(Clone)]
struct Scripted {
    calls: Arc<AtomicUsize>,
    clock: TestClock,
    script: Arc<Script>,
}

impl Scripted {
    fn new(script: impl Fn(usize, &Held) -> Result<String> + Send + Sync + 'static) -> Self {
        Self {
            calls: Arc::default(),
            clock: TestClock::new(),
            script: Arc::new(script),
        }
    }

    fn failing(error: Error) -> Self {
        Self::new(move |_, _| Err(error.clone()))
    }

    fn answering(token: &'static str) -> Self {
        Self::new(move |_, _| Ok(token.to_owned()))
    }

    fn source(&self) -> CachedSource {
        CachedSource::new(
            self.clone(),
            Io::new().with_clock(Arc::new(self.clock.clone())),
        )
    }

    /// A source by the system's clock, for a test without a runtime.
    fn paused_elsewhere() -> CachedSource {
        CachedSource::new(HangsOnce(Arc::new(AtomicUsize::new(1))), Io::new())
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

impl Grant for Scripted {
    fn key(&self) -> StoreKey {
        key()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
            let text = (self.script)(call, held)?;
            let now = self.clock.now().wall;
            AccessToken::new(text.into(), now, now + HOUR).map(TokenSet::new)
        })
    }
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scripted")
    }
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

/// Hangs at the first call and answers all others.
#[derive(Debug)]
struct HangsOnce(Arc<AtomicUsize>);

impl Grant for HangsOnce {
    fn key(&self) -> StoreKey {
        key()
    }

    fn exchange<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            if self.0.fetch_add(1, Ordering::Relaxed) == 0 {
                std::future::pending::<()>().await;
            }
            let now = std::time::SystemTime::now();
            AccessToken::new("token".into(), now, now + HOUR).map(TokenSet::new)
        })
    }
}

fn poll<T>(future: &mut BoxFuture<'_, T>) -> Poll<T> {
    future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

fn key() -> StoreKey {
    StoreKey::new(SessionKey::new("https://issuer", "client", "default"))
}

#[derive(Debug, Default)]
struct Check(Mutex<Option<Error>>);

impl Check {
    fn answer(&self, error: Option<Error>) {
        *self.0.lock().unwrap() = error;
    }
}

impl TokenCheck for Check {
    fn check<'a>(&'a self, _: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { self.0.lock().unwrap().clone().map_or(Ok(()), Err) })
    }
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

#[derive(Debug, Default)]
struct Seen(Mutex<Vec<RefreshToken>>);

impl Observer for Seen {
    fn rotated(&self, _: &StoreKey, refresh: &RefreshToken) {
        self.0.lock().unwrap().push(refresh.clone());
    }
}
