//! Ctrl-C: a renewal in progress is finished first, or a rotated refresh token would be lost.

#[cfg(unix)]
mod hangup;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auth_core::TokenSource;
use auth_core::clock::{Clock, SystemClock};

use crate::failure::Failure;
use crate::output::message;
use crate::prompt;

/// Nobody wonders about a wait that is shorter.
const UNNOTICED: Duration = Duration::from_millis(200);

/// Runs `work`, then awaits the renewal of `source` that may still be in progress: a stale token is handed
/// out at once, and its renewal must not be cut short. On Ctrl-C (or a polite kill) `work` is dropped, and the outcome is
/// `Interrupted`. Where `spends` says that a renewal may use up what nobody could get again, it is awaited all the
/// same, which ends within its request's deadline. A second Ctrl-C waits for nothing.
///
/// # Errors
/// Those of `work`, or `Interrupted`.
pub(crate) async fn settling<T>(
    source: &dyn TokenSource,
    spends: bool,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let settled = async {
        let outcome = work.await;
        source.settled().await;
        outcome
    };
    tokio::select! {
        biased;
        () = requested() => {}
        outcome = settled => return outcome,
    }
    prompt::restore_terminal();
    if !spends {
        return Err(Failure::Interrupted);
    }
    tokio::select! {
        biased;
        () = source.settled() => {}
        () = told_to_wait() => {}
    }
    Err(Failure::Interrupted)
}

/// As [`requested`], for a part of some work: where nobody listens for the work itself, the signal ends the process, and
/// whoever listened here would keep it from that for good.
pub(crate) async fn requested_too() {
    match LISTENED_FOR.load(Ordering::Relaxed) {
        true => requested().await,
        false => std::future::pending().await,
    }
}

/// Whether a signal has somebody who hears it.
static LISTENED_FOR: AtomicBool = AtomicBool::new(false);

/// Completes when somebody wants the program to end.
pub(crate) async fn requested() {
    LISTENED_FOR.store(true, Ordering::Relaxed);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        // A terminal that is closed, or an SSH connection that is lost, sends a hangup.
        let hung_up = async {
            match hangup::hangup() {
                Some(mut signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        };
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
                () = hung_up => {}
            }
            return;
        }
    }
    // An error means that no handler could be installed: then the signal ends the process by itself.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// A write beyond the largest size that a file may have (`ulimit -f`) fails from now on, and that is said,
/// where its signal would end the program without a word. To be called on the runtime.
pub(crate) fn survive_size_limit() {
    #[cfg(unix)]
    {
        use rustix::process::Signal;
        use tokio::signal::unix::{SignalKind, signal};

        // What is handled once stays handled.
        let _ = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
    }
}

/// A renewal that nobody has to be told of ends first.
async fn told_to_wait() {
    SystemClock::new().sleep(UNNOTICED).await;
    message::note(
        "finishing the renewal in progress, so that no login is lost; Ctrl-C again to stop at once",
    );
    requested().await;
}
