//! Provena: a person who logs in with a code, and a job that lives on the offline token of that login.

use std::time::Duration;

use auth_core::{Error, RefreshToken, Result};
use auth_keycloak::preset::provena;
use auth_testkit::{Client, Policy, Realm, User};
use serde_json::Value;

use super::{Part, Stage};

impl Stage {
    /// The person, Ada: nobody has logged in yet.
    pub(crate) fn provena_person(&self) -> Part {
        self.person(provena::TOOLS, &provena::PERSON_SCOPES)
    }

    /// Ada, who logs in for a job.
    pub(crate) fn provena_maker(&self) -> Part {
        self.person(provena::AUTOMATED_ACCESS, &provena::OFFLINE_SCOPES)
    }

    fn person(&self, client: &str, scopes: &[&str]) -> Part {
        Part {
            profile: "provena-person",
            flow: "device code",
            settings: vec![
                ("kind", "keycloak".into()),
                ("issuer", self.url(ISSUER)),
                ("client-id", client.into()),
                ("scope", scopes.join(" ")),
                ("api", self.url(API)),
            ],
            secrets: Vec::new(),
            ..self.job()
        }
    }

    /// A job that has the offline token of a login.
    pub(crate) fn provena_job(&self, token: &RefreshToken) -> Part {
        Part {
            secrets: vec![("refresh-token", token.expose_secret().into())],
            ..self.job()
        }
    }

    /// An offline token of a login that nobody sees.
    ///
    /// # Errors
    /// `Protocol` if the realm gives none.
    pub(crate) fn offline_token(&self) -> Result<RefreshToken> {
        let client = provena::AUTOMATED_ACCESS;
        self.server
            .login_at(&self.url(ISSUER), client, ADA, &provena::OFFLINE_SCOPES)
            .ok_or_else(|| Error::protocol("the demonstration's realm gave no offline token"))
    }

    fn job(&self) -> Part {
        Part {
            profile: "provena",
            system: "Provena",
            flow: "offline token, as a job",
            settings: vec![
                ("kind", "keycloak".into()),
                ("issuer", self.url(ISSUER)),
                ("client-id", provena::AUTOMATED_ACCESS.into()),
                ("api", self.url(API)),
            ],
            secrets: Vec::new(),
            path: "whoami",
            tell: name,
        }
    }
}

/// The realm as the vendor sets it up: offline tokens for one client only, and roles that must be asked
/// for.
pub(super) fn realm() -> Realm {
    let scopes = provena::OFFLINE_SCOPES;
    Realm::new("provena")
        .with_base("/auth")
        .with_policy(Policy::of_keycloak().with_device_interval(Duration::from_secs(1)))
        .with_client(Client::public(provena::AUTOMATED_ACCESS).with_scopes(scopes))
        .with_client(Client::public(provena::TOOLS).with_scopes(["offline_access"; 0]))
        .with_user(User::new(ADA, PASSWORD).with_role("data-store-read"))
}

/// Whom an API sees in the token.
pub(super) fn name(answer: &Value) -> String {
    let name = answer["preferred_username"].as_str();
    name.unwrap_or("nobody").to_owned()
}

const ISSUER: &str = "/auth/realms/provena";
const API: &str = "/auth/realms/provena/api";

/// Who logs in at the emulated pages: known to everybody who reads this.
pub(crate) const ADA: &str = "ada";
pub(crate) const PASSWORD: &str = "lovelace";
