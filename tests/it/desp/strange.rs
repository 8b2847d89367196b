//! Logins that take another way than the usual one.

use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::error::Challenge;
use auth_core::prompt::Echo;
use auth_core::session::{Held, Login};
use auth_core::{BoxFuture, CachedSource, ErrorKind, Prompt, Result, TokenSource};
use auth_desp::otp::Totp;
use auth_desp::{Credentials, Person, Service};
use auth_testkit::{Client, Fault, Theme};
use secrecy::{ExposeSecret, SecretString};

use super::world::{AUTH, FORM, TOKEN, TOTP, Typist, World, known, realm, with};
use crate::log::Log;

const THEMES: [Theme; 3] = [Theme::V2, Theme::Classic, Theme::Base];

impl World {
    fn cacheb(&self, credentials: Credentials) -> CachedSource {
        self.person(credentials)
            .source(&self.service("cacheb"))
            .unwrap()
    }

    fn fields(&self, name: &str) -> usize {
        let requests = self.server.requests();
        let sent = requests.iter().filter(|one| one.field(name).is_some());
        sent.count()
    }
}

fn typed(typist: &Arc<Typist>) -> Credentials {
    Credentials::typed(typist.clone())
}

/// What only a new login can answer.
fn newer() -> Challenge {
    let mut challenge = Challenge::default();
    challenge.max_age = Some(60);
    challenge
}

async fn note(person: &Person, name: &str, value: Option<&str>) {
    let held = Held::new();
    let mut account = person.account().lock(&held).await.unwrap();
    account.set_note(name, value.map(SecretString::from));
    account.save().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_name_is_asked_for_once_where_the_password_has_a_page_of_its_own() {
    for theme in THEMES {
        let world = World::with(theme);
        world.server.add_realm(realm(theme).with_name_first());
        let typist = Arc::new(Typist::new("ada", "pw", ""));
        world.cacheb(typed(&typist)).token().await.unwrap();
        assert_eq!(typist.asked(), ["Username", "Password"], "{theme:?}");
        assert_eq!((world.fields("username"), world.fields("password")), (1, 1));
        let world = World::with(theme);
        world.server.add_realm(realm(theme).with_name_first());
        world.cacheb(known("bob")).token().await.unwrap();
        let wrong = world.person(with("ada", "wrong"));
        let wrong = wrong.without_single_sign_on();
        let error = wrong.login(&world.service("dea")).unwrap().token().await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Refused);
    }
}

#[tokio::test(start_paused = true)]
async fn who_proves_it_again_is_asked_for_no_name() {
    for theme in THEMES {
        let world = World::with(theme);
        let typist = Arc::new(Typist::new("ada", "pw", ""));
        let source = world.cacheb(typed(&typist));
        let token = source.token().await.unwrap();
        world.clock.advance(Duration::from_secs(120)).await;
        source.discard(&token, Some(&newer()));
        source.token().await.unwrap();
        let asked = typist.asked();
        assert_eq!(asked, ["Username", "Password", "Password"], "{theme:?}");
        // With a device, the next code.
        let source = world.cacheb(known("bob").with_device("device 1"));
        let token = source.renew().await.unwrap();
        source.discard(&token, Some(&newer()));
        world.clock.advance(Duration::from_secs(120)).await;
        source.token().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_took_too_long_begins_anew_and_asks_for_another_code_alone() {
    for theme in THEMES {
        let world = World::with(theme);
        let typist = Arc::new(Typist::new("bob", "pw", "").dawdling(&world.clock));
        world.cacheb(typed(&typist)).token().await.unwrap();
        let code = "One-time code";
        assert_eq!(typist.asked(), ["Username", "Password", code, code]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_form_that_nobody_looked_at_is_filled_in_once_more() {
    // Its code is spent: the IAM shows the page again, and has not looked at what was sent.
    let spent = || Fault::text("session_code=", "session_code=0");
    for theme in THEMES {
        let world = World::with(theme);
        world.server.fault(AUTH, spent());
        world.cacheb(known("ada")).token().await.unwrap();
        assert_eq!(world.fields("password"), 2);
        // The same at the page of the code, for which there is another one.
        let world = World::with(theme);
        world.server.fault(FORM, spent());
        world.cacheb(known("bob")).token().await.unwrap();
        assert_eq!((world.fields("password"), world.fields("otp")), (1, 2));
        // Not for ever.
        let world = World::with(theme);
        world.server.fault(AUTH, spent().always());
        world.server.fault(FORM, spent().always());
        let error = world.fails("ada").await;
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        assert_eq!(world.fields("password"), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_expired_costs_one_more_login_and_not_a_third() {
    let expired = "<h1 id=kc-page-title>Page has expired</h1>\
        <a id=loginRestartLink href=x>x</a><a id=loginContinueLink href=x>x</a>";
    let expired = || Fault::status(200).with_body("text/html", expired);
    let world = World::new();
    world.server.fault(FORM, expired());
    world.cacheb(known("ada")).token().await.unwrap();
    // The third is the second code of an offline login.
    assert_eq!(world.sent(AUTH), 3);
    let world = World::new();
    world.server.fault(FORM, expired().always());
    let error = world.fails("ada").await;
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert_eq!(world.sent(FORM), 2);
}

#[tokio::test(start_paused = true)]
async fn cookies_that_the_iam_knows_no_more_cost_a_password_and_no_failure() {
    let world = World::new();
    let person = world.known("ada");
    let origin = world.server.url("/");
    let path = "/realms/desp/";
    let cookie = |name| serde_json::json!({ "name": name, "value": "stale", "path": path });
    let cookies = ["AUTH_SESSION_ID", "KC_RESTART", "KEYCLOAK_IDENTITY"].map(cookie);
    let jar = serde_json::json!({ "origin": origin.as_str(), "cookies": cookies });
    for jar in [jar.to_string(), "no jar".to_owned()] {
        note(&person, "cookies", Some(&jar)).await;
        let source = person.source(&world.service("cacheb")).unwrap();
        source.renew().await.unwrap();
    }
    assert_eq!(world.fields("password"), 1);
}

#[tokio::test(start_paused = true)]
async fn any_redirect_is_followed_where_nothing_is_sent_along() {
    for status in [301, 303, 307, 308] {
        let world = World::new();
        if status < 304 {
            world.server.fault(FORM, Fault::as_status(status));
        }
        world.cacheb(known("ada")).token().await.unwrap();
        // Who is known is sent on at once.
        world.server.fault(AUTH, Fault::as_status(status));
        let dea = world.known("ada").source(&world.service("dea")).unwrap();
        dea.token().await.unwrap();
        assert_eq!(world.fields("password"), 1, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn w1_a_form_is_never_sent_on() {
    for status in [307, 308] {
        let world = World::new();
        let on = world.server.url(FORM);
        world
            .server
            .fault(FORM, Fault::redirect(status, on.as_str()));
        let error = world.fails("ada").await;
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(error.to_string().contains("nothing was sent"), "{error}");
        assert_eq!(world.sent(FORM), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_service_is_not_fetched_where_it_is_a_page_of_the_realm_either() {
    let world = World::new();
    let page = "/realms/desp/account/";
    let url = world.server.url(page);
    let client = Client::public("console").with_redirect(url.as_str());
    world
        .server
        .add_realm(realm(Theme::V2).with_client(client.with_scopes(["openid"])));
    let console = Service::new("console", "console", url.as_str()).unwrap();
    let source = world.known("ada").source(&console).unwrap();
    source.token().await.unwrap();
    assert_eq!(world.sent(page), 0);
}

#[tokio::test(start_paused = true)]
async fn a_compressed_page_that_nobody_asked_for_is_called_so() {
    let world = World::new();
    let page = Fault::status(200).with_body("text/html", &b"\x1f\x8b\x08\x00\x00"[..]);
    world
        .server
        .fault(AUTH, page.with_header("content-encoding", "gzip"));
    let error = world.fails("ada").await;
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.to_string().contains("compressed"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_login_that_the_iam_breaks_off_is_no_mistake_of_the_configuration() {
    let world = World::new();
    let body = "<div id=kc-error-message>An error occurred, please login again.</div>";
    let failure = Fault::status(400).with_body("text/html", body);
    world.server.fault(FORM, failure);
    let error = world.fails("ada").await;
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.to_string().contains("An error occurred"), "{error}");
    assert_eq!(world.sent(FORM), 1);
}

#[tokio::test(start_paused = true)]
async fn w16_the_form_is_found_in_any_language_among_others_and_below_a_path_alone() {
    for theme in THEMES {
        let world = World::with(theme);
        let german = "Ungültiger Benutzername oder Passwort.";
        let spoil = || Fault::text("Invalid username or password.", german);
        world.server.fault(FORM, spoil());
        let error = world
            .cacheb(with("ada", "wrong"))
            .token()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.to_string().contains("Ungültiger"), "{error}");
        let others = "<form action='/search'><input name=q></form><form ";
        world.server.fault(AUTH, Fault::text("<form ", others));
        world.cacheb(known("ada")).token().await.unwrap();
        let world = World::with(theme);
        let origin = world.server.url("/");
        let relative = Fault::text(format!("\"{origin}realms"), "\"/realms");
        world.server.fault(AUTH, relative.clone());
        world.server.fault(FORM, relative);
        world.cacheb(known("bob")).token().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_is_filled_in_beside_the_password_where_a_page_asks_for_both() {
    let secret = |text: &str| SecretString::from(text);
    let without_device = Credentials::new(secret("ada"), secret("pw"));
    for (credentials, digits) in [(known("ada"), 6), (without_device, 0)] {
        let world = World::new();
        let beside = Fault::text("<label>Password", "<input name=otp><label>Password");
        world.server.fault(AUTH, beside);
        world.cacheb(credentials).token().await.unwrap();
        let requests = world.server.requests();
        let mut sent = requests.iter().filter_map(|one| one.field("otp"));
        assert_eq!(sent.next().map(|code| code.len()), Some(digits));
        assert_eq!(world.fields("password"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_may_be_typed_with_blanks() {
    let world = World::new();
    let totp = Totp::from_text(&TOTP.into()).unwrap();
    let code = totp.code(totp.step(world.clock.now().wall));
    let (front, back) = code.expose_secret().split_at(3);
    let typist = Arc::new(Typist::new("bob", "pw", &format!(" {front} {back}\n")));
    world.cacheb(typed(&typist)).token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_empty_answer_is_sent_nowhere_and_asked_for_again() {
    for (user, password, what) in [
        ("", "pw", "user name"),
        (" ", "pw", "user name"),
        ("bob", "", "password"),
        ("bob", "pw", "one-time code"),
    ] {
        let world = World::new();
        let typist = Arc::new(Typist::new(user, password, " "));
        let source = world.cacheb(typed(&typist));
        for times in 1..=2 {
            let error = source.token().await.unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
            let first = typist.asked()[0].clone();
            let asked = typist.asked().iter().filter(|one| **one == first).count();
            assert_eq!(asked, times, "{what}");
        }
        assert_eq!(world.fields("otp"), 0);
        assert_eq!(world.fields("password") > 0, what == "one-time code");
    }
}

#[tokio::test(start_paused = true)]
async fn w11_what_must_be_done_first_is_told_after_a_code_too() {
    let world = World::new();
    let error = world.fails("mia").await;
    assert_eq!(error.kind(), ErrorKind::Interaction, "{error}");
    assert!(error.to_string().contains("UPDATE_PASSWORD"), "{error}");
    assert_eq!(world.fields("otp"), 1);
}

/// A person who never answers.
#[derive(Debug)]
struct Away;

impl Prompt for Away {
    fn ask<'a>(&'a self, _: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_ends_with_the_last_caller_and_leaves_the_account_to_others() {
    let world = World::new();
    let source = world.cacheb(Credentials::typed(Arc::new(Away)));
    let call = tokio::time::timeout(Duration::from_secs(1), source.token()).await;
    assert!(call.is_err());
    let begun = world.clock.now().monotonic;
    for service in ["dea", "cacheb"] {
        let person = world.known("ada");
        let source = person.source(&world.service(service)).unwrap();
        source.token().await.unwrap();
    }
    let waited = world.clock.now().monotonic - begun;
    assert!(waited < Duration::from_secs(5), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn who_dies_before_the_code_is_redeemed_loses_no_more_than_the_code() {
    let world = World::new();
    world.server.fault(TOKEN, Fault::reset().always());
    let error = world.fails("bob").await;
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    world.server.clear_faults();
    world.cacheb(known("bob")).token().await.unwrap();
    assert_eq!((world.fields("password"), world.fields("otp")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_device_may_be_named_where_there_is_only_one() {
    for theme in THEMES {
        let world = World::with(theme);
        let credentials = known("bob").with_device("my phone");
        world.cacheb(credentials).token().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_noted_under_a_wrong_clock_counts_for_nothing() {
    let year = Duration::from_secs(365 * 86_400);
    let world = World::new();
    world.clock.set_forward(year);
    let wrong = || {
        let person = world.person(with("ada", "wrong"));
        person.login(&world.service("highway")).unwrap()
    };
    wrong().token().await.unwrap_err();
    world.clock.set_back(year);
    wrong().token().await.unwrap_err();
    assert_eq!(world.fields("password"), 2);
    let log_in = async |service: &str| {
        let person = world.known("bob").without_single_sign_on();
        let source = person.login(&world.service(service)).unwrap();
        source.token().await.unwrap();
    };
    log_in("cacheb").await;
    world.clock.advance(Duration::from_secs(120)).await;
    let (codes, held) = (world.known("bob").account().of_everybody(), Held::new());
    let mut codes = codes.lock(&held).await.unwrap();
    let device = std::cell::RefCell::new(String::new());
    codes.retain(|name, _| {
        name.clone_into(&mut device.borrow_mut());
        true
    });
    let ahead = SecretString::from("99999999 99999999999");
    codes.set_note(device.take(), Some(ahead));
    codes.save().await.unwrap();
    codes.release().await;
    let begun = world.clock.now().monotonic;
    log_in("dea").await;
    assert_eq!(world.clock.now().monotonic, begun);
}

#[tokio::test(start_paused = true)]
async fn what_the_iam_remembers_of_one_person_is_not_used_for_another() {
    let world = World::new();
    world.cacheb(known("ada")).token().await.unwrap();
    let source = world.known("bob").source(&world.service("dea")).unwrap();
    source.token().await.unwrap();
    let login = Login::load(&*world.store, source.key().session()).await;
    assert_eq!(login.unwrap().unwrap().account(), Some("bob"));
}

#[tokio::test(start_paused = true)]
async fn a_password_stays_refused_while_another_login_needs_none() {
    let world = World::new();
    world.cacheb(known("ada")).token().await.unwrap();
    world.clock.advance(Duration::from_secs(120)).await;
    let wrong = || world.person(with("ada", "wrong"));
    let source = wrong().source(&world.service("cacheb")).unwrap();
    let token = source.token().await.unwrap();
    source.discard(&token, Some(&newer()));
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    let dea = wrong().source(&world.service("dea")).unwrap();
    dea.token().await.unwrap();
    note(&wrong(), "cookies", None).await;
    let sent = world.fields("password");
    let highway = wrong().login(&world.service("highway")).unwrap();
    let error = highway.token().await.unwrap_err();
    assert!(error.to_string().contains("before"), "{error}");
    assert_eq!(world.fields("password"), sent);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_nobody_knows_is_named_and_its_outline_without_values_is_in_the_log() {
    let world = World::new();
    let page = "<title>Please choose</title><h1>For ada</h1>\
        <form id=chooser method=post action='/realms/desp/login-actions/x?session_code=s3cret'>\
        <input type=hidden name=ticket value=s3cret><select name=idp></select></form>";
    let page = Fault::status(200).with_body("text/html", page);
    world.server.fault(AUTH, page);
    let log = Log::of_everything();
    let error = world.fails("ada").await;
    assert_eq!(error.kind(), ErrorKind::Protocol);
    let said = log.text();
    assert!(error.to_string().contains("Please choose"), "{error}");
    for there in ["chooser", "ticket", "/realms/desp/login-actions/x"] {
        assert!(said.contains(there), "{there}: {said}");
    }
    assert!(
        !said.contains("s3cret") && !said.contains("For ada"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_asked_for_again_without_a_word_is_not_sent_for_ever() {
    let world = World::new();
    world.server.add_realm(realm(Theme::V2).with_name_first());
    let action = world.server.url(FORM);
    let page = format!(
        "<form id=kc-form-login method=post action='{action}'><input name=username></form>"
    );
    let page = Fault::status(200).with_body("text/html", page);
    world.server.fault(FORM, page.always());
    let error = world.fails("ada").await;
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    assert_eq!(world.sent(FORM), 1);
}
