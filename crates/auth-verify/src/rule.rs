//! [`Rule`]: what is asked of a caller, said out loud.

mod literal;
mod need;

use std::fmt;
use std::ops::Not;
use std::time::Duration;

use auth_core::{Error, Result};
use serde_json::Value;

pub use self::literal::Literals;
use self::need::{Answer, Need};
use crate::entra::guid;
use crate::rejection::Rejection;
use crate::verified::Verified;

/// What is asked of a caller. There is no rule that asks for nothing by accident: an empty list is an
/// error, and letting everybody in who has a good token is said so, [`Rule::authenticated`]. `Display` says in words
/// what is asked, for a list of what protects which route.
///
/// Roles, scopes, groups and clients have the names that their issuer gave them. Where a verifier takes tokens of
/// several issuers, say whose are meant:
///
/// ```
/// # use auth_verify::{Rule, rule};
/// # fn main() -> auth_core::Result<()> {
/// let ours = Rule::any_role(["reader", "writer"])?.and(Rule::issuer("https://login.example.org"));
/// let either = ours.or(rule!(any_scope["orders"]) & !rule!(any_client["legacy"]));
/// assert!(Rule::any_role([""; 0]).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Rule(Need);

impl Rule {
    /// A good token is enough: that of any person and any program that the issuer gives one for this service.
    pub fn authenticated() -> Self {
        Self(Need::Authenticated)
    }

    /// One of these roles is enough.
    ///
    /// # Errors
    /// `Config` if there is none, or if one is empty.
    pub fn any_role<S: Into<String>>(roles: impl IntoIterator<Item = S>) -> Result<Self> {
        Ok(Self(Need::AnyRole(words("role", roles)?)))
    }

    /// All of these roles are needed.
    ///
    /// # Errors
    /// As [`any_role`](Self::any_role).
    pub fn all_roles<S: Into<String>>(roles: impl IntoIterator<Item = S>) -> Result<Self> {
        Ok(Self(Need::AllRoles(words("role", roles)?)))
    }

    /// One of these scopes is enough.
    ///
    /// # Errors
    /// As [`any_role`](Self::any_role), or if one can't be a scope (RFC 6749 §3.3).
    pub fn any_scope<S: Into<String>>(scopes: impl IntoIterator<Item = S>) -> Result<Self> {
        let scopes = words("scope", scopes)?;
        match scopes
            .iter()
            .all(|scope| literal::is_scope(scope.as_bytes()))
        {
            true => Ok(Self(Need::AnyScope(scopes))),
            false => Err(
                Error::config("a scope has a character that scopes can't have")
                    .with_advice("name each scope by itself, without blanks and quotes"),
            ),
        }
    }

    /// Membership in one of these groups is enough. A token that leaves them out because they are too
    /// many is refused with [`UnknownGroups`](crate::RejectionKind::UnknownGroups).
    ///
    /// # Errors
    /// As [`any_role`](Self::any_role).
    pub fn any_group<S: Into<String>>(groups: impl IntoIterator<Item = S>) -> Result<Self> {
        Ok(Self(Need::AnyGroup(words("group", groups)?)))
    }

    /// The token was issued to one of these clients (`azp`, `appid`, `client_id`).
    ///
    /// # Errors
    /// As [`any_role`](Self::any_role).
    pub fn any_client<S: Into<String>>(clients: impl IntoIterator<Item = S>) -> Result<Self> {
        Ok(Self(Need::AnyClient(words("client", clients)?)))
    }

    /// The token comes from this issuer, spelled as it spells itself.
    pub fn issuer(issuer: impl Into<String>) -> Self {
        Self(Need::Issuer(issuer.into()))
    }

    /// The token comes from this tenant of Entra ID, in either format. No other issuer can say so.
    ///
    /// # Errors
    /// `Config` if it is no GUID.
    pub fn tenant(tenant: &str) -> Result<Self> {
        let tenant = guid(tenant).ok_or_else(|| {
            Error::config("a rule asks for a tenant that is no GUID")
                .with_advice("copy the directory (tenant) ID from the overview of Entra ID")
        })?;
        Ok(Self(Need::Tenant(tenant)))
    }

    /// The caller is this one, of this issuer: names mean nothing without who gave them.
    pub fn subject(issuer: impl Into<String>, subject: impl Into<String>) -> Self {
        Self(Need::Subject(issuer.into(), subject.into()))
    }

    /// The claim has this value, or is a list that has it. Which issuer it is from is another rule's question. No claim has
    /// the value `null`: nobody meets such a rule, nor its contrary.
    pub fn claim(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self(Need::Claim(name.into(), value.into()))
    }

    /// The caller is a program that asks for itself, and its token says so.
    pub fn application() -> Self {
        Self(Need::Application)
    }

    /// The login was of one of these classes (`acr`; RFC 9470).
    ///
    /// # Errors
    /// As [`any_role`](Self::any_role), or if one has a quote, a backslash or a blank.
    pub fn any_acr<S: Into<String>>(classes: impl IntoIterator<Item = S>) -> Result<Self> {
        let classes = words("acr", classes)?;
        match classes
            .iter()
            .all(|class| literal::is_scope(class.as_bytes()))
        {
            true => Ok(Self(Need::Acr(classes))),
            false => Err(Error::config(
                "an acr has a character that can't be asked for",
            )),
        }
    }

    /// The login (`auth_time`) is not longer ago than that (RFC 9470).
    pub fn login_within(time: Duration) -> Self {
        Self(Need::LoginAge(time))
    }

    /// Both are needed, as with `&`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(Need::Both(Box::new((self.0, other.0))))
    }

    /// One of the two is enough, as with `|`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(Need::Either(Box::new((self.0, other.0))))
    }

    /// Whether `caller` may. A refusal is one event, like those of a [`Verifier`](crate::Verifier).
    ///
    /// # Errors
    /// What is missing.
    pub fn check(&self, caller: &Verified) -> Result<(), Rejection> {
        match self.0.ask(caller) {
            Answer::Met => Ok(()),
            Answer::Unmet(rejection) | Answer::Unknown(rejection) => Err(caller.refused(rejection)),
        }
    }

    fn of(need: Need) -> Self {
        Self(need)
    }
}

/// Those who do not meet the rule. Where a token does not say whether it does (groups left out, roles that can't be
/// read, a program or a person unknown), it is refused either way.
impl Not for Rule {
    type Output = Self;

    fn not(self) -> Self {
        Self(Need::Not(Box::new(self.0)))
    }
}

/// [`Rule::and`].
impl std::ops::BitAnd for Rule {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}

/// [`Rule::or`].
impl std::ops::BitOr for Rule {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn words<S: Into<String>>(what: &str, words: impl IntoIterator<Item = S>) -> Result<Vec<String>> {
    let words: Vec<String> = words.into_iter().map(Into::into).collect();
    if words.is_empty() || words.iter().any(String::is_empty) {
        return Err(
            Error::config(format!("the list of {what}s is empty, or one of them is"))
                .with_advice("name at least one; to let everybody in, say `Rule::authenticated()`"),
        );
    }
    Ok(words)
}
