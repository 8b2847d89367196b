//! [`Identifier`]: what tokens call their issuer.

use auth_core::error::Untrusted;
use auth_core::http::may_carry_secrets;
use auth_core::{Error, Result};
use url::Url;

use crate::claims::Claims;
use crate::entra::{EntraIssuers, Template, is_microsofts};
use crate::keys::Key;
use crate::rejection::RejectionKind as Kind;

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
        match Url::parse(issuer) {
            Ok(url) if is_plain(&url) && !may_carry_secrets(&url) => {
                Err(bad(issuer, "is not https", NOT_HTTPS))
            }
            _ => Self::spelled(issuer),
        }
    }

    /// The same of an issuer whose keys somebody hands in: its URL is a name, and nothing is fetched from there.
    pub(crate) fn spelled(issuer: &str) -> Result<Self> {
        let bad = |why, advice| bad(issuer, why, advice);
        let url = Url::parse(issuer).map_err(|_| bad("is no URL", NO_URL))?;
        if has_user(&url) {
            return Err(bad("has a user", SPELLED));
        }
        if !is_plain(&url) && !may_carry_secrets(&url) {
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
        ensure_not_microsofts(issuer)?;
        Ok(exact)
    }

    /// The issuer of ID tokens: a URL, or a name that need be none.
    pub(super) fn of_id_tokens(name: &str) -> Result<Self> {
        match Url::parse(name) {
            Ok(url) if url.has_host() => Self::exact(name),
            _ => Self::named(name),
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
            Ok(url) if is_of_web(&url) || has_user(&url) => {
                ensure_not_microsofts(name)?;
                Self::spelled(name)
            }
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

    /// What the tokens of an issuer of tenants must say of them, and whose `key` must be.
    pub(crate) fn ensure_coherent(&self, claims: Claims<'_>, key: &Key) -> Result<(), Kind> {
        match self {
            Self::Exact(_) => Ok(()),
            Self::Tenants(template) => template.ensure_coherent(claims, key),
            Self::Entra(issuers) => issuers.ensure_coherent(claims, key),
        }
    }

    /// Whether what `later` is called is what this one is called, too.
    pub(crate) fn hides(&self, later: &Self) -> bool {
        match (self, later) {
            (Self::Tenants(own), Self::Tenants(later)) => own == later,
            (Self::Entra(own), Self::Entra(later)) => own.hide(later),
            (own, Self::Exact(later)) => own.is(later),
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

fn bad(issuer: &str, why: &str, advice: &'static str) -> Error {
    Error::config(format!("the issuer {} {why}", shown(issuer))).with_advice(advice)
}

fn ensure_not_microsofts(issuer: &str) -> Result<()> {
    match Url::parse(issuer) {
        Ok(url) if is_microsofts(&url) => Err(Error::config(format!(
            "the issuer {} is Microsoft's, whose ID tokens and roleless tokens look like any access token",
            shown(issuer)
        ))
        .with_advice("use `Entra::of_issuer`, or `--kind entra` in the program")),
        _ => Ok(()),
    }
}

/// Whether it is http, wherever it leads.
fn is_plain(url: &Url) -> bool {
    url.scheme() == "http" && url.has_host()
}

/// Whether it is http or https.
fn is_of_web(url: &Url) -> bool {
    url.has_host() && matches!(url.scheme(), "http" | "https")
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

const SPELLED: &str = "give the issuer as its tokens spell it";
const NOT_HTTPS: &str = "give the issuer as its tokens spell it; where they spell it so, name it and hand in its keys: \
    `Issuer::named`, or `--jwks` in the program";
const NO_URL: &str = "give the issuer as its tokens spell it; one that is no URL needs keys of its own: \
    `Issuer::named`, or `--jwks` in the program";
const LONGEST_NAME: usize = 1_000;
