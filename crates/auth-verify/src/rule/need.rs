//! [`Need`]: what a rule is made of, and whether a caller meets it.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use auth_core::error::Untrusted;
use serde_json::Value;

use crate::rejection::{Rejection, RejectionKind as Kind};
use crate::verified::Verified;

#[derive(Clone, Debug)]
pub(super) enum Need {
    Authenticated,
    AnyRole(Vec<String>),
    AllRoles(Vec<String>),
    AnyScope(Vec<String>),
    AnyGroup(Vec<String>),
    AnyClient(Vec<String>),
    Issuer(String),
    Tenant(String),
    Subject(String, String),
    Claim(String, Value),
    Application,
    Acr(Vec<String>),
    LoginAge(Duration),
    Both(Box<(Self, Self)>),
    Either(Box<(Self, Self)>),
    Not(Box<Self>),
}

/// Whether a need is met.
pub(super) enum Answer {
    Met,
    Unmet(Rejection),
    /// The token does not say, so neither the need nor its contrary is met.
    Unknown(Rejection),
}

impl Need {
    pub(super) fn ask(&self, caller: &Verified) -> Answer {
        match self {
            Self::Authenticated => Answer::Met,
            Self::AnyRole(roles) => lacking(caller, roles, |missing| missing < roles.len()),
            Self::AllRoles(roles) => lacking(caller, roles, |missing| missing == 0),
            Self::AnyScope(scopes) => {
                let missing = || Rejection::new(Kind::ScopeMissing).with_scopes(scopes.clone());
                match caller.view().scopes() {
                    Err(_) => Answer::Unknown(missing().with_hint(UNREADABLE)),
                    Ok(own) => met(
                        scopes
                            .iter()
                            .any(|scope| own.iter().any(|one| one == scope)),
                        missing,
                    ),
                }
            }
            Self::AnyGroup(groups) => match caller.is_in_group(groups) {
                Ok(is_in) => met(is_in, || Kind::RoleMissing.into()),
                Err(rejection) => Answer::Unknown(rejection),
            },
            Self::AnyClient(clients) => match caller.view().client() {
                Err(_) => {
                    Answer::Unknown(Rejection::from(Kind::NotPermitted).with_hint(UNREADABLE))
                }
                Ok(own) => said(own, |own| clients.iter().any(|one| **one == *own)),
            },
            Self::Issuer(issuer) => said(caller.named_issuer(), |own| *own == **issuer),
            Self::Tenant(tenant) => permitted(caller.tenant().is_some_and(|own| own == *tenant)),
            Self::Subject(issuer, subject) => said(caller.named_issuer(), |own| *own == **issuer)
                .and(|| said(caller.subject(), |own| *own == **subject)),
            // What is `null` is not there (and a setting that nobody set is `null`).
            Self::Claim(_, Value::Null) => Answer::Unknown(Kind::NotPermitted.into()),
            Self::Claim(name, value) => match caller.claim::<Value>(name) {
                Ok(Some(Value::Array(list))) if !value.is_array() => {
                    permitted(list.contains(value))
                }
                Ok(own) => permitted(own.unwrap_or_default() == *value),
                Err(_) => Answer::Unknown(Kind::NotPermitted.into()),
            },
            Self::Application => {
                let refusal = || Rejection::new(Kind::RoleMissing).with_hint(NO_APPLICATION);
                match caller.is_application() {
                    Some(is_application) => met(is_application, refusal),
                    None => Answer::Unknown(refusal()),
                }
            }
            Self::Acr(classes) => {
                let refusal = || {
                    let asked = format!("acr_values=\"{}\"", classes.join(" "));
                    Rejection::new(Kind::StepUp).with_step_up(asked)
                };
                match caller.text("acr") {
                    Some(acr) => met(classes.iter().any(|class| *class == acr), refusal),
                    None => Answer::Unknown(refusal()),
                }
            }
            Self::LoginAge(most) => {
                let refusal = || {
                    let asked = format!("max_age=\"{}\"", most.as_secs());
                    Rejection::new(Kind::StepUp).with_step_up(asked)
                };
                match caller.login_age() {
                    Some(age) => met(age <= *most, refusal),
                    None => Answer::Unknown(refusal()),
                }
            }
            Self::Both(pair) => pair.0.ask(caller).and(|| pair.1.ask(caller)),
            Self::Either(pair) => pair.0.ask(caller).or(|| pair.1.ask(caller)),
            Self::Not(need) => match need.ask(caller) {
                Answer::Met => Answer::Unmet(Kind::NotPermitted.into()),
                Answer::Unmet(_) => Answer::Met,
                unknown @ Answer::Unknown(_) => unknown,
            },
        }
    }
}

impl Answer {
    /// Unmet where one is unmet, else unknown where one is unknown.
    fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Met => other(),
            unmet @ Self::Unmet(_) => unmet,
            unknown @ Self::Unknown(_) => match other() {
                unmet @ Self::Unmet(_) => unmet,
                _ => unknown,
            },
        }
    }

    /// Met where one is met, else unknown where one is unknown.
    fn or(self, other: impl FnOnce() -> Self) -> Self {
        let first = match self {
            Self::Met => return self,
            first => first,
        };
        match (first, other()) {
            (_, Self::Met) => Self::Met,
            (Self::Unmet(one), Self::Unmet(other)) => Self::Unmet(one.or(other)),
            (unknown @ Self::Unknown(_), _) | (_, unknown) => unknown,
        }
    }
}

fn lacking(caller: &Verified, roles: &[String], enough: impl FnOnce(usize) -> bool) -> Answer {
    let refusal = |missing| Rejection::new(Kind::RoleMissing).with_missing(missing);
    let Ok(own) = caller.readable_roles() else {
        return Answer::Unknown(refusal(roles.to_vec()).with_hint(UNREADABLE));
    };
    let lacking = roles.iter().filter(|role| !own.has(role));
    let missing: Vec<_> = lacking.cloned().collect();
    met(enough(missing.len()), || refusal(missing))
}

fn met(is_met: bool, refusal: impl FnOnce() -> Rejection) -> Answer {
    match is_met {
        true => Answer::Met,
        false => Answer::Unmet(refusal()),
    }
}

/// Whether what the token says fits; where it says nothing, nobody knows.
fn said(own: Option<Cow<'_, str>>, fits: impl FnOnce(&str) -> bool) -> Answer {
    match own.filter(|own| !own.is_empty()) {
        Some(own) => permitted(fits(&own)),
        None => Answer::Unknown(Kind::NotPermitted.into()),
    }
}

fn permitted(is_met: bool) -> Answer {
    met(is_met, || Kind::NotPermitted.into())
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any = |f: &mut fmt::Formatter<'_>, what: &str, words: &[String]| {
            f.write_str(what)?;
            for (at, word) in words.iter().enumerate() {
                let before = match at {
                    0 => " ",
                    _ if at + 1 == words.len() => " or ",
                    _ => ", ",
                };
                write!(f, "{before}{}", Untrusted::new(word))?;
            }
            Ok(())
        };
        match self {
            Self::Authenticated => f.write_str("any good token"),
            Self::AnyRole(words) => any(f, "role", words),
            Self::AllRoles(words) => {
                for (at, word) in words.iter().enumerate() {
                    let before = if at == 0 { "role" } else { " and role" };
                    write!(f, "{before} {}", Untrusted::new(word))?;
                }
                Ok(())
            }
            Self::AnyScope(words) => any(f, "scope", words),
            Self::AnyGroup(words) => any(f, "group", words),
            Self::AnyClient(words) => any(f, "client", words),
            Self::Issuer(name) => write!(f, "issuer {}", Untrusted::new(name)),
            Self::Tenant(tenant) => write!(f, "tenant {tenant}"),
            Self::Subject(issuer, subject) => write!(
                f,
                "subject {} of {}",
                Untrusted::new(subject),
                Untrusted::new(issuer)
            ),
            Self::Claim(name, value) => write!(
                f,
                "claim {} {}",
                Untrusted::new(name),
                Untrusted::new(&value.to_string())
            ),
            Self::Application => f.write_str("a program that asks for itself"),
            Self::Acr(words) => any(f, "acr", words),
            Self::LoginAge(most) => write!(f, "a login within {} s", most.as_secs()),
            Self::Both(pair) => write!(f, "({} and {})", pair.0, pair.1),
            Self::Either(pair) => write!(f, "({} or {})", pair.0, pair.1),
            Self::Not(need) => write!(f, "not ({need})"),
        }
    }
}

const NO_APPLICATION: &str =
    "only programs are let in, and the token does not say that it is one's";
const UNREADABLE: &str = "the claim that would say so is of another shape than a list of words: see \
    `Issuer::with_roles_from` and `RoleClaim::keys`, or `--roles-from` and `--roles-by-key` in the program";
