//! The login of a realm, walked through page by page: each is known for what it is, in every theme.

use std::time::Duration;

use auth_core::http::{Body, HttpClient};
use auth_desp::Platform;
use auth_desp::cookie::CookieJar;
use auth_desp::otp::Totp;
use auth_desp::page::{Form, Page, Remark};
use auth_testkit::{Client, Policy, Realm, RequiredAction, Server, TestClock, Theme, User};
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{Method, Request};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

const BACK: &str = "https://service.example/";

/// In base32: that of RFC 6238.
const SECRET: &str = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ";

struct World {
    server: Server,
    clock: TestClock,
    platform: Platform,
}

/// Where a step of the walk ended.
#[derive(Debug)]
enum Step {
    /// At a page, which said by its address what it would be, or not.
    At(Page, Option<Box<Page>>),
    /// At the service, with this query.
    Away(String),
}

struct Walker<'a> {
    world: &'a World,
    jar: CookieJar,
}

impl World {
    fn new(theme: Theme) -> Self {
        let clock = TestClock::new();
        let server = Server::new(clock.clone());
        let action = |name, action| User::new(name, "pw").with_required_action(action);
        server.add_realm(
            Realm::new("desp")
                .with_policy(Policy::of_keycloak())
                .with_theme(theme)
                .with_client(Client::public("edh-public").with_redirect(BACK))
                .with_client(Client::public("careful").with_redirect(BACK).with_consent())
                .with_user(User::new("ada", "pw"))
                .with_user(User::new("bob", "pw").with_totp("12345678901234567890"))
                .with_user(
                    User::new("frank", "pw")
                        .with_totp("another")
                        .with_totp("12345678901234567890"),
                )
                .with_user(User::new("dave", "pw").disabled())
                .with_user(User::new("lou", "pw").locked())
                .with_user(action("carol", RequiredAction::ConfigureTotp))
                .with_user(action("erin", RequiredAction::UpdatePassword))
                .with_user(action("grace", RequiredAction::VerifyProfile))
                .with_user(action("heidi", RequiredAction::TermsAndConditions)),
        );
        let base = server.url("/");
        let platform = Platform::new(base.as_str(), "desp", server.io()).unwrap();
        Self {
            server,
            clock,
            platform,
        }
    }

    fn walker(&self) -> Walker<'_> {
        let jar = CookieJar::new(&self.platform.login_actions());
        Walker { world: self, jar }
    }

    fn now(&self) -> std::time::SystemTime {
        self.server.clock().now().wall
    }
}

impl Walker<'_> {
    async fn begin(&mut self, client: &str) -> Step {
        let url = self.world.server.url(&format!(
            "/realms/desp/protocol/openid-connect/auth?response_type=code&client_id={client}\
             &redirect_uri={BACK}&scope=openid&state=st"
        ));
        self.follow(Method::GET, url, String::new()).await
    }

    async fn log_in(&mut self, client: &str, user: &str, password: &str) -> Step {
        let form = form(self.begin(client).await);
        self.send(&form, &[("username", user), ("password", password)])
            .await
    }

    async fn send(&mut self, form: &Form, values: &[(&str, &str)]) -> Step {
        let values: Vec<(&str, SecretString)> = values
            .iter()
            .map(|(name, value)| (*name, SecretString::from(*value)))
            .collect();
        let values: Vec<(&str, &SecretString)> =
            values.iter().map(|(name, value)| (*name, value)).collect();
        let body = form.filled(&values).expose_secret().to_owned();
        self.follow(Method::POST, form.action().clone(), body).await
    }

    async fn follow(&mut self, mut method: Method, mut url: Url, mut body: String) -> Step {
        let mut announced = None;
        for _ in 0..9 {
            let mut request = Request::builder()
                .method(method)
                .uri(url.as_str())
                .header("accept", "text/html")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Body::from(body))
                .unwrap();
            if let Some(cookies) = self.jar.header(&url, self.world.now()) {
                request.headers_mut().insert(COOKIE, cookies);
            }
            let answer = self.world.server.send(request).await.unwrap();
            let (head, answer) = answer.into_parts();
            for cookie in head.headers.get_all(SET_COOKIE) {
                self.jar.take(&url, cookie, self.world.now());
            }
            let Some(next) = head.headers.get(LOCATION) else {
                let bytes = answer.bytes(1 << 20).await.unwrap();
                let page = Page::read(&url, &bytes, &self.world.platform).unwrap();
                return Step::At(page, announced);
            };
            url = url.join(next.to_str().unwrap()).unwrap();
            if url.as_str().starts_with(BACK) {
                return Step::Away(url.query().unwrap_or_default().to_owned());
            }
            announced = Page::announced(&url, &self.world.platform).map(Box::new);
            (method, body) = (Method::GET, String::new());
        }
        panic!("{url} leads round and round")
    }
}

fn form(step: Step) -> Form {
    match step {
        Step::At(Page::Login { form, .. } | Page::OneTimeCode { form, .. }, _) => form,
        other => panic!("{other:?}"),
    }
}

fn remark(step: Step) -> Option<Remark> {
    match step {
        Step::At(Page::Login { remark, .. } | Page::OneTimeCode { remark, .. }, _) => remark,
        other => panic!("{other:?}"),
    }
}

fn is_in(step: &Step) -> bool {
    matches!(step, Step::Away(query) if query.contains("code=") && query.contains("state=st"))
}

const THEMES: [Theme; 3] = [Theme::V2, Theme::Classic, Theme::Base];

#[tokio::test(start_paused = true)]
async fn a_password_leads_in_and_the_cookies_lead_in_without_one() {
    for theme in THEMES {
        let world = World::new(theme);
        let mut walker = world.walker();
        let page = walker.begin("edh-public").await;
        let Step::At(
            Page::Login {
                form,
                wants_username: true,
                wants_password: true,
                remark: None,
            },
            None,
        ) = page
        else {
            panic!("{page:?}")
        };
        let end = walker
            .send(&form, &[("username", "ada"), ("password", "pw")])
            .await;
        assert!(is_in(&end), "{end:?}");
        // Another process, another day, another client.
        let kept = walker.jar.to_secret();
        let mut later = world.walker();
        later.jar = CookieJar::from_secret(&world.platform.login_actions(), &kept);
        world.clock.set_forward(Duration::from_secs(3600));
        let end = later.begin("edh-public").await;
        assert!(is_in(&end), "{end:?}");
        assert!(!is_in(&world.walker().begin("edh-public").await));
    }
}

#[tokio::test(start_paused = true)]
async fn w11_what_is_wrong_with_a_login_is_told_apart_in_every_theme() {
    for theme in THEMES {
        let world = World::new(theme);
        for (user, password) in [("ada", "wrong"), ("nobody", "pw"), ("lou", "pw")] {
            let said = remark(world.walker().log_in("edh-public", user, password).await);
            let text = "Invalid username or password.".to_owned();
            assert_eq!(said, Some(Remark::Wrong(text)), "{user}");
        }
        let said = remark(world.walker().log_in("edh-public", "dave", "pw").await);
        let text = "Account is disabled, contact your administrator.".to_owned();
        assert_eq!(said, Some(Remark::Barred(text)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_one_time_code_leads_in_once_and_the_next_one_waits_for_its_step() {
    let device = Totp::from_text(&SECRET.into()).unwrap();
    for theme in THEMES {
        let world = World::new(theme);
        let mut last = None;
        for _ in 0..3 {
            let mut walker = world.walker();
            let form = form(walker.log_in("edh-public", "bob", "pw").await);
            let wrong = walker.send(&form, &[("otp", "000000")]).await;
            let form = match wrong {
                Step::At(
                    Page::OneTimeCode {
                        form,
                        remark: Some(Remark::Wrong(_)),
                        ..
                    },
                    None,
                ) => form,
                other => panic!("{other:?}"),
            };
            let turn = device.turn(world.now(), last);
            tokio::time::sleep(turn.pause).await;
            last = Some(turn.step);
            let code = device.code(turn.step);
            let end = walker.send(&form, &[("otp", code.expose_secret())]).await;
            assert!(is_in(&end), "{end:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn w10_the_device_whose_secret_is_at_hand_is_chosen_by_its_label() {
    let secret = Totp::from_text(&SECRET.into()).unwrap();
    for theme in THEMES {
        let world = World::new(theme);
        let mut walker = world.walker();
        let page = walker.log_in("edh-public", "frank", "pw").await;
        let Step::At(Page::OneTimeCode { form, devices, .. }, None) = page else {
            panic!("{page:?}")
        };
        let labels: Vec<_> = devices
            .iter()
            .map(|device| (&*device.label, device.is_chosen))
            .collect();
        assert_eq!(labels, [("device 1", true), ("device 2", false)]);
        let code = secret.code(secret.step(world.now()));
        let fields = [
            ("otp", code.expose_secret()),
            ("selectedCredentialId", &*devices[1].id),
        ];
        let end = walker.send(&form, &fields).await;
        assert!(is_in(&end), "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn w11_what_a_person_must_do_first_is_named_before_and_on_its_page() {
    for theme in THEMES {
        let world = World::new(theme);
        for (client, user, expected) in [
            ("edh-public", "carol", "RequiredAction(\"CONFIGURE_TOTP\")"),
            ("edh-public", "erin", "RequiredAction(\"UPDATE_PASSWORD\")"),
            ("edh-public", "grace", "RequiredAction(\"VERIFY_PROFILE\")"),
            ("edh-public", "heidi", "Terms"),
            ("careful", "ada", "Consent"),
        ] {
            let step = world.walker().log_in(client, user, "pw").await;
            let Step::At(page, Some(announced)) = step else {
                panic!("{step:?}")
            };
            assert_eq!(format!("{page:?}"), expected);
            assert_eq!(format!("{announced:?}"), expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_lost_its_way_is_told_apart() {
    for theme in THEMES {
        let world = World::new(theme);
        // Too late: the login begins anew, and goes on.
        let mut walker = world.walker();
        let late = form(walker.begin("edh-public").await);
        world.clock.set_forward(Duration::from_secs(1801));
        let fields = [("username", "ada"), ("password", "pw")];
        let step = walker.send(&late, &fields).await;
        let Step::At(
            Page::Login {
                form: again,
                remark: Some(Remark::Restarted(_)),
                ..
            },
            None,
        ) = step
        else {
            panic!("{step:?}")
        };
        assert!(is_in(&walker.send(&again, &fields).await));
        // Sent twice.
        let mut walker = world.walker();
        let first = form(walker.begin("edh-public").await);
        assert!(remark(walker.send(&first, &[("username", "ada")]).await).is_some());
        let step = walker.send(&first, &fields).await;
        assert!(is_in(&walker.send(&form(step), &fields).await));
        // Without its cookies.
        let mut walker = world.walker();
        let lost = form(walker.begin("edh-public").await);
        walker.jar.retain(|_| false);
        let step = walker.send(&lost, &fields).await;
        assert!(
            matches!(&step, Step::At(Page::Failed(why), None) if why.contains("cookie")),
            "{step:?}"
        );
        // A page that is over.
        let mut walker = world.walker();
        let over = form(walker.begin("edh-public").await);
        let mut url = over.action().clone();
        let query = url.query().unwrap().replace("execution=", "execution=0");
        url.set_query(Some(&query));
        let step = walker.follow(Method::POST, url, String::new()).await;
        assert!(matches!(step, Step::At(Page::Expired, None)), "{step:?}");
        // Who is known already proves it again.
        let mut walker = world.walker();
        assert!(is_in(&walker.log_in("edh-public", "ada", "pw").await));
        let step = walker.begin("edh-public&prompt=login").await;
        let Step::At(
            Page::Login {
                wants_username: false,
                wants_password: true,
                remark: Some(Remark::Notice(_)),
                ..
            },
            None,
        ) = step
        else {
            panic!("{step:?}")
        };
        // A client that nobody knows.
        let step = world.walker().begin("nobody").await;
        assert!(
            matches!(&step, Step::At(Page::Failed(why), None) if why == "Client not found."),
            "{step:?}"
        );
    }
}
