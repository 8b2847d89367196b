//! [`Row`]: what is known of one login.

use std::collections::BTreeMap;
use std::time::SystemTime;

use auth_core::session::Login;
use auth_core::store::SessionKey;
use serde::Serialize;

use crate::output::time;

#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) profiles: Vec<String>,
    /// Who logged in, or else the name under which it is kept.
    pub(super) account: String,
    /// Who logged in, where that is known.
    pub(super) person: Option<String>,
    /// The name under which it is kept.
    pub(super) label: String,
    /// What `auth logout --key` knows it by.
    pub(super) key: String,
    pub(super) issuer: String,
    pub(super) client: String,
    pub(super) refresh_token: Option<String>,
    pub(super) refresh_expires_at: Option<String>,
    pub(super) tokens: Vec<Token>,
    /// Whether the server remembers the person, so that another login there asks nothing.
    pub(super) single_sign_on: bool,
    pub(super) files: Vec<String>,
    /// Whether it was chosen with `auth switch`.
    pub(super) chosen: bool,
    /// Whether it is kept under another name than the profile's.
    #[serde(skip)]
    pub(super) is_labelled: bool,
    /// What gives the next login, where this one can't be kept for long.
    pub(super) after: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Token {
    pub(super) asked_for: BTreeMap<String, String>,
    pub(super) scope: Option<String>,
    pub(super) expires_at: String,
    pub(super) expires_in: u64,
    pub(super) fingerprint: String,
}

impl Row {
    /// What is kept of a login of these profiles.
    pub(super) fn of(
        profiles: Vec<String>,
        session: &SessionKey,
        login: &Login,
        now: SystemTime,
    ) -> Self {
        let tokens = login.answers().map(|(question, token)| Token {
            asked_for: url::form_urlencoded::parse(question.as_bytes())
                .into_owned()
                .collect(),
            scope: token.scope().map(str::to_owned),
            expires_at: time::rfc3339(token.expires_at()),
            expires_in: time::seconds_left(now, token.expires_at()),
            fingerprint: token.fingerprint().to_string(),
        });
        let files = login.mirrors().iter();
        Self {
            profiles,
            account: login
                .account()
                .unwrap_or_else(|| session.account())
                .to_owned(),
            person: login.account().map(str::to_owned),
            label: session.account().to_owned(),
            key: session.digest(),
            is_labelled: false,
            chosen: false,
            issuer: session.issuer().to_owned(),
            client: session.client().to_owned(),
            refresh_token: login.refresh_fingerprint().map(|print| print.to_string()),
            refresh_expires_at: login.refresh_expires_at().map(time::rfc3339),
            tokens: tokens.collect(),
            single_sign_on: false,
            files: files
                .map(|file| file.path().display().to_string())
                .collect(),
            after: None,
        }
    }

    /// Where it stands among the others.
    pub(super) fn place(&self) -> [String; 5] {
        let Self {
            profiles,
            account,
            label,
            issuer,
            client,
            ..
        } = self;
        [&profiles.join(" "), account, label, issuer, client].map(Clone::clone)
    }
}
