//! Time is arithmetic: no length of time and no time that enters makes anything panic.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::clock::Clock;
use auth_core::http::Body;
use auth_core::session::Need;
use auth_core::store::{Attempt, Entry, MemoryStore, TokenStore};
use auth_core::{
    AccessToken, CachedSource, ClientAuth, ClientCredentials, Error, ErrorKind, Grant as _,
    StaticSource, TokenSource,
};
use http::Request;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use crate::world::{HOUR, World};

/// Each kind of length: none, the shortest, and some that no clock can be moved by.
const LENGTHS: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_nanos(1),
    Duration::from_secs(1 << 62),
    Duration::from_secs(u64::MAX),
    Duration::MAX,
];

async fn every_deadline_is_one() {
    let world = World::new();
    for deadline in LENGTHS {
        let client = ClientAuth::basic("robot", SecretString::from("s3cret"));
        let endpoint = world.endpoint(client).with_deadline(deadline);
        let source = CachedSource::new(ClientCredentials::new(endpoint), world.io());
        match source.token().await {
            Ok(_) => assert!(!deadline.is_zero()),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{deadline:?}"),
        }
        let request = Request::get(world.server.url("/jwks").as_str());
        let request = request.body(Body::empty()).unwrap();
        let _ = world.io().fetch(request, deadline).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_may_be_any_length() {
    every_deadline_is_one().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_may_be_any_length_on_many_threads() {
    every_deadline_is_one().await;
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_any_length_is_no_panic_and_bounded() {
    for pause in LENGTHS {
        let error = Error::unavailable("later").with_retry_after(pause);
        assert!(error.retry_after().unwrap() <= 24 * HOUR);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_of_any_times_is_asked_for_any_need() {
    let world = World::new();
    // Windows knows times from 1601 to 30828 only.
    let [past, future] = match cfg!(windows) {
        true => [1 << 33, 1 << 39],
        false => [1 << 62; 2],
    };
    let epoch = SystemTime::UNIX_EPOCH;
    let (past, future) = (
        epoch - Duration::from_secs(past),
        epoch + Duration::from_secs(future),
    );
    let now = world.clock.now().wall;
    for start in [past, epoch, now, future] {
        for end in [past, epoch, now + HOUR, future] {
            let token = AccessToken::new("canary".into(), start, end).unwrap();
            let source = StaticSource::new(token, &world.io());
            for min_ttl in LENGTHS {
                let _ = source.get(Need::new().with_min_ttl(min_ttl)).await;
                let mut need = Need::new();
                need.min_ttl = min_ttl;
                let _ = source.get(need).await;
            }
            assert_eq!(source.token().await.is_ok(), end > now, "{start:?} {end:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stored_entry_with_times_beyond_every_calendar_is_read_and_heals() {
    let world = World::new();
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let source = || {
        let endpoint = world.endpoint(ClientAuth::basic("robot", SecretString::from("s3cret")));
        let grant = ClientCredentials::new(endpoint);
        let key = grant.key();
        let source = CachedSource::new(grant, world.io()).with_store(store.clone());
        (source, key)
    };
    for far in ["99999999999999999", "18446744073709551615"] {
        let (first, key) = source();
        let token = first.renew().await.unwrap();
        let entry: Entry = store.load(key.session()).await.unwrap().unwrap();
        let text = String::from_utf8(entry.bytes.expose_secret().to_vec()).unwrap();
        let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let end = seconds(token.expires_at()).as_secs().to_string();
        let text = text.replace(&end, far);
        assert!(text.contains(far));
        let Attempt::Locked(lock) = store.lock(key.session()).await.unwrap() else {
            panic!("nobody else is here");
        };
        let bytes: SecretSlice<u8> = text.into_bytes().into();
        let after = Some(entry.generation);
        store.save(&lock, after, &bytes).await.unwrap();
        drop(lock);
        let read = source().0.token().await.unwrap();
        assert!(seconds(read.expires_at()).as_secs() <= 253_402_300_799);
    }
}
