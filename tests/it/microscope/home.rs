//! [`Home`]: what the processes of one login share: a store, a file or a variable with a refresh token, and a server.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use auth_core::grant::{FileRefreshToken, GivenRefreshToken};
use auth_core::session::{Held, Login, TokenSet};
use auth_core::store::{FileStore, StoreKey, TokenStore};
use auth_core::token_file::RefreshTokenFile;
use auth_core::{
    BoxFuture, CachedSource, ClientAuth, Error, Grant, Io, RefreshToken, Refreshing, Result,
    TokenEndpoint,
};
use url::Url;

use super::gate::Gate;

/// Where the refresh token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The store alone has it.
    Entry,
    File,
    Variable,
}

#[derive(Clone, Debug)]
pub struct Home {
    pub place: Place,
    pub url: Url,
    pub folder: PathBuf,
}

impl Home {
    pub fn store(&self) -> FileStore {
        FileStore::new(self.folder.join("store"))
    }

    fn token(&self) -> PathBuf {
        self.folder.join("token")
    }

    pub fn put(&self, token: &RefreshToken) {
        fs::write(self.token(), token.expose_secret()).unwrap();
    }

    pub fn forget(&self) {
        fs::remove_file(self.token()).unwrap();
    }

    /// What a process has that starts now.
    pub async fn process(&self, io: &Io, gate: &Arc<Gate>) -> Result<CachedSource> {
        let io = gate.io(io.clone());
        let client = ClientAuth::public("desktop");
        let endpoint = TokenEndpoint::new(self.url.clone(), client, io.clone());
        let store = gate.store(Arc::new(self.store()));
        let source = match self.place {
            Place::Entry => {
                let first = First(endpoint.clone(), self.token());
                CachedSource::new(Refreshing::new(endpoint, first), io)
            }
            Place::File => {
                let file = RefreshTokenFile::new(self.token());
                let grant = FileRefreshToken::new(endpoint, file.clone());
                let plain: Arc<dyn TokenStore> = match gate.is_open() {
                    true => store.clone(),
                    false => Arc::new(self.store()),
                };
                file.sync(&*plain, grant.key().session(), &**io.clock())
                    .await?;
                CachedSource::new(grant, io)
            }
            Place::Variable => {
                let given = RefreshToken::new(fs::read_to_string(self.token()).unwrap());
                CachedSource::new(GivenRefreshToken::new(endpoint, &given), io)
            }
        };
        Ok(source.with_store(store).with_check(gate.check()))
    }

    /// The logins in the store, if every file in it is whole.
    pub async fn logins(&self) -> Result<Vec<Login>, String> {
        let store = self.store();
        let Ok(names) = fs::read_dir(store.directory()) else {
            return Ok(Vec::new());
        };
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let names: Vec<_> = names.collect();
        if let Some(damaged) = names.iter().find(|name| name.contains("corrupt")) {
            return Err(format!("{damaged} is there"));
        }
        let entries = names.iter().filter(|name| name.ends_with(".json")).count();
        let mut logins = Vec::new();
        for session in store.list().await.map_err(|error| error.to_string())? {
            let login = Login::load(&store, &session).await;
            logins.extend(login.map_err(|error| error.to_string())?);
        }
        match logins.len() == entries {
            true => Ok(logins),
            false => Err(format!("{entries} entries, {} logins", logins.len())),
        }
    }
}

/// A person who logs in once, as long as their token lies there.
#[derive(Debug)]
struct First(TokenEndpoint, PathBuf);

impl Grant for First {
    fn key(&self) -> StoreKey {
        StoreKey::new(self.0.session("default"))
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            let Ok(text) = fs::read_to_string(&self.1) else {
                return Err(Error::interaction("nobody is logged in"));
            };
            let token = RefreshToken::new(text);
            Ok(self.0.refresh(held, &token, &[]).await?.with_account("ada"))
        })
    }
}
