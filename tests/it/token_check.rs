//! Checks of what was said when tokens were issued: once for each set, in whichever process.

use std::sync::{Arc, Mutex};

use auth_core::session::{TokenCheck, TokenSet};
use auth_core::store::{MemoryStore, TokenStore};
use auth_core::{BoxFuture, CachedSource, Error, ErrorKind, RefreshToken, Result, TokenSource};

use auth_testkit::Policy;

use crate::world::{HOUR, MINUTE, World};

/// Counts, and answers what it is told to.
#[derive(Debug, Default)]
struct Once {
    checked: Mutex<Vec<bool>>,
    answer: Mutex<Option<Error>>,
}

impl Once {
    fn failing(error: Error) -> Arc<Self> {
        Arc::new(Self {
            answer: Mutex::new(Some(error)),
            ..Self::default()
        })
    }

    fn count(&self) -> usize {
        self.checked.lock().unwrap().len()
    }
}

impl TokenCheck for Once {
    fn check<'a>(&'a self, tokens: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        self.checked.lock().unwrap().push(tokens.new_id().is_some());
        Box::pin(async { self.answer.lock().unwrap().clone().map_or(Ok(()), Err) })
    }

    fn once(&self) -> Option<&str> {
        Some("once")
    }
}

struct Shared {
    world: World,
    store: Arc<dyn TokenStore>,
    first: RefreshToken,
}

impl Shared {
    fn new() -> Self {
        let world = World::new();
        let first = world.server.login("desktop", "ada", &["openid"]);
        Self {
            world,
            store: Arc::new(MemoryStore::new()),
            first,
        }
    }

    /// What another process has.
    fn source(&self, check: &Arc<Once>) -> CachedSource {
        let source = self.world.person_in(&self.store, &self.first, &["openid"]);
        source.with_check(check.clone())
    }
}

#[tokio::test(start_paused = true)]
async fn a_set_that_passed_is_not_checked_again_by_another_process() {
    let shared = Shared::new();
    let (one, keyless) = (Arc::default(), Once::failing(Error::unavailable("no keys")));
    shared.source(&one).token().await.unwrap();
    shared.source(&keyless).token().await.unwrap();
    assert_eq!((one.count(), keyless.count()), (1, 0));
    let error = shared.source(&keyless).renew().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(keyless.count(), 1, "the next set is another one");
}

#[tokio::test(start_paused = true)]
async fn a_set_that_could_not_be_checked_is_kept_and_checked_by_whoever_can() {
    for error in [
        Error::unavailable("no keys"),
        Error::config("no keys in this way"),
    ] {
        let shared = Shared::new();
        let keyless = Once::failing(error.clone());
        let source = shared.source(&keyless);
        for _ in 0..3 {
            assert_eq!(source.token().await.unwrap_err().kind(), error.kind());
        }
        let one = Arc::default();
        shared.source(&one).token().await.unwrap();
        assert_eq!((one.count(), shared.world.asked()), (1, 1), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_set_that_somebody_could_not_check_just_now_is_left_alone_while_a_token_works() {
    let shared = Shared::new();
    let (one, two) = (Arc::<Once>::default(), Arc::<Once>::default());
    let (first, second) = (shared.source(&one), shared.source(&two));
    let token = first.token().await.unwrap();
    assert!(second.token().await.unwrap().is_same(&token));
    shared.world.pass(HOUR - 2 * MINUTE).await;
    *one.answer.lock().unwrap() = Some(Error::unavailable("no keys"));
    for source in [&first, &second] {
        assert!(source.token().await.unwrap().is_same(&token));
        source.settled().await;
    }
    assert_eq!((one.count(), two.count()), (2, 0));
    shared.world.pass(MINUTE / 3).await;
    second.token().await.unwrap();
    second.settled().await;
    assert!(!second.token().await.unwrap().is_same(&token));
    assert_eq!((two.count(), shared.world.asked()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_set_that_did_not_pass_never_counts_as_checked() {
    let shared = Shared::new();
    let strict = Once::failing(Error::protocol("forged"));
    shared.source(&strict).token().await.unwrap_err();
    shared.source(&strict).token().await.unwrap_err();
    assert_eq!(strict.count(), 3, "as stored, and as issued anew");
}

#[tokio::test(start_paused = true)]
async fn oidc_core_s12_2_an_id_token_that_was_kept_is_not_the_new_answers() {
    let shared = Shared::new();
    let check = Arc::default();
    let source = shared.source(&check);
    source.token().await.unwrap();
    let none: [&str; 0] = [];
    let policy = Policy::new().with_granted_scopes(none);
    shared.world.server.set_policy(policy);
    source.renew().await.unwrap();
    assert_eq!(*check.checked.lock().unwrap(), [true, false]);
    assert!(source.id_token().await.unwrap().is_some());
}
