//! [`Watched`]: who waits for a server or for another process sees what takes so long.

mod request;
mod turn;

use std::time::Duration;

use auth_core::clock::{Clock, SystemClock};

use crate::output::{message, wheel};

/// What is asked of the network or of the store, and watched.
#[derive(Debug)]
pub(crate) struct Watched<T>(T);

impl<T> Watched<T> {
    pub(crate) fn new(watched: T) -> Self {
        Self(watched)
    }
}

/// What becomes of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// It goes on.
    Goes,
    /// Whoever sees nothing may wonder; once.
    Lasts,
}

/// Does `work`, and shows that it waits for `whom`: on a terminal soon, and elsewhere by a line after a while.
pub(crate) async fn shown<T>(whom: &str, work: impl Future<Output = T>) -> T {
    let mut line = Line(false);
    watched(work, |moment| match moment {
        Moment::Goes => line.show(whom),
        Moment::Lasts if wheel::is_seen() => {}
        Moment::Lasts => message::note(&format!("still waiting for {whom}")),
    })
    .await
}

/// The same for what may have something of its own on the terminal, where nothing is shown then.
pub(crate) async fn said<T>(whom: &str, work: impl Future<Output = T>) -> T {
    watched(work, |moment| {
        if moment == Moment::Lasts && !wheel::is_seen() {
            message::note(&format!("still waiting for {whom}"));
        }
    })
    .await
}

async fn watched<T>(work: impl Future<Output = T>, mut at: impl FnMut(Moment)) -> T {
    let clock = SystemClock::new();
    let (mut tick, mut long) = (clock.sleep(UNNOTICED), clock.sleep(UNEASY));
    let mut is_long = false;
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            outcome = &mut work => return outcome,
            () = &mut long, if !is_long => {
                is_long = true;
                at(Moment::Lasts);
            }
            () = &mut tick => {
                at(Moment::Goes);
                tick = clock.sleep(TICK);
            }
        }
    }
}

/// What is shown of a wait, and goes with it.
struct Line(bool);

impl Line {
    fn show(&mut self, whom: &str) {
        self.0 = wheel::is_free();
        if self.0 {
            wheel::show(&format!("waiting for {whom}"));
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.0 {
            wheel::hide();
        }
    }
}

/// Nobody wonders about a wait that is shorter.
const UNNOTICED: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(500);
/// After this long somebody may wonder who sees nothing.
const UNEASY: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_short_wait_is_no_matter_a_long_one_is_shown_and_said_once() {
        let clock = SystemClock::new();
        for (length, shown, said) in [(900, 0, 0), (2100, 3, 0), (29_900, 58, 0), (90_100, 179, 1)]
        {
            let mut moments = Vec::new();
            let work = clock.sleep(Duration::from_millis(length));
            watched(work, |moment| moments.push(moment)).await;
            let count = |moment| moments.iter().filter(|other| **other == moment).count();
            let counted = (count(Moment::Goes), count(Moment::Lasts));
            assert_eq!(counted, (shown, said), "{length}");
        }
    }
}
