//! The way through the login: which page comes next, and where it ends.

use auth_testkit::{Policy, RequiredAction, Theme, Visitor};
use totp_code::code_at;

use super::{BACK, SECRET, World, claims, no};
use crate::browser::Browser;

/// One-time codes of the tests' own making.
mod totp_code {
    use std::time::SystemTime;

    use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

    pub(super) fn code_at(secret: &str, time: SystemTime) -> String {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let step = since.as_secs() / 30;
        let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
        let hash = sign(&key, &step.to_be_bytes());
        let hash = hash.as_ref();
        let at = usize::from(hash[19] & 15);
        let number = u32::from_be_bytes(hash[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }
}

impl World {
    fn now_code(&self) -> String {
        code_at(SECRET, self.server.clock().now().wall)
    }
}

#[tokio::test(start_paused = true)]
async fn a_password_ends_in_a_code_with_state_session_and_issuer() {
    let world = World::new();
    let mut browser = world.browser();
    let end = world.log_in(&mut browser, "ada", "pw").await;
    assert!(end.url.as_str().starts_with(BACK), "{end:?}");
    let names: Vec<_> = end.url.query_pairs().map(|(name, _)| name).collect();
    assert_eq!(names, ["state", "session_state", "iss", "code"]);
    assert_eq!(
        end.query("iss").unwrap(),
        world.url("").as_str().trim_end_matches('/')
    );
    let tokens = world.redeem("desktop", &end).await;
    assert_eq!(
        tokens.text("session_state"),
        end.query("session_state").unwrap()
    );
    assert_eq!(tokens.text("scope"), "openid email profile");
    let claims = claims(&tokens.text("access_token"));
    assert_eq!(claims["sid"], tokens.json()["session_state"]);
    assert_eq!(claims["realm_access"]["roles"][2], "data-store-read");
    let replay = world.redeem("desktop", &end).await;
    assert_eq!(no(&replay), "400 invalid_grant Code not valid");
    assert_eq!(
        no(&world.refresh(&tokens.text("refresh_token")).await),
        "400 invalid_grant Session doesn't have required client"
    );
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_is_known_gets_its_code_at_once() {
    let world = World::new();
    let mut browser = world.browser();
    let first = world.log_in(&mut browser, "ada", "pw").await;
    let again = browser.open(&world.login_url("desktop", "")).await;
    assert_eq!(again.query("session_state"), first.query("session_state"));
    assert_ne!(again.query("code"), first.query("code"));
    let quiet = browser
        .open(&world.login_url("desktop", "&prompt=none"))
        .await;
    assert!(quiet.query("code").is_some(), "{quiet:?}");
    let proof = browser
        .open(&world.login_url("desktop", "&prompt=login"))
        .await;
    assert!(proof.has("password") && !proof.has("username"), "{proof:?}");
    let end = browser.fill(&proof, &[("password", "pw")]).await;
    assert_eq!(end.query("session_state"), first.query("session_state"));
    let stranger = world
        .browser()
        .open(&world.login_url("desktop", "&prompt=none"))
        .await;
    assert_eq!(stranger.query("error").unwrap(), "login_required");
}

#[tokio::test(start_paused = true)]
async fn a_one_time_code_is_asked_for_after_the_password_and_taken_once() {
    let world = World::new();
    let mut browser = world.browser();
    let page = world.log_in(&mut browser, "bob", "pw").await;
    assert!(page.has_id("kc-otp-login-form"), "{page:?}");
    let page = browser.fill(&page, &[("otp", "000000")]).await;
    assert!(page.has_id("input-error-otp"), "{page:?}");
    let code = world.now_code();
    let end = browser.fill(&page, &[("otp", &code)]).await;
    assert!(end.query("code").is_some(), "{end:?}");
    let mut other = world.browser();
    let page = world.log_in(&mut other, "bob", "pw").await;
    let page = other.fill(&page, &[("otp", &code)]).await;
    assert!(page.has_id("input-error-otp"), "used already: {page:?}");
    world
        .clock
        .advance(std::time::Duration::from_secs(30))
        .await;
    let end = other.fill(&page, &[("otp", &world.now_code())]).await;
    assert!(end.query("code").is_some(), "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn the_code_of_another_device_needs_its_name() {
    for (theme, mark) in [
        (Theme::V2, "input-error-otp"),
        (Theme::Classic, "input-error-otp-code"),
    ] {
        let world = World::with(Policy::of_keycloak(), theme);
        let mut browser = world.browser();
        let page = world.log_in(&mut browser, "frank", "pw").await;
        let code = world.now_code();
        let page = browser.fill(&page, &[("otp", &code)]).await;
        assert!(page.has_id(mark), "{page:?}");
        let ids: Vec<_> = match theme {
            Theme::V2 => page.text.split("toggleOTP(").skip(1).collect(),
            _ => page
                .text
                .split("name=\"selectedCredentialId\" value=\"")
                .skip(1)
                .collect(),
        };
        let second = ids[1].trim_start_matches("1, '");
        let second = second.split(['\'', '"']).next().unwrap();
        let fields = [("otp", &*code), ("selectedCredentialId", second)];
        let end = browser.fill(&page, &fields).await;
        assert!(end.query("code").is_some(), "{end:?}");
    }
}

async fn into_action(
    world: &World,
    browser: &mut Browser,
    user: &str,
    action: RequiredAction,
) -> crate::browser::Page {
    let page = world.log_in(browser, user, "pw").await;
    assert!(page.came_through("execution", action.alias()), "{page:?}");
    assert_eq!(
        page.url.path(),
        "/realms/main/login-actions/required-action"
    );
    page
}

#[tokio::test(start_paused = true)]
async fn a_required_action_is_in_the_address_and_done_once() {
    let world = World::new();
    let mut browser = world.browser();
    let page = into_action(&world, &mut browser, "erin", RequiredAction::UpdatePassword).await;
    let page = browser
        .fill(&page, &[("password-new", "a"), ("password-confirm", "b")])
        .await;
    assert!(page.has_id("input-error-password-confirm"), "{page:?}");
    let end = browser
        .fill(
            &page,
            &[("password-new", "new"), ("password-confirm", "new")],
        )
        .await;
    assert!(end.query("code").is_some(), "{end:?}");
    let end = world.log_in(&mut world.browser(), "erin", "new").await;
    assert!(end.query("code").is_some(), "{end:?}");

    let mut browser = world.browser();
    let page = into_action(&world, &mut browser, "grace", RequiredAction::VerifyProfile).await;
    let page = browser.fill(&page, &[("email", "")]).await;
    assert!(page.has_id("input-error-email"), "{page:?}");
    let fields = [
        ("email", "g@example.org"),
        ("firstName", "Grace"),
        ("lastName", "H"),
    ];
    let end = browser.fill(&page, &fields).await;
    assert!(end.query("code").is_some(), "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn one_time_codes_are_set_up_with_the_secret_on_the_page() {
    let world = World::new();
    let mut browser = world.browser();
    let page = into_action(&world, &mut browser, "carol", RequiredAction::ConfigureTotp).await;
    assert!(page.has_id("kc-totp-secret-key"), "{page:?}");
    let secret = page
        .text
        .split("name=\"totpSecret\" value=\"")
        .nth(1)
        .unwrap();
    let secret = secret.split('"').next().unwrap().to_owned();
    let page = browser.fill(&page, &[("totp", "000000")]).await;
    assert!(page.has_id("input-error-otp-code"), "{page:?}");
    let code = code_at(&secret, world.server.clock().now().wall);
    let end = browser
        .fill(&page, &[("totp", &code), ("userLabel", "phone")])
        .await;
    assert!(end.query("code").is_some(), "{end:?}");
    let page = world.log_in(&mut world.browser(), "carol", "pw").await;
    assert!(page.has_id("kc-otp-login-form"), "{page:?}");
}

#[tokio::test(start_paused = true)]
async fn terms_and_consent_end_in_an_error_when_they_are_declined() {
    let world = World::new();
    let mut browser = world.browser();
    let page = into_action(
        &world,
        &mut browser,
        "heidi",
        RequiredAction::TermsAndConditions,
    )
    .await;
    let end = browser.fill(&page, &[("cancel", "x")]).await;
    assert_eq!(end.query("error").unwrap(), "access_denied");
    assert_eq!(
        end.query("error_description").unwrap(),
        "termsAndConditionsDeclined"
    );
    let page = into_action(
        &world,
        &mut browser,
        "heidi",
        RequiredAction::TermsAndConditions,
    )
    .await;
    let end = browser.fill(&page, &[("accept", "x")]).await;
    assert!(end.query("code").is_some(), "{end:?}");

    let mut browser = world.browser();
    world.log_in(&mut browser, "ada", "pw").await;
    let question = browser.open(&world.login_url("careful", "")).await;
    assert!(
        question.came_through("execution", "OAUTH_GRANT"),
        "{question:?}"
    );
    let end = browser.fill(&question, &[("cancel", "x")]).await;
    assert_eq!(end.query("error").unwrap(), "access_denied");
    assert_eq!(end.query("error_description"), None);
    let question = browser.open(&world.login_url("careful", "")).await;
    let end = browser.fill(&question, &[("accept", "x")]).await;
    assert!(end.query("code").is_some(), "{end:?}");
    let end = browser.open(&world.login_url("careful", "")).await;
    assert!(end.query("code").is_some(), "asked once: {end:?}");
}

#[tokio::test(start_paused = true)]
async fn a_visitor_never_sees_a_page() {
    let world = World::new();
    let realm = super::realm(Policy::of_keycloak(), Theme::V2);
    world
        .server
        .add_realm(realm.with_visitor(Visitor::logs_in("ada")));
    let end = world.browser().open(&world.login_url("desktop", "")).await;
    let tokens = world.redeem("desktop", &end).await;
    assert_eq!(
        claims(&tokens.text("access_token"))["preferred_username"],
        "ada"
    );
}

#[tokio::test(start_paused = true)]
async fn a_code_is_spent_by_whatever_is_wrong_with_its_redemption() {
    let world = World::new();
    for (client, redirect, why) in [
        (
            "desktop",
            "http://127.0.0.1:8/callback",
            "Incorrect redirect_uri",
        ),
        (
            "careful",
            BACK,
            "Auth error: Found different client_id in clientSession",
        ),
    ] {
        let end = world.log_in(&mut world.browser(), "ada", "pw").await;
        let code = end.query("code").unwrap();
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("redirect_uri", redirect),
            ("code", &code),
        ];
        let reply = world.post("token", &fields).await;
        assert_eq!(no(&reply), format!("400 invalid_grant {why}"));
        assert_eq!(
            no(&world.redeem("desktop", &end).await),
            "400 invalid_grant Code not valid"
        );
    }
}
