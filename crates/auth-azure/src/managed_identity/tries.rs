//! [`Tries`]: how often a metadata service is asked, as Microsoft's documentation of it wants.

use std::iter;
use std::time::Duration;

use auth_core::{Error, Io, Result};
use backon::{BackoffBuilder, ExponentialBuilder};

/// The tries of one exchange. Five times more at most: at once, then after growing pauses of half a minute together;
/// after 410, where the service is being replaced, after pauses of 75 s together. What the service asks for with
/// `Retry-After` counts, within two minutes.
pub(super) struct Tries<'a> {
    io: &'a Io,
    end: Duration,
    busy: Pauses,
    replaced: Pauses,
}

type Pauses = Box<dyn Iterator<Item = Duration> + Send + Sync>;

impl<'a> Tries<'a> {
    pub(super) fn new(io: &'a Io) -> Self {
        Self {
            io,
            end: io.clock().now().monotonic + LONGEST,
            busy: pauses(1600, true),
            replaced: pauses(5000, false),
        }
    }

    /// How long the next request may take.
    pub(super) fn deadline(&self) -> Duration {
        let rest = self.end.saturating_sub(self.io.clock().now().monotonic);
        rest.min(ONE)
    }

    /// Waits until the next try.
    ///
    /// # Errors
    /// `error`, after which there was none.
    pub(super) async fn pause(&mut self, error: Error) -> Result<()> {
        let pause = match error.status() {
            Some(410) => self.replaced.next(),
            _ => self.busy.next(),
        };
        let Some(pause) = pause else {
            return Err(error);
        };
        let clock = self.io.clock();
        let pause = pause.max(error.retry_after().unwrap_or_default());
        if clock.now().monotonic + pause >= self.end {
            return Err(error);
        }
        tracing::debug!(%error, ?pause, "the metadata service is asked again");
        clock.sleep(pause).await;
        Ok(())
    }
}

/// At once, then after `first` milliseconds and three times after twice as long; up to as much again where machines
/// that fail together must not come together again.
fn pauses(first: u64, jitter: bool) -> Pauses {
    let builder = ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(first))
        .with_max_times(4);
    let builder = match jitter {
        true => builder.with_jitter(),
        false => builder,
    };
    Box::new(iter::once(Duration::ZERO).chain(builder.build()))
}

/// How long one request may take, and all together.
const ONE: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(120);
