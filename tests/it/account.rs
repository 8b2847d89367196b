//! What belongs to a person at an issuer: one at a time, across clients and processes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::session::{Account, Held, Need, TokenSet};
use auth_core::store::{FileStore, SessionKey, StoreKey, TokenStore};
use auth_core::{AccessToken, BoxFuture, CachedSource, ErrorKind, Grant, Io, Result, TokenSource};
use auth_testkit::{Server, TestClock};
use secrecy::ExposeSecret;

use crate::world::{HOUR, MINUTE, on_both_runtimes};

const ISSUER: &str = "https://issuer.example";

/// A login that takes the next number from the person's account, and needs a while for it.
#[derive(Debug)]
struct Numbered {
    client: String,
    account: Account,
    clock: TestClock,
    /// How long a person is asked.
    asks: Option<Duration>,
    fails: bool,
}

impl Grant for Numbered {
    fn key(&self) -> StoreKey {
        StoreKey::new(SessionKey::new(ISSUER, &*self.client, "default"))
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            let mut account = self.account.lock(held).await?;
            let last = account
                .note("last")
                .map_or("0", ExposeSecret::expose_secret);
            let next = last.parse::<u32>().unwrap() + 1;
            match self.asks {
                Some(time) => {
                    let answer = async {
                        self.clock.sleep(time).await;
                        Ok(())
                    };
                    account.asking(2 * time, answer).await?;
                }
                None => account.pause(Duration::from_millis(50)).await?,
            }
            account.set_note("last", Some(next.to_string().into()));
            account.save().await?;
            account.release().await;
            if self.fails {
                return Err(auth_core::Error::refused("no"));
            }
            let now = self.clock.now().wall;
            AccessToken::new(format!("{}-{next}", self.client).into(), now, now + HOUR)
                .map(TokenSet::new)
        })
    }
}

struct Person {
    server: Server,
    clock: TestClock,
    directory: tempfile::TempDir,
}

impl Person {
    fn new() -> Self {
        let clock = TestClock::new();
        let server = Server::new(clock.clone());
        let directory = tempfile::tempdir().unwrap();
        Self {
            server,
            clock,
            directory,
        }
    }

    fn io(&self) -> Io {
        self.server.io()
    }

    /// A store of a process of its own.
    fn store(&self) -> Arc<dyn TokenStore> {
        store(self.directory.path())
    }

    fn grant(&self, client: &str) -> Numbered {
        let account = Account::new(ISSUER, "ada", &self.io()).with_store(self.store());
        Numbered {
            client: client.to_owned(),
            account,
            clock: self.clock.clone(),
            asks: None,
            fails: false,
        }
    }

    fn source(&self, grant: Numbered) -> CachedSource {
        CachedSource::new(grant, self.io()).with_store(self.store())
    }

    async fn last(&self) -> String {
        let account = Account::new(ISSUER, "ada", &self.io()).with_store(self.store());
        let held = Held::new();
        let account = account.lock(&held).await.unwrap();
        account
            .note("last")
            .map(|note| note.expose_secret().to_owned())
            .unwrap_or_default()
    }
}

fn store(directory: &Path) -> Arc<dyn TokenStore> {
    Arc::new(FileStore::new(directory.join("tokens")))
}

async fn crowd() {
    let person = Person::new();
    let calls: Vec<_> = (0..24)
        .map(|number| person.source(person.grant(&format!("client-{number}"))))
        .map(|source| tokio::spawn(async move { source.token().await }))
        .collect();
    let mut numbers = std::collections::BTreeSet::new();
    for call in calls {
        let token = call.await.unwrap().unwrap();
        let number = token.expose_secret().rsplit('-').next().unwrap().to_owned();
        numbers.insert(number.parse::<u32>().unwrap());
    }
    assert_eq!(numbers, (1..=24).collect(), "no number is given twice");
    assert_eq!(person.last().await, "24");
}

#[test]
fn logins_of_one_person_at_many_clients_have_the_account_one_after_the_other() {
    on_both_runtimes(crowd);
}

#[tokio::test(start_paused = true)]
async fn while_a_person_is_asked_those_wait_who_want_the_account_and_those_who_want_their_sessions()
{
    let person = Person::new();
    let asked = Numbered {
        asks: Some(8 * MINUTE),
        ..person.grant("first")
    };
    let (first, second) = (person.source(asked), person.source(person.grant("second")));
    // The same session as the second's, in another process.
    let third = person.source(person.grant("second"));
    let first = tokio::spawn(async move { first.token().await });
    person.clock.sleep(Duration::from_millis(10)).await;
    let second = tokio::spawn(async move { second.token().await });
    person.clock.sleep(Duration::from_millis(10)).await;
    let third = tokio::spawn(async move { third.token().await });
    let answers = [first.await, second.await, third.await];
    let tokens = answers.map(|answer| answer.unwrap().unwrap().expose_secret().to_owned());
    assert_eq!(tokens, ["first-1", "second-2", "second-2"]);
}

#[tokio::test(start_paused = true)]
async fn what_an_account_learned_in_a_login_that_failed_is_known_to_the_next() {
    let person = Person::new();
    let fails = Numbered {
        fails: true,
        ..person.grant("one")
    };
    assert!(person.source(fails).token().await.is_err());
    let token = person.source(person.grant("one")).token().await.unwrap();
    assert_eq!(token.expose_secret(), "one-2");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_keeps_nobody_from_logging_in() {
    let person = Person::new();
    std::fs::write(person.directory.path().join("tokens"), "no directory").unwrap();
    let source = person.source(person.grant("one"));
    assert_eq!(source.token().await.unwrap().expose_secret(), "one-1");
    assert_eq!(
        source.renew().await.unwrap().expose_secret(),
        "one-2",
        "memory knows the first"
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_last_caller_leaves_the_wait_for_an_account_and_its_question_end() {
    let person = Person::new();
    let account = Account::new(ISSUER, "ada", &person.io()).with_store(person.store());
    let held = Held::new();
    let ours = account.lock(&held).await.unwrap();
    let asked = Numbered {
        asks: Some(MINUTE),
        ..person.grant("one")
    };
    let source = person.source(asked);
    let waits = tokio::time::timeout(Duration::from_secs(10), source.token());
    assert!(waits.await.is_err());
    let left = person.clock.now().monotonic;
    source.settled().await;
    let late = person.clock.now().monotonic - left;
    assert!(late < Duration::from_secs(1), "{late:?}");
    ours.release().await;
    // The session's lock is free again, and nobody has touched the account.
    assert_eq!(person.last().await, "");
    let session = SessionKey::of_account(ISSUER, "ada");
    assert!(session.is_account());
    assert!(person.store().load(&session).await.unwrap().is_none());
    let other = person.source(person.grant("one")).token().await.unwrap();
    assert_eq!(other.expose_secret(), "one-1");
}

#[tokio::test(start_paused = true)]
async fn whoever_has_an_account_and_does_not_move_is_waited_for_as_long_as_one_request_takes() {
    let person = Person::new();
    let account = Account::new(ISSUER, "ada", &person.io()).with_store(person.store());
    let held = Held::new();
    let ours = account.lock(&held).await.unwrap();
    let error = person
        .source(person.grant("one"))
        .token()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    ours.release().await;
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_needs_no_person_is_none_for_those_who_may_not_ask_one() {
    let person = Person::new();
    let nobody = Need::new().with_nobody_asked();
    // The pause before the next one-time password.
    let token = person.source(person.grant("one")).get(nobody).await;
    assert_eq!(token.unwrap().expose_secret(), "one-1");
    // Somebody else's login, which takes a while and asks nobody.
    let account = Account::new(ISSUER, "ada", &person.io()).with_store(person.store());
    let held = Held::new();
    let ours = account.lock(&held).await.unwrap();
    let source = person.source(person.grant("two"));
    let (token, ()) = tokio::join!(source.get(nobody), async {
        person.clock.sleep(Duration::from_secs(20)).await;
        ours.release().await;
    });
    assert_eq!(token.unwrap().expose_secret(), "two-2");
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_ask_waits_for_an_account_that_somebody_else_asks_for_and_asks_nobody() {
    let person = Person::new();
    let asked = |client| Numbered {
        asks: Some(8 * MINUTE),
        ..person.grant(client)
    };
    let first = person.source(asked("first"));
    let first = tokio::spawn(async move { first.token().await });
    person.clock.sleep(Duration::from_millis(10)).await;
    let nobody = Need::new().with_nobody_asked();
    let (asks, needs_none) = (
        person.source(asked("second")),
        person.source(person.grant("third")),
    );
    let (asks, needs_none) = tokio::join!(asks.get(nobody), needs_none.get(nobody));
    assert_eq!(asks.unwrap_err().kind(), ErrorKind::Interaction);
    needs_none.unwrap();
    first.await.unwrap().unwrap();
}
