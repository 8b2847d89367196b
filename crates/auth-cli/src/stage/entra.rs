//! Entra ID: Ada, who logs in for the DESTINY repository, and a program at Open Pectus.

use std::time::Duration;

use auth_azure::preset::{destiny, pectus};
use auth_testkit::{EntraApplication, EntraTenant, Policy, User};

use super::provena::{ADA, PASSWORD, name};
use super::{Part, Stage};

impl Stage {
    /// Ada at DESTINY: nobody has logged in yet.
    pub(crate) fn destiny(&self) -> Part {
        let environment = destiny::Environment::Production;
        let mut settings = self.tenant(environment.client());
        settings.extend([
            ("scope", environment.scope()),
            ("api", self.url(DESTINY_API)),
        ]);
        Part {
            profile: "destiny-azure",
            system: "DESTINY repository",
            flow: "Entra ID, device code",
            settings,
            secrets: Vec::new(),
            path: "v1/references/search/?q=heat",
            tell: |answer| {
                let name = name(answer);
                name.split('@').next().unwrap_or_default().to_owned()
            },
        }
    }

    /// A program at Open Pectus, which asks for a token for itself.
    pub(super) fn pectus(&self) -> Part {
        let mut settings = self.tenant(PECTUS);
        settings.extend([
            ("header", pectus::HEADER.to_string()),
            ("api", self.url(PECTUS_API)),
        ]);
        Part {
            profile: "pectus",
            system: "Open Pectus",
            flow: "Entra ID, a secret",
            settings,
            secrets: vec![("client-secret", PECTUS_SECRET.into())],
            path: "recent_runs/",
            tell: |answer| {
                let mut runs = answer.as_array().into_iter().flatten();
                match runs.any(|run| run["run_id"] == "daemons") {
                    true => "Daemon".to_owned(),
                    false => "nobody".to_owned(),
                }
            },
        }
    }

    fn tenant(&self, client: &str) -> Vec<(&'static str, String)> {
        vec![
            ("kind", "entra".into()),
            ("authority", self.url("/")),
            ("tenant", TENANT.into()),
            ("client-id", client.into()),
        ]
    }
}

/// The tenant as both vendors set it up.
pub(super) fn tenant() -> EntraTenant {
    let environment = destiny::Environment::Production;
    EntraTenant::new(TENANT)
        .with_policy(Policy::of_entra().with_device_interval(Duration::from_secs(1)))
        .with_application(EntraApplication::public(environment.client()))
        .with_application(
            EntraApplication::api(environment.application())
                .with_scope("reference.reader.all")
                .with_api_at(DESTINY_API),
        )
        .with_application(
            EntraApplication::confidential(PECTUS, PECTUS_SECRET)
                .with_v1_tokens()
                .with_idtyp()
                .with_open_pectus_at(PECTUS_API),
        )
        .with_user(User::new(ADA, PASSWORD).with_email(format!("{ADA}@{DOMAIN}")))
        .with_domain(DOMAIN)
}

/// As published for the repository.
const TENANT: &str = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35";
const DOMAIN: &str = "lab.example";
const DESTINY_API: &str = "/destiny";

const PECTUS: &str = "5ec70500-0000-4000-8000-000000009800";
const PECTUS_API: &str = "/pectus/api";

/// Known to everybody who reads this: the server gives tokens that only itself accepts.
const PECTUS_SECRET: &str = "another secret of the emulator only";
