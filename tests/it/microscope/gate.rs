//! [`Gate`]: around each step of a renewal, by the seams that everybody has; at one of them something happens.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::http::{ANSWER_LIMIT, Body, HttpClient};
use auth_core::session::{TokenCheck, TokenSet};
use auth_core::store::{Attempt, Entry, Generation, LockGuard, SessionKey, StoreLock, TokenStore};
use auth_core::{BoxFuture, Error, Io, Result};
use http::{Request, Response};
use secrecy::SecretSlice;
use tokio::sync::Notify;

/// The steps of a renewal, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Load,
    Lock,
    LoadAgain,
    Exchange,
    Save,
    Check,
    Mark,
    Unlock,
}

impl Step {
    /// What fails together: reading, locking, the network, writing, the keys.
    fn kind(self) -> usize {
        match self {
            Self::Load | Self::LoadAgain => 0,
            Self::Lock | Self::Unlock => 1,
            Self::Exchange => 2,
            Self::Save | Self::Mark => 3,
            Self::Check => 4,
        }
    }
}

/// Where in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    Before,
    /// The server has done its work, and its answer is on the way.
    Within,
    After,
}

pub type Point = (Step, Edge);

/// What happens there, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The step fails: before it did anything, or although it has done all.
    Fails,
    /// The same, and so does every step of that kind from then on: a disk that is full, a network that is gone.
    Breaks,
    /// It takes a while.
    Waits,
    /// It never goes on: the process is about to be killed.
    Stays,
}

#[derive(Debug)]
pub struct Gate {
    point: Option<(Point, Act)>,
    clock: Arc<dyn Clock>,
    is_passed: AtomicBool,
    is_mended: AtomicBool,
    reached: Notify,
    go: Notify,
    is_locked: AtomicBool,
    saves: AtomicUsize,
    /// How often the lock was somebody else's.
    pub busy: AtomicUsize,
    /// Locks that nobody lets go of.
    kept: Mutex<Vec<StoreLock>>,
}

impl Gate {
    pub fn new(point: Option<(Point, Act)>, clock: &Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            point,
            clock: clock.clone(),
            is_passed: AtomicBool::new(false),
            is_mended: AtomicBool::new(false),
            reached: Notify::new(),
            go: Notify::new(),
            is_locked: AtomicBool::new(false),
            saves: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            kept: Mutex::default(),
        })
    }

    /// Completes once somebody stands at the point.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Lets happen what happens there.
    pub fn go(&self) {
        self.go.notify_one();
    }

    /// Whether nothing happens anywhere.
    pub fn is_open(&self) -> bool {
        self.point.is_none()
    }

    /// What was broken works again, and locks that nobody let go of are free.
    pub fn mend(&self) {
        self.is_mended.store(true, Ordering::Release);
        self.kept.lock().unwrap().clear();
    }

    pub fn store(self: &Arc<Self>, inner: Arc<dyn TokenStore>) -> Arc<dyn TokenStore> {
        let gate = self.clone();
        Arc::new(Gated { gate, inner })
    }

    pub fn check(self: &Arc<Self>) -> Arc<dyn TokenCheck> {
        Arc::new(Seen(self.clone()))
    }

    pub fn io(self: &Arc<Self>, io: Io) -> Io {
        let client = Gated {
            gate: self.clone(),
            inner: io.http().clone(),
        };
        io.with_http(Arc::new(client))
    }

    async fn pass(&self, step: Step, edge: Edge) -> Result<()> {
        let Some((point, act)) = self.point else {
            return Ok(());
        };
        let is_mended = self.is_mended.load(Ordering::Acquire);
        let is_broken = act == Act::Breaks && self.is_passed.load(Ordering::Acquire) && !is_mended;
        if is_broken && point.0.kind() == step.kind() && edge == Edge::Before {
            return Err(Error::store("told to fail"));
        }
        if point != (step, edge) || self.is_passed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.reached.notify_one();
        match act {
            Act::Stays => {
                println!("{HERE}");
                std::future::pending().await
            }
            Act::Fails | Act::Breaks => {
                self.go.notified().await;
                Err(Error::store("told to fail"))
            }
            Act::Waits => {
                self.go.notified().await;
                self.clock.sleep(WHILE).await;
                Ok(())
            }
        }
    }
}

/// What a process says that stands at its point.
pub const HERE: &str = "here it stays";

/// Shorter than any deadline.
const WHILE: Duration = Duration::from_secs(20);

#[derive(Debug)]
struct Gated<T: ?Sized> {
    gate: Arc<Gate>,
    inner: Arc<T>,
}

impl TokenStore for Gated<dyn TokenStore> {
    fn lock<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Attempt>> {
        Box::pin(async move {
            self.gate.pass(Step::Lock, Edge::Before).await?;
            let attempt = self.inner.lock(session).await?;
            let Attempt::Locked(lock) = attempt else {
                self.gate.busy.fetch_add(1, Ordering::AcqRel);
                return Ok(attempt);
            };
            self.gate.pass(Step::Lock, Edge::After).await?;
            self.gate.is_locked.store(true, Ordering::Release);
            let gate = self.gate.clone();
            let guard = Guard { gate, lock };
            Ok(Attempt::Locked(StoreLock::new(session.clone(), guard)))
        })
    }

    fn load<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Option<Entry>>> {
        Box::pin(async move {
            let step = match self.gate.is_locked.load(Ordering::Acquire) {
                true => Step::LoadAgain,
                false => Step::Load,
            };
            self.gate.pass(step, Edge::Before).await?;
            let entry = self.inner.load(session).await?;
            self.gate.pass(step, Edge::After).await?;
            Ok(entry)
        })
    }

    fn save<'a>(
        &'a self,
        lock: &'a StoreLock,
        after: Option<Generation>,
        bytes: &'a SecretSlice<u8>,
    ) -> BoxFuture<'a, Result<Generation>> {
        Box::pin(async move {
            let step = match self.gate.saves.fetch_add(1, Ordering::AcqRel) {
                0 => Step::Save,
                _ => Step::Mark,
            };
            self.gate.pass(step, Edge::Before).await?;
            let guard = lock.guard::<Guard>().expect("one of ours");
            let generation = self.inner.save(&guard.lock, after, bytes).await?;
            self.gate.pass(step, Edge::After).await?;
            Ok(generation)
        })
    }

    fn remove<'a>(&'a self, lock: &'a StoreLock) -> BoxFuture<'a, Result<()>> {
        let guard = lock.guard::<Guard>().expect("one of ours");
        self.inner.remove(&guard.lock)
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionKey>>> {
        self.inner.list()
    }
}

#[derive(Debug)]
struct Guard {
    gate: Arc<Gate>,
    lock: StoreLock,
}

impl LockGuard for Guard {
    fn announce(&self, asking_until: Option<std::time::SystemTime>) -> BoxFuture<'_, ()> {
        Box::pin(self.lock.announce(asking_until))
    }

    fn leave<'a>(&'a self, word: Option<&'a str>) -> BoxFuture<'a, ()> {
        Box::pin(self.lock.leave(word))
    }

    fn left(&self) -> Option<&str> {
        self.lock.left()
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        let Self { gate, lock } = *self;
        Box::pin(async move {
            if gate.pass(Step::Unlock, Edge::Before).await.is_err() {
                gate.kept.lock().unwrap().push(lock);
                return;
            }
            lock.release().await;
            let _ = gate.pass(Step::Unlock, Edge::After).await;
        })
    }
}

impl HttpClient for Gated<dyn HttpClient> {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        Box::pin(async move {
            let broke = |_| Error::unavailable("the connection broke");
            let before = self.gate.pass(Step::Exchange, Edge::Before).await;
            before.map_err(|error| broke(error).with_nothing_sent())?;
            let answer = self.inner.send(request).await?;
            let within = self.gate.pass(Step::Exchange, Edge::Within).await;
            within.map_err(broke)?;
            let (head, body) = answer.into_parts();
            let body = body.bytes(ANSWER_LIMIT).await?;
            let after = self.gate.pass(Step::Exchange, Edge::After).await;
            after.map_err(broke)?;
            Ok(Response::from_parts(head, body.into()))
        })
    }
}

/// A check that leaves a mark.
#[derive(Debug)]
struct Seen(Arc<Gate>);

impl TokenCheck for Seen {
    fn check<'a>(&'a self, _: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        let keyless = |_| Error::unavailable("the keys can't be had");
        Box::pin(async move {
            let before = self.0.pass(Step::Check, Edge::Before).await;
            before.map_err(keyless)?;
            self.0.pass(Step::Check, Edge::After).await.map_err(keyless)
        })
    }

    fn once(&self) -> Option<&str> {
        Some("seen")
    }
}
