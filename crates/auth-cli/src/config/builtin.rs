//! [`Preset`]: the built-in profiles, made from the provider crates' published facts.

use auth_jwt_bearer::preset::disruptive_technologies as disruptive;
use url::Url;

use crate::config::{Origin, Settings, Value};

/// A system whose facts are built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preset {
    /// Disruptive Technologies: sensors.
    Disruptive,
}

impl Preset {
    /// All of them.
    pub(crate) const ALL: &'static [Self] = &[Self::Disruptive];

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
            Self::Disruptive => "disruptive",
        }
    }

    /// What to do when its API answers 403.
    pub(crate) fn forbidden_advice(self) -> &'static str {
        match self {
            Self::Disruptive => disruptive::FORBIDDEN_ADVICE,
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
        }
    }

    /// The variables that its own programs take secrets from.
    pub(super) fn secret_variables(self) -> &'static [&'static str] {
        match self {
            Self::Disruptive => &["DT_SERVICE_ACCOUNT_SECRET", "DT_API_KEY_SECRET"],
        }
    }

    /// The lowest layer of its profiles.
    pub(super) fn settings(self) -> Settings {
        let mut settings = Settings::default();
        let facts = match self {
            Self::Disruptive => [
                ("kind", Value::Text("jwt-bearer".into())),
                ("token-url", published(disruptive::TOKEN_URL)),
                ("api", published(disruptive::API_URL)),
                ("algorithm", Value::Text("HS256".into())),
            ],
        };
        for (name, value) in facts {
            settings.set(name, value, Origin::BuiltIn);
        }
        settings
    }
}

fn published(url: &'static str) -> Value {
    Value::Url(Url::parse(url).expect("a published URL is a URL"))
}
