//! [`patiently`]: trying again while another program has a file open.

#![expect(
    clippy::disallowed_methods,
    reason = "whoever calls this is on a thread for calls that block, and this waits between them"
)]

use std::io::Result;
use std::path::Path;
use std::time::Duration;

/// What `work` on the file at `path` comes to. While another program is in its way (a virus scanner, an indexer, a
/// backup that has the file open; on Windows nobody can replace it meanwhile) it is tried again, for six seconds. Blocks,
/// so it belongs on a thread for that.
///
/// # Errors
/// Those of `work`.
pub fn patiently<T>(path: &Path, mut work: impl FnMut() -> Result<T>) -> Result<T> {
    for _ in 0..TRIES {
        match work() {
            Err(error) if is_held(&error) => pause(path),
            outcome => return outcome,
        }
    }
    work()
}

/// Whether another program has the file open, as the system says it.
pub(crate) fn is_held(error: &std::io::Error) -> bool {
    error
        .raw_os_error()
        .is_some_and(|code| BUSY.contains(&code))
}

fn pause(path: &Path) {
    tracing::trace!(file = %path.display(), "another program has this file open");
    if !cfg!(test) {
        std::thread::sleep(PAUSE);
    }
}

/// Other programs take their hands off a file for moments only.
const PAUSE: Duration = Duration::from_millis(10);
/// Six seconds, of which whoever waits for a lock has many.
const TRIES: u32 = 600;

/// What a file server says that Windows programs use, too.
#[cfg(unix)]
const BUSY: [i32; 2] = [
    rustix::io::Errno::BUSY.raw_os_error(),
    rustix::io::Errno::TXTBSY.raw_os_error(),
];
/// `ERROR_SHARING_VIOLATION`, `ERROR_ACCESS_DENIED` (to whoever replaces or deletes it), `ERROR_LOCK_VIOLATION`.
#[cfg(not(unix))]
const BUSY: [i32; 3] = [32, 5, 33];

/// Files that another program has open, which anybody may read and write meanwhile but nobody replace or delete: for tests
/// on every platform.
#[cfg(test)]
pub(crate) mod held {
    use std::cell::RefCell;
    use std::io::{Error, Result};
    use std::path::{Path, PathBuf};

    use super::BUSY;

    thread_local! {
        static HELD: RefCell<Vec<(PathBuf, u32)>> = const { RefCell::new(Vec::new()) };
    }

    /// From now on this thread can't replace or delete the file, so many times.
    pub(crate) fn hold(path: &Path, times: u32) {
        HELD.with_borrow_mut(|held| held.push((path.to_owned(), times)));
    }

    /// Nobody holds it any more.
    pub(crate) fn release(path: &Path) {
        HELD.with_borrow_mut(|held| held.retain(|(other, _)| other != path));
    }

    pub(crate) fn ensure_free(path: &Path) -> Result<()> {
        HELD.with_borrow_mut(|held| {
            let mut held = held.iter_mut();
            match held.find(|(other, times)| other == path && *times > 0) {
                Some((_, times)) => *times -= 1,
                None => return Ok(()),
            }
            Err(Error::from_raw_os_error(BUSY[0]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_program_holds_is_tried_again_for_some_seconds() {
        let path = Path::new("entry");
        let mut done = 0;
        let mut work = || {
            held::ensure_free(path)?;
            done += 1;
            Ok(())
        };
        held::hold(path, TRIES);
        patiently(path, &mut work).unwrap();
        held::hold(path, u32::MAX);
        let error = patiently(path, &mut work).unwrap_err();
        assert!(is_held(&error), "{error}");
        held::release(path);
        patiently(path, &mut work).unwrap();
        assert_eq!(done, 2);
    }

    #[test]
    fn any_other_failure_is_one_at_once() {
        let mut tries = 0;
        let outcome = patiently(Path::new("entry"), || {
            tries += 1;
            Err::<(), _>(std::io::ErrorKind::NotFound.into())
        });
        assert!(outcome.is_err());
        assert_eq!(tries, 1);
    }
}
