//! [`patiently`]: trying again while another program has a file open.

use std::io::{Error, ErrorKind, Result};
use std::path::Path;
use std::time::Duration;

use tempfile::NamedTempFile;

/// Lets `file` take the place of what is at `path`, patiently. Blocks.
pub(crate) fn replace(file: NamedTempFile, path: &Path) -> Result<()> {
    let mut next = Some(file);
    patiently(path, || {
        let file = next.take().ok_or(ErrorKind::NotFound)?;
        file.persist(path).map(drop).map_err(|failed| {
            next = Some(failed.file);
            failed.error
        })
    })
}

/// What `work` on the file at `path` comes to. On Windows nobody can replace or delete what somebody reads: there it is
/// tried again for some seconds. Blocks.
#[expect(
    clippy::disallowed_methods,
    reason = "a command that changes a file has nothing else to do meanwhile"
)]
pub(crate) fn patiently<T>(path: &Path, mut work: impl FnMut() -> Result<T>) -> Result<T> {
    for _ in 0..TRIES {
        match work() {
            Err(error) if is_open(&error) && !path.is_dir() => std::thread::sleep(PAUSE),
            outcome => return outcome,
        }
    }
    work()
}

/// Whether somebody has the file open, as Windows says it: `ERROR_ACCESS_DENIED`, `ERROR_SHARING_VIOLATION`.
fn is_open(error: &Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(5 | 32))
}

const TRIES: u32 = 300;
const PAUSE: Duration = Duration::from_millis(10);
