//! [`Rule`]: what is asked of a caller, said out loud.

use std::time::Duration;

use auth_core::{Error, Result};

use crate::rejection::{Rejection, RejectionKind as Kind};
use crate::verified::Verified;

/// What is asked of a caller. There is no rule that asks for nothing by accident: an empty list is an
/// error, and letting everybody in who has a good token is said so, [`Rule::authenticated`].
///
/// ```
/// # use auth_verify::Rule;
/// # fn main() -> auth_core::Result<()> {
/// let rule = Rule::any_role(["reader", "writer"])?.and(Rule::any_scope(["orders"])?);
/// assert!(Rule::any_role([""; 0]).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Rule(Need);

#[derive(Clone, Debug)]
enum Need {
    Authenticated,
    AnyRole(Vec<String>),
    AllRoles(Vec<String>),
    AnyScope(Vec<String>),
    AnyGroup(Vec<String>),
    Application,
    Acr(Vec<String>),
    LoginAge(Duration),
    Both(Box<(Self, Self)>),
    Either(Box<(Self, Self)>),
}

impl Rule {
    /// A good token is enough.
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
        let allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if !scopes.iter().all(|scope| scope.bytes().all(allowed)) {
            return Err(Error::config(
                "a scope has a character that scopes can't have",
            ));
        }
        Ok(Self(Need::AnyScope(scopes)))
    }

    /// Membership in one of these groups is enough. A token that leaves them out because they are too
    /// many is refused with [`UnknownGroups`](crate::RejectionKind::UnknownGroups).
    ///
    /// # Errors
    /// As [`any_role`](Self::any_role).
    pub fn any_group<S: Into<String>>(groups: impl IntoIterator<Item = S>) -> Result<Self> {
        Ok(Self(Need::AnyGroup(words("group", groups)?)))
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
        let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if !classes.iter().all(|class| class.bytes().all(allowed)) {
            return Err(Error::config(
                "an acr has a character that can't be asked for",
            ));
        }
        Ok(Self(Need::Acr(classes)))
    }

    /// The login (`auth_time`) is not longer ago than that (RFC 9470).
    pub fn login_within(time: Duration) -> Self {
        Self(Need::LoginAge(time))
    }

    /// Both are needed.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(Need::Both(Box::new((self.0, other.0))))
    }

    /// One of the two is enough.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(Need::Either(Box::new((self.0, other.0))))
    }

    /// Whether `caller` may.
    ///
    /// # Errors
    /// What is missing.
    pub fn check(&self, caller: &Verified) -> Result<(), Rejection> {
        self.0.check(caller)
    }
}

impl Need {
    fn check(&self, caller: &Verified) -> Result<(), Rejection> {
        let lacks = |roles: &[String]| -> Vec<String> {
            let own = caller.roles();
            let lacking = roles.iter().filter(|role| !own.has(role));
            lacking.cloned().collect()
        };
        let role_missing = |missing| Rejection::new(Kind::RoleMissing).with_missing(missing);
        let met = |met: bool, otherwise: &dyn Fn() -> Rejection| match met {
            true => Ok(()),
            false => Err(otherwise()),
        };
        match self {
            Self::Authenticated => Ok(()),
            Self::AnyRole(roles) => {
                let missing = lacks(roles);
                met(missing.len() < roles.len(), &|| {
                    role_missing(missing.clone())
                })
            }
            Self::AllRoles(roles) => {
                let missing = lacks(roles);
                met(missing.is_empty(), &|| role_missing(missing.clone()))
            }
            Self::AnyScope(scopes) => {
                let has = scopes.iter().any(|scope| caller.has_scope(scope));
                met(has, &|| {
                    Rejection::new(Kind::ScopeMissing).with_scopes(scopes.clone())
                })
            }
            Self::AnyGroup(groups) => caller.ensure_in_group(groups),
            Self::Application => met(caller.is_application() == Some(true), &|| {
                Rejection::new(Kind::RoleMissing).with_hint(
                    "only programs are let in, and the token does not say that it is one's",
                )
            }),
            Self::Acr(classes) => {
                let acr = caller.text("acr");
                let fits = acr.is_some_and(|acr| classes.iter().any(|class| *class == acr));
                met(fits, &|| {
                    let asked = format!("acr_values=\"{}\"", classes.join(" "));
                    Rejection::new(Kind::StepUp).with_step_up(asked)
                })
            }
            Self::LoginAge(most) => {
                met(caller.login_age().is_some_and(|age| age <= *most), &|| {
                    let asked = format!("max_age=\"{}\"", most.as_secs());
                    Rejection::new(Kind::StepUp).with_step_up(asked)
                })
            }
            Self::Both(pair) => pair.0.check(caller).and_then(|()| pair.1.check(caller)),
            Self::Either(pair) => pair.0.check(caller).or_else(|_| pair.1.check(caller)),
        }
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
