//! The cache law: each of its sentences, under paused time.

mod caller;
mod discard;
mod failure;
mod life;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::session::{Held, Observer, TokenCheck, TokenSet};
use auth_core::store::{SessionKey, StoreKey};
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

#[derive(Debug, Default)]
struct Seen(Mutex<Vec<RefreshToken>>);

impl Observer for Seen {
    fn rotated(&self, _: &StoreKey, refresh: &RefreshToken) {
        self.0.lock().unwrap().push(refresh.clone());
    }
}
