//! The file store: private, whole, durable, shared.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use auth_core::clock::Clock;
use auth_core::session::{Held, Login, TokenSet};
use auth_core::store::{
    Attempt, FileStore, Generation, SessionKey, StoreKey, StoreLock, TokenStore,
};
use auth_core::{
    AccessToken, BoxFuture, CachedSource, ClientAuth, ErrorKind, Grant, Refreshing, Result,
    TokenSource,
};
use aws_lc_rs::digest::{SHA256, digest};
use secrecy::{ExposeSecret, SecretSlice};
use tempfile::TempDir;

use crate::rights::{mode, set_mode, symlink};
use crate::world::{Nobody, World};

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
#[cfg_attr(windows, ignore = "directories and files have no modes")]
async fn s5_the_directory_is_0700_and_every_file_0600() {
    let place = Place::new();
    place.save(None, "secret").await;
    let _lock = place.lock().await;
    assert_eq!(mode(&place.path), 0o700);
    for entry in fs::read_dir(&place.path).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
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

#[tokio::test]
async fn one_holder_has_the_lock_and_says_whether_it_asks_a_person() {
    let place = Place::new();
    let lock = place.lock().await;
    let until = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
    for asking in [None, Some(until), None] {
        lock.announce(asking).await;
        let Attempt::Busy { asking_until } = place.store.lock(&session()).await.unwrap() else {
            panic!("two holders")
        };
        assert_eq!(asking_until, asking);
    }
    let other = SessionKey::new("https://issuer", "client", "other");
    assert!(matches!(
        place.store.lock(&other).await.unwrap(),
        Attempt::Locked(_)
    ));
    drop(lock);
    place.lock().await;
}

#[tokio::test]
#[cfg_attr(windows, ignore = "a file that somebody has open keeps its name")]
async fn r17_a_deleted_lock_file_takes_the_lock_away() {
    let place = Place::new();
    let lock = place.lock().await;
    fs::remove_file(place.file(".lock")).unwrap();
    let _other = place.lock().await;
    let error = place
        .store
        .save(&lock, None, &bytes("x"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("deleted"), "{error}");
}

#[tokio::test]
async fn a_lock_of_another_store_saves_nothing() {
    let (place, other) = (Place::new(), Place::new());
    let lock = other.lock().await;
    place
        .store
        .save(&lock, None, &bytes("x"))
        .await
        .unwrap_err();
}

#[tokio::test]
async fn r12_room_is_reserved_before_anything_is_spent() {
    let place = Place::new();
    let _lock = place.lock().await;
    assert!(fs::metadata(place.file(".spare")).unwrap().len() >= 16 << 10);
}

#[tokio::test]
async fn r13_a_damaged_file_is_no_entry_and_is_moved_aside() {
    let place = Place::new();
    place.save(None, "one").await;
    let file = place.file(".json");
    let whole = fs::read(&file).unwrap();
    for damaged in [
        &whole[..whole.len() - 1],
        &[],
        &vec![0; whole.len()],
        b"garbage\n",
    ] {
        fs::write(&file, damaged).unwrap();
        assert!(place.load().await.is_none());
        drop(place.lock().await);
        assert!(!file.exists());
        assert!(place.file("").exists());
        let aside = fs::read_dir(&place.path)
            .unwrap()
            .map(|e| e.unwrap().file_name());
        let aside: Vec<_> = aside
            .filter(|n| n.to_str().unwrap().contains(".corrupt-"))
            .collect();
        assert_eq!(aside.len(), 1);
        fs::remove_file(place.path.join(&aside[0])).unwrap();
        place.save(None, "one").await;
    }
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

/// The file as the first version would have written it.
fn older(file: &str) -> String {
    let (line, entry) = file.split_once('\n').unwrap().1.split_once('\n').unwrap();
    let sum = digest(&SHA256, entry.as_bytes());
    let sum: String = sum
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let line = line.replace("\"version\":2", "\"version\":1");
    let line = line.strip_suffix('}').unwrap();
    format!("{line},\"sha256\":\"{sum}\"}}\n{entry}")
}

#[tokio::test]
async fn a_file_of_an_older_format_is_left_alone_and_named_once_until_a_new_login_takes_its_place()
{
    let place = Place::new();
    place.save(None, "one").await;
    let file = place.file(".json");
    let older = older(&fs::read_to_string(&file).unwrap());
    fs::write(&file, &older).unwrap();
    assert!(place.load().await.is_none());
    // Whoever gets nowhere leaves it, and everybody who looks after that is spared the warning.
    drop(place.lock().await);
    assert!(place.load().await.is_none());
    assert_eq!(fs::read_to_string(&file).unwrap(), older);
    assert!(place.names().iter().all(|name| !name.contains("corrupt")));
    assert_eq!(place.store.list().await.unwrap(), [session()]);
    assert!(place.store.holds(&session()).await.unwrap());
    place.save(None, "two").await;
    assert_eq!(place.load().await.as_deref(), Some("two"));
    // And it is forgotten with its session.
    fs::write(&file, &older).unwrap();
    place.removed().await;
    assert!(place.names().is_empty(), "{:?}", place.names());
}

/// Whatever lies under its name, a login can be made again and can be forgotten, and is nobody else's.
#[tokio::test]
async fn whichever_bit_of_an_entry_flips_it_is_no_entry_can_be_replaced_and_can_be_removed() {
    let place = Place::new();
    place.save(None, "one").await;
    let file = place.file(".json");
    let whole = fs::read(&file).unwrap();
    for bit in 0..whole.len() * 8 {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        private(&file, &damaged);
        assert!(place.load().await.is_none(), "{bit}");
        assert!(place.store.list().await.unwrap().is_empty(), "{bit}");
        match bit % 2 {
            0 => drop(place.save(None, "two").await),
            _ => place.removed().await,
        }
        assert_eq!(place.load().await.is_some(), bit % 2 == 0, "{bit}");
        // One that was moved aside is enough.
        assert!(place.names().len() <= 3, "{:?}", place.names());
    }
    place.removed().await;
    assert!(place.names().is_empty(), "{:?}", place.names());
}

/// A login as the cache writes it, of a program and of a person: each flipped bit is damage, and damage is no dead end.
#[tokio::test(start_paused = true)]
async fn whichever_bit_of_a_kept_login_flips_a_login_heals_it_and_a_logout_leaves_nothing() {
    let (world, place) = (World::new(), Place::new());
    let store: Arc<dyn TokenStore> = Arc::new(place.store.clone());
    let log_in = |who: &str| {
        let first = world.server.login("desktop", who, &["read"]);
        world.person_in(&store, &first, &["read"])
    };
    let ada = log_in("ada");
    let session = ada.key().session().clone();
    let endpoint = world.endpoint(ClientAuth::public("desktop"));
    let job = || {
        let nobody = Nobody(ada.key().clone());
        let grant = Refreshing::new(world.endpoint(ClientAuth::public("desktop")), nobody);
        CachedSource::new(grant, world.io()).with_store(store.clone())
    };
    let robot = || world.robot().with_store(store.clone());
    let robots = robot().key().session().clone();

    for (who, key) in [("robot", &robots), ("ada", &session)] {
        match who {
            "robot" => robot().token().await.unwrap(),
            _ => ada.token().await.unwrap(),
        };
        let file = place.file(".json");
        let whole = fs::read(&file).unwrap();
        // Every bit of a smaller one is looked at above.
        for bit in (0..whole.len() * 8).step_by(7) {
            let mut damaged = whole.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            private(&file, &damaged);
            assert!(store.load(key).await.unwrap().is_none(), "{who} {bit}");
            if bit % 217 != 0 {
                continue;
            }
            // The same again after what heals it.
            match who {
                "robot" => drop(robot().token().await.unwrap()),
                _ => {
                    let error = job().token().await.unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Interaction, "{bit}: {error}");
                    assert!(error.message().contains("nobody is logged in"), "{error}");
                    log_in("ada").token().await.unwrap();
                    job().renew().await.unwrap();
                }
            }
            let mut damaged = fs::read(&file).unwrap();
            let last = damaged.len() * 8 - 1;
            damaged[bit.min(last) / 8] ^= 1 << (bit % 8);
            private(&file, &damaged);
            endpoint.log_out(&*store, key, &[]).await.unwrap();
            assert!(place.names().is_empty(), "{who} {bit}: {:?}", place.names());
        }
        endpoint.log_out(&*store, key, &[]).await.unwrap();
        private(&file, &whole);
        endpoint.log_out(&*store, key, &[]).await.unwrap();
        assert!(place.names().is_empty(), "{who}: {:?}", place.names());
    }
}

#[tokio::test(start_paused = true)]
async fn who_finds_no_login_and_gets_none_leaves_no_file() {
    let (world, place) = (World::new(), Place::new());
    let key = StoreKey::new(session());
    let grant = Refreshing::new(
        world.endpoint(ClientAuth::public("desktop")),
        Nobody(key.clone()),
    );
    let source = CachedSource::new(grant, world.io()).with_store(Arc::new(place.store.clone()));
    source.token().await.unwrap_err();
    assert!(place.names().is_empty(), "{:?}", place.names());
    drop(place.lock().await);
    assert!(place.names().is_empty(), "{:?}", place.names());
}

#[tokio::test]
async fn a_word_that_was_left_waits_for_the_next_holder_and_says_nothing_to_those_who_wait() {
    let place = Place::new();
    let until = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
    let lock = place.lock().await;
    assert_eq!(lock.left(), None);
    lock.leave(Some("sent one")).await;
    lock.announce(Some(until)).await;
    lock.leave(Some("sent the other")).await;
    let Attempt::Busy { asking_until } = place.store.lock(&session()).await.unwrap() else {
        panic!("two holders")
    };
    assert_eq!(asking_until, Some(until));
    drop(lock);
    for _ in 0..2 {
        assert_eq!(place.lock().await.left(), Some("sent the other"));
    }
    let lock = place.lock().await;
    let Attempt::Busy { asking_until } = place.store.lock(&session()).await.unwrap() else {
        panic!("two holders")
    };
    assert_eq!(asking_until, None, "who asked is gone");
    lock.leave(None).await;
    drop(lock);
    assert_eq!(place.lock().await.left(), None);
    place.removed().await;
    assert!(place.names().is_empty(), "{:?}", place.names());
}

#[tokio::test]
async fn an_entry_under_the_name_of_another_session_is_damage() {
    let place = Place::new();
    place.save(None, "one").await;
    let file = place.file(".json");
    let other = SessionKey::new("https://issuer", "client", "other");
    let Attempt::Locked(lock) = place.store.lock(&other).await.unwrap() else {
        panic!()
    };
    let theirs = bytes("theirs");
    place.store.save(&lock, None, &theirs).await.unwrap();
    drop(lock);
    let mut files = fs::read_dir(&place.path)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_other =
        |path: &PathBuf| path.extension().is_some_and(|kind| kind == "json") && *path != file;
    fs::copy(files.find(is_other).unwrap(), &file).unwrap();
    assert!(place.load().await.is_none());
    assert_eq!(place.store.list().await.unwrap(), [other]);
    place.save(None, "mine").await;
    assert_eq!(place.load().await.as_deref(), Some("mine"));
}

#[tokio::test]
async fn what_is_longer_than_any_entry_is_refused_when_it_is_written_and_heals_when_it_is_there() {
    let place = Place::new();
    let lock = place.lock().await;
    let long = bytes(&"x".repeat(2 << 20));
    let error = place.store.save(&lock, None, &long).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(error.to_string().contains("too long"), "{error}");
    let whole = bytes(&"x".repeat(1 << 20));
    place.store.save(&lock, None, &whole).await.unwrap();
    drop(lock);
    assert_eq!(place.load().await.map(|text| text.len()), Some(1 << 20));
    fs::write(place.file(".json"), "x".repeat(2 << 20)).unwrap();
    assert!(place.load().await.is_none());
    place.save(None, "one").await;
    fs::write(place.file(".json"), "x".repeat(2 << 20)).unwrap();
    place.removed().await;
    assert!(place.names().is_empty(), "{:?}", place.names());
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

#[tokio::test]
#[cfg_attr(windows, ignore = "files have no modes")]
async fn what_others_could_read_is_to_be_ended_at_the_server_so_it_is_not_removed_unread() {
    let place = Place::new();
    place.save(None, "one").await;
    set_mode(&place.file(".json"), 0o644);
    let error = place.store.lock_to_remove(&session()).await.unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

/// Whoever waits for a lock whose file is deleted gets the next one, and never both.
#[tokio::test]
#[cfg_attr(windows, ignore = "lock files stay: none is told from its successor")]
async fn a_lock_file_goes_with_its_entry_and_one_holder_has_the_next() {
    let place = Place::new();
    place.save(None, "one").await;
    let lock = place.lock().await;
    place.store.remove(&lock).await.unwrap();
    assert!(matches!(
        place.store.lock(&session()).await.unwrap(),
        Attempt::Busy { .. }
    ));
    drop(lock);
    assert!(place.names().is_empty(), "{:?}", place.names());
    let lock = place.lock().await;
    // It may save again: then the file stays.
    place.store.remove(&lock).await.unwrap();
    place.store.save(&lock, None, &bytes("two")).await.unwrap();
    drop(lock);
    assert_eq!(place.load().await.as_deref(), Some("two"));
    assert!(place.names().iter().any(|name| name.ends_with(".lock")));
}

#[tokio::test]
async fn r18_a_file_of_a_newer_version_is_neither_read_nor_replaced() {
    let place = Place::new();
    place.save(None, "one").await;
    let file = place.file(".json");
    let newer = newer(&fs::read_to_string(&file).unwrap());
    fs::write(&file, &newer).unwrap();
    assert_eq!(place.store.list().await.unwrap(), [session()]);
    assert_eq!(place.kind_of_load().await, Some(ErrorKind::Store));
    let error = place.store.lock(&session()).await.unwrap_err();
    assert!(error.to_string().contains("newer version"), "{error}");
    assert_eq!(fs::read_to_string(&file).unwrap(), newer);
    // Nor is one whose format begins otherwise than ours.
    let (_, bare) = newer.split_once('\n').unwrap();
    fs::write(&file, bare).unwrap();
    place.store.lock(&session()).await.unwrap_err();
    assert_eq!(fs::read_to_string(&file).unwrap(), bare);
}

#[tokio::test]
#[cfg_attr(windows, ignore = "directories and files have no modes")]
async fn s5_a_directory_or_file_that_others_can_read_is_refused_with_the_command_that_mends_it() {
    let place = Place::new();
    place.save(None, "one").await;
    let file = place.file(".json");
    for (path, loose, private) in [(&place.path, 0o755, 0o700), (&file, 0o644, 0o600)] {
        set_mode(path, loose);
        let error = place.store.load(&session()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert!(
            error.to_string().contains(&format!("chmod {private:o}")),
            "{error}"
        );
        set_mode(path, private);
    }
    assert!(place.load().await.is_some());
    // A home directory, or /tmp: others need it as it is.
    fs::create_dir(place.path.join("documents")).unwrap();
    set_mode(&place.path, 0o755);
    let error = place.store.load(&session()).await.unwrap_err();
    assert!(
        error.to_string().contains("for the token store alone"),
        "{error}"
    );
    assert!(!error.to_string().contains("chmod"), "{error}");
}

#[tokio::test]
#[cfg_attr(windows, ignore = "who may put a link there has the account anyway")]
async fn s6_links_are_not_followed() {
    let place = Place::new();
    place.save(None, "one").await;
    let victim = place.path.parent().unwrap().join("victim");
    fs::write(&victim, "precious").unwrap();
    set_mode(&victim, 0o600);
    drop(place.lock().await);
    for name in [".json", ".lock", ".spare"] {
        let file = place.file(name);
        let kept = fs::read(&file).unwrap();
        let links: [fn(&Path, &Path) -> std::io::Result<()>; 2] =
            [|a, b| symlink(a, b), |a, b| fs::hard_link(a, b)];
        for link in links {
            fs::remove_file(&file).unwrap();
            link(&victim, &file).unwrap();
            let refused = match place.store.lock(&session()).await {
                Ok(Attempt::Locked(lock)) => place.store.save(&lock, None, &bytes("x")).await.err(),
                Ok(_) => None,
                Err(error) => Some(error),
            };
            let said = refused.unwrap_or_else(|| panic!("{name}")).to_string();
            // No right that is taken away would mend it.
            assert!(!said.contains("chmod"), "{name}: {said}");
            assert_eq!(fs::read_to_string(&victim).unwrap(), "precious", "{name}");
        }
        fs::remove_file(&file).unwrap();
        fs::write(&file, kept).unwrap();
        set_mode(&file, 0o600);
    }
    assert_eq!(place.load().await.as_deref(), Some("one"));
}

#[tokio::test]
async fn a_file_where_the_directory_should_be_is_a_store_error() {
    let place = Place::new();
    fs::create_dir_all(place.path.parent().unwrap()).unwrap();
    fs::write(&place.path, "in the way").unwrap();
    assert_eq!(place.kind_of_load().await, Some(ErrorKind::Store));
    let error = place.store.lock(&session()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
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

#[tokio::test(start_paused = true)]
async fn a_login_in_files_shows_no_secret() {
    let (world, place) = (World::new(), Place::new());
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world
        .person(&first, &["read"])
        .with_store(Arc::new(place.store.clone()));
    let token = source.token().await.unwrap();
    let login = Login::load(&place.store, source.key().session())
        .await
        .unwrap()
        .unwrap();
    let shown = format!("{login:?} {source:?} {:?}", place.store);
    assert!(!shown.contains(token.expose_secret()));
    assert!(
        !shown.contains(
            source
                .refresh_token()
                .await
                .unwrap()
                .unwrap()
                .expose_secret()
        )
    );
    assert_eq!(login.answers().count(), 1);
}

/// A grant whose tokens are large, each ending a little later than the one before.
#[derive(Debug)]
struct Large {
    number: u64,
    asked: Arc<AtomicUsize>,
}

impl Grant for Large {
    fn key(&self) -> StoreKey {
        StoreKey::new(session()).with_scopes(&[self.number.to_string()])
    }

    fn exchange<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let text = format!("{}{}", self.number, "x".repeat(64 << 10));
            let now = auth_core::clock::SystemClock::new().now().wall;
            let end = now + Duration::from_secs(3600 + self.number);
            AccessToken::new(text.into(), now, end).map(TokenSet::new)
        })
    }
}

#[tokio::test]
async fn of_more_answers_than_an_entry_can_hold_those_that_end_first_are_not_kept() {
    let (place, world) = (Place::new(), World::new());
    let asked = Arc::new(AtomicUsize::new(0));
    let source = |number| {
        let grant = Large {
            number,
            asked: asked.clone(),
        };
        let io = world
            .io()
            .with_clock(Arc::new(auth_core::clock::SystemClock::new()));
        CachedSource::new(grant, io).with_store(Arc::new(place.store.clone()))
    };
    for number in 100..120 {
        source(number).token().await.unwrap();
    }
    assert_eq!(asked.load(Ordering::SeqCst), 20);
    let login = Login::load(&place.store, &session())
        .await
        .unwrap()
        .unwrap();
    let kept: Vec<_> = login
        .answers()
        .map(|(question, _)| question.to_owned())
        .collect();
    assert_eq!(kept.len(), 15, "{kept:?}");
    assert_eq!(kept.first().map(String::as_str), Some("scope=105"));
    for number in 105..120 {
        source(number).token().await.unwrap();
    }
    assert_eq!(
        asked.load(Ordering::SeqCst),
        20,
        "each other process finds them"
    );
}
