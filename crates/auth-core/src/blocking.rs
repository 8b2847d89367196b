//! [`blocking`]: the way in for synchronous programs.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Error, Result};

/// Runs `future` to its end on a runtime that the process keeps, with one worker thread made at the
/// first call, so that renewals go on between calls.
///
/// ```no_run
/// # use auth_core::{CachedSource, TokenSource, blocking};
/// # fn example(source: CachedSource) -> auth_core::Result<()> {
/// let token = blocking(source.token())?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The future's own; `Config` inside an asynchronous program, which awaits the future instead.
pub fn blocking<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    if Handle::try_current().is_ok() {
        return Err(
            Error::config("blocking was called inside an asynchronous program")
                .with_advice("await the future instead"),
        );
    }
    let build = || {
        Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
    };
    match RUNTIME.get_or_init(build) {
        Ok(runtime) => runtime.block_on(future),
        Err(error) => Err(Error::unavailable(format!(
            "no thread can be started: {error}"
        ))),
    }
}
