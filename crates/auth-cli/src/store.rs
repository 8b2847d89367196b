//! Where tokens are kept: a directory, or memory where there is none or none is wanted.

use std::path::PathBuf;
use std::sync::Arc;

use auth_core::store::{FileStore, MemoryStore, SessionKey, TokenStore};
use auth_core::{Error, Result};

use crate::args::Globals;
use crate::literal;
use crate::output::message;
use crate::waiting::Watched;

/// A store, and the directory that it keeps its files in.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) store: Arc<dyn TokenStore>,
    pub(crate) directory: Option<PathBuf>,
}

impl Place {
    /// Makes sure that a login can be kept here, before somebody goes to the trouble, or a token is spent.
    ///
    /// # Errors
    /// `Store` if it can't.
    pub(crate) async fn ensure_room(&self, session: &SessionKey) -> Result<()> {
        // Taking the lock reserves the room. Where another process has it, the store works.
        self.store.lock(session).await.map(drop)
    }
}

/// The store that the flags, the environment or the platform's habit name.
pub(crate) fn open(globals: &Globals) -> Place {
    if globals.no_store {
        return memory();
    }
    match of_files(globals) {
        Ok(store) => Place {
            directory: Some(store.directory().to_owned()),
            store: Arc::new(Watched::new(store)),
        },
        Err(error) => {
            message::warn(&format!("tokens are kept in memory only: {error}"));
            memory()
        }
    }
}

fn of_files(globals: &Globals) -> Result<FileStore> {
    match named(globals) {
        Some(directory) => Ok(FileStore::new(directory)),
        None => FileStore::for_application("auth"),
    }
}

/// The directory of that store, whether or not it is there; none where tokens are kept in memory.
pub(crate) fn directory(globals: &Globals) -> Option<PathBuf> {
    let store = (!globals.no_store)
        .then(|| of_files(globals).ok())
        .flatten()?;
    Some(store.directory().to_owned())
}

fn named(globals: &Globals) -> Option<PathBuf> {
    globals.store.clone().or_else(|| {
        let variable = crate::variables::os("AUTH_STORE");
        variable.filter(|path| !path.is_empty()).map(PathBuf::from)
    })
}

/// Makes sure that a directory that is named is the one that is meant.
///
/// # Errors
/// `Config` for what a shell would have replaced: tokens would lie in a directory of that name.
pub(crate) fn ensure_meant(globals: &Globals) -> Result<()> {
    let named = named(globals).filter(|path| !globals.no_store && path.is_relative());
    let path = named.unwrap_or_default();
    match literal::advice(&path) {
        Some(advice) => {
            let what = format!("the token store is called `{}`", path.display());
            Err(Error::config(what).with_advice(advice))
        }
        None => Ok(()),
    }
}

fn memory() -> Place {
    Place {
        store: Arc::new(MemoryStore::new()),
        directory: None,
    }
}
