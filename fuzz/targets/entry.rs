//! A login as it is kept, after somebody or a failing disk wrote in it.

#![no_main]

mod world;

use std::sync::Arc;

use auth_core::store::{Attempt, FileStore, MemoryStore, SessionKey, TokenStore};
use auth_core::{CachedSource, ClientAuth, ClientCredentials, Io, Provider, Result, TokenEndpoint, TokenSource as _};
use libfuzzer_sys::fuzz_target;
use secrecy::SecretSlice;

use self::world::{ISSUER, Server, assert_harmless, run, secret};

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let io = Server { body: ANSWER.to_vec(), ..Server::of(&[]) }.io();
    run(async {
        let source = source(&io).expect("a source");
        let session = source.key().session().clone();
        let store: Arc<dyn TokenStore> = match kind % 2 {
            0 => Arc::new(in_file(bytes, &session).await),
            _ => Arc::new(in_memory(bytes, &session).await),
        };
        assert_harmless(store.load(&session).await);
        assert_harmless(store.entries().await);
        let source = source.with_store(store);
        assert_harmless(source.token().await);
        assert_harmless(source.refresh_token().await);
    });
});

/// The file of a kept login is made of these bytes.
async fn in_file(bytes: &[u8], session: &SessionKey) -> FileStore {
    let folder = std::env::temp_dir().join(format!("entry-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let store = FileStore::new(&folder);
    save(&store, b"{}", session).await;
    let files = std::fs::read_dir(&folder).expect("a folder");
    for file in files.flatten().filter(|file| file.metadata().is_ok_and(|it| it.len() > 0)) {
        std::fs::write(file.path(), bytes).expect("a file");
    }
    store
}

/// What the file holds, without the frame that shows damage.
async fn in_memory(bytes: &[u8], session: &SessionKey) -> MemoryStore {
    let store = MemoryStore::new();
    save(&store, bytes, session).await;
    store
}

async fn save(store: &dyn TokenStore, bytes: &[u8], session: &SessionKey) {
    let Ok(Attempt::Locked(lock)) = store.lock(session).await else {
        panic!("nobody has the lock");
    };
    let bytes = SecretSlice::from(bytes.to_vec());
    store.save(&lock, None, &bytes).await.expect("it is kept");
}

fn source(io: &Io) -> Result<CachedSource> {
    let provider = Provider::new(ISSUER, io.clone())?;
    let endpoint = TokenEndpoint::discovered(provider, ClientAuth::basic("app", secret()));
    Ok(CachedSource::new(ClientCredentials::new(endpoint), io.clone()))
}

const ANSWER: &[u8] = br#"{"access_token":"a","token_type":"Bearer","expires_in":3600}"#;
