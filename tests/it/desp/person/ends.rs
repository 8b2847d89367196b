//! Logins that end without a token: why is said in words of their own.

use std::sync::Arc;
use std::time::Duration;

use auth_core::session::Checked;
use auth_core::{ErrorKind, TokenSource};
use auth_desp::{Credentials, Person, Platform, Service};
use auth_testkit::{Fault, Theme};
use secrecy::SecretString;

use crate::desp::world::{AUTH, FORM, Typist, World, known, with};

#[tokio::test(start_paused = true)]
async fn w11_each_reason_has_its_own_words() {
    for theme in [Theme::V2, Theme::Classic, Theme::Base] {
        let world = World::with(theme);
        let mut said = Vec::new();
        for user in [
            "lou", "dave", "carol", "erin", "grace", "heidi", "ivan", "nobody",
        ] {
            let world = World::with(theme);
            let error = world.fails(user).await;
            said.push(format!("{user}: {:?} {error}", error.kind()));
        }
        let careful = world
            .known("ada")
            .source(&world.service("careful"))
            .unwrap();
        let error = careful.token().await.unwrap_err();
        said.push(format!("consent: {:?} {error}", error.kind()));
        let secret = |text: &str| SecretString::from(text);
        let wrong = Credentials::new(secret("bob"), secret("pw")).with_code(secret("123456"));
        let error = world
            .person(wrong)
            .source(&world.service("cacheb"))
            .unwrap();
        let error = error.token().await.unwrap_err();
        said.push(format!("code: {:?} {error}", error.kind()));
        let device = known("frank").with_device("laptop");
        let error = world
            .person(device)
            .source(&world.service("cacheb"))
            .unwrap();
        let error = error.token().await.unwrap_err();
        said.push(format!("device: {:?} {error}", error.kind()));
        let said = said
            .join("\n")
            .replace(world.server.url("/").as_str(), "https://iam/");
        insta::assert_snapshot!("reasons", said);
    }
}

#[tokio::test(start_paused = true)]
async fn a_password_that_was_refused_is_not_sent_again_for_a_day_unless_somebody_wants_it_or_it_changed()
 {
    let world = World::new();
    let service = world.service("cacheb");
    let wrong = || world.person(with("ada", "wrong"));
    let source = wrong().source(&service).unwrap();
    assert_eq!(source.token().await.unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(source.token().await.unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(world.sent(FORM), 1);
    // Another process.
    let error = wrong().source(&service).unwrap().token().await.unwrap_err();
    assert!(error.to_string().contains("before"), "{error}");
    assert_eq!(world.sent(FORM), 1);
    let by_hand = wrong().with_refused_tried().source(&service).unwrap();
    by_hand.token().await.unwrap_err();
    assert_eq!(world.sent(FORM), 2);
    world.clock.advance(Duration::from_secs(86_401)).await;
    wrong().source(&service).unwrap().token().await.unwrap_err();
    assert_eq!(world.sent(FORM), 3);
    world
        .known("ada")
        .source(&service)
        .unwrap()
        .token()
        .await
        .unwrap();
    // What a person types is tried each time.
    let world = World::new();
    let typist = Typist::new("ada", "wrong", "");
    let source = world
        .person(Credentials::typed(Arc::new(typist)))
        .source(&service)
        .unwrap();
    for _ in 0..2 {
        source.token().await.unwrap_err();
        world.clock.advance(Duration::from_secs(600)).await;
    }
    assert_eq!(world.sent(FORM), 2);
}

#[tokio::test(start_paused = true)]
async fn a_password_that_was_refused_and_then_let_in_is_sent_again_like_any_other() {
    let world = World::new();
    let service = world.service("cacheb");
    let wrong = "<form id=kc-form-login method=post><input name=username><input name=password>\
         <span id=input-error>No.</span></form>";
    let refusal = Fault::status(200).with_body("text/html", wrong);
    world.server.fault(FORM, refusal);
    let source = world.known("ada").source(&service).unwrap();
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    let by_hand = world.known("ada").with_refused_tried();
    by_hand.source(&service).unwrap().token().await.unwrap();
    // As where the platform does not remember the person any more.
    let sent = world.sent(FORM);
    let stranger = world.known("ada").without_single_sign_on();
    let source = stranger.source(&world.service("dea")).unwrap();
    source.token().await.unwrap();
    assert_eq!(world.sent(FORM), sent + 1);
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_login_is_read_where_it_ends_and_the_service_is_never_fetched() {
    let world = World::new();
    let service = world.service("cacheb").with_scopes(["openid", "nonsense"]);
    let error = world
        .known("ada")
        .source(&service)
        .unwrap()
        .token()
        .await
        .unwrap_err();
    assert!(error.is_refusal("invalid_scope"), "{error}");
    let unknown = Service::new("x", "unknown", "https://x.example/").unwrap();
    let error = world
        .known("ada")
        .source(&unknown)
        .unwrap()
        .token()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    let no_realm =
        Platform::new(world.server.url("/").as_str(), "none", world.server.io()).unwrap();
    let person = Person::new(no_realm, known("ada"), Checked::No);
    let error = person
        .source(&world.service("cacheb"))
        .unwrap()
        .token()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_not_known_is_told_with_its_status_where_that_is_a_refusal() {
    for status in [400, 401, 403, 407] {
        let world = World::new();
        let page = "<title>Request Rejected</title>";
        let fault = Fault::status(status).with_body("text/html", page);
        world.server.fault(AUTH, fault);
        let error = world.fails("ada").await;
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        for part in [&*status.to_string(), "titled Request Rejected", "firewall"] {
            assert!(error.to_string().contains(part), "{error}");
        }
    }
    let world = World::new();
    world.server.fault(AUTH, Fault::status(200));
    let error = world.fails("ada").await;
    assert!(!error.to_string().contains("200"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_iam_that_names_a_pause_is_heard() {
    let pause = Duration::from_secs(70);
    for status in [429, 503] {
        let world = World::new();
        let fault = Fault::status(status).with_retry_after(pause);
        world.server.fault(AUTH, fault.always());
        let error = world.fails("ada").await;
        assert_eq!(error.retry_after(), Some(pause), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_read_whatever_its_text_is_written_in() {
    let world = World::new();
    let state = "https://cacheb.example/?error=access_denied&error_description=F\u{fc}r dich nicht";
    world.server.fault(AUTH, Fault::redirect(302, state));
    let error = world.fails("ada").await;
    // Its state is missing, and it was read all the same.
    assert!(error.message().contains("another login"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_iam_that_is_down_is_told_from_one_that_says_no() {
    for fault in [Fault::refused(), Fault::status(503), Fault::status(429)] {
        let world = World::new();
        world.server.fault(AUTH, fault.always());
        let error = world.fails("ada").await;
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    }
    // A form that may have arrived is not sent again.
    let world = World::new();
    world.server.fault(FORM, Fault::reset().after_commit());
    let error = world.fails("ada").await;
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert_eq!(world.sent(FORM), 1);
}
