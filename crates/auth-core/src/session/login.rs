//! [`Login`]: what a store keeps for one session, and the format it is kept in.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::io::clock::bound;
use crate::session::TokenSet;
use crate::store::{SessionKey, TokenStore};
use crate::token::{AccessToken, Fingerprint, IdToken, RefreshToken};

/// The version of the format. A reader refuses a higher one and keeps fields that it does not know.
const VERSION: u32 = 1;

/// One login as a store keeps it: the session's refresh token and an access token for each question.
///
/// It shows what a person wants to know and none of the secrets. `Debug` shows fingerprints only.
#[derive(Clone, Debug, Default)]
pub struct Login {
    pub(crate) account: Option<String>,
    pub(crate) refresh: Option<RefreshToken>,
    pub(crate) refresh_expires_at: Option<SystemTime>,
    pub(crate) id: Option<IdToken>,
    pub(crate) notes: BTreeMap<String, SecretString>,
    pub(crate) answers: BTreeMap<String, AccessToken>,
    /// The check that the answer to a question has passed.
    checked: BTreeMap<String, String>,
    unknown: Unknown,
}

impl Login {
    /// Reads what `store` has for `session`. Touches the store only.
    ///
    /// # Errors
    /// `Store` if it can't be read, or was written by a newer version.
    pub async fn load(store: &dyn TokenStore, session: &SessionKey) -> Result<Option<Self>> {
        match store.load(session).await? {
            Some(entry) => Self::decode(&entry.bytes, session),
            None => Ok(None),
        }
    }

    /// Who logged in, if known.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The fingerprint of the refresh token, if there is one.
    pub fn refresh_fingerprint(&self) -> Option<Fingerprint> {
        self.refresh.as_ref().map(RefreshToken::fingerprint)
    }

    /// When the refresh token ends, where the server said so.
    pub fn refresh_expires_at(&self) -> Option<SystemTime> {
        self.refresh_expires_at
    }

    /// The questions that were asked, each with its access token. The tokens do not show themselves.
    pub fn answers(&self) -> impl Iterator<Item = (&str, &AccessToken)> {
        self.answers
            .iter()
            .map(|(question, token)| (&**question, token))
    }

    /// What it is after `set` arrived as the answer to `question`; dead access tokens are left out.
    pub(crate) fn after(&self, question: &str, set: &TokenSet, now: SystemTime) -> Self {
        let mut answers = self.answers.clone();
        answers.insert(question.to_owned(), set.access().clone());
        answers.retain(|_, token| now < token.dead_at());
        let mut checked = self.checked.clone();
        checked.retain(|asked, _| asked != question && answers.contains_key(asked));
        Self {
            account: set
                .account()
                .map(str::to_owned)
                .or_else(|| self.account.clone()),
            refresh: set.refresh().cloned(),
            refresh_expires_at: set.refresh_expires_at(),
            id: set.id().cloned(),
            notes: set.notes().clone(),
            answers,
            checked,
            unknown: self.unknown.clone(),
        }
    }

    /// What it is after its refresh token turned out to be of no use any more.
    pub(crate) fn without_refresh(self) -> Self {
        Self {
            refresh: None,
            refresh_expires_at: None,
            ..self
        }
    }

    /// What it is after the answer to `question` has passed `check`.
    pub(crate) fn with_checked(mut self, question: &str, check: &str) -> Self {
        self.checked.insert(question.to_owned(), check.to_owned());
        self
    }

    /// Whether the answer to `question` has passed `check`.
    pub(crate) fn is_checked(&self, question: &str, check: &str) -> bool {
        self.checked
            .get(question)
            .is_some_and(|passed| passed == check)
    }

    /// The set that answers `question`, if there is one.
    pub(crate) fn set(&self, question: &str) -> Option<TokenSet> {
        let mut set = TokenSet::new(self.answers.get(question)?.clone());
        if let Some(refresh) = &self.refresh {
            set = set.with_refresh(refresh.clone());
        }
        if let Some(id) = &self.id {
            set = set.with_id(id.clone());
        }
        Some(match &self.account {
            Some(account) => set.with_account(account),
            None => set,
        })
    }

    pub(crate) fn encode(&self, session: &SessionKey) -> Result<SecretSlice<u8>> {
        let seconds = |time: SystemTime| {
            time.duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default()
                .as_secs()
        };
        let text = |secret: &str| secret.to_owned();
        let answers = self.answers.iter().map(|(question, token)| {
            let written = Written {
                access_token: text(token.expose_secret()),
                obtained_at: seconds(token.obtained_at()),
                expires_at: seconds(token.expires_at()),
                refresh_at: token.refresh_at().map(seconds),
                scope: token.scope().map(str::to_owned),
                checked: self.checked.get(question).cloned(),
                unknown: self
                    .unknown
                    .answers
                    .get(question)
                    .cloned()
                    .unwrap_or_default(),
            };
            (question.clone(), written)
        });
        let format = Format {
            version: VERSION,
            session: session.clone(),
            account: self.account.clone(),
            refresh_token: self
                .refresh
                .as_ref()
                .map(|token| text(token.expose_secret())),
            refresh_expires_at: self.refresh_expires_at.map(seconds),
            id_token: self.id.as_ref().map(|token| text(token.expose_secret())),
            notes: self
                .notes
                .iter()
                .map(|(k, v)| (k.clone(), text(v.expose_secret())))
                .collect(),
            answers: answers.collect(),
            unknown: self.unknown.fields.clone(),
        };
        let bytes = serde_json::to_vec(&format)
            .map_err(|_| Error::protocol("the tokens can't be written down"))?;
        Ok(bytes.into())
    }

    /// Reads an entry back. `None` if the bytes are not ours or belong to another session: such an
    /// entry is no entry.
    pub(crate) fn decode(bytes: &SecretSlice<u8>, session: &SessionKey) -> Result<Option<Self>> {
        let bytes = bytes.expose_secret();
        let Ok(Header { version }) = serde_json::from_slice(bytes) else {
            tracing::warn!(%session, "the stored login can't be read and counts as none");
            return Ok(None);
        };
        if version > VERSION {
            return Err(
                Error::store("the stored login was written by a newer version of auth")
                    .with_advice("update this program, or let it use another token store"),
            );
        }
        match serde_json::from_slice::<Format>(bytes) {
            Ok(format) if format.session == *session => Ok(Some(Self::from(format))),
            _ => {
                tracing::warn!(%session, "the stored login is another's and counts as none");
                Ok(None)
            }
        }
    }
}

impl From<Format> for Login {
    fn from(format: Format) -> Self {
        let time = bound::since_epoch;
        let (mut answers, mut checked) = (BTreeMap::new(), BTreeMap::new());
        let mut unknown = Unknown {
            fields: format.unknown,
            answers: BTreeMap::new(),
        };
        for (question, written) in format.answers {
            let (start, end) = (time(written.obtained_at), time(written.expires_at));
            // A token that no header can carry was not written by us.
            let Ok(token) = AccessToken::new(written.access_token.into(), start, end) else {
                continue;
            };
            let token = match written.refresh_at {
                Some(at) => token.with_refresh_at(time(at)),
                None => token,
            };
            let token = match written.scope {
                Some(scope) => token.with_scope(scope),
                None => token,
            };
            unknown.answers.insert(question.clone(), written.unknown);
            checked.extend(written.checked.map(|check| (question.clone(), check)));
            answers.insert(question, token);
        }
        let notes = format
            .notes
            .into_iter()
            .map(|(name, value)| (name, value.into()));
        Self {
            account: format.account,
            refresh: format.refresh_token.map(RefreshToken::new),
            refresh_expires_at: format.refresh_expires_at.map(time),
            id: format.id_token.map(IdToken::new),
            notes: notes.collect(),
            answers,
            checked,
            unknown,
        }
    }
}

/// Fields of a later version, carried along.
#[derive(Clone, Default)]
struct Unknown {
    fields: Map<String, Value>,
    answers: BTreeMap<String, Map<String, Value>>,
}

impl fmt::Debug for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.fields.keys()).finish()
    }
}

#[derive(Deserialize)]
struct Header {
    version: u32,
}

#[derive(Deserialize, Serialize)]
struct Format {
    version: u32,
    session: SessionKey,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_expires_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    notes: BTreeMap<String, String>,
    #[serde(default)]
    answers: BTreeMap<String, Written>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

#[derive(Deserialize, Serialize)]
struct Written {
    access_token: String,
    obtained_at: u64,
    expires_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<String>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> SessionKey {
        SessionKey::new("https://issuer", "client", "default")
    }

    fn bytes(text: &str) -> SecretSlice<u8> {
        text.as_bytes().to_vec().into()
    }

    const LATER: &str = r#"{"version":1,"session":{"issuer":"https://issuer","client":"client",
        "account":"default"},"refresh_token":"canary","colour":"green","answers":{"scope=a":
        {"access_token":"canary","obtained_at":1,"expires_at":7201,"shape":"round"}}}"#;

    #[test]
    fn r18_fields_of_a_later_version_are_kept() {
        let login = Login::decode(&bytes(LATER), &session()).unwrap().unwrap();
        let again = login.encode(&session()).unwrap();
        let text = std::str::from_utf8(again.expose_secret()).unwrap();
        assert!(text.contains("green") && text.contains("round"), "{text}");
    }

    #[test]
    fn r18_an_entry_of_a_newer_major_version_is_an_error_and_not_lost() {
        let newer = LATER.replace("\"version\":1", "\"version\":2");
        let error = Login::decode(&bytes(&newer), &session()).unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::Store);
    }

    #[test]
    fn s8_an_entry_of_another_session_is_no_entry() {
        let other = SessionKey::new("https://evil", "client", "default");
        assert!(Login::decode(&bytes(LATER), &other).unwrap().is_none());
    }

    #[test]
    fn r13_any_prefix_of_an_entry_is_no_entry_and_no_panic() {
        for end in 0..LATER.len() {
            assert!(
                Login::decode(&bytes(&LATER[..end]), &session())
                    .unwrap()
                    .is_none(),
                "{end}"
            );
        }
    }

    #[test]
    fn a_login_never_prints_a_token() {
        let login = Login::decode(&bytes(LATER), &session()).unwrap().unwrap();
        assert!(!format!("{login:?} {login:#?}").contains("canary"));
    }
}
