//! One-time codes: none is sent twice, and each is made by the clock of the IAM and for the device that is named.

use std::time::Duration;

use auth_core::TokenSource;
use auth_core::clock::Clock;
use auth_testkit::{Fault, Theme};
use secrecy::SecretString;

use crate::desp::world::{FORM, TOTP, World, known};

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
