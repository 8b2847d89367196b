//! [`Identifier`]: what tokens call their issuer.

use auth_core::error::Untrusted;
use auth_core::http::may_carry_secrets;
use auth_core::{Error, Result};
use url::Url;

use crate::entra::EntraIssuers;

#[derive(Clone, Debug)]
pub(crate) enum Identifier {
    /// This, byte for byte.
    Exact(String),
    /// Entra's two ways, for the tenants that are let in.
    Entra(EntraIssuers),
}

impl Identifier {
    pub(crate) fn exact(issuer: &str) -> Result<Self> {
        let bad = |why: &str| {
            Error::config(format!("the issuer {} {why}", Untrusted::new(issuer)))
                .with_advice("give the issuer as its tokens spell it")
        };
        let url = Url::parse(issuer).map_err(|_| bad("is no URL"))?;
        if !may_carry_secrets(&url) {
            return Err(bad("is not https"));
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        if url.query().is_some() || url.fragment().is_some() || has_user {
            return Err(bad("has a query, a fragment or a user"));
        }
        Ok(Self::Exact(issuer.to_owned()))
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        match self {
            Self::Exact(own) => own == name,
            Self::Entra(issuers) => issuers.tenant_of(name).is_some(),
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
