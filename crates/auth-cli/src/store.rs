//! Where tokens are kept: a directory, or memory where there is none or none is wanted.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use auth_core::{
    Attempt, Clock, Error, FileStore, MemoryStore, Result, SessionKey, StoreLock, SystemClock,
    TokenStore,
};

use crate::args::Globals;
use crate::output::message;

/// A store, and the directory that it keeps its files in.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) store: Arc<dyn TokenStore>,
    pub(crate) directory: Option<PathBuf>,
}

/// The store that the flags, the environment or the platform's habit name.
pub(crate) fn open(globals: &Globals) -> Place {
    if globals.no_store {
        return memory();
    }
    let named = globals.store.clone().or_else(|| {
        let variable = std::env::var_os("AUTH_STORE");
        variable.filter(|path| !path.is_empty()).map(PathBuf::from)
    });
    let store = match named {
        Some(directory) => Ok(FileStore::new(directory)),
        None => FileStore::for_application("auth"),
    };
    match store {
        Ok(store) => Place {
            directory: Some(store.directory().to_owned()),
            store: Arc::new(store),
        },
        Err(error) => {
            message::warn(&format!("tokens are kept in memory only: {error}"));
            memory()
        }
    }
}

/// Locks a session that no renewal of ours holds, for a few seconds at most.
///
/// # Errors
/// `Unavailable` if another process does not let go, `Store` if the store can't be written.
pub(crate) async fn lock(store: &dyn TokenStore, session: &SessionKey) -> Result<StoreLock> {
    for _ in 0..100 {
        if let Attempt::Locked(lock) = store.lock(session).await? {
            return Ok(lock);
        }
        SystemClock::new().sleep(Duration::from_millis(50)).await;
    }
    Err(
        Error::unavailable("another process is busy with this login")
            .with_advice("try again when it is done"),
    )
}

fn memory() -> Place {
    Place {
        store: Arc::new(MemoryStore::new()),
        directory: None,
    }
}
