//! [`StoreKey`]: whose tokens, and for which question.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

/// Names a login: everything that a refresh cannot change. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SessionKey {
    issuer: String,
    client: String,
    account: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    more: BTreeMap<String, String>,
}

impl SessionKey {
    /// The session of `client` at `issuer` (or at the token endpoint's URL where no issuer is known).
    /// `account` is the name under which the login is kept: `default`, the name of a configured user
    /// or service account, or the fingerprint of a token given from outside.
    pub fn new(
        issuer: impl Into<String>,
        client: impl Into<String>,
        account: impl Into<String>,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            client: client.into(),
            account: account.into(),
            more: BTreeMap::new(),
        }
    }

    /// What belongs to the person who is called `account` here, at `issuer`, whichever client they log in to: see
    /// [`Account`](crate::session::Account).
    pub fn of_account(issuer: impl Into<String>, account: impl Into<String>) -> Self {
        Self::new(issuer, "", account).with("entry", "account")
    }

    /// What belongs to all persons at `issuer`, whatever they are called here.
    pub fn of_everybody(issuer: impl Into<String>) -> Self {
        Self::new(issuer, "", "everybody").with("entry", "everybody")
    }

    /// Whether it is the account of a person, or of all, at an issuer, and no login of a client.
    pub fn is_account(&self) -> bool {
        *self == Self::of_account(&*self.issuer, &*self.account)
            || *self == Self::of_everybody(&*self.issuer)
    }

    /// Adds something else that a refresh cannot change, such as the scope at Keycloak.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.more.insert(name.into(), value.into());
        self
    }

    /// Adds the scopes of a login that keeps them for life (a refresh may not widen them, RFC 6749 §6):
    /// their order and repetition do not matter.
    #[must_use]
    pub fn with_scopes(self, scopes: &[String]) -> Self {
        self.with("scope", in_order(scopes))
    }

    /// The same session under another account label.
    #[must_use]
    pub fn with_account(self, account: impl Into<String>) -> Self {
        Self {
            account: account.into(),
            ..self
        }
    }

    /// The issuer, or the token endpoint's URL.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The client.
    pub fn client(&self) -> &str {
        &self.client
    }

    /// The account label.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// A short name for it, in files and for people: a hash, the same in every version and on every platform.
    pub fn digest(&self) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.append_pair("issuer", &self.issuer)
            .append_pair("client", &self.client)
            .append_pair("account", &self.account)
            .extend_pairs(&self.more);
        let hash = crate::token::sha256(text.finish().as_bytes());
        hash.iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.account, self.issuer)
    }
}

/// Names one token: a session, and the question that the token answers. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StoreKey {
    session: SessionKey,
    user: Option<String>,
    question: BTreeMap<String, String>,
}

impl StoreKey {
    /// A key for the session's only question.
    pub fn new(session: SessionKey) -> Self {
        Self {
            session,
            user: None,
            question: BTreeMap::new(),
        }
    }

    /// Adds a part of the question, such as an audience. An empty value says nothing.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.question.insert(name.into(), value);
        }
        self
    }

    /// Adds scopes to the question: their order and repetition do not matter.
    #[must_use]
    pub fn with_scopes(self, scopes: &[String]) -> Self {
        self.with("scope", in_order(scopes))
    }

    /// Says which user is configured: an entry of another one counts as empty.
    #[must_use]
    pub fn with_user(self, user: impl Into<String>) -> Self {
        Self {
            user: Some(user.into()),
            ..self
        }
    }

    /// The same question of another session.
    #[must_use]
    pub fn with_session(self, session: SessionKey) -> Self {
        Self { session, ..self }
    }

    /// The session.
    pub fn session(&self) -> &SessionKey {
        &self.session
    }

    /// The configured user, if there is one.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The question as one line, the same however it was put together.
    pub fn question(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.question)
            .finish()
    }
}

fn in_order(scopes: &[String]) -> String {
    let scopes: BTreeSet<&str> = scopes.iter().map(String::as_str).collect();
    scopes.into_iter().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_in_another_order_is_the_same_question() {
        let session = SessionKey::new("https://issuer", "client", "default");
        let ask = |scopes: &[&str]| {
            let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
            StoreKey::new(session.clone())
                .with_scopes(&scopes)
                .question()
        };
        assert_eq!(ask(&["a", "b", "a"]), ask(&["b", "a"]));
        assert_ne!(ask(&["a"]), ask(&["a", "b"]));
    }

    #[test]
    fn sessions_that_differ_in_anything_have_different_names() {
        let base = SessionKey::new("i", "c", "a");
        let others = [
            SessionKey::new("j", "c", "a"),
            SessionKey::new("i", "d", "a"),
            SessionKey::new("i", "c", "b"),
            SessionKey::new("i", "c", "a").with("scope", "s"),
            SessionKey::new("i&client=c", "", "a"),
        ];
        for other in others {
            assert_ne!(base.digest(), other.digest(), "{other:?}");
        }
    }
}
