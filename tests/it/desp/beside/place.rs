//! [`Place`]: where a case is played: the platform's realms, as nobody has used them, and a home.

use std::path::Path;

use auth_core::clock::SystemClock;
use auth_testkit::{Realm, Server};
use tempfile::TempDir;

use super::case::Case;
use super::seen::Request;

/// Where one program plays one case.
pub(crate) struct Place {
    /// The IAM, without a slash at its end.
    pub(crate) iam: String,
    /// Where the tokens of `highway` and of `hda` are traded.
    pub(crate) exchanges: [String; 2],
    pub(crate) user: String,
    pub(crate) home: TempDir,
    /// What was asked since the last time.
    asked: Box<dyn Fn() -> Vec<Request> + Send + Sync>,
}

impl Place {
    /// A place, where the IAM is trusted as `authority` (PEM) says.
    pub(crate) fn new(
        iam: &str,
        exchanges: [String; 2],
        user: &str,
        authority: &str,
        asked: impl Fn() -> Vec<Request> + Send + Sync + 'static,
    ) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(AUTHORITY), authority).unwrap();
        Self {
            iam: iam.to_owned(),
            exchanges,
            user: user.to_owned(),
            home,
            asked: Box::new(asked),
        }
    }

    /// One at the testkit's realms, over https.
    pub(crate) async fn at_testkit(case: &Case) -> Self {
        let server = Server::new(SystemClock::new());
        for realm in Realm::destination_earth(case.who.of_testkit("ada")) {
            server.add_realm(realm.with_theme(case.theme.of_testkit()));
        }
        let listening = server.listen_tls(0).await.unwrap();
        let base = listening.url("/").to_string();
        let token = |realm: &str| format!("{base}{realm}/protocol/openid-connect/token");
        let exchanges = [token("sso/auth/realms/highway"), token("auth/realms/dedl")];
        let authority = listening.ca_pem().unwrap().to_owned();
        let asked = move || {
            let _ = &listening;
            let requests = server.requests();
            server.clear_requests();
            requests.iter().map(Request::of).collect()
        };
        Self::new(
            base.trim_end_matches('/'),
            exchanges,
            "ada",
            &authority,
            asked,
        )
    }

    /// The file whose authorities are trusted.
    pub(crate) fn authority(&self) -> std::path::PathBuf {
        self.home.path().join(AUTHORITY)
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// What was asked since the last time.
    pub(crate) fn asked(&self) -> Vec<Request> {
        (self.asked)()
    }

    /// Where the service's token is traded, if it is.
    pub(crate) fn exchange(&self, service: &str) -> Option<&str> {
        match service {
            "highway" => Some(&self.exchanges[0]),
            "hda" => Some(&self.exchanges[1]),
            _ => None,
        }
    }

    /// A text of a program with what is the same in every run.
    pub(crate) fn shown(&self, text: &str) -> String {
        let home = self.home.path().display().to_string();
        text.replace(&self.iam, "https://auth.destine.eu")
            .replace(&format!("{home}/"), "")
    }

    /// Puts the case's files where they belong.
    pub(crate) fn furnish(&self, case: &Case) {
        for (name, text) in case.files {
            let path = self.home.path().join(name);
            std::fs::write(&path, text).unwrap();
            super::program::narrow(&path);
        }
    }
}

/// The name of the file whose authorities are trusted.
pub(crate) const AUTHORITY: &str = "ca.pem";
