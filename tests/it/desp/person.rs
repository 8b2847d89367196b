//! Logins at the platform's pages, without a browser: at a realm in the testkit that has its users, themes and devices.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::session::{Checked, Login};
use auth_core::store::{FileStore, TokenStore};
use auth_core::{ErrorKind, TokenSource};
use auth_desp::{Credentials, FileMirror, Person, Platform, Service};
use auth_testkit::{Fault, Policy, Rotation, Theme};
use secrecy::SecretString;

use super::world::{AUTH, EXCHANGE, FORM, TOKEN, TOTP, Typist, World, known, realm, with};
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
async fn w10_no_code_is_sent_twice_by_whichever_process() {
    let world = World::new();
    let begun = world.clock.now();
    for service in ["cacheb", "dea", "highway"] {
        // Nobody remembers the person, but everybody the code.
        let person = world.known("bob");
        let source = person.login(&world.service(service)).unwrap();
        source.token().await.unwrap();
        let held = auth_core::session::Held::new();
        let mut account = person.account().lock(&held).await.unwrap();
        account.set_note("cookies", None);
        account.save().await.unwrap();
    }
    let codes: Vec<_> = world
        .server
        .requests()
        .iter()
        .filter_map(|one| one.field("otp"))
        .collect();
    assert_eq!(codes.len(), 3);
    assert!(codes[0] != codes[1] && codes[1] != codes[2]);
    let waited = world.clock.now().monotonic - begun.monotonic;
    assert!(
        waited > Duration::from_secs(30) && waited < Duration::from_secs(90),
        "{waited:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn w10_no_code_is_sent_twice_by_those_whom_the_platform_does_not_remember() {
    let world = World::new();
    let logins = ["cacheb", "dea", "highway"].map(|service| {
        let person = world.known("bob").without_single_sign_on();
        let source = person.login(&world.service(service)).unwrap();
        tokio::spawn(async move { source.token().await })
    });
    for login in logins {
        login.await.unwrap().unwrap();
    }
    let sent = world.server.requests();
    let codes: std::collections::BTreeSet<_> =
        sent.iter().filter_map(|one| one.field("otp")).collect();
    assert_eq!(codes.len(), 3);
    let held = auth_core::session::Held::new();
    let person = world.known("bob");
    let account = person.account().lock(&held).await.unwrap();
    assert!(account.note("cookies").is_none());
}

/// Each is a process of its own, and has the device's secret in another spelling.
#[tokio::test(start_paused = true)]
async fn w10_no_code_is_sent_twice_by_one_person_under_several_labels() {
    let world = World::new();
    let spellings = [
        TOTP.to_owned(),
        TOTP.to_ascii_uppercase().replace(' ', ""),
        format!("otpauth://totp/bob?secret={}", TOTP.replace(' ', "")),
    ];
    let logins = spellings.map(|totp| {
        let credentials = known("bob").with_totp(SecretString::from(&*totp));
        let person = world.person(credentials).with_account(totp);
        let source = person.source(&world.service("cacheb")).unwrap();
        tokio::spawn(async move { source.token().await })
    });
    for login in logins {
        login.await.unwrap().unwrap();
    }
    let sent = world.server.requests();
    let codes: Vec<_> = sent.iter().filter_map(|one| one.field("otp")).collect();
    let different: std::collections::BTreeSet<_> = codes.iter().collect();
    assert_eq!((codes.len(), different.len()), (3, 3));
    // What is known of the device is known by no label, and is no login.
    let account = world.known("bob").account().of_everybody();
    assert!(account.session().is_account());
    let held = auth_core::session::Held::new();
    assert!(account.lock(&held).await.unwrap().note("cookies").is_none());
}

#[tokio::test(start_paused = true)]
async fn the_clock_of_the_iam_counts_for_codes() {
    for (ahead, by) in [(true, 3600), (false, 3600)] {
        let world = World::new();
        let by = Duration::from_secs(by);
        let fault = if ahead {
            Fault::date_ahead(by)
        } else {
            Fault::date_behind(by)
        };
        world.server.fault(FORM, fault);
        let source = world.known("bob").source(&world.service("cacheb")).unwrap();
        // The realm's clock is ours in truth, so the code for the time that it claims is refused.
        let error = source.token().await.unwrap_err();
        assert!(error.to_string().contains("one-time code"), "{error}");
    }
}

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
async fn the_device_that_is_named_is_the_one_that_is_answered_for() {
    for theme in [Theme::V2, Theme::Classic, Theme::Base] {
        let world = World::with(theme);
        // The second of two has the secret.
        let service = world.service("cacheb");
        let login = |credentials| {
            let source = world.person(credentials).source(&service).unwrap();
            async move { source.token().await }
        };
        let error = login(known("frank")).await.unwrap_err().to_string();
        let labels = error.rsplit("has ").next().unwrap().to_owned();
        let second = labels
            .split(", ")
            .nth(1)
            .unwrap_or_else(|| panic!("{error}"))
            .to_owned();
        world.clock.advance(Duration::from_secs(60)).await;
        login(known("frank").with_device(second)).await.unwrap();
    }
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
