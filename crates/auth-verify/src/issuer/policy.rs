//! [`Policy`]: what is asked of every token of an issuer.

use std::borrow::Cow;
use std::time::Duration;

use super::habit::{Habit, Tell};
use super::mark::Mark;
use crate::Algorithm;
use crate::audience::Audience;
use crate::claims::Claims;
use crate::jws::Header;
use crate::rejection::RejectionKind as Kind;
use crate::role_claim::RoleClaim;

#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) habit: Habit,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) leeway: Duration,
    pub(crate) max_age: Option<Duration>,
    pub(crate) clients: Option<Vec<String>>,
    /// Whose tokens they are, where they may not say so themselves.
    pub(crate) issuer: Option<String>,
    pub(crate) kinds: Kinds,
    pub(crate) tell: Tell,
    pub(crate) takes_bound: bool,
    /// Whom a token without `aud` was issued to stands for whom it is for.
    pub(crate) takes_client_for_audience: bool,
    /// A token without any role or scope says nothing about what its bearer may do.
    pub(crate) needs_role: bool,
    /// The role that every program has which asks for itself.
    pub(crate) application_role: Option<String>,
    /// Where roles are, if somewhere else than usual.
    pub(crate) role_claims: Vec<RoleClaim>,
    /// A token whose roles can't be read is refused whatever is asked.
    pub(crate) needs_readable_roles: bool,
}

/// Which kinds of tokens are taken.
#[derive(Clone, Debug)]
pub(crate) enum Kinds {
    AccessTokens,
    AlsoIdTokensOf(String),
    IdTokensOf(String),
}

impl Policy {
    pub(crate) fn new(habit: Habit) -> Self {
        Self {
            algorithms: habit.algorithms().to_vec(),
            habit,
            leeway: Duration::from_secs(60),
            max_age: None,
            clients: None,
            issuer: None,
            kinds: Kinds::AccessTokens,
            tell: Tell::Usual,
            takes_bound: false,
            takes_client_for_audience: false,
            needs_role: false,
            application_role: None,
            role_claims: Vec::new(),
            needs_readable_roles: false,
        }
    }

    /// Whether a token is for `audience`, or was issued to a client that stands for it.
    pub(crate) fn ensure_audience(
        &self,
        claims: Claims<'_>,
        audience: &Audience,
    ) -> Result<(), Kind> {
        if !self.takes_client_for_audience || claims.says("aud") {
            return claims.ensure_for(audience);
        }
        let client = claims.required_text("client_id")?;
        match audience.names(&client) {
            true => Ok(()),
            false => Err(Kind::WrongAudience),
        }
    }

    /// Whether the tokens are for more than saying who logged in.
    pub(crate) fn opens_something(&self) -> bool {
        !matches!(self.kinds, Kinds::IdTokensOf(_))
    }

    /// Whether a token without any role or scope is one too few.
    pub(crate) fn is_roleless(&self, has_say: bool) -> bool {
        self.needs_role && !has_say && matches!(self.kinds, Kinds::AccessTokens)
    }

    /// The type in the header (RFC 8725 §3.11).
    pub(crate) fn ensure_type(&self, header: &Header) -> Result<(), Kind> {
        let types = match self.kinds {
            Kinds::IdTokensOf(_) => &["JWT"],
            _ => self.habit.media_types(),
        };
        let may_lack_one = !matches!(self.habit, Habit::Rfc9068);
        match header.is_of_type(types).unwrap_or(may_lack_one) {
            true => Ok(()),
            false => Err(Kind::WrongType),
        }
    }

    /// Whether it is an access token, or an ID token where those are taken.
    pub(super) fn ensure_kind(&self, claims: Claims<'_>) -> Result<(), Kind> {
        let (is_id_token, client) = match &self.kinds {
            Kinds::AccessTokens => return self.habit.ensure_access_token(claims, &self.tell),
            Kinds::AlsoIdTokensOf(client) => (self.habit.is_id_token(claims, &self.tell)?, client),
            Kinds::IdTokensOf(client) => (true, client),
        };
        if !is_id_token {
            return self.habit.ensure_access_token(claims, &self.tell);
        }
        let says_other = claims
            .text("typ")?
            .is_some_and(|named| named.eq_ignore_ascii_case("Bearer"));
        if says_other || matches!(Mark::of(claims)?, Some(Mark::Access | Mark::Other)) {
            return Err(Kind::NotAnIdToken);
        }
        claims.required_text("sub")?;
        claims.number("iat")?.ok_or(Kind::BadClaim)?;
        let audiences = claims.audiences()?;
        if !audiences.iter().any(|audience| audience == client) {
            return Err(Kind::WrongAudience);
        }
        match claims.text("azp")? {
            Some(party) if party == *client => Ok(()),
            None if audiences.len() == 1 => Ok(()),
            _ => Err(Kind::WrongClient),
        }
    }

    /// Who the bearer is, and whether bearing is enough.
    pub(crate) fn ensure_bearer(&self, claims: Claims<'_>) -> Result<(), Kind> {
        // Where it is, it is the caller: `null` is nobody.
        if claims.has("sub") {
            claims.required_text("sub")?;
        }
        let client = claims.client()?;
        if let Some(clients) = &self.clients
            && !client.is_some_and(|client| clients.iter().any(|one| *one == client))
        {
            return Err(Kind::WrongClient);
        }
        // Keycloak says so in `typ`, servers that are asked in `token_type` (RFC 9449 §6.2).
        let is_bound = || -> Result<bool, Kind> {
            let named = |name| claims.text(name);
            let is_dpop = |kind: Cow<'_, str>| kind.eq_ignore_ascii_case("DPoP");
            Ok(claims.says("cnf")
                || named("typ")?.is_some_and(is_dpop)
                || named("token_type")?.is_some_and(is_dpop))
        };
        if !self.takes_bound && is_bound()? {
            return Err(Kind::SenderConstrained);
        }
        Ok(())
    }
}
