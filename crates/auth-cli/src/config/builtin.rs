//! [`Preset`]: the built-in profiles, made from the provider crates' published facts.

use auth_azure::preset::{destiny as azure, pectus};
use auth_desp::preset::{self as desp, Published};
use auth_jwt_bearer::preset::disruptive_technologies as disruptive;
use auth_keycloak::preset::destiny::{self, Environment};
use auth_keycloak::preset::provena;
use url::Url;

use crate::config::{Origin, Settings, Value};
use crate::secret::SecretSource;

/// A system whose facts are built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preset {
    /// The DESTINY repository: evidence.
    Destiny(Environment),
    /// The same, for those whose login is at Entra ID.
    DestinyAzure(azure::Environment),
    /// A service of Destination Earth.
    Desp(Published),
    /// A service account of its Data Lake.
    DataLake,
    /// Disruptive Technologies: sensors.
    Disruptive,
    /// Open Pectus: plant control. A program that asks for itself.
    Pectus,
    /// Provena: modelling and simulation, installed by many. A job with an offline token.
    Provena,
    /// A person who logs in there.
    ProvenaPerson,
}

impl Preset {
    /// All of them.
    pub(crate) const ALL: &'static [Self] = &[
        Self::DataLake,
        Self::Desp(Published::Cacheb),
        Self::Desp(Published::Dea),
        Self::Desp(Published::Eden),
        Self::Desp(Published::Hda),
        Self::Desp(Published::Highway),
        Self::Desp(Published::Insula),
        Self::Desp(Published::Polytope),
        Self::Desp(Published::Streamer),
        Self::Destiny(Environment::Production),
        Self::Destiny(Environment::Staging),
        Self::Destiny(Environment::Development),
        Self::DestinyAzure(azure::Environment::Production),
        Self::DestinyAzure(azure::Environment::Staging),
        Self::DestinyAzure(azure::Environment::Development),
        Self::Disruptive,
        Self::Pectus,
        Self::Provena,
        Self::ProvenaPerson,
    ];

    /// The preset of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|preset| preset.name() == name)
            .copied()
    }

    /// Its name, which is also that of the built-in profile.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Desp(service) => service.name(),
            Self::DataLake => "data-lake",
            Self::Destiny(Environment::Development) => "destiny-development",
            Self::Destiny(Environment::Staging) => "destiny-staging",
            Self::Destiny(_) => "destiny",
            Self::DestinyAzure(azure::Environment::Development) => "destiny-azure-development",
            Self::DestinyAzure(azure::Environment::Staging) => "destiny-azure-staging",
            Self::DestinyAzure(_) => "destiny-azure",
            Self::Disruptive => "disruptive",
            Self::Pectus => "pectus",
            Self::Provena => "provena",
            Self::ProvenaPerson => "provena-person",
        }
    }

    /// What to do when its API answers 403, if the vendor says so.
    pub(crate) fn forbidden_advice(self) -> Option<&'static str> {
        match self {
            Self::Disruptive => Some(disruptive::FORBIDDEN_ADVICE),
            Self::Pectus => Some(PECTUS_FORBIDDEN),
            Self::DataLake
            | Self::Desp(_)
            | Self::Destiny(_)
            | Self::DestinyAzure(_)
            | Self::Provena
            | Self::ProvenaPerson => None,
        }
    }

    /// The variables that its own programs read, of which all must be set.
    pub(crate) fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Disruptive => &[
                "DT_SERVICE_ACCOUNT_KEY_ID",
                "DT_SERVICE_ACCOUNT_SECRET",
                "DT_SERVICE_ACCOUNT_EMAIL",
            ],
            Self::Pectus => &[
                pectus::TENANT_VARIABLE,
                pectus::CLIENT_VARIABLE,
                CLIENT_SECRET_VARIABLE,
            ],
            Self::DataLake
            | Self::Desp(_)
            | Self::Destiny(_)
            | Self::DestinyAzure(_)
            | Self::ProvenaPerson => &[],
            Self::Provena => &[provena::OFFLINE_TOKEN_VARIABLE],
        }
    }

    /// The variables that its own programs take secrets from.
    pub(super) fn secret_variables(self) -> &'static [&'static str] {
        match self {
            Self::Disruptive => &["DT_SERVICE_ACCOUNT_SECRET", "DT_API_KEY_SECRET"],
            Self::Pectus => &[CLIENT_SECRET_VARIABLE],
            Self::DataLake
            | Self::Desp(_)
            | Self::Destiny(_)
            | Self::DestinyAzure(_)
            | Self::ProvenaPerson => &[],
            Self::Provena => &[provena::OFFLINE_TOKEN_VARIABLE],
        }
    }

    /// The keys that some systems' own programs take from variables.
    pub(crate) const KEYS_OF_VARIABLES: [&str; 2] = ["tenant", "client-id"];

    /// The variable from which its own programs take what a key says.
    pub(crate) fn variable_of(self, key: &str) -> Option<&'static str> {
        match (self, key) {
            (Self::Pectus, "tenant") => Some(pectus::TENANT_VARIABLE),
            (Self::Pectus, "client-id") => Some(pectus::CLIENT_VARIABLE),
            _ => None,
        }
    }

    /// The lowest layer of its profiles.
    pub(super) fn settings(self) -> Settings {
        let mut settings = Settings::default();
        for (name, value) in self.facts() {
            settings.set(name, value, Origin::BuiltIn);
        }
        for key in Self::KEYS_OF_VARIABLES {
            let variable = self.variable_of(key);
            if let Some(variable) = variable
                && let Ok(value) = std::env::var(variable)
                && !value.is_empty()
            {
                settings.set(key, Value::Text(value), Origin::Variable(variable.into()));
            }
        }
        settings
    }

    fn facts(self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Desp(service) => of_desp(service),
            Self::DataLake => vec![
                ("kind", text("desp")),
                ("iam-url", published(desp::DATA_LAKE.0)),
                ("iam-realm", text(desp::DATA_LAKE.1)),
                ("scope", list(&["openid"])),
                (
                    "client-secret",
                    Value::Secret(SecretSource::Env("AUTH_DATA_LAKE_CLIENT_SECRET".into())),
                ),
            ],
            Self::Destiny(environment) => vec![
                ("kind", text("keycloak")),
                ("issuer", text(destiny::ISSUER)),
                ("client-id", Value::Text(environment.client())),
                ("scope", list(&destiny::PERSON_SCOPES)),
                ("redirect-uri", text(destiny::REDIRECT)),
                ("api", Value::Url(environment.api_url())),
            ],
            Self::DestinyAzure(environment) => vec![
                ("kind", text("entra")),
                ("tenant", text(azure::LOGIN_URL)),
                ("client-id", text(environment.client())),
                ("scope", Value::List(vec![environment.scope()])),
                ("api", Value::Url(environment.api_url())),
            ],
            Self::Pectus => vec![
                ("kind", text("entra")),
                (
                    "client-secret",
                    Value::Secret(SecretSource::Env(CLIENT_SECRET_VARIABLE.into())),
                ),
                ("header", text(pectus::HEADER.as_str())),
                ("api", published(pectus::API_URL)),
            ],
            Self::Disruptive => vec![
                ("kind", text("jwt-bearer")),
                ("token-url", published(disruptive::TOKEN_URL)),
                ("api", published(disruptive::API_URL)),
                ("algorithm", text("HS256")),
            ],
            Self::Provena => vec![
                ("kind", text("keycloak")),
                ("client-id", text(provena::AUTOMATED_ACCESS)),
                // A job's token has what its login asked for; this is for who gets one.
                ("scope", list(&provena::OFFLINE_SCOPES)),
                (
                    "refresh-token",
                    Value::Secret(SecretSource::Env(provena::OFFLINE_TOKEN_VARIABLE.into())),
                ),
            ],
            Self::ProvenaPerson => vec![
                ("kind", text("keycloak")),
                ("client-id", text(provena::TOOLS)),
                ("scope", list(&provena::PERSON_SCOPES)),
            ],
        }
    }
}

/// Where programs in Azure have the secret of an application.
const CLIENT_SECRET_VARIABLE: &str = "AZURE_CLIENT_SECRET";

const PECTUS_FORBIDDEN: &str = "the answer names the roles of which one is missing: a program has the role Daemon, \
    and only where its tokens have the claim `idtyp`";

fn of_desp(service: Published) -> Vec<(&'static str, Value)> {
    let service = service.service();
    let mut facts = vec![
        ("kind", text("desp")),
        ("iam-url", published(desp::IAM_URL)),
        ("iam-realm", text(desp::REALM)),
        ("client-id", text(service.client_id())),
        ("redirect-uri", text(service.redirect_uri().as_str())),
        ("scope", Value::List(service.scopes().to_vec())),
    ];
    if let Some(exchange) = service.exchange() {
        facts.extend([
            ("exchange-url", Value::Url(exchange.token_url().clone())),
            ("exchange-client-id", text(exchange.client_id())),
            ("audience", text(exchange.audience())),
            ("subject-issuer", text(exchange.subject_issuer())),
        ]);
    }
    facts
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn list(texts: &[&str]) -> Value {
    Value::List(texts.iter().map(|&text| text.to_owned()).collect())
}

fn published(url: &'static str) -> Value {
    Value::Url(Url::parse(url).expect("a published URL is a URL"))
}
