//! The pages: forms, fields, marks, and what happens to a browser that lost its way.

use std::time::Duration;

use auth_testkit::{Policy, Theme};
use http::Request;
use http::header::{ACCEPT, SET_COOKIE};
use insta::assert_snapshot;

use super::World;
use crate::testkit::send;

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_marked_in_the_way_of_the_theme() {
    for (theme, mark) in [
        (Theme::V2, "input-error-username"),
        (Theme::Classic, "input-error"),
    ] {
        let world = World::with(Policy::of_keycloak(), theme);
        for (user, password) in [
            ("ada", "wrong"),
            ("nobody", "pw"),
            ("dave", "wrong"),
            ("lou", "pw"),
        ] {
            let page = world.log_in(&mut world.browser(), user, password).await;
            assert_eq!(page.status, 200);
            assert!(
                page.has_id("kc-form-login") && page.has_id(mark),
                "{page:?}"
            );
            assert!(page.text.contains(&format!("value=\"{user}\"")), "{page:?}");
            assert!(page.text.contains("Invalid username or password."));
        }
        let page = world.log_in(&mut world.browser(), "dave", "pw").await;
        assert!(page.text.contains("Account is disabled"), "{page:?}");
        assert!(!page.text.contains("input-error"), "{page:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_login_page_of_each_theme() {
    let mut pages = Vec::new();
    for theme in [Theme::V2, Theme::Classic] {
        let world = World::with(Policy::of_keycloak(), theme);
        let mut browser = world.browser();
        let page = browser.open(&world.login_url("desktop", "")).await;
        let action = page.text.split("action=\"").nth(1).unwrap();
        let action = action.split('"').next().unwrap();
        let action = action.replace("&amp;", "&");
        let query = action.split_once('?').unwrap().1;
        let names: Vec<_> = query
            .split('&')
            .map(|pair| pair.split('=').next().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "session_code",
                "execution",
                "client_id",
                "tab_id",
                "client_data"
            ]
        );
        pages.push(page.text.replace(&action.replace('&', "&amp;"), "[ACTION]"));
    }
    assert_snapshot!(pages.join("\n"), @r#"
    <!doctype html>
    <meta charset="utf-8">
    <title>Sign in to main</title>
    <body id="keycloak-bg">
    <div id="kc-header">main</div>
    <h1 id="kc-page-title">Sign in to your account</h1>
    <form id="kc-form-login" action="[ACTION]" method="post">
    <label>Username or email <input type="text" id="username" name="username" value=""></label>
    <label>Password <input type="password" id="password" name="password" value=""></label>
    <input type="hidden" name="credentialId" value="">
    <button type="submit" name="login" id="login" value="">Sign In</button>
    </form>
    </body>

    <!doctype html>
    <meta charset="utf-8">
    <title>Sign in to main</title>
    <body>
    <div id="kc-header">main</div>
    <h1 id="kc-page-title">Sign in to your account</h1>
    <form id="kc-form-login" action="[ACTION]" method="post">
    <label>Username or email <input type="text" id="username" name="username" value=""></label>
    <label>Password <input type="password" id="password" name="password" value=""></label>
    <input type="hidden" name="credentialId" value="">
    <input type="submit" name="login" id="login" value="Sign In">
    </form>
    </body>
    "#);
}

#[tokio::test(start_paused = true)]
async fn the_cookies_of_a_login_are_secure_and_the_realms() {
    let world = World::new();
    let request = Request::get(world.login_url("desktop", "").as_str());
    let request = request.header(ACCEPT, "text/html");
    let reply = send(
        &world.server,
        request.body(auth_core::http::Body::empty()).unwrap(),
    )
    .await;
    let reply = reply.unwrap();
    let cookies: Vec<_> = reply
        .headers
        .get_all(SET_COOKIE)
        .iter()
        .map(|cookie| {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            format!("{name} {}", rest.split_once(';').unwrap().1)
        })
        .collect();
    assert_snapshot!(cookies.join("\n"), @r"
    AUTH_SESSION_ID Version=1;Path=/realms/main/;Secure;HttpOnly;SameSite=None
    KC_AUTH_SESSION_HASH Version=1;Path=/realms/main/;Secure;Max-Age=60;SameSite=None
    KC_RESTART Version=1;Path=/realms/main/;Secure;HttpOnly;SameSite=None
    ");
    assert_eq!(
        reply.header("cache-control"),
        "no-store, must-revalidate, max-age=0"
    );
}

#[tokio::test(start_paused = true)]
async fn a_form_works_once_and_the_same_tab_goes_on() {
    let world = World::new();
    let mut browser = world.browser();
    let page = browser.open(&world.login_url("desktop", "")).await;
    let next = browser
        .fill(&page, &[("username", "ada"), ("password", "wrong")])
        .await;
    let stale = browser
        .fill(&page, &[("username", "ada"), ("password", "pw")])
        .await;
    assert_eq!(stale.trail.len(), 1, "{stale:?}");
    assert!(stale.has("password"), "{stale:?}");
    let end = browser
        .fill(&stale, &[("username", "ada"), ("password", "pw")])
        .await;
    assert!(end.query("code").is_some(), "{end:?} after {next:?}");
}

#[tokio::test(start_paused = true)]
async fn a_form_of_another_step_has_expired() {
    let world = World::new();
    let mut browser = world.browser();
    let mut page = browser.open(&world.login_url("desktop", "")).await;
    page.text = page.text.replace("execution=", "execution=0");
    let end = browser
        .fill(&page, &[("username", "ada"), ("password", "pw")])
        .await;
    assert_eq!(end.status, 200);
    assert!(
        end.has_id("loginRestartLink") && end.has_id("loginContinueLink"),
        "{end:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_browser_without_cookies_can_not_go_on_and_an_old_page_begins_anew() {
    let world = World::new();
    let mut browser = world.browser();
    let page = browser.open(&world.login_url("desktop", "")).await;
    world.clock.advance(Duration::from_secs(1801)).await;
    let fields = [("username", "ada"), ("password", "pw")];
    let late = browser.fill(&page, &fields).await;
    assert!(
        late.text.contains("Your login attempt timed out."),
        "{late:?}"
    );
    let end = browser.fill(&late, &fields).await;
    assert_eq!(end.query("state").unwrap(), "st");
    assert!(end.query("code").is_some(), "{end:?}");

    let page = world.browser().open(&world.login_url("desktop", "")).await;
    let lost = world.browser().fill(&page, &fields).await;
    assert_eq!(lost.status, 400);
    assert!(lost.has_id("kc-error-message"), "{lost:?}");
    assert!(
        lost.text.contains("Restart login cookie not found."),
        "{lost:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_the_request_is_told_the_program_or_the_person() {
    let world = World::new();
    let auth = "protocol/openid-connect/auth?response_type=code";
    let mut said = Vec::new();
    for query in [
        "&client_id=nobody&redirect_uri=http://127.0.0.1:9/callback",
        "&client_id=desktop&redirect_uri=https://evil.example/",
        "&client_id=desktop",
        "&client_id=desktop&client_id=desktop",
    ] {
        let page = world
            .browser()
            .open(&world.url(&format!("{auth}{query}")))
            .await;
        let text = page.text.split("instruction\">").nth(1).unwrap();
        said.push(format!(
            "{} {}",
            page.status,
            text.split('<').next().unwrap()
        ));
    }
    let wrong = |more: &str, from: &str, to: &str| {
        let url = world.login_url("desktop", more);
        url::Url::parse(&url.as_str().replace(from, to)).unwrap()
    };
    for url in [
        wrong("", "response_type=code&", ""),
        wrong("", "response_type=code", "response_type=token"),
        wrong("", "scope=openid", "scope=openid+bogus"),
        wrong("&code_challenge=x", "", ""),
        wrong("&code_challenge_method=S256", "", ""),
        wrong("&code_challenge=x&code_challenge_method=S256", "", ""),
    ] {
        let page = world.browser().open(&url).await;
        assert_eq!(page.query("state").unwrap(), "st");
        let text = |name| page.query(name).unwrap_or_default();
        said.push(format!("{} {}", text("error"), text("error_description")));
    }
    assert_snapshot!(said.join("\n"), @r"
    400 Client not found.
    400 Invalid parameter: redirect_uri
    400 Invalid parameter: redirect_uri
    400 Invalid Request
    invalid_request Missing parameter: response_type
    unsupported_response_type 
    invalid_scope Invalid scopes: openid bogus
    invalid_request Missing parameter: code_challenge_method
    invalid_request Missing parameter: code_challenge
    invalid_request Invalid parameter: code_challenge
    ");
}

#[tokio::test(start_paused = true)]
async fn the_answer_may_come_as_a_fragment_or_a_form() {
    let world = World::new();
    let fields = [("username", "ada"), ("password", "pw")];
    let mut browser = world.browser();
    let page = browser
        .open(&world.login_url("desktop", "&response_mode=fragment"))
        .await;
    let end = browser.fill(&page, &fields).await;
    assert!(end.url.fragment().unwrap().contains("code="), "{end:?}");
    let mut browser = world.browser();
    let page = browser
        .open(&world.login_url("desktop", "&response_mode=form_post"))
        .await;
    let end = browser.fill(&page, &fields).await;
    assert!(end.has("code") && end.has("session_state"), "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn the_logout_page_asks_and_then_nobody_is_known() {
    let world = World::new();
    let mut browser = world.browser();
    let end = world.log_in(&mut browser, "ada", "pw").await;
    let tokens = world.redeem("desktop", &end).await;
    let question = browser
        .open(&world.url("protocol/openid-connect/logout"))
        .await;
    let end = browser
        .fill(&question, &[("confirmLogout", "Logout")])
        .await;
    assert!(end.text.contains("You are logged out"), "{end:?}");
    assert_eq!(
        world.refresh(&tokens.text("refresh_token")).await.status,
        400
    );
    let page = browser.open(&world.login_url("desktop", "")).await;
    assert!(page.has("password"), "{page:?}");
}
