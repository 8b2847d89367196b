//! Files that are no entry: damaged, too long, of another session or of another version.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use auth_core::clock::Clock;
use auth_core::session::{Held, Login, TokenSet};
use auth_core::store::{Attempt, SessionKey, StoreKey, TokenStore};
use auth_core::{
    AccessToken, BoxFuture, CachedSource, ClientAuth, ErrorKind, Grant, Refreshing, Result,
    TokenSource,
};
use aws_lc_rs::digest::{SHA256, digest};

use super::{Place, bytes, newer, private, session};
use crate::world::{Nobody, World};

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

/// Those before it may hold tokens too.
#[tokio::test]
async fn of_what_was_moved_aside_the_last_stays() {
    let place = Place::new();
    for day in 1..=3 {
        place.save(None, "one").await;
        let file = place.file(".json");
        private(&file, b"damage");
        let written = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400 * day);
        let file = fs::File::options().write(true).open(&file).unwrap();
        file.set_modified(written).unwrap();
        drop(place.lock().await);
        let names = place.names();
        let aside = names.iter().filter(|name| name.contains("corrupt"));
        let aside: Vec<_> = aside.collect();
        assert!(
            matches!(aside[..], [last] if last.ends_with(&format!("-{}", 86_400 * day))),
            "{names:?}"
        );
    }
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
