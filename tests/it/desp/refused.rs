//! One-time codes that the IAM refuses: what is sent again, and what is not.

use std::sync::Arc;
use std::time::Duration;

use auth_core::session::Login;
use auth_core::store::StoreLock;
use auth_core::{ErrorKind, TokenSource};
use auth_desp::{Credentials, Person};
use auth_testkit::Fault;
use secrecy::SecretString;

use super::world::{FORM, TOTP, Typist, World, known, with};

/// The secret of no device.
const WRONG: &str = "ORSXG5BAORSXG5BAORSXG5BAORSXG5BA";

impl World {
    fn bob(&self, totp: &str) -> Person {
        let secret = |text: &str| SecretString::from(text);
        let credentials = Credentials::new(secret("bob"), secret("pw")).with_code(secret("000000"));
        self.person(match totp {
            "" => credentials,
            totp => credentials.with_totp(secret(totp)),
        })
    }

    /// Each is another process.
    async fn tries(&self, person: Person) -> Result<(), String> {
        let source = person.source(&self.service("cacheb")).unwrap();
        match source.token().await {
            Ok(_) => Ok(()),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
                Err(error.to_string())
            }
        }
    }

    fn codes(&self) -> usize {
        let requests = self.server.requests();
        requests
            .iter()
            .filter(|one| one.field("otp").is_some())
            .count()
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_secret_of_a_device_is_tried_twice_a_day_and_not_by_each_job() {
    let world = World::new();
    for (minutes, codes) in [(0, 1), (5, 1), (6, 2), (60, 2), (1000, 2)] {
        world.clock.advance(Duration::from_secs(minutes * 60)).await;
        world.tries(world.bob(WRONG)).await.unwrap_err();
        assert_eq!(world.codes(), codes, "{minutes}");
    }
    // Somebody says that it is right now.
    world
        .tries(world.bob(WRONG).with_refused_tried())
        .await
        .unwrap_err();
    assert_eq!(world.codes(), 3);
    let error = world.tries(world.bob(WRONG)).await.unwrap_err();
    insta::assert_snapshot!(error, @"the IAM has refused a one-time code of this device before, so none was sent again: that locks an account; correct where the code comes from, or log in by hand to have it tried again");
    // The right one is another.
    world.tries(world.bob(TOTP)).await.unwrap();
    assert_eq!(world.codes(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_code_that_somebody_else_has_used_keeps_no_job_from_working_for_a_day() {
    let world = World::new();
    world
        .tries(world.bob(TOTP).without_single_sign_on())
        .await
        .unwrap();
    // The same device in another store: it knows nothing of the code that was sent.
    let other = |world: &World| {
        let person = world.bob(TOTP);
        person.without_single_sign_on()
    };
    let fresh = World {
        store: Arc::new(auth_core::store::MemoryStore::new()),
        ..world
    };
    fresh.tries(other(&fresh)).await.unwrap_err();
    fresh.clock.advance(Duration::from_secs(601)).await;
    fresh.tries(other(&fresh)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_named_after_the_refusal_is_another_try() {
    let world = World::new();
    let frank = || world.person(with("frank", "pw"));
    world.tries(frank()).await.unwrap_err();
    world.clock.advance(Duration::from_secs(60)).await;
    let error = world.tries(frank()).await.unwrap_err();
    assert!(error.contains("before"), "{error}");
    let named = world.person(with("frank", "pw").with_device("device 2"));
    world.tries(named).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_code_from_the_configuration_is_sent_once_and_a_typed_one_each_time() {
    let world = World::new();
    for _ in 0..3 {
        world.tries(world.bob("")).await.unwrap_err();
        world.clock.advance(Duration::from_secs(3600)).await;
    }
    assert_eq!(world.codes(), 1);
    let world = World::new();
    for times in 1..=2 {
        let typist = Arc::new(Typist::new("bob", "pw", "000000"));
        let typed = world.person(Credentials::typed(typist));
        world.tries(typed).await.unwrap_err();
        assert_eq!(world.codes(), times);
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_that_a_page_after_a_redirect_calls_wrong_is_not_sent_again() {
    let world = World::new();
    let wrong = format!(
        "<form id=kc-otp-login-form method=post action='{}'><input name=otp>\
         <span id=input-error-otp-code>Invalid authenticator code.</span></form>",
        world.server.url(FORM)
    );
    // The password goes through; the code is looked at, and its page comes by a redirect.
    world.server.fault(FORM, Fault::delay(Duration::ZERO));
    let page = world.server.url(&format!("{FORM}?client_id=cacheb"));
    world
        .server
        .fault(FORM, Fault::redirect(302, page.as_str()));
    world
        .server
        .fault(FORM, Fault::status(200).with_body("text/html", wrong));
    let error = world.fails("bob").await;
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert_eq!(world.codes(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_password_that_a_page_after_a_redirect_calls_wrong_is_not_sent_again() {
    let world = World::new();
    let wrong = format!(
        "<form id=kc-form-login method=post action='{}'><input name=username><input name=password>\
         <span id=input-error>No.</span></form>",
        world.server.url(FORM)
    );
    let page = world.server.url(&format!("{FORM}?client_id=cacheb"));
    world
        .server
        .fault(FORM, Fault::redirect(302, page.as_str()));
    world
        .server
        .fault(FORM, Fault::status(200).with_body("text/html", wrong));
    let error = world.fails("ada").await;
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    let requests = world.server.requests();
    let sent = requests
        .iter()
        .filter(|one| one.field("password").is_some());
    assert_eq!(sent.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_logout_forgets_the_person_and_not_the_code_that_was_sent_a_moment_ago() {
    let world = World::new();
    let forget = async |person: &Person| {
        let account = person.account().session();
        let told = |_| {};
        let lock = StoreLock::wait(&*world.store, account, &world.clock, &told).await;
        person.forget(&lock.unwrap()).await.unwrap()
    };
    let notes = async |person: &Person| {
        let login = Login::load(&*world.store, person.account().session()).await;
        login.unwrap().map(|login| login.has_note("cookies"))
    };
    let codes_kept = async |person: &Person| {
        let codes = person.account().of_everybody();
        codes.is_kept().await.unwrap()
    };
    let person = world.known("bob");
    assert!(!forget(&person).await, "there is nothing");
    let log_in = async |service: &str| {
        let person = world.person(known("bob"));
        let source = person.source(&world.service(service)).unwrap();
        source.token().await.unwrap();
    };
    log_in("cacheb").await;
    assert_eq!(notes(&person).await, Some(true));
    assert!(forget(&person).await);
    assert_eq!(notes(&person).await, None);
    // The next one waits for another code.
    log_in("dea").await;
    assert_eq!(world.codes(), 2);
    let requests = world.server.requests();
    let codes: std::collections::BTreeSet<_> =
        requests.iter().filter_map(|one| one.field("otp")).collect();
    assert_eq!(codes.len(), 2);
    // After a while nothing of it is left.
    assert!(codes_kept(&person).await);
    world.clock.advance(Duration::from_secs(120)).await;
    assert!(forget(&person).await);
    assert_eq!(notes(&person).await, None);
    assert!(!codes_kept(&person).await);
}
