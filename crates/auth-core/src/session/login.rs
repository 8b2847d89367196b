//! [`Login`]: what a store keeps for one session.

mod answer;
mod format;
mod unknown;

use std::collections::BTreeMap;
use std::time::SystemTime;

use secrecy::SecretString;

pub(crate) use self::answer::Answer;
use self::unknown::Unknown;
use crate::error::{Challenge, Result};
use crate::session::{MirrorFile, TokenSet};
use crate::store::{SessionKey, TokenStore};
use crate::token::{AccessToken, Fingerprint, IdToken, RefreshToken};

/// One login as a store keeps it: the session's refresh token and an access token for each question.
///
/// It shows what a person wants to know and none of the secrets. `Debug` shows fingerprints only.
#[derive(Clone, Debug, Default)]
pub struct Login {
    pub(crate) account: Option<String>,
    pub(crate) identity: Option<String>,
    pub(crate) refresh: Option<RefreshToken>,
    pub(crate) refresh_expires_at: Option<SystemTime>,
    pub(crate) id: Option<IdToken>,
    /// The first access token since somebody logged in: it names this login.
    pub(crate) began_with: Option<String>,
    /// The login of another session that it came from, where that is so.
    origin: Option<String>,
    /// How the server names its own session, if it does.
    server_session: Option<String>,
    /// Which access token the ID token came with.
    id_came_with: Option<String>,
    pub(crate) notes: BTreeMap<String, SecretString>,
    answers: BTreeMap<String, Answer>,
    /// What a server asked for instead of the answer to a question.
    challenges: BTreeMap<String, Challenge>,
    /// The files of other programs that hold the refresh token.
    pub(crate) mirrors: Vec<MirrorFile>,
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

    /// Reads all that `store` has, each login or why it can't be read. Touches the store only.
    ///
    /// # Errors
    /// `Store` if there is no looking into it at all.
    pub async fn all(store: &dyn TokenStore) -> Result<Vec<(SessionKey, Result<Self>)>> {
        let entries = store.entries().await?.into_iter();
        let logins = entries.filter_map(|(session, entry)| {
            let login = entry.and_then(|entry| Self::decode(&entry.bytes, &session));
            Some((session, login.transpose()?))
        });
        Ok(logins.collect())
    }

    /// Who logged in, if known.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Who logged in as the issuer tells people apart, if that is known: nobody else has this name, and it stays.
    pub fn identity(&self) -> Option<&str> {
        self.identity.as_deref()
    }

    /// Whether the two are known to be of different people.
    pub(crate) fn is_of_another_than(&self, other: &Self) -> bool {
        let identities = self.identity().zip(other.identity());
        let names = || self.account().zip(other.account());
        identities
            .or_else(names)
            .is_some_and(|(one, other)| one != other)
    }

    /// The fingerprint of the refresh token, if there is one.
    pub fn refresh_fingerprint(&self) -> Option<Fingerprint> {
        self.refresh.as_ref().map(RefreshToken::fingerprint)
    }

    /// When the refresh token ends, where the server said so.
    pub fn refresh_expires_at(&self) -> Option<SystemTime> {
        self.refresh_expires_at
    }

    /// The ID token of the login, which says at the server's logout page whose session ends. Unchecked.
    pub fn id_token(&self) -> Option<&IdToken> {
        self.id.as_ref()
    }

    /// The questions that were asked, each with its access token. The tokens do not show themselves.
    pub fn answers(&self) -> impl Iterator<Item = (&str, &AccessToken)> {
        self.answers
            .iter()
            .map(|(question, answer)| (&**question, &answer.token))
    }

    /// Whether there is a note of that name. What it says does not show itself.
    pub fn has_note(&self, name: &str) -> bool {
        self.notes.contains_key(name)
    }

    /// What a server asked for when it refused the last token, which only a new login can answer
    /// (RFC 9470, Entra's `claims`).
    pub fn challenge(&self) -> Option<&Challenge> {
        self.challenges.values().next()
    }

    /// What it is after `set` arrived as the answer to `question`. Dead access tokens are left out. A new
    /// login starts empty: what another one left behind may be another person's.
    ///
    /// Where answers must pass `check`, the one before stays until its successor has.
    pub(crate) fn after(
        &self,
        question: &str,
        set: &TokenSet,
        check: Option<&str>,
        now: SystemTime,
    ) -> Self {
        let goes_on = set.is_following() || !(self.is_of_person() || set.is_of_person());
        let mut answers = match goes_on {
            true => self.answers.clone(),
            false => BTreeMap::new(),
        };
        let before = answers.remove(question);
        answers.retain(|_, answer| now < answer.token.dead_at());
        let previous = check.and_then(|check| before?.passed(check, now));
        answers.insert(
            question.to_owned(),
            Answer::new(set.access().clone(), previous),
        );
        let mut challenges = match goes_on {
            true => self.challenges.clone(),
            false => BTreeMap::new(),
        };
        if !set.is_following() {
            challenges.remove(question);
        }
        let id_came_with = match set.new_id() {
            Some(_) => Some(set.access().fingerprint().name()),
            None => self.id_came_with.clone(),
        };
        let began_with = match set.is_following() {
            true => self.began_with.clone(),
            false => set
                .is_of_person()
                .then(|| set.access().fingerprint().name()),
        };
        let kept = self.origin.clone().filter(|_| set.is_following());
        Self {
            began_with,
            origin: set.origin().map(str::to_owned).or(kept),
            server_session: set
                .server_session()
                .or_else(|| self.server_session.clone().filter(|_| set.is_following())),
            account: set
                .account()
                .map(str::to_owned)
                .or_else(|| self.account.clone().filter(|_| goes_on)),
            identity: set
                .identity()
                .map(str::to_owned)
                .or_else(|| self.identity.clone().filter(|_| goes_on)),
            refresh: set.refresh().cloned(),
            refresh_expires_at: set.refresh_expires_at(),
            id: set.id().cloned(),
            id_came_with,
            notes: set.notes().clone(),
            answers,
            challenges,
            mirrors: self.mirrors.clone(),
            unknown: self.unknown.clone(),
        }
    }

    /// Whether it came from `origin`, the login of another session, as far as both are known.
    pub(crate) fn is_from(&self, origin: Option<&str>) -> bool {
        let both = self.origin.as_deref().zip(origin);
        both.is_none_or(|(ours, now)| ours == now)
    }

    /// Whether ending it at the server leaves `other` alone, as far as is known: servers end a whole session of
    /// theirs, with each login in it.
    pub(crate) fn is_apart_from(&self, other: &Self) -> bool {
        let both = self
            .server_session
            .as_ref()
            .zip(other.server_session.as_ref());
        both.is_some_and(|(own, theirs)| own != theirs)
    }

    /// How the server calls the session that it is in, if it says so: several logins of one browser may be in one.
    pub fn server_session(&self) -> Option<&str> {
        self.server_session.as_deref()
    }

    /// What it is after its refresh token turned out to be of no use any more.
    pub(crate) fn without_refresh(self) -> Self {
        Self {
            refresh: None,
            refresh_expires_at: None,
            ..self
        }
    }

    /// What it is after a server has asked for more than the answer to `question`.
    pub(crate) fn with_challenge(mut self, question: &str, challenge: Challenge) -> Self {
        self.challenges.insert(question.to_owned(), challenge);
        self
    }

    /// What it is after that was answered.
    pub(crate) fn without_challenge(mut self, question: &str) -> Self {
        self.challenges.remove(question);
        self
    }

    /// What a server asked for instead of the answer to `question`.
    pub(crate) fn challenge_of(&self, question: &str) -> Option<&Challenge> {
        self.challenges.get(question)
    }

    /// What it is after the answer to `question` was refused.
    pub(crate) fn without_answer(mut self, question: &str) -> Self {
        self.answers.remove(question);
        self
    }

    /// The answer to `question`, if there is one.
    pub(crate) fn answer(&self, question: &str) -> Option<&Answer> {
        self.answers.get(question)
    }

    /// Changes the answer to `question`.
    pub(crate) fn with_answer(
        mut self,
        question: &str,
        change: impl FnOnce(Answer) -> Answer,
    ) -> Self {
        if let Some(answer) = self.answers.remove(question) {
            self.answers.insert(question.to_owned(), change(answer));
        }
        self
    }

    /// The set that answers `question`, if there is one.
    pub(crate) fn set(&self, question: &str) -> Option<TokenSet> {
        let answer = self.answers.get(question)?;
        let mut set = TokenSet::new(answer.token.clone());
        if let Some(refresh) = &self.refresh {
            set = set.with_refresh(refresh.clone());
        }
        if let Some(id) = &self.id {
            let name = answer.token.fingerprint().name();
            set = match self.id_came_with.as_deref() == Some(&*name) {
                true => set.with_id(id.clone()),
                false => set.with_kept_id(id.clone()),
            };
        }
        if let Some(identity) = &self.identity {
            set = set.with_identity(identity);
        }
        Some(match &self.account {
            Some(account) => set.with_account(account),
            None => set,
        })
    }

    /// Until when it is of any use. `None` where that is not known: while a refresh token may give the next token, or
    /// where something is noted.
    pub(crate) fn useful_until(&self) -> Option<SystemTime> {
        let has_more = self.refresh.is_some()
            || !self.notes.is_empty()
            || !self.challenges.is_empty()
            || !self.mirrors.is_empty();
        let ends = self.answers.values().map(|answer| answer.token.dead_at());
        ends.max().filter(|_| !has_more)
    }

    /// Whether somebody logged in, who may be another person the next time.
    fn is_of_person(&self) -> bool {
        self.account.is_some() || self.refresh.is_some() || self.id.is_some()
    }
}
