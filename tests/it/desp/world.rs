//! [`World`]: a realm with its people, another that trusts it, and whoever logs in there.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::prompt::Echo;
use auth_core::session::Checked;
use auth_core::store::{MemoryStore, TokenStore};
use auth_core::{BoxFuture, Error, Prompt, Result, TokenSource};
use auth_desp::otp::Totp;
use auth_desp::{Credentials, Exchange, Person, Platform, Service};
use auth_testkit::{
    Client, Policy, Realm, RequiredAction, Rotation, Server, TestClock, Theme, User,
};
use secrecy::SecretString;

pub(super) const SECRET: &str = "12345678901234567890";
/// The same in base32.
pub(super) const TOTP: &str = "gezd gnbv gy3t qojq gezd gnbv gy3t qojq";
/// Long enough to be found.
pub(super) const PASSPHRASE: &str = "correct horse battery staple";
pub(super) const AUTH: &str = "/realms/desp/protocol/openid-connect/auth";
pub(super) const FORM: &str = "/realms/desp/login-actions/authenticate";
pub(super) const TOKEN: &str = "/realms/desp/protocol/openid-connect/token";
pub(super) const EXCHANGE: &str = "/realms/highway/protocol/openid-connect/token";

pub(super) struct World {
    pub(super) server: Server,
    pub(super) clock: TestClock,
    pub(super) store: Arc<dyn TokenStore>,
}

/// The realm that people log in at.
pub(super) fn realm(theme: Theme) -> Realm {
    let action = |name, action| User::new(name, "pw").with_required_action(action);
    let client = |name: &str| {
        let scopes = ["openid", "offline_access"];
        Client::public(name)
            .with_scopes(scopes)
            .with_redirect(format!("https://{name}.example/"))
    };
    let two = User::new("frank", "pw").with_totp("another");
    Realm::new("desp")
        .with_policy(Policy::of_keycloak().with_rotation(Rotation::OneUse))
        .with_theme(theme)
        .with_client(client("cacheb"))
        .with_client(client("dea"))
        .with_client(client("highway"))
        .with_client(client("careful").with_consent())
        .with_user(User::new("ada", "pw"))
        .with_user(User::new("bob", "pw").with_totp(SECRET))
        .with_user(User::new("dave", "pw").disabled())
        .with_user(two.with_totp(SECRET))
        .with_user(User::new("lou", "pw").locked())
        .with_user(action("carol", RequiredAction::ConfigureTotp))
        .with_user(action("erin", RequiredAction::UpdatePassword))
        .with_user(action("grace", RequiredAction::VerifyProfile))
        .with_user(action("heidi", RequiredAction::TermsAndConditions))
        .with_user(action("ivan", RequiredAction::VerifyEmail))
        .with_user(action("mia", RequiredAction::UpdatePassword).with_totp(SECRET))
        .with_user(User::new("nina-the-user", PASSPHRASE).with_totp(SECRET))
        .with_user(User::new("olga", "pw").with_recovery_codes(["r1", "r2"]))
        .with_user(
            User::new("pia", "pw")
                .with_totp(SECRET)
                .with_recovery_codes(["r1"]),
        )
        .with_user(User::new("quinn", "pw").without_offline_access())
        .with_user(
            User::new("rita", "pw")
                .with_recovery_codes(["r1"])
                .with_totp(SECRET),
        )
        .with_user(User::new("vera", "pw"))
        .with_user(User::new("sam", "pw").with_security_key())
        .with_user(
            User::new("tom", "pw")
                .with_security_key()
                .with_recovery_codes(["r1"])
                .with_totp(SECRET),
        )
        .with_user(
            User::new("uma", "pw")
                .with_security_key()
                .with_recovery_codes(["r1"]),
        )
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(Theme::V2)
    }

    pub(super) fn with(theme: Theme) -> Self {
        let clock = TestClock::new();
        let server = Server::new(clock.clone());
        server.add_realm(realm(theme));
        server.add_realm(
            Realm::new("highway")
                .with_broker("DESP", "desp")
                .with_client(Client::public("highway-public").with_exchange()),
        );
        let store = Arc::new(MemoryStore::new());
        Self {
            server,
            clock,
            store,
        }
    }

    pub(super) fn platform(&self) -> Platform {
        let base = self.server.url("/");
        Platform::new(base.as_str(), "desp", self.server.io()).unwrap()
    }

    pub(super) fn service(&self, name: &str) -> Service {
        let service = Service::new(name, name, &format!("https://{name}.example/")).unwrap();
        let service = service.with_scopes(["openid", "offline_access"]);
        if name != "highway" {
            return service;
        }
        let url = self.server.url(EXCHANGE);
        let exchange = Exchange::new(url.as_str(), "highway-public", "highway-public", "DESP");
        service.with_exchange(exchange.unwrap())
    }

    pub(super) fn person(&self, credentials: Credentials) -> Person {
        Person::new(self.platform(), credentials, Checked::No).with_store(self.store.clone())
    }

    /// Somebody whose password is `pw` and whose device is known, on another process' handle on the store.
    pub(super) fn known(&self, user: &str) -> Person {
        self.person(known(user))
    }

    pub(super) async fn fails(&self, user: &str) -> Error {
        let source = self.known(user).source(&self.service("cacheb")).unwrap();
        source.token().await.unwrap_err()
    }

    pub(super) fn sent(&self, path: &str) -> usize {
        self.server.count(path)
    }
}

pub(super) fn known(user: &str) -> Credentials {
    with(user, "pw")
}

pub(super) fn with(user: &str, password: &str) -> Credentials {
    let secret = |text: &str| SecretString::from(text);
    Credentials::new(secret(user), secret(password)).with_totp(secret(TOTP))
}

/// A person who types, and knows what they were asked.
#[derive(Debug)]
pub(super) struct Typist {
    user: &'static str,
    password: &'static str,
    code: String,
    asked: Mutex<Vec<String>>,
    /// Set forward by half an hour while they look for the first code. Each is that of Bob's device.
    dawdles: Option<TestClock>,
}

impl Typist {
    pub(super) fn new(user: &'static str, password: &'static str, code: &str) -> Self {
        Self {
            user,
            password,
            code: code.to_owned(),
            asked: Mutex::default(),
            dawdles: None,
        }
    }

    pub(super) fn dawdling(self, clock: &TestClock) -> Self {
        let dawdles = Some(clock.clone());
        Self { dawdles, ..self }
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Prompt for Typist {
    fn ask<'a>(&'a self, question: &'a str, echo: Echo) -> BoxFuture<'a, Result<SecretString>> {
        let is_first = !self.asked().iter().any(|one| one == question);
        self.asked.lock().unwrap().push(question.to_owned());
        let answer = match (question, echo) {
            ("Username", Echo::Shown) => self.user.into(),
            ("Password", Echo::Hidden) => self.password.into(),
            ("One-time code", _) => match &self.dawdles {
                None => self.code.as_str().into(),
                Some(clock) => {
                    if is_first {
                        clock.set_forward(Duration::from_secs(1801));
                    }
                    let totp = Totp::from_text(&TOTP.into()).unwrap();
                    totp.code(totp.step(clock.now().wall))
                }
            },
            _ => panic!("{question} {echo:?}"),
        };
        Box::pin(async move { Ok(answer) })
    }
}
