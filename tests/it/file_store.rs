//! The file store: private, whole, durable, shared.

mod damage;
mod exposure;
mod lock;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auth_core::store::{Attempt, FileStore, Generation, SessionKey, StoreLock, TokenStore};
use auth_core::{ErrorKind, TokenSource};
use aws_lc_rs::digest::{SHA256, digest};
use secrecy::{ExposeSecret, SecretSlice};
use tempfile::TempDir;

use crate::rights::set_mode;
use crate::world::World;

fn session() -> SessionKey {
    SessionKey::new("https://issuer", "client", "default")
}

fn bytes(text: &str) -> SecretSlice<u8> {
    text.as_bytes().to_vec().into()
}

struct Place {
    _home: TempDir,
    path: PathBuf,
    store: FileStore,
}

impl Place {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("state").join("tokens");
        Self {
            store: FileStore::new(&path),
            path,
            _home: home,
        }
    }

    async fn lock(&self) -> StoreLock {
        match self.store.lock(&session()).await.unwrap() {
            Attempt::Locked(lock) => lock,
            busy => panic!("{busy:?}"),
        }
    }

    async fn save(&self, after: Option<Generation>, text: &str) -> Generation {
        let lock = self.lock().await;
        self.store.save(&lock, after, &bytes(text)).await.unwrap()
    }

    async fn load(&self) -> Option<String> {
        let entry = self.store.load(&session()).await.unwrap()?;
        Some(String::from_utf8(entry.bytes.expose_secret().to_vec()).unwrap())
    }

    fn file(&self, end: &str) -> PathBuf {
        let mut files = fs::read_dir(&self.path)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        files
            .find(|path| path.to_str().unwrap().ends_with(end))
            .unwrap()
    }

    /// What lies there, but for the lock files that stay where none is told from its successor.
    fn names(&self) -> Vec<String> {
        let all = fs::read_dir(&self.path).unwrap();
        let stays = |name: &String| cfg!(windows) && name.ends_with(".lock");
        all.map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !stays(name))
            .collect()
    }

    /// As `auth logout` does it.
    async fn removed(&self) {
        let Attempt::Locked(lock) = self.store.lock_to_remove(&session()).await.unwrap() else {
            panic!("somebody has the lock")
        };
        self.store.remove(&lock).await.unwrap();
    }

    async fn kind_of_load(&self) -> Option<ErrorKind> {
        self.store
            .load(&session())
            .await
            .err()
            .map(|error| error.kind())
    }
}

fn private(path: &Path, text: &[u8]) {
    fs::write(path, text).unwrap();
    set_mode(path, 0o600);
}

#[tokio::test]
async fn making_a_store_touches_nothing() {
    let place = Place::new();
    assert!(place.load().await.is_none());
    assert!(place.store.list().await.unwrap().is_empty());
    assert!(!place.path.exists());
}

#[tokio::test]
async fn what_is_saved_is_loaded_and_listed_and_removed() {
    let place = Place::new();
    let first = place.save(None, "one").await;
    assert_eq!(place.load().await.as_deref(), Some("one"));
    place.save(Some(first), "two").await;
    assert_eq!(place.load().await.as_deref(), Some("two"));
    assert_eq!(place.store.list().await.unwrap(), [session()]);
    let lock = place.lock().await;
    place.store.remove(&lock).await.unwrap();
    place.store.remove(&lock).await.unwrap();
    assert!(place.load().await.is_none());
    for entry in fs::read_dir(&place.path).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains("one") && !text.contains("two"));
    }
}

#[tokio::test]
async fn an_outdated_generation_is_refused() {
    let place = Place::new();
    let first = place.save(None, "one").await;
    place.save(Some(first), "two").await;
    let lock = place.lock().await;
    for outdated in [None, Some(first)] {
        let error = place
            .store
            .save(&lock, outdated, &bytes("three"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
    }
    place.store.remove(&lock).await.unwrap();
    place
        .store
        .save(&lock, Some(first), &bytes("three"))
        .await
        .unwrap_err();
    assert!(place.load().await.is_none(), "nothing removed comes back");
}

/// The file as a version after ours would have written it.
fn newer(file: &str) -> String {
    let (_, text) = file.split_once('\n').unwrap();
    let text = text.replace("\"version\":2", "\"version\":3");
    let sum = digest(&SHA256, text.as_bytes());
    let sum: String = sum
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{sum}\n{text}")
}

#[tokio::test]
async fn removing_leaves_no_file_needs_no_room_and_minds_no_newer_version() {
    let place = Place::new();
    place.save(None, "one").await;
    let file = place.file(".json");
    fs::write(&file, newer(&fs::read_to_string(&file).unwrap())).unwrap();
    assert!(place.store.lock(&session()).await.is_err());
    assert!(place.store.holds(&session()).await.unwrap());
    place.removed().await;
    assert!(place.names().is_empty(), "{:?}", place.names());
    assert!(!place.store.holds(&session()).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn r16_sources_in_one_directory_make_one_request() {
    let (world, place) = (World::new(), Place::new());
    let first = world.server.login("desktop", "ada", &["read"]);
    for round in 1..=3 {
        let calls: Vec<_> = (0..16)
            .map(|_| {
                let store = Arc::new(FileStore::new(&place.path));
                let source = world.person(&first, &["read"]).with_store(store);
                tokio::spawn(async move { source.token().await })
            })
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert_eq!(world.asked(), round);
        world.pass(2 * crate::world::HOUR).await;
    }
}
