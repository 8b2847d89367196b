//! How long a request waits that is sent again.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

/// Two pauses, of 250 ms and 500 ms and up to as much again.
pub(crate) fn pauses() -> impl Iterator<Item = Duration> + Send {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(250))
        .with_max_times(2)
        .with_jitter()
        .build()
}
