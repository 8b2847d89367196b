//! [`blocking`]: the way in for synchronous programs.

use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwapOption;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Error, Result};

/// Runs `future` to its end on a runtime that the process keeps, with one worker thread made at the
/// first call, so that renewals go on between calls.
///
/// A forked child has a runtime of its own, since no thread survives a fork. A source that the parent made
/// works there too, but a renewal in progress during the fork is lost to the child: fork while nobody waits
/// for a token.
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
/// The future's own; `Config` inside an asynchronous program, which awaits the future instead;
/// `Unavailable` where no thread can be started.
pub fn blocking<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    static KEPT: Kept = Kept(ArcSwapOption::const_empty());
    if Handle::try_current().is_ok() {
        return Err(
            Error::config("blocking was called inside an asynchronous program")
                .with_advice("await the future instead"),
        );
    }
    KEPT.runtime(std::process::id())?.block_on(future)
}

/// The runtime of this process. A parent's is left alone and never dropped: its threads are the parent's,
/// and who waits for their end waits for ever.
struct Kept(ArcSwapOption<Process>);

struct Process {
    id: u32,
    runtime: OnceLock<std::io::Result<&'static Runtime>>,
}

impl Kept {
    fn runtime(&self, process: u32) -> Result<&'static Runtime> {
        let runtime = match self.of(process).runtime.get_or_init(leaked) {
            Ok(runtime) => *runtime,
            Err(error) => {
                return Err(Error::unavailable(format!(
                    "no thread can be started: {error}"
                )));
            }
        };
        Ok(runtime)
    }

    /// What is kept for this process, without a lock that a parent could have held while it forked.
    fn of(&self, process: u32) -> Arc<Process> {
        let ours = |kept: &Option<Arc<Process>>| kept.clone().filter(|kept| kept.id == process);
        if let Some(kept) = ours(&self.0.load()) {
            return kept;
        }
        let new = Arc::new(Process {
            id: process,
            runtime: OnceLock::new(),
        });
        self.0
            .rcu(|kept| Some(ours(kept).unwrap_or_else(|| new.clone())));
        ours(&self.0.load()).unwrap_or(new)
    }
}

fn leaked() -> std::io::Result<&'static Runtime> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    Ok(Box::leak(Box::new(runtime)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_has_one_runtime() {
        let kept = Kept(ArcSwapOption::const_empty());
        let [parent, again, child] = [1, 1, 2].map(|process| kept.runtime(process).unwrap());
        assert!(std::ptr::eq(parent, again));
        assert!(!std::ptr::eq(parent, child));
    }
}
