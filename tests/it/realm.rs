//! A realm in the testkit: what the real server does, as far as it was looked at, and our own programs
//! against it.

mod exchange;
mod login;
mod page;
mod person;
mod refresh;
mod refusal;
mod replaced;

use std::sync::Arc;

use auth_keycloak::Realm as OurRealm;
use auth_testkit::{Client, Policy, Realm, RequiredAction, Server, TestClock, Theme, User};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use url::Url;

use crate::browser::{Browser, Page};
use crate::testkit::{Form, Reply, post};

/// The secret of everybody's one-time codes: that of RFC 6238.
const SECRET: &str = "12345678901234567890";

/// Where browsers are sent back to.
const BACK: &str = "http://127.0.0.1:9/callback";

struct World {
    server: Server,
    clock: TestClock,
}

fn realm(policy: Policy, theme: Theme) -> Realm {
    let action = |name, action| User::new(name, "pw").with_required_action(action);
    Realm::new("main")
        .with_policy(policy)
        .with_theme(theme)
        .with_client(Client::public("desktop"))
        .with_client(Client::public("careful").with_consent())
        .with_client(Client::public("automated-access").with_scopes(["roles", "offline_access"]))
        .with_client(
            Client::confidential("robot", "s3cret+/%&")
                .with_audience("orders")
                .with_exchange(),
        )
        .with_client(Client::confidential("orders", "pw"))
        .with_client(Client::confidential("stock", "pw"))
        .with_user(User::new("ada", "pw").with_role("data-store-read"))
        .with_user(User::new("bob", "pw").with_totp(SECRET))
        .with_user(User::new("dave", "pw").disabled())
        .with_user(
            User::new("frank", "pw")
                .with_totp("another")
                .with_totp(SECRET),
        )
        .with_user(User::new("lou", "pw").locked())
        .with_user(action("carol", RequiredAction::ConfigureTotp))
        .with_user(action("erin", RequiredAction::UpdatePassword))
        .with_user(action("grace", RequiredAction::VerifyProfile))
        .with_user(action("heidi", RequiredAction::TermsAndConditions))
}

impl World {
    fn new() -> Self {
        Self::with(Policy::of_keycloak(), Theme::V2)
    }

    fn with(policy: Policy, theme: Theme) -> Self {
        let clock = TestClock::new();
        let server = Server::new(clock.clone());
        server.add_realm(realm(policy, theme));
        Self { server, clock }
    }

    fn ours(&self) -> OurRealm {
        let base = self.server.url("/");
        OurRealm::new(base.as_str(), "main", self.server.io()).unwrap()
    }

    fn browser(&self) -> Browser {
        Browser::new(Arc::new(self.server.clone()))
    }

    fn url(&self, place: &str) -> Url {
        self.server.url(&format!("/realms/main/{place}"))
    }

    /// The login page, as `client` sends a browser there.
    fn login_url(&self, client: &str, more: &str) -> Url {
        self.url(&format!(
            "protocol/openid-connect/auth?response_type=code&client_id={client}\
             &redirect_uri={BACK}&state=st&scope=openid{more}"
        ))
    }

    /// Opens the login page and fills it.
    async fn log_in(&self, browser: &mut Browser, user: &str, password: &str) -> Page {
        let page = browser.open(&self.login_url("desktop", "")).await;
        browser
            .fill(&page, &[("username", user), ("password", password)])
            .await
    }

    async fn post(&self, endpoint: &str, fields: Form<'_>) -> Reply {
        let url = self.url(&format!("protocol/openid-connect/{endpoint}"));
        post(&self.server, &url, fields).await.unwrap()
    }

    /// Redeems the code that a browser came back with.
    async fn redeem(&self, client: &str, page: &Page) -> Reply {
        let code = page.query("code").unwrap_or_else(|| panic!("{page:?}"));
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("redirect_uri", BACK),
            ("code", &code),
        ];
        self.post("token", &fields).await
    }

    /// Ada's tokens, without a browser.
    async fn ada(&self, client: Form<'_>, scope: &str) -> Reply {
        let mut fields = vec![
            ("grant_type", "password"),
            ("username", "ada"),
            ("password", "pw"),
            ("scope", scope),
        ];
        fields.extend_from_slice(client);
        let reply = self.post("token", &fields).await;
        assert_eq!(reply.status, 200, "{:?}", reply.json());
        reply
    }

    async fn refresh(&self, token: &str) -> Reply {
        self.post("token", &refresh(token)).await
    }
}

const DESKTOP: Form<'static> = &[("client_id", "desktop")];
const ROBOT: Form<'static> = &[("client_id", "robot"), ("client_secret", "s3cret+/%&")];

fn refresh(token: &str) -> [(&str, &str); 3] {
    [
        ("grant_type", "refresh_token"),
        ("client_id", "desktop"),
        ("refresh_token", token),
    ]
}

/// Status, error and description of a no.
fn no(reply: &Reply) -> String {
    let body = reply.json();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    format!(
        "{} {} {}",
        reply.status.as_u16(),
        text("error"),
        text("error_description")
    )
}

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
