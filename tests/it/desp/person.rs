//! Logins at the platform's pages, without a browser: at a realm in the testkit that has its users, themes and devices.

mod code;
mod ends;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::session::Login;
use auth_core::store::{FileStore, TokenStore};
use auth_core::{ErrorKind, TokenSource};
use auth_desp::FileMirror;
use auth_testkit::{Fault, Policy, Rotation, Theme};

use super::world::{AUTH, EXCHANGE, FORM, TOKEN, World, realm};
use crate::lease::Leasing;
use crate::world::on_both_runtimes;

#[tokio::test(start_paused = true)]
async fn a_person_logs_in_with_password_and_one_time_code_in_every_theme() {
    for theme in [Theme::V2, Theme::Classic, Theme::Base] {
        let world = World::with(theme);
        for user in ["ada", "bob"] {
            let person = world.known(user).with_account(user);
            let source = person.source(&world.service("cacheb")).unwrap();
            source.token().await.unwrap();
            let login = Login::load(&*world.store, source.key().session()).await;
            assert_eq!(login.unwrap().unwrap().account(), Some(user), "{theme:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn w9_a_second_service_costs_neither_password_nor_code_and_a_second_call_no_request() {
    let world = World::new();
    let cacheb = world.known("bob").source(&world.service("cacheb")).unwrap();
    cacheb.token().await.unwrap();
    let forms = world.sent(FORM);
    assert_eq!(forms, 2, "the password and the code");
    // Another process, which knows what the store has.
    let dea = world.known("bob").source(&world.service("dea")).unwrap();
    dea.token().await.unwrap();
    assert_eq!(world.sent(FORM), forms);
    let requests = world.server.requests().len();
    world
        .known("bob")
        .source(&world.service("cacheb"))
        .unwrap()
        .token()
        .await
        .unwrap();
    assert_eq!(world.server.requests().len(), requests);
    // What the platform remembers is not for those who keep nothing.
    world.clock.advance(Duration::from_secs(60)).await;
    let alone = world.known("bob").without_single_sign_on();
    let highway = alone.login(&world.service("highway")).unwrap();
    highway.token().await.unwrap();
    assert_eq!(world.sent(FORM), forms + 2);
}

#[tokio::test(start_paused = true)]
async fn no_password_is_sent_that_a_lease_does_not_cover() {
    for (lease, forms) in [(45, 0), (300, 1)] {
        let world = World::new();
        let store = Leasing::around(world.store.clone());
        store.ends(world.clock.now().wall + Duration::from_secs(lease));
        let slow = Fault::delay(Duration::from_secs(20));
        world.server.fault(AUTH, slow);
        let person = world.known("ada").with_store(Arc::new(store));
        let source = person.source(&world.service("cacheb")).unwrap();
        let outcome = source.token().await;
        let expected = (forms == 0).then_some(ErrorKind::Unavailable);
        assert_eq!(outcome.err().map(|error| error.kind()), expected, "{lease}");
        assert_eq!(world.sent(FORM), forms, "{lease}");
    }
}

/// Two people under one label, as where a profile's user was changed.
#[tokio::test(start_paused = true)]
async fn what_the_platform_remembers_of_another_person_is_nobody_elses_login() {
    let world = World::new();
    let logins = [("ada", "cacheb"), ("vera", "dea")];
    for (logins, (user, service)) in logins.into_iter().enumerate() {
        let person = world.known(user).with_account("home");
        let source = person.source(&world.service(service)).unwrap();
        source.token().await.unwrap();
        assert_eq!(world.sent(FORM), logins + 1, "each with their own password");
        let login = Login::load(&*world.store, source.key().session()).await;
        assert_eq!(login.unwrap().unwrap().account(), Some(user));
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_of_a_shared_session_that_has_ended_meanwhile_costs_another_attempt_and_no_password()
{
    let world = World::new();
    let first = world.known("bob").source(&world.service("cacheb")).unwrap();
    first.token().await.unwrap();
    let (forms, pages) = (world.sent(FORM), world.sent(AUTH));
    let refusal = || Fault::refusal(400, "invalid_grant");
    world.server.fault(TOKEN, refusal());
    let second = world.known("bob").source(&world.service("dea")).unwrap();
    second.token().await.unwrap();
    assert_eq!(world.sent(FORM), forms, "nothing was asked");
    assert_eq!(world.sent(AUTH), pages + 2);
    // It does not go on for ever.
    world.server.fault(TOKEN, refusal().times(2));
    let third = world.known("bob").login(&world.service("highway")).unwrap();
    let error = third.token().await.unwrap_err();
    assert!(error.is_refusal("invalid_grant"), "{error}");
    assert_eq!((world.sent(FORM), world.sent(AUTH)), (forms, pages + 4));
}

#[tokio::test(start_paused = true)]
async fn a_refused_code_that_a_password_was_sent_for_costs_no_second_password() {
    let world = World::new();
    world
        .server
        .fault(TOKEN, Fault::refusal(400, "invalid_grant"));
    let source = world.known("bob").source(&world.service("cacheb")).unwrap();
    let error = source.token().await.unwrap_err();
    assert!(error.is_refusal("invalid_grant"), "{error}");
    assert_eq!((world.sent(FORM), world.sent(AUTH)), (2, 2));
}

/// The codes of an offline login's session die with it at Keycloak, and so does what the browser is known by.
#[tokio::test(start_paused = true)]
async fn the_session_of_an_offline_login_is_there_for_the_next_service() {
    for keeps in [false, true] {
        let world = World::new();
        let policy = Policy::of_keycloak().with_rotation(Rotation::OneUse);
        let policy = if keeps {
            policy.with_sessions_kept()
        } else {
            policy
        };
        world.server.add_realm(realm(Theme::V2).with_policy(policy));
        let source = |service: &str| {
            let source = world.known("bob").source(&world.service(service));
            source.unwrap()
        };
        let first = source("cacheb");
        first.token().await.unwrap();
        source("dea").token().await.unwrap();
        let highway = source("highway");
        highway.token().await.unwrap();
        assert_eq!(world.sent(FORM), 2, "one password and one code");
        // The first costs one request more, which is none for a form.
        assert_eq!((world.sent(AUTH), world.sent(TOKEN)), (4, 3));
        first.renew().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn an_offline_login_that_shares_nothing_asks_for_one_code() {
    let world = World::new();
    let person = world.known("bob").without_single_sign_on();
    let source = person.source(&world.service("cacheb")).unwrap();
    source.token().await.unwrap();
    assert_eq!((world.sent(FORM), world.sent(AUTH)), (2, 1));
    // Nor does one that is meant to last no longer than its session.
    let world = World::new();
    let online = world.service("cacheb").with_scopes(["openid"]);
    let source = world.known("bob").source(&online).unwrap();
    source.token().await.unwrap();
    assert_eq!((world.sent(FORM), world.sent(AUTH)), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn where_the_second_code_of_an_offline_login_does_not_come_the_first_is_redeemed() {
    for fault in [
        Fault::status(503),
        Fault::reset().after_commit(),
        Fault::status(200).with_body("text/html", "<form id=kc-form-login method=post action=''>"),
        Fault::redirect(302, "https://evil.example/"),
        Fault::redirect(302, "https://cacheb.example/?error=login_required&state=x"),
    ] {
        let world = World::new();
        world.server.fault(AUTH, Fault::delay(Duration::ZERO));
        world.server.fault(AUTH, fault.always());
        let source = world.known("bob").source(&world.service("cacheb")).unwrap();
        source.token().await.unwrap();
        assert_eq!((world.sent(FORM), world.sent(TOKEN)), (2, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn w15_an_exchanged_token_is_refreshed_by_its_own_refresh_token() {
    let world = World::new();
    let source = world
        .known("bob")
        .source(&world.service("highway"))
        .unwrap();
    let first = source.token().await.unwrap();
    assert_eq!(
        (world.sent(AUTH), world.sent(TOKEN), world.sent(EXCHANGE)),
        (2, 1, 1)
    );
    assert_eq!(
        world.store.list().await.unwrap().len(),
        4,
        "login, exchange, account, and which codes were sent"
    );
    let second = source.renew().await.unwrap();
    assert!(!second.is_same(&first));
    assert_eq!(
        (world.sent(AUTH), world.sent(TOKEN), world.sent(EXCHANGE)),
        (2, 1, 2)
    );
    let refreshed = world.server.requests().pop().unwrap();
    assert_eq!(
        refreshed.field("grant_type").as_deref(),
        Some("refresh_token")
    );
    // A person who logs out of the exchange alone is not asked again while the platform's login lives.
    let another = world
        .known("bob")
        .source(&world.service("highway"))
        .unwrap();
    another.token().await.unwrap();
    assert_eq!(world.sent(FORM), 2);
}

#[tokio::test(start_paused = true)]
async fn w1_nothing_typed_goes_anywhere_but_to_the_iams_login() {
    let elsewhere = |action: &str, base: &str| {
        format!(
            "<html><head>{base}</head><body><form id=kc-form-login method=post action='{action}'>\
             <input name=username><input name=password type=password></form></body></html>"
        )
    };
    for page in [
        elsewhere("https://evil.example/steal", ""),
        elsewhere("/realms/other/login-actions/authenticate", ""),
        elsewhere("authenticate", "<base href='https://evil.example/'>"),
    ] {
        let world = World::new();
        world
            .server
            .fault(AUTH, Fault::status(200).with_body("text/html", page));
        let error = world.fails("ada").await;
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(error.to_string().contains("nothing was sent"), "{error}");
        assert_eq!(world.server.requests().len(), 1);
    }
    // Where a redirect leads away, nobody goes.
    for (status, place, named) in [
        (302, "https://evil.example/login", "to https://evil.example"),
        (303, "https://evil.example/login", "to https://evil.example"),
        (307, "https://evil.example/login", "to https://evil.example"),
        (302, "javascript:alert(1)", "to javascript:"),
    ] {
        let world = World::new();
        world.server.fault(AUTH, Fault::redirect(status, place));
        let error = world.fails("ada").await;
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        assert!(error.message().contains(named), "{error}");
        assert_eq!(world.server.requests().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_rotated_token_is_what_a_netrc_file_has() {
    let world = World::new();
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(".netrc");
    let service = world.service("cacheb");
    let mirror = FileMirror::netrc(&service, &world.server.io());
    let person = world.known("bob").with_mirror(Arc::new(mirror));
    let source = person.source(&service).unwrap();
    source.token().await.unwrap();
    source.mirror_to("netrc", &path).await.unwrap();
    let password = |path: &Path| {
        let text = std::fs::read_to_string(path).unwrap();
        text.split_whitespace().last().unwrap().to_owned()
    };
    let before = password(&path);
    source.renew().await.unwrap();
    let kept = source.refresh_token().await.unwrap().unwrap();
    assert_ne!(before, password(&path));
    assert_eq!(kept.expose_secret(), password(&path));
}

/// Sixteen processes at three services, cold.
async fn cold_start() {
    let world = World::new();
    let directory = tempfile::tempdir().unwrap();
    let handle =
        || -> Arc<dyn TokenStore> { Arc::new(FileStore::new(directory.path().join("tokens"))) };
    let calls: Vec<_> = (0..16)
        .map(|number| {
            let service = world.service(["cacheb", "dea", "highway"][number % 3]);
            let person = world.known("bob").with_store(handle());
            let source = person.source(&service).unwrap();
            tokio::spawn(async move { source.token().await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let fields = |name: &str| {
        let requests = world.server.requests();
        requests
            .iter()
            .filter(|one| one.field(name).is_some())
            .count()
    };
    assert_eq!((fields("password"), fields("otp")), (1, 1));
    assert_eq!((world.sent(AUTH), world.sent(EXCHANGE)), (4, 1));
}

#[test]
fn a_crowd_of_processes_costs_one_password_and_one_code() {
    on_both_runtimes(cold_start);
}
