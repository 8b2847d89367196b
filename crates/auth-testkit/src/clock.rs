//! [`TestClock`]: a clock that a test moves.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use auth_core::BoxFuture;
use auth_core::clock::{Clock, Now};
use tokio::time::Instant;

/// A clock whose wall time starts at a fixed date and then follows tokio's time, so that it stands
/// still in a test with `start_paused = true` until somebody waits.
///
/// `Clone` gives another handle on the same clock. Two clocks that were made apart are moved apart:
/// give the server one and the client the other, and their clocks disagree.
///
/// ```
/// # use std::time::Duration;
/// # use auth_core::clock::Clock;
/// # use auth_testkit::TestClock;
/// let clock = TestClock::new();
/// let before = clock.now();
/// clock.set_back(Duration::from_secs(3600)); // somebody sets the computer's clock
/// assert!(clock.now().wall < before.wall && clock.now().monotonic >= before.monotonic);
/// ```
#[derive(Clone)]
pub struct TestClock {
    origin: Instant,
    wall_at_origin: Arc<Mutex<SystemTime>>,
}

impl TestClock {
    /// A clock that reads 2026-01-01T00:00:00Z now. Make it inside the runtime of the test.
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
            wall_at_origin: Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + START)),
        }
    }

    /// Lets `time` pass on both clocks, and everything happen that is due in it, in its order. Under
    /// tokio's paused time it costs no time, otherwise it waits.
    pub async fn advance(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Sets the wall clock; the monotonic one goes on as if nothing had happened.
    pub fn set_wall(&self, wall: SystemTime) {
        self.shift(|_| wall - self.elapsed());
    }

    /// Sets the wall clock forward by `jump`, the way a laptop's clock jumps when it wakes up.
    pub fn set_forward(&self, jump: Duration) {
        self.shift(|wall| wall + jump);
    }

    /// Sets the wall clock back by `jump`.
    pub fn set_back(&self, jump: Duration) {
        self.shift(|wall| wall - jump);
    }

    fn shift(&self, change: impl FnOnce(SystemTime) -> SystemTime) {
        let mut wall = self
            .wall_at_origin
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *wall = change(*wall);
    }

    fn elapsed(&self) -> Duration {
        self.origin.elapsed()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Now {
        let monotonic = self.elapsed();
        let wall = *self
            .wall_at_origin
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Now::new(wall + monotonic, monotonic)
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(pause))
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TestClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TestClock").field(&self.now().wall).finish()
    }
}

/// 2026-01-01T00:00:00Z, since the epoch.
const START: Duration = Duration::from_secs(1_767_225_600);
