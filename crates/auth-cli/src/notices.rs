//! [`Notices`]: what a person wants to know while they wait, and what gets lost behind their back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use auth_core::clock::SystemClock;
use auth_core::session::Observer;
use auth_core::store::{SessionKey, StoreKey, StoreLock, TokenStore};
use auth_core::token::Fingerprint;
use auth_core::token_file::RefreshTokenFile;
use auth_core::{Error, RefreshToken, Result};

use crate::output::{message, time};

/// The program's [`Observer`].
#[derive(Debug)]
pub(crate) struct Notices {
    /// Whether what the server hands out ends with this program.
    forgets: AtomicBool,
    /// Where a given refresh token is, if it is in a file that follows the rotation.
    file: Option<RefreshTokenFile>,
}

impl Notices {
    /// `keeps`: whether tokens outlive this program. `file` is rewritten where the server replaces its
    /// refresh token.
    pub(crate) fn new(keeps: bool, file: Option<RefreshTokenFile>) -> Self {
        Self {
            forgets: AtomicBool::new(!keeps),
            file,
        }
    }

    /// Whether the file has it.
    fn is_in_file(&self, refresh: &RefreshToken) -> bool {
        let text = self
            .file
            .as_ref()
            .and_then(|file| std::fs::read_to_string(file.path()).ok());
        text.is_some_and(|text| Fingerprint::of(text.trim()) == refresh.fingerprint())
    }
}

impl Observer for Notices {
    fn rotated(&self, _: &StoreKey, refresh: &RefreshToken) {
        if self.forgets.load(Ordering::Relaxed) && !self.is_in_file(refresh) {
            message::warn(
                "a new refresh token came, which is lost when this program ends, since nothing is kept; \
                 whether the one before still works the server did not say",
            );
        }
    }

    fn store_failed(&self, _: &StoreKey, _: &Error) {
        self.forgets.store(true, Ordering::Relaxed);
    }

    fn waiting(&self, key: &StoreKey, asking_until: Option<SystemTime>) {
        say_waiting(key.session(), asking_until);
    }
}

/// Says once that another process is waited for.
pub(crate) fn say_waiting(session: &SessionKey, asking_until: Option<SystemTime>) {
    message::note(&match asking_until {
        Some(until) => format!(
            "another process has the login {session} in hand, and waits for somebody or for the next one-time code; \
             waiting for it until {}",
            time::rfc3339(until)
        ),
        None => format!("another process is busy with the login {session}; waiting for it"),
    });
}

/// Locks a login that is to be removed, and says whom it waits for.
///
/// # Errors
/// As [`StoreLock::wait_to_remove`].
pub(crate) async fn locked_to_remove(
    store: &dyn TokenStore,
    session: &SessionKey,
) -> Result<StoreLock> {
    let told = |until| say_waiting(session, until);
    StoreLock::wait_to_remove(store, session, &SystemClock::new(), &told).await
}

/// Names the logins that a revoked one may have taken with it.
pub(crate) fn say_ended_with_it(others: &[SessionKey]) {
    for other in others {
        message::warn(&format!(
            "the login {other} was in the same session of the server, which ends as a whole"
        ));
    }
}
