//! [`SYSTEMS`]: what a first profile can be about, and what must be known of each, as data.

use secrecy::SecretString;
use toml_edit::{Array, InlineTable, Value};

/// A system, and the questions about it.
#[derive(Debug)]
pub(super) struct System {
    pub(super) title: &'static str,
    /// What the profile is called where nobody chooses another name.
    pub(super) name: &'static str,
    /// Whether a profile of that name, or of each choice, is built in.
    pub(super) is_built_in: bool,
    /// The built-in profiles to choose from.
    pub(super) choices: &'static [&'static str],
    /// What nobody has to be asked.
    pub(super) fixed: &'static [(&'static str, &'static str)],
    pub(super) asks: &'static [Ask],
}

/// A question, and the key that the answer is for.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) key: &'static str,
    pub(super) question: &'static str,
    pub(super) what: What,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Text,
    /// A text that may be left out.
    Optional,
    /// Words with blanks between them, and the usual ones.
    Words(&'static str),
    /// The address of an identity server, which is asked at once whether it is one.
    Issuer,
    /// The same of a realm of Keycloak.
    Realm,
    Secret,
    /// A secret that public clients have not.
    SecretIfAny,
}

/// What was answered.
#[derive(Debug)]
pub(super) enum Answer {
    Text(String),
    Words(Vec<String>),
    /// Where a secret is.
    Place(InlineTable),
    /// A secret that is nowhere yet.
    Typed(SecretString),
}

impl Answer {
    /// As the file has it; nothing of a secret that is nowhere yet.
    pub(super) fn value(&self) -> Option<Value> {
        match self {
            Self::Text(text) => Some(text.into()),
            Self::Words(words) => Some(Array::from_iter(words).into()),
            Self::Place(place) => Some(place.clone().into()),
            Self::Typed(_) => None,
        }
    }
}

const fn ask(key: &'static str, question: &'static str, what: What) -> Ask {
    Ask {
        key,
        question,
        what,
    }
}

const ISSUER: Ask = ask("issuer", "Issuer (the server's address)", What::Issuer);
const REALM: Ask = ask(
    "issuer",
    "Issuer (the realm's address, …/realms/NAME)",
    What::Realm,
);
const CLIENT: Ask = ask("client-id", "Client ID", What::Text);
const API: Ask = ask(
    "api",
    "Address of the API, for `auth request`",
    What::Optional,
);
const TENANT: Ask = ask("tenant", "Tenant (its ID or a domain)", What::Text);
const SECRET: Ask = ask("client-secret", "Client secret", What::Secret);

/// The systems, any server first: who has one of the others finds it by its name.
pub(super) const SYSTEMS: [System; 9] = [
    System {
        title: "any OpenID provider, where a person logs in",
        name: "me",
        is_built_in: false,
        choices: &[],
        fixed: &[("kind", "oidc")],
        asks: &[
            ISSUER,
            CLIENT,
            ask("client-secret", "Client secret", What::SecretIfAny),
            ask("scope", "Scopes", What::Words("openid offline_access")),
            API,
        ],
    },
    System {
        title: "any OpenID provider, for a program with a client secret",
        name: "robot",
        is_built_in: false,
        choices: &[],
        fixed: &[("kind", "client-credentials")],
        asks: &[
            ISSUER,
            CLIENT,
            SECRET,
            ask("scope", "Scopes, with blanks between them", What::Optional),
            API,
        ],
    },
    System {
        title: "a realm of Keycloak, where a person logs in",
        name: "realm",
        is_built_in: false,
        choices: &[],
        fixed: &[("kind", "keycloak")],
        asks: &[
            REALM,
            CLIENT,
            ask("scope", "Scopes", What::Words("openid")),
            API,
        ],
    },
    System {
        title: "a tenant of Entra ID, where a person logs in",
        name: "entra",
        is_built_in: false,
        choices: &[],
        fixed: &[("kind", "entra")],
        asks: &[
            TENANT,
            CLIENT,
            ask(
                "scope",
                "Scopes",
                What::Words("https://graph.microsoft.com/User.Read"),
            ),
            API,
        ],
    },
    System {
        title: "the DESTINY repository: evidence",
        name: "destiny",
        is_built_in: true,
        choices: &[
            "destiny",
            "destiny-staging",
            "destiny-development",
            "destiny-azure",
            "destiny-azure-staging",
            "destiny-azure-development",
        ],
        fixed: &[],
        asks: &[],
    },
    System {
        title: "Destination Earth: a service of the platform",
        name: "highway",
        is_built_in: true,
        choices: &[
            "highway", "cacheb", "dea", "eden", "hda", "insula", "polytope", "streamer",
        ],
        fixed: &[],
        asks: &[ask(
            "user",
            "User name, to be asked for it no more",
            What::Optional,
        )],
    },
    System {
        title: "Disruptive Technologies: sensors, with a service account",
        name: "disruptive",
        is_built_in: true,
        choices: &[],
        fixed: &[],
        asks: &[
            ask("email", "Email of the service account", What::Text),
            ask("key-id", "Key ID", What::Text),
            ask("key", "Key secret", What::Secret),
        ],
    },
    System {
        title: "Provena: modelling and simulation, where a person logs in",
        name: "provena-person",
        is_built_in: true,
        choices: &[],
        fixed: &[],
        asks: &[REALM, API],
    },
    System {
        title: "Open Pectus: plant control, for a program",
        name: "pectus",
        is_built_in: true,
        choices: &[],
        fixed: &[],
        asks: &[ask("tenant", "Tenant (its ID)", What::Text), CLIENT, SECRET],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Field, Preset};

    #[test]
    fn each_question_is_about_a_key_and_each_choice_about_a_built_in_profile() {
        for system in &SYSTEMS {
            for key in system.asks.iter().map(|ask| ask.key) {
                assert!(Field::named(key).is_some(), "{key}");
            }
            if system.is_built_in {
                for name in system.choices.iter().chain([&system.name]) {
                    assert!(Preset::named(name).is_some(), "{name}");
                }
            }
        }
    }
}
