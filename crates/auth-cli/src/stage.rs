//! [`Stage`]: the embedded server with its cast, one part for each system that `auth` can talk to.
//! `auth demo` plays them all, `auth emulator` writes them down as profiles.

mod desp;
mod entra;
mod provena;

use auth_core::clock::SystemClock;
use auth_core::{Error, Result};
use auth_testkit::{Client, DisruptiveAccount, Listening, Server};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;

use crate::config::{Origin, Preset, Profile, Settings, Value};
use crate::secret::SecretSource;

pub(crate) use provena::{ADA, PASSWORD};

/// The server, listening on loopback.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) listening: Listening,
}

/// One system, as somebody who uses it sees it.
#[derive(Debug)]
pub(crate) struct Part {
    /// The name of its profile.
    pub(crate) profile: &'static str,
    pub(crate) system: &'static str,
    pub(crate) flow: &'static str,
    /// The profile's keys that are no secrets.
    pub(crate) settings: Vec<(&'static str, String)>,
    /// Those that are; none where a person logs in.
    pub(crate) secrets: Vec<(&'static str, SecretString)>,
    /// Something to ask its API for, and what to tell of the answer.
    pub(crate) path: &'static str,
    pub(crate) tell: fn(&Json) -> String,
}

impl Part {
    /// Its profile.
    ///
    /// # Errors
    /// `Config` if it does not add up.
    pub(crate) fn to_profile(&self) -> Result<Profile> {
        let mut settings = Settings::default();
        for (name, value) in &self.settings {
            settings.set_text(name, value, Origin::BuiltIn)?;
        }
        for (name, secret) in &self.secrets {
            let secret = Value::Secret(SecretSource::Given(secret.clone()));
            settings.set(name, secret, Origin::BuiltIn);
        }
        Profile::new(self.profile, Preset::named(self.profile), settings)
    }
}

impl Stage {
    /// Opens the server on `port`; 0 is any free one.
    ///
    /// # Errors
    /// `Unavailable` if the port can't be had.
    pub(crate) async fn open(port: u16, https: bool) -> Result<Self> {
        let server = Server::new(SystemClock::new());
        server.add_client(Client::confidential(ROBOT, ROBOT_SECRET).with_scopes(["read", "write"]));
        server.add_client(Client::public(DESKTOP));
        let account = DisruptiveAccount::new(EMAIL).with_key(KEY_ID, KEY);
        server.add_disruptive_account(account.with_project("Cold store").with_project("Roof"));
        server.add_realm(provena::realm());
        for realm in desp::realms() {
            server.add_realm(realm);
        }
        server.add_entra_tenant(entra::tenant());
        let listening = if https {
            server.listen_tls(port).await
        } else {
            server.listen(port).await
        };
        let listening = listening.map_err(|error| {
            Error::unavailable(format!("the server can't listen on port {port}: {error}"))
                .with_advice("choose another port with --port, or none for a free one")
        })?;
        Ok(Self { server, listening })
    }

    /// The systems where nobody has to log in any more. Each call logs the person in anew.
    pub(crate) fn parts(&self) -> Vec<Part> {
        vec![
            self.lab(),
            self.ada(),
            self.disruptive(),
            self.pectus(),
            self.desp(),
            self.desp_otp(),
            self.data_lake(),
        ]
    }

    /// A program.
    fn lab(&self) -> Part {
        Part {
            profile: "lab",
            system: "an OpenID provider",
            flow: "client credentials",
            settings: vec![
                ("kind", "client-credentials".into()),
                ("issuer", self.listening.issuer()),
                ("client-id", ROBOT.into()),
                ("scope", "read write".into()),
                ("api", self.url("/api")),
            ],
            secrets: vec![("client-secret", ROBOT_SECRET.into())],
            path: "whoami",
            tell: name,
        }
    }

    /// A person who logged in elsewhere.
    fn ada(&self) -> Part {
        let login = self.server.login(DESKTOP, "ada", &["read"]);
        Part {
            profile: "ada",
            system: "an OpenID provider",
            flow: "rotating refresh token",
            settings: vec![
                ("kind", "refresh".into()),
                ("issuer", self.listening.issuer()),
                ("client-id", DESKTOP.into()),
                ("client-auth", "none".into()),
                ("api", self.url("/api")),
            ],
            secrets: vec![("refresh-token", login.expose_secret().into())],
            path: "whoami",
            tell: name,
        }
    }

    /// A service account.
    fn disruptive(&self) -> Part {
        Part {
            profile: "disruptive",
            system: "Disruptive Technologies",
            flow: "signed JWT (RFC 7523)",
            settings: vec![
                ("kind", "jwt-bearer".into()),
                ("token-url", self.url("/oauth2/token")),
                ("email", EMAIL.into()),
                ("key-id", KEY_ID.into()),
                ("algorithm", "HS256".into()),
                ("api", self.url("/v2")),
            ],
            secrets: vec![("key", KEY.into())],
            path: "projects",
            tell: |answer| {
                let projects = answer["projects"].as_array().map_or(0, Vec::len);
                format!("{projects} projects")
            },
        }
    }

    fn url(&self, path: &str) -> String {
        self.listening.url(path).to_string()
    }
}

impl Part {
    /// One of its settings.
    pub(crate) fn setting(&self, name: &str) -> &str {
        let mut settings = self.settings.iter();
        settings
            .find(|(key, _)| *key == name)
            .map_or("", |(_, value)| value)
    }

    /// Its secrets, by their names.
    pub(crate) fn expose_secrets(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let secrets = self.secrets.iter();
        secrets.map(|(name, secret)| (*name, secret.expose_secret()))
    }
}

/// Whom an API sees in the token.
fn name(answer: &Json) -> String {
    answer["sub"].as_str().unwrap_or("nobody").to_owned()
}

const ROBOT: &str = "robot";
const DESKTOP: &str = "desktop";
const EMAIL: &str = "robot@emulated.serviceaccount.d21s.com";
const KEY_ID: &str = "emulatedkey000000000";

/// Known to everybody who reads this: the server gives tokens that only itself accepts.
const ROBOT_SECRET: &str = "a secret of the emulator only";
const KEY: &str = "0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e";
