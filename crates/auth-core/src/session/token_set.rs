//! [`TokenSet`]: what a grant hands back.

use std::collections::BTreeMap;
use std::time::SystemTime;

use secrecy::SecretString;

use crate::error::Result;
use crate::session::Held;
use crate::token::{AccessToken, IdToken, RefreshToken};

/// What a [`Grant`](crate::Grant) hands back: the tokens to hold next.
///
/// What is missing here is forgotten, so a grant that keeps a refresh token says so by naming it.
#[derive(Clone, Debug)]
pub struct TokenSet {
    access: AccessToken,
    refresh: Option<RefreshToken>,
    refresh_expires_at: Option<SystemTime>,
    id: Option<IdToken>,
    id_is_kept: bool,
    account: Option<String>,
    identity: Option<String>,
    notes: BTreeMap<String, SecretString>,
    /// The login of another session that it came from.
    origin: Option<String>,
    /// How the server names its own session, if the answer says so.
    server_session: Option<String>,
    /// Whether it goes on with the login that was held.
    follows: bool,
    /// Whether the refresh token took the place of one that was sent for it.
    is_rotated: bool,
}

impl TokenSet {
    /// A set of an access token alone.
    pub fn new(access: AccessToken) -> Self {
        Self {
            access,
            refresh: None,
            refresh_expires_at: None,
            id: None,
            id_is_kept: false,
            account: None,
            identity: None,
            notes: BTreeMap::new(),
            origin: None,
            server_session: None,
            follows: false,
            is_rotated: false,
        }
    }

    /// Hands out another access token than came.
    pub(crate) fn with_access(self, access: AccessToken) -> Self {
        let access = match self.refresh_expires_at {
            Some(end) => access.renewed_before(end),
            None => access,
        };
        Self { access, ..self }
    }

    /// Adds a refresh token.
    #[must_use]
    pub fn with_refresh(self, refresh: RefreshToken) -> Self {
        Self {
            refresh: Some(refresh),
            ..self
        }
    }

    /// Says that `sent` was redeemed for this set; without a new one it stays.
    pub(crate) fn redeemed(self, sent: &RefreshToken) -> Self {
        match &self.refresh {
            Some(new) => Self {
                is_rotated: !new.is_same(sent),
                ..self
            },
            None => self.with_refresh(sent.clone()),
        }
    }

    /// Whether the server replaced the refresh token that was redeemed for this set.
    pub(crate) fn is_rotated(&self) -> bool {
        self.is_rotated
    }

    /// Adds when the refresh token ends, where the server says so. Where that is sooner than the access
    /// token's end, the access token is renewed in time for the refresh token.
    #[must_use]
    pub fn with_refresh_expires_at(self, end: SystemTime) -> Self {
        let access = self.access.renewed_before(end);
        Self {
            access,
            refresh_expires_at: Some(end),
            ..self
        }
    }

    /// Adds an ID token.
    #[must_use]
    pub fn with_id(self, id: IdToken) -> Self {
        Self {
            id: Some(id),
            ..self
        }
    }

    /// Adds an ID token that was kept from an earlier answer.
    pub(crate) fn with_kept_id(self, id: IdToken) -> Self {
        Self {
            id_is_kept: true,
            ..self.with_id(id)
        }
    }

    /// Says who logged in.
    #[must_use]
    pub fn with_account(self, account: impl Into<String>) -> Self {
        Self {
            account: Some(account.into()),
            ..self
        }
    }

    /// Says who logged in as the issuer tells people apart, where that is not the name that they are shown by: a name may
    /// become another one's.
    #[must_use]
    pub fn with_identity(self, identity: impl Into<String>) -> Self {
        Self {
            identity: Some(identity.into()),
            ..self
        }
    }

    /// Adds something that the provider wants to find in [`Held`] next time.
    #[must_use]
    pub fn with_note(mut self, name: impl Into<String>, value: SecretString) -> Self {
        self.notes.insert(name.into(), value);
        self
    }

    /// Says from which login of another session it came, where that is known.
    pub(crate) fn with_origin(self, origin: Option<String>) -> Self {
        Self { origin, ..self }
    }

    /// The login of another session that it came from.
    pub(crate) fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// Adds how the server names its own session (`session_state` of OpenID Connect Session Management).
    pub(crate) fn with_server_session(self, name: Option<String>) -> Self {
        Self {
            server_session: name,
            ..self
        }
    }

    /// How the server names its own session, by the answer or by the ID token that came with it.
    pub(crate) fn server_session(&self) -> Option<String> {
        let named = self.server_session.clone();
        named.or_else(|| self.new_id().and_then(IdToken::server_session))
    }

    /// Goes on with the login that is held: a refresh answers with tokens and says nothing about the rest,
    /// which is the ID token, who logged in, and the notes.
    ///
    /// # Errors
    /// `Protocol` if its ID token is about somebody else.
    pub(crate) fn following(self, held: &Held) -> Result<Self> {
        if let (Some(before), Some(id)) = (held.id(), self.id()) {
            id.ensure_follows(before)?;
        }
        let mut notes = held.notes().clone();
        notes.extend(self.notes);
        Ok(Self {
            follows: true,
            id_is_kept: self.id.is_none(),
            id: self.id.or_else(|| held.id().cloned()),
            account: self.account.or_else(|| held.account().map(str::to_owned)),
            identity: self.identity.or_else(|| held.identity().map(str::to_owned)),
            notes,
            ..self
        })
    }

    /// Whether it goes on with the login that was held.
    pub(crate) fn is_following(&self) -> bool {
        self.follows
    }

    /// Whether it is of somebody who logged in.
    pub(crate) fn is_of_person(&self) -> bool {
        self.account.is_some() || self.refresh.is_some() || self.id.is_some()
    }

    /// The access token.
    pub fn access(&self) -> &AccessToken {
        &self.access
    }

    /// The refresh token.
    pub fn refresh(&self) -> Option<&RefreshToken> {
        self.refresh.as_ref()
    }

    /// When the refresh token ends, where the server says so.
    pub fn refresh_expires_at(&self) -> Option<SystemTime> {
        self.refresh_expires_at
    }

    /// The ID token, unchecked.
    pub fn id(&self) -> Option<&IdToken> {
        self.id.as_ref()
    }

    /// The ID token, if it came with this access token and is not one that was kept from an earlier
    /// answer (OpenID Connect Core §12.2).
    pub fn new_id(&self) -> Option<&IdToken> {
        self.id.as_ref().filter(|_| !self.id_is_kept)
    }

    /// Who logged in, if known.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Who logged in as the issuer tells people apart, if that is known.
    pub fn identity(&self) -> Option<&str> {
        self.identity.as_deref()
    }

    /// The provider's notes.
    pub fn notes(&self) -> &BTreeMap<String, SecretString> {
        &self.notes
    }
}
