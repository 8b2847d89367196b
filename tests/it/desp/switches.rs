//! What can be switched on at the testkit's realm, each with what comes of it here. Those of other files: relative
//! actions, other forms, other languages and spent codes of forms in `strange`, clocks in `person`.

use std::time::Duration;

use auth_core::session::{Checked, Held};
use auth_core::{ErrorKind, TokenSource};
use auth_desp::Person;
use auth_testkit::{Fault, Theme, Visitor};

use super::world::{AUTH, FORM, TOKEN, World, known, realm};

const THEMES: [Theme; 3] = [Theme::V2, Theme::Classic, Theme::Base];

#[tokio::test(start_paused = true)]
async fn a_disabled_account_is_told_on_a_page_without_a_class() {
    for theme in THEMES {
        let error = World::with(theme).fails("dave").await;
        assert_eq!(error.kind(), ErrorKind::Refused, "{theme:?}: {error}");
        assert!(error.to_string().contains("Account is disabled"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_recovery_code_is_named_and_none_is_sent() {
    for theme in THEMES {
        let world = World::with(theme);
        let error = world.fails("olga").await;
        assert_eq!(error.kind(), ErrorKind::Interaction);
        assert!(error.to_string().contains("recovery code"), "{error}");
        assert_eq!(world.sent(FORM), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_one_time_code_is_sent_where_there_is_another_way_too() {
    for theme in THEMES {
        let world = World::with(theme);
        let source = world.known("pia").source(&world.service("cacheb")).unwrap();
        source.token().await.unwrap();
        let mut requests = world.server.requests().into_iter();
        assert!(requests.all(|one| one.field("tryAnotherWay").is_none()));
        assert_eq!(world.sent(FORM), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_one_time_code_is_found_behind_what_the_page_asks_for_first() {
    for theme in THEMES {
        // The form of the password; the way out, a way, and the next; the code.
        for (user, forms) in [("rita", 6), ("tom", 8)] {
            let world = World::with(theme);
            let source = world.known(user).source(&world.service("cacheb")).unwrap();
            source.token().await.unwrap();
            let requests = world.server.requests();
            let sent = |name: &str| {
                let all = requests.iter();
                all.filter(|one| one.field(name).is_some()).count()
            };
            assert_eq!((sent("password"), sent("otp")), (1, 1), "{user}");
            assert_eq!(sent("recoveryCodeInput") + sent("signature"), 0);
            assert_eq!(world.sent(FORM), forms, "{user} {theme:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn where_no_way_is_for_a_program_the_first_is_named_and_each_is_gone_once() {
    for theme in THEMES {
        for (user, wants, forms) in [
            ("sam", "a security key or passkey", 1),
            ("uma", "a security key or passkey", 6),
            ("olga", "a recovery code", 1),
        ] {
            let world = World::with(theme);
            let error = world.fails(user).await;
            assert_eq!(error.kind(), ErrorKind::Interaction, "{error}");
            assert!(error.to_string().contains(wants), "{user}: {error}");
            assert_eq!(world.sent(FORM), forms, "{user} {theme:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_may_have_no_offline_token_is_told_so() {
    let world = World::new();
    let error = world.fails("quinn").await;
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.code(), Some("not_allowed"));
    insta::assert_snapshot!(error, @"https://auth.test/realms/desp/protocol/openid-connect/token refused: not_allowed: Offline tokens not allowed for the user or client; leave `offline_access` out of the scope, or ask whoever runs the server for the role of that name");
    // The login for `openid` alone has one that ends with the session.
    let service = world.service("dea").with_scopes(["openid"]);
    let source = world.known("quinn").source(&service).unwrap();
    source.token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn w6_an_answer_of_another_issuer_or_login_is_not_redeemed() {
    for (name, value, says) in [
        (
            "iss",
            Some("https://evil.example/realms/desp"),
            "another server",
        ),
        ("state", Some("x"), "another login"),
        ("state", None, "another login"),
        ("code", None, "code"),
    ] {
        let world = World::new();
        world.server.fault(FORM, Fault::parameter(name, value));
        let error = world.fails("ada").await;
        assert_eq!(error.kind(), ErrorKind::Protocol, "{name}: {error}");
        assert!(error.to_string().contains(says), "{name}: {error}");
        assert_eq!(world.sent(TOKEN), 0, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_asked_to_be_compressed_is_called_so() {
    for path in [AUTH, FORM, TOKEN] {
        let world = World::new();
        world.server.fault(path, Fault::gzip());
        // The answer to a form that leads on has no page.
        let error = world.fails("bob").await;
        assert_eq!(error.kind(), ErrorKind::Protocol, "{path}: {error}");
        assert!(!error.to_string().contains('\u{1f}'), "{error:?}");
        // Nothing is lost but that.
        let source = world.known("bob").source(&world.service("dea")).unwrap();
        source.token().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_the_login_ends_with_is_that_of_the_login() {
    let world = World::new();
    let visitor = Visitor::refuses("access_denied");
    world
        .server
        .add_realm(realm(Theme::V2).with_visitor(visitor));
    let error = world.fails("ada").await;
    assert!(error.is_refusal("access_denied"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_no_utf_8_is_read_all_the_same() {
    let action = World::new().server.url(FORM);
    let mut page = b"<title>\xff\xfe</title><form id=kc-form-login method=post action='".to_vec();
    page.extend(action.as_str().as_bytes());
    page.extend(b"'><input name=username value='\xe4'><input name=password></form>");
    let world = World::new();
    let page = Fault::status(200).with_body("text/html", page);
    world.server.fault(AUTH, page);
    let error = world.fails("ada").await;
    // Sent it was, without a session.
    assert_eq!(world.sent(FORM), 1, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_iam_is_waited_for_and_one_that_does_not_answer_is_not() {
    let slow = |seconds| Fault::delay(Duration::from_secs(seconds));
    let world = World::new();
    for path in [AUTH, FORM, FORM, TOKEN] {
        world.server.fault(path, slow(20));
    }
    let source = world.known("bob").source(&world.service("cacheb")).unwrap();
    source.token().await.unwrap();
    let world = World::new();
    world.server.fault(FORM, slow(40));
    let error = world.fails("bob").await;
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert_eq!(world.sent(FORM), 1, "a form is never sent twice");
}

#[tokio::test(start_paused = true)]
async fn w16_a_server_error_at_any_step_is_one_to_try_later_and_costs_no_second_form() {
    for status in [500, 502, 503, 429] {
        for path in [FORM, TOKEN] {
            let world = World::new();
            world.server.fault(path, Fault::status(status).always());
            let error = world.fails("bob").await;
            assert_eq!(
                error.kind(),
                ErrorKind::Unavailable,
                "{status} {path}: {error}"
            );
            let forms = if path == FORM { 1 } else { 2 };
            assert_eq!(world.sent(FORM), forms, "{status} {path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_somebody_else_has_used_ends_in_a_login() {
    let world = World::new();
    let source = world.known("bob").source(&world.service("cacheb")).unwrap();
    source.token().await.unwrap();
    let stolen = source.refresh_token().await.unwrap().unwrap();
    let service = world.service("cacheb");
    // Somebody else redeems it, and so do we.
    let thief = world.person(known("bob")).endpoint(&service);
    let held = Held::new();
    thief.refresh(&held, &stolen, &[]).await.unwrap();
    let error = source.renew().await.unwrap_err();
    assert!(error.to_string().contains("was used before"), "{error}");
    // What was handed out works to its end, and the password gives the next one.
    source.token().await.unwrap();
    let pages = world.sent(AUTH);
    world.clock.advance(Duration::from_secs(301)).await;
    source.token().await.unwrap();
    assert_eq!(world.sent(AUTH), pages + 1);
}

#[tokio::test(start_paused = true)]
async fn no_single_sign_on_means_a_password_and_no_wrong_outcome() {
    // Cookies are `Secure`, and come back over https alone or on loopback.
    let world = World::new();
    let requests = || world.server.requests();
    world
        .known("ada")
        .source(&world.service("dea"))
        .unwrap()
        .token()
        .await
        .unwrap();
    let with_cookies = requests()
        .iter()
        .filter(|one| one.header("cookie").is_some())
        .count();
    assert_eq!(
        with_cookies, 2,
        "the form and the second code, and neither the first page nor the token"
    );
    let person = Person::new(world.platform(), known("ada"), Checked::No);
    person
        .source(&world.service("dea"))
        .unwrap()
        .token()
        .await
        .unwrap();
    assert_eq!(world.sent(FORM), 2, "another store knows nobody");
}
