//! The format that a [`Login`] is kept in.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Answer, Login, Unknown};
use crate::error::{Challenge, Error, Result};
use crate::io::clock::bound::{self, seconds};
use crate::session::MirrorFile;
use crate::store::{LONGEST_ENTRY, SessionKey};
use crate::token::{AccessToken, IdToken, RefreshToken};

/// The version of the format. A reader refuses a higher one and keeps fields that it does not know.
const VERSION: u32 = 1;

impl Login {
    /// What a store keeps. Where that would be too long for one, the answers that end first are left out.
    pub(crate) fn encode(&self, session: &SessionKey) -> Result<SecretSlice<u8>> {
        let mut bytes = self.encode_whole(session)?;
        let mut rest = self.clone();
        while bytes.expose_secret().len() > LONGEST_ENTRY {
            let first = rest.answers.iter();
            let first = first.min_by_key(|(_, answer)| answer.token.expires_at());
            let Some(first) = first.map(|(question, _)| question.clone()) else {
                break;
            };
            rest.answers.remove(&first);
            bytes = rest.encode_whole(session)?;
        }
        Ok(bytes)
    }

    fn encode_whole(&self, session: &SessionKey) -> Result<SecretSlice<u8>> {
        let text = |secret: &str| secret.to_owned();
        let notes = self.notes.iter();
        let format = Format {
            version: VERSION,
            session: session.clone(),
            account: self.account.clone(),
            identity: self.identity.clone(),
            refresh_token: self
                .refresh
                .as_ref()
                .map(|token| text(token.expose_secret())),
            refresh_expires_at: self.refresh_expires_at.map(seconds),
            id_token: self.id.as_ref().map(|token| text(token.expose_secret())),
            began_with: self.began_with.clone(),
            origin: self.origin.clone(),
            server_session: self.server_session.clone(),
            id_token_came_with: self.id_came_with.clone(),
            notes: notes
                .map(|(name, value)| (name.clone(), text(value.expose_secret())))
                .collect(),
            answers: self
                .answers
                .iter()
                .map(|(question, answer)| (question.clone(), Written::from(answer)))
                .collect(),
            challenges: self.challenges.clone(),
            mirrors: self.mirrors.clone(),
            unknown: self.unknown.0.clone(),
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
        // A token that no header can carry was not written by us.
        let answers = format
            .answers
            .into_iter()
            .filter_map(|(question, written)| {
                let answer = Answer::try_from(written).ok()?;
                Some((question, answer))
            });
        let notes = format.notes.into_iter();
        Self {
            account: format.account,
            identity: format.identity,
            refresh: format.refresh_token.map(RefreshToken::new),
            refresh_expires_at: format.refresh_expires_at.map(bound::since_epoch),
            id: format.id_token.map(IdToken::new),
            began_with: format.began_with,
            origin: format.origin,
            server_session: format.server_session,
            id_came_with: format.id_token_came_with,
            notes: notes.map(|(name, value)| (name, value.into())).collect(),
            answers: answers.collect(),
            challenges: format.challenges,
            mirrors: format.mirrors,
            unknown: Unknown(format.unknown),
        }
    }
}

impl From<&Answer> for Written {
    fn from(answer: &Answer) -> Self {
        Self {
            token: Token::from(&answer.token),
            checked: answer.checked.clone(),
            previous: answer.previous.as_ref().map(Token::from),
            unchecked_until: answer.unchecked_until.map(seconds),
            unknown: answer.unknown.0.clone(),
        }
    }
}

impl TryFrom<Written> for Answer {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self> {
        Ok(Self {
            token: written.token.read()?,
            checked: written.checked,
            previous: written.previous.and_then(|token| token.read().ok()),
            unchecked_until: written.unchecked_until.map(bound::since_epoch),
            unknown: Unknown(written.unknown),
        })
    }
}

impl From<&AccessToken> for Token {
    fn from(token: &AccessToken) -> Self {
        Self {
            access_token: token.expose_secret().to_owned(),
            obtained_at: seconds(token.obtained_at()),
            expires_at: seconds(token.expires_at()),
            refresh_at: token.refresh_at().map(seconds),
            scope: token.scope().map(str::to_owned),
        }
    }
}

impl Token {
    fn read(self) -> Result<AccessToken> {
        let (start, end) = (
            bound::since_epoch(self.obtained_at),
            bound::since_epoch(self.expires_at),
        );
        let token = AccessToken::new(self.access_token.into(), start, end)?;
        let token = match self.refresh_at {
            Some(at) => token.with_refresh_at(bound::since_epoch(at)),
            None => token,
        };
        Ok(match self.scope {
            Some(scope) => token.with_scope(scope),
            None => token,
        })
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
    identity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_expires_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    began_with: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token_came_with: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    notes: BTreeMap<String, String>,
    #[serde(default)]
    answers: BTreeMap<String, Written>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    challenges: BTreeMap<String, Challenge>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mirrors: Vec<MirrorFile>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

#[derive(Deserialize, Serialize)]
struct Written {
    #[serde(flatten)]
    token: Token,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Token>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unchecked_until: Option<u64>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

#[derive(Deserialize, Serialize)]
struct Token {
    access_token: String,
    obtained_at: u64,
    expires_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
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
