//! [`Clock`]: the time, and waiting for it. The only room that asks the operating system for either.

pub mod bound;

use std::fmt;
use std::sync::Arc;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
use std::sync::OnceLock;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
use std::time::Instant;
use std::time::{Duration, SystemTime};

use crate::future::BoxFuture;

/// Tells the time and waits. Tests bring their own.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Both times at once.
    fn now(&self) -> Now;

    /// Completes after `pause`.
    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()>;
}

impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> Now {
        (**self).now()
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        (**self).sleep(pause)
    }
}

/// One reading of a [`Clock`].
///
/// A token's end is a wall-clock time, but a wall clock can be set back; a monotonic clock can't, but
/// it may stand still while a laptop sleeps. So a token in memory is over when either clock says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Now {
    /// The wall clock, UTC.
    pub wall: SystemTime,
    /// Time since some moment that stays the same while the process runs.
    pub monotonic: Duration,
}

impl Now {
    /// A reading, for a clock of one's own.
    pub fn new(wall: SystemTime, monotonic: Duration) -> Self {
        Self { wall, monotonic }
    }
}

/// The operating system's clock and tokio's timer. `sleep` needs a tokio runtime.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl SystemClock {
    /// The system's clock.
    pub const fn new() -> Self {
        Self
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the room that owns the clock"
)]
impl Clock for SystemClock {
    fn now(&self) -> Now {
        Now {
            wall: SystemTime::now(),
            monotonic: monotonic(),
        }
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(pause))
    }
}

/// The coarse clock costs a quarter of the exact one, and a few milliseconds do not matter here.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn monotonic() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::MonotonicCoarse);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the room that owns the clock"
)]
fn monotonic() -> Duration {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    ORIGIN.get_or_init(Instant::now).elapsed()
}
