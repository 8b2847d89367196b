//! Two logins, one behind the other: whom a token exchange asks, when, and who is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::error::Challenge;
use auth_core::prompt::{Echo, UserCode};
use auth_core::session::{Ask, Need};
use auth_core::store::{Attempt, MemoryStore, SessionKey, TokenStore};
use auth_core::{
    AccessToken, BoxFuture, CachedSource, ClientAuth, DeviceCode, Error, ErrorKind, Prompt, Result,
    TokenExchange, TokenSource,
};
use auth_testkit::{Client, Fault, Server};
use secrecy::SecretString;

use crate::world::{HOUR, MINUTE, World, crowd, on_both_runtimes, slowly, until};

/// A source that notes what it is asked, and that can lose its refresh token.
#[derive(Debug)]
struct Subject {
    inner: CachedSource,
    dead: bool,
    asked: Mutex<Vec<Need>>,
}

impl Subject {
    fn new(inner: CachedSource, dead: bool) -> Arc<Self> {
        let asked = Mutex::default();
        Arc::new(Self { inner, dead, asked })
    }

    fn asked(&self, ask: Ask) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|need| need.ask == ask).count()
    }
}

impl TokenSource for Subject {
    fn get(&self, need: Need) -> BoxFuture<'_, Result<AccessToken>> {
        self.asked.lock().unwrap().push(need);
        assert!(need.min_ttl.is_zero() && !need.another);
        match need.ask {
            Ask::Nobody if self.dead && self.inner.at_hand().is_none() => {
                Box::pin(async { Err(Error::interaction("the login has ended")) })
            }
            _ => self.inner.get(need),
        }
    }

    fn at_hand(&self) -> Option<AccessToken> {
        self.inner.at_hand()
    }

    fn session(&self) -> Option<&SessionKey> {
        self.inner.session()
    }

    fn discard(&self, refused: &AccessToken, challenge: Option<&Challenge>) {
        self.inner.discard(refused, challenge);
    }
}

/// A person who is shown a code, and looks at it for as long as they are let.
#[derive(Debug)]
struct Person {
    server: Server,
    codes: Mutex<Vec<String>>,
    looking: Arc<()>,
    allows: bool,
}

impl Person {
    fn new(world: &World, allows: bool) -> Arc<Self> {
        Arc::new(Self {
            server: world.server.clone(),
            codes: Mutex::default(),
            looking: Arc::new(()),
            allows,
        })
    }

    fn is_looking(&self) -> bool {
        Arc::strong_count(&self.looking) > 1
    }
}

impl Prompt for Person {
    fn ask<'a>(&'a self, _: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async { Err(Error::interaction("nobody")) })
    }

    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        self.codes.lock().unwrap().push(code.code().to_owned());
        let looking = self.looking.clone();
        Box::pin(async move {
            tokio::time::sleep(slowly()).await;
            if !self.allows {
                std::future::pending::<()>().await;
            }
            drop(looking);
            assert!(self.server.allow_device(code.code(), "ada"));
            Ok(())
        })
    }
}

impl World {
    fn behind(&self, subject: Arc<Subject>, store: &Arc<dyn TokenStore>) -> CachedSource {
        self.server.add_client(Client::public("highway"));
        let endpoint = self.endpoint(ClientAuth::public("highway"));
        let grant = TokenExchange::new(endpoint, subject).unwrap();
        CachedSource::new(grant, self.io()).with_store(store.clone())
    }

    /// A login that only `person` can begin.
    fn login_by(&self, person: &Arc<Person>, store: &Arc<dyn TokenStore>) -> Arc<Subject> {
        let endpoint = self.found(ClientAuth::public("desktop"));
        // So often as can be.
        self.server.fault(
            "/device_authorization",
            Fault::member("interval", 1).always(),
        );
        let grant = DeviceCode::new(endpoint, person.clone()).with_scopes(["read"]);
        let source = CachedSource::new(grant, self.io()).with_store(store.clone());
        Subject::new(source, true)
    }
}

fn memory() -> Arc<dyn TokenStore> {
    Arc::new(MemoryStore::new())
}

async fn is_announced(store: &dyn TokenStore, session: &SessionKey) -> bool {
    match store.lock(session).await.unwrap() {
        Attempt::Busy { asking_until } => asking_until.is_some(),
        _ => false,
    }
}

#[test]
fn a_stale_token_whose_subject_can_be_refreshed_is_renewed_and_nobody_is_asked() {
    on_both_runtimes(|| async {
        let (world, store) = (World::new(), memory());
        let first = world.server.login("desktop", "ada", &["read"]);
        let subject = Subject::new(world.person(&first, &["read"]), false);
        let source = world.behind(subject.clone(), &store);
        let old = source.token().await.unwrap();
        source.settled().await;
        world.jump(HOUR - 4 * MINUTE);
        world
            .server
            .fault("/token", Fault::delay(slowly()).always());
        for answer in crowd(&source).await {
            assert!(answer.unwrap().is_same(&old));
        }
        source.settled().await;
        assert!(!source.token().await.unwrap().is_same(&old));
        assert_eq!(subject.asked(Ask::Anybody), 0);
    });
}

#[test]
fn a_stale_token_whose_subject_is_dead_is_served_and_nobody_is_asked() {
    on_both_runtimes(|| async {
        let (world, store) = (World::new(), memory());
        let person = Person::new(&world, true);
        let subject = world.login_by(&person, &store);
        let source = world.behind(subject.clone(), &store);
        let old = source.token().await.unwrap();
        let asked = subject.asked(Ask::Anybody);
        source.settled().await;
        world.jump(HOUR - 4 * MINUTE);
        for _ in 0..3 {
            for answer in crowd(&source).await {
                assert!(answer.unwrap().is_same(&old));
            }
            source.settled().await;
            world.jump(Duration::from_secs(30));
        }
        assert_eq!(subject.asked(Ask::Anybody), asked);
        assert_eq!(person.codes.lock().unwrap().len(), 1);
    });
}

#[test]
fn a_dead_token_has_a_person_asked_once_and_both_logins_say_so() {
    on_both_runtimes(|| async {
        let (world, store) = (World::new(), memory());
        let person = Person::new(&world, true);
        let subject = world.login_by(&person, &store);
        let source = world.behind(subject.clone(), &store);
        let calls: Vec<_> = (0..10)
            .map(|_| {
                let source = source.clone();
                tokio::spawn(async move { source.token().await })
            })
            .collect();
        until("a person is asked", || person.is_looking()).await;
        for session in [source.key().session(), subject.inner.key().session()] {
            assert!(is_announced(&*store, session).await, "{session}");
        }
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert_eq!(person.codes.lock().unwrap().len(), 1);
        for session in [source.key().session(), subject.inner.key().session()] {
            assert!(!is_announced(&*store, session).await, "{session}");
        }
    });
}

#[test]
fn the_question_ends_with_the_last_who_waits_for_the_exchanged_token() {
    on_both_runtimes(|| async {
        let (world, store) = (World::new(), memory());
        let person = Person::new(&world, false);
        let subject = world.login_by(&person, &store);
        let source = world.behind(subject.clone(), &store);
        let call = tokio::spawn({
            let source = source.clone();
            async move { source.token().await }
        });
        until("a person is asked", || person.is_looking()).await;
        tokio::time::sleep(slowly() * 2).await;
        assert!(person.is_looking());
        call.abort();
        until("the prompt is taken away", || !person.is_looking()).await;
        source.settled().await;
        subject.inner.settled().await;
    });
}

#[tokio::test(start_paused = true)]
async fn where_nobody_may_be_asked_for_the_exchanged_token_nobody_is_for_the_subjects() {
    let (world, store) = (World::new(), memory());
    let person = Person::new(&world, true);
    let subject = world.login_by(&person, &store);
    let endpoint = world.endpoint(ClientAuth::public("highway"));
    let grant = TokenExchange::new(endpoint, subject.clone()).unwrap();
    let now = auth_core::clock::Clock::now(&world.clock).wall;
    let held = auth_core::session::Held::new().with_need(Need::new().with_nobody_asked(), now);
    let error = auth_core::Grant::exchange(&grant, &held).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert_eq!((subject.asked(Ask::Anybody), world.asked()), (0, 0));
    drop(store);
}
