//! Destination Earth: Ada, whose password is enough, Bob, whose device shows one-time codes, and a job.

use auth_desp::preset::{self, Published};
use auth_testkit::{Client, Realm, User};

use super::provena::{ADA, PASSWORD, name};
use super::{Part, Stage};

impl Stage {
    /// Ada at CacheB.
    pub(super) fn desp(&self) -> Part {
        let mut settings = self.platform(Published::Cacheb, ADA);
        settings.push(("api", self.url("/realms/desp/api")));
        Part {
            profile: "desp",
            system: "Destination Earth",
            flow: "CacheB, a password",
            settings,
            secrets: vec![("password", PASSWORD.into())],
            path: "whoami",
            tell: name,
        }
    }

    /// Bob at Highway, for whose tokens those of the platform are traded.
    pub(super) fn desp_otp(&self) -> Part {
        let mut settings = self.platform(Published::Highway, BOB);
        let service = Published::Highway.service();
        if let Some(exchange) = service.exchange() {
            settings.extend([
                ("exchange-url", self.url(exchange.token_url().path())),
                ("exchange-client-id", exchange.client_id().into()),
                ("audience", exchange.audience().into()),
                ("subject-issuer", exchange.subject_issuer().into()),
            ]);
        }
        settings.push(("api", self.url("/sso/auth/realms/highway/api")));
        Part {
            profile: "desp-otp",
            system: "Destination Earth",
            flow: "Highway, and a code",
            settings,
            secrets: vec![("password", PASSWORD.into()), ("totp", TOTP.into())],
            path: "whoami",
            tell: name,
        }
    }

    /// A job of the Data Lake, which is nobody's.
    pub(super) fn data_lake(&self) -> Part {
        Part {
            profile: "data-lake",
            system: "Destination Earth",
            flow: "a service account",
            settings: vec![
                ("kind", "desp".into()),
                ("iam-url", self.url("/auth")),
                ("iam-realm", preset::DATA_LAKE.1.into()),
                ("client-id", JOB.into()),
                ("api", self.url("/auth/realms/dedl/api")),
            ],
            secrets: vec![("client-secret", JOB_SECRET.into())],
            path: "whoami",
            tell: name,
        }
    }

    fn platform(&self, service: Published, user: &str) -> Vec<(&'static str, String)> {
        let service = service.service();
        vec![
            ("kind", "desp".into()),
            ("iam-url", self.url("/")),
            ("client-id", service.client_id().into()),
            ("redirect-uri", service.redirect_uri().to_string()),
            ("scope", service.scopes().join(" ")),
            ("user", user.into()),
        ]
    }
}

pub(super) fn realms() -> [Realm; 3] {
    let bob = User::new(BOB, PASSWORD).with_totp(DEVICE);
    let [platform, highway, lake] = Realm::destination_earth([User::new(ADA, PASSWORD), bob]);
    let job = Client::confidential(JOB, JOB_SECRET);
    [platform, highway, lake.with_client(job)]
}

const JOB: &str = "job";
const JOB_SECRET: &str = "a secret of the lake only";

const BOB: &str = "bob";

/// What Bob's device is set up with, and the same in base32: known to everybody who reads this.
const DEVICE: &str = "12345678901234567890";
const TOTP: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
