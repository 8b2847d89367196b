//! [`EntraIssuers`]: whether issuer, version, tenant and key of a token belong together.

use super::cloud::Cloud;
use super::tenants::{Tenants, guid};
use crate::claims::Claims;
use crate::keys::Key;
use crate::rejection::RejectionKind as Kind;

#[derive(Clone, Debug)]
pub(crate) struct EntraIssuers {
    pub(super) cloud: Cloud,
    pub(super) tenants: Tenants,
}

impl EntraIssuers {
    /// The tenant in an `iss`, if the form is one of ours and the tenant is let in.
    pub(crate) fn tenant_of<'n>(&self, name: &'n str) -> Option<&'n str> {
        let v1 = || {
            name.strip_prefix(self.cloud.sts())?
                .strip_prefix('/')?
                .strip_suffix('/')
        };
        let v2 = || {
            name.strip_prefix(self.cloud.login())?
                .strip_prefix('/')?
                .strip_suffix("/v2.0")
        };
        let tenant = v1().or_else(v2)?;
        // Entra spells GUIDs in lower case, and the comparison is byte for byte.
        let spelled = guid(tenant).is_some_and(|spelled| spelled == tenant);
        (spelled && self.tenants.admit(tenant)).then_some(tenant)
    }

    /// `ver`, `iss`, `tid` and the key's issuer must agree, and each must come once.
    pub(crate) fn ensure_coherent(&self, claims: Claims<'_>, key: &Key) -> Result<(), Kind> {
        ensure_single(claims)?;
        let tenant = claims.required_text("tid")?;
        let issuer = match &*claims.required_text("ver")? {
            "1.0" => format!("{}/{tenant}/", self.cloud.sts()),
            "2.0" => self.v2(&tenant),
            _ => return Err(Kind::BadClaim),
        };
        if claims.required_text("iss")? != issuer || self.tenant_of(&issuer).is_none() {
            return Err(Kind::WrongTenant);
        }
        match key.issuer() {
            // The older document of keys does not say, but it is one tenant's own.
            None if self.tenants.single().is_some() => Ok(()),
            None => Err(Kind::WrongTenant),
            Some(owner) if substituted(owner, &tenant) == self.v2(&tenant) => Ok(()),
            Some(owner) if substituted(owner, &tenant) == issuer => Ok(()),
            Some(_) => Err(Kind::WrongTenant),
        }
    }

    fn v2(&self, tenant: &str) -> String {
        format!("{}/{tenant}/v2.0", self.cloud.login())
    }
}

/// A key's issuer with the tenant in the place that says `{tenantid}`.
fn substituted(owner: &str, tenant: &str) -> String {
    const TEMPLATE: &str = "{tenantid}";
    match owner.to_ascii_lowercase().find(TEMPLATE) {
        Some(at) => [&owner[..at], tenant, &owner[at + TEMPLATE.len()..]].concat(),
        None => owner.to_owned(),
    }
}

/// No claim comes twice in different cases, the way some libraries would merge them.
fn ensure_single(claims: Claims<'_>) -> Result<(), Kind> {
    let mut names = claims.0.members().map(|(name, _)| name);
    let doubled = names.any(|name| {
        WATCHED
            .iter()
            .any(|own| *own != name && own.eq_ignore_ascii_case(name))
    });
    match doubled {
        true => Err(Kind::BadClaim),
        false => Ok(()),
    }
}

const WATCHED: [&str; 9] = [
    "tid", "iss", "aud", "oid", "ver", "idtyp", "appid", "azp", "roles",
];
