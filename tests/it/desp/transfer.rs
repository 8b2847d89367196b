//! A new login takes the place of the old one with all that follows from it, whoever dies or fails on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auth_core::session::{Login, transfer};
use auth_core::store::{
    Attempt, Entry, Generation, MemoryStore, SessionKey, StoreLock, TokenStore,
};
use auth_core::token::Fingerprint;
use auth_core::{BoxFuture, Error, Result, TokenSource};
use auth_desp::Person;
use secrecy::SecretSlice;

use super::world::{EXCHANGE, FORM, World};

/// Around another store, which so many changes reach. The next one never ends, or fails.
#[derive(Clone, Debug)]
struct Frail {
    inner: Arc<dyn TokenStore>,
    left: Arc<AtomicUsize>,
    fails: bool,
}

impl Frail {
    async fn survives(&self) -> Result<()> {
        let order = Ordering::SeqCst;
        let left = |left: usize| left.checked_sub(1);
        match self.left.fetch_update(order, order, left) {
            Ok(_) => Ok(()),
            Err(_) if !self.fails => std::future::pending().await,
            Err(_) => {
                // What comes after it is the way back.
                self.left.store(usize::MAX, order);
                Err(Error::store("the disk is full"))
            }
        }
    }
}

impl TokenStore for Frail {
    fn lock<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Attempt>> {
        self.inner.lock(session)
    }

    fn load<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Option<Entry>>> {
        self.inner.load(session)
    }

    fn save<'a>(
        &'a self,
        lock: &'a StoreLock,
        after: Option<Generation>,
        bytes: &'a SecretSlice<u8>,
    ) -> BoxFuture<'a, Result<Generation>> {
        Box::pin(async move {
            self.survives().await?;
            self.inner.save(lock, after, bytes).await
        })
    }

    fn remove<'a>(&'a self, lock: &'a StoreLock) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.survives().await?;
            self.inner.remove(lock).await
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionKey>>> {
        self.inner.list()
    }
}

/// A login for Highway that is kept, another person's that is new, and the sessions of both in the order of their locks.
struct Change {
    world: World,
    kept: Arc<dyn TokenStore>,
    new: Arc<dyn TokenStore>,
    sessions: [SessionKey; 2],
    /// What is kept of the old and of the new one in each.
    old: [Option<Fingerprint>; 2],
    other: [Option<Fingerprint>; 2],
}

impl Change {
    async fn at_hand() -> Self {
        let world = World::new();
        let (kept, new): (Arc<dyn TokenStore>, Arc<dyn TokenStore>) =
            (Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()));
        let service = world.service("highway");
        let person = |user, store: &Arc<dyn TokenStore>| -> Person {
            world.known(user).with_store(store.clone())
        };
        let source = person("vera", &kept).source(&service).unwrap();
        source.token().await.unwrap();
        let other = person("ada", &new);
        other.source(&service).unwrap().token().await.unwrap();
        let login = other.login(&service).unwrap();
        let sessions = [
            source.key().session().clone(),
            login.key().session().clone(),
        ];
        let (old, other) = (seen(&kept, &sessions).await, seen(&new, &sessions).await);
        assert!(old.iter().chain(&other).all(Option::is_some));
        Self {
            world,
            kept,
            new,
            sessions,
            old,
            other,
        }
    }

    async fn made(&self, to: &dyn TokenStore) -> Result<()> {
        let clock = &self.world.clock;
        let moved = transfer(&*self.new, to, &self.sessions, clock, &|_| {});
        moved.await.map(drop)
    }

    fn frail(&self, left: usize, fails: bool) -> Frail {
        Frail {
            inner: self.kept.clone(),
            left: Arc::new(AtomicUsize::new(left)),
            fails,
        }
    }

    async fn seen(&self) -> [Option<Fingerprint>; 2] {
        seen(&self.kept, &self.sessions).await
    }

    /// Whoever is logged in has a token for Highway, and nobody is asked.
    async fn goes_on(&self, user: &str) {
        let forms = self.world.sent(FORM);
        let person = self.world.known(user).with_store(self.kept.clone());
        let source = person.source(&self.world.service("highway")).unwrap();
        source.token().await.unwrap();
        assert_eq!(self.world.sent(FORM), forms);
    }
}

async fn seen(store: &Arc<dyn TokenStore>, sessions: &[SessionKey; 2]) -> [Option<Fingerprint>; 2] {
    let mut seen = [None; 2];
    for (seen, session) in seen.iter_mut().zip(sessions) {
        let login = Login::load(&**store, session).await.unwrap();
        *seen = login.and_then(|login| login.refresh_fingerprint());
    }
    seen
}

#[tokio::test(start_paused = true)]
async fn who_dies_at_any_change_leaves_one_login_and_nothing_that_follows_from_the_other() {
    let mut seen_of_new = Vec::new();
    for changes in 0.. {
        let change = Change::at_hand().await;
        let frail = change.frail(changes, false);
        let died = tokio::time::timeout(Duration::from_secs(60), change.made(&frail)).await;
        let [traded, login] = change.seen().await;
        let is_new = login == change.other[1];
        let (own, user) = match is_new {
            true => (change.other, "ada"),
            false => (change.old, "vera"),
        };
        assert_eq!(login, own[1], "after {changes}: there is a login");
        assert!(traded.is_none() || traded == own[0], "after {changes}");
        change.goes_on(user).await;
        seen_of_new.push(is_new);
        if let Ok(made) = died {
            made.unwrap();
            assert_eq!(traded, change.other[0]);
            break;
        }
    }
    assert_eq!(seen_of_new, [false, false, true, true]);
}

#[tokio::test(start_paused = true)]
async fn what_fails_at_any_change_leaves_the_old_login_with_all_that_follows_from_it() {
    for changes in 0..3 {
        let change = Change::at_hand().await;
        let frail = change.frail(changes, true);
        let error = change.made(&frail).await.unwrap_err();
        assert!(error.to_string().contains("the disk is full"), "{error}");
        assert_eq!(change.seen().await, change.old, "after {changes}");
        change.goes_on("vera").await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_follows_from_the_old_login_goes_with_it_where_the_new_one_has_nothing_of_the_kind() {
    let change = Change::at_hand().await;
    let told = |_| {};
    let traded = &change.sessions[0];
    let lock = StoreLock::wait(&*change.new, traded, &change.world.clock, &told).await;
    change.new.remove(&lock.unwrap()).await.unwrap();
    change.made(&*change.kept).await.unwrap();
    assert_eq!(change.seen().await, [None, change.other[1]]);
    // The next token is the new person's, and costs a trade.
    let trades = change.world.sent(EXCHANGE);
    change.goes_on("ada").await;
    assert_eq!(change.world.sent(EXCHANGE), trades + 1);
    // A login that has not come takes nobody's place.
    let change = Change::at_hand().await;
    let nothing: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let clock = &change.world.clock;
    transfer(&*nothing, &*change.kept, &change.sessions, clock, &told)
        .await
        .unwrap();
    assert_eq!(change.seen().await, change.old);
}
