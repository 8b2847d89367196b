//! [`Identifier`]: what tokens call their issuer.

use auth_core::error::Untrusted;
use auth_core::http::may_carry_secrets;
use auth_core::{Error, Result};
use url::Url;

use crate::entra::{EntraIssuers, Template, is_microsofts};

#[derive(Clone, Debug)]
pub(crate) enum Identifier {
    /// This, byte for byte.
    Exact(String),
    /// That of any tenant.
    Tenants(Template),
    /// Entra's two ways, for the tenants that are let in.
    Entra(EntraIssuers),
}

impl Identifier {
    pub(crate) fn exact(issuer: &str) -> Result<Self> {
        let bad = |why: &str, advice: &'static str| {
            Error::config(format!("the issuer {} {why}", shown(issuer))).with_advice(advice)
        };
        let url = Url::parse(issuer).map_err(|_| bad("is no URL", NO_URL))?;
        if has_user(&url) {
            return Err(bad("has a user", SPELLED));
        }
        if !may_carry_secrets(&url) {
            return Err(bad("is not https", SPELLED));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("has a query or a fragment", SPELLED));
        }
        Ok(match Template::of(issuer) {
            Some(template) => Self::Tenants(template),
            None => Self::Exact(issuer.to_owned()),
        })
    }

    /// The issuer of access tokens, which is none whose tokens must be looked at in a way of their own.
    pub(super) fn of_access_tokens(issuer: &str) -> Result<Self> {
        let exact = Self::exact(issuer)?;
        if Url::parse(issuer).is_ok_and(|url| is_microsofts(&url)) {
            return Err(Error::config(format!(
                "the issuer {} is Microsoft's, whose ID tokens and roleless tokens look like any access token",
                shown(issuer)
            ))
            .with_advice("use `Entra::of_issuer`, or `--kind entra` in the program"));
        }
        Ok(exact)
    }

    /// The issuer of ID tokens: a URL, or a name that need be none.
    pub(super) fn of_id_tokens(name: &str) -> Result<Self> {
        match Url::parse(name) {
            Ok(_) => Self::exact(name),
            Err(_) => Self::named(name),
        }
    }

    /// A name that need be no URL.
    pub(super) fn named(name: &str) -> Result<Self> {
        if name.is_empty() || name.len() > LONGEST_NAME || name.contains(char::is_control) {
            return Err(
                Error::config("the issuer's name is empty, too long, or no plain text")
                    .with_advice(SPELLED),
            );
        }
        match Url::parse(name) {
            Ok(url) if url.has_host() => Self::of_access_tokens(name),
            _ => Ok(Self::Exact(name.to_owned())),
        }
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        match self {
            Self::Exact(own) => own == name,
            Self::Tenants(template) => template.tenant_of(name).is_some(),
            Self::Entra(issuers) => issuers.tenant_of(name).is_some(),
        }
    }

    /// Whether both are called the same.
    pub(crate) fn is_that_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(own), Self::Exact(other)) => own == other,
            (Self::Tenants(own), Self::Tenants(other)) => own == other,
            _ => false,
        }
    }

    pub(crate) fn near_miss(&self, name: &str) -> Option<&'static str> {
        let Self::Exact(own) = self else {
            return None;
        };
        if own.trim_end_matches('/') == name.trim_end_matches('/') {
            return Some("only a final slash differs: spell the issuer as its tokens do");
        }
        let realm = |issuer: &str| {
            issuer
                .rsplit_once("/realms/")
                .map(|(_, realm)| realm.to_owned())
        };
        match (realm(own), realm(name)) {
            (Some(own), Some(name)) if own == name => Some(
                "the same realm under another host or path: configure the public URL of the realm as \
                 issuer, and the internal one as the URL of the keys",
            ),
            _ => None,
        }
    }
}

/// An issuer as it is shown to people: without what may be a password.
pub(crate) fn shown(issuer: &str) -> String {
    match Url::parse(issuer) {
        Ok(url) if issuer.contains(['@', '?', '#']) => auth_core::http::shown(&url),
        Err(_) if issuer.contains('@') => "(not shown: it has an `@`)".to_owned(),
        _ => Untrusted::new(issuer).to_string(),
    }
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

const SPELLED: &str = "give the issuer as its tokens spell it";
const NO_URL: &str = "give the issuer as its tokens spell it; one that is no URL needs keys of its own: \
    `Issuer::named`, or `--jwks` in the program";
const LONGEST_NAME: usize = 1_000;
