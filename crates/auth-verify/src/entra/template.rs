//! [`Template`]: what tokens of many tenants call their issuer.

use super::tenants::guid;
use crate::claims::Claims;
use crate::keys::Key;
use crate::rejection::RejectionKind as Kind;

/// An issuer in which `{tenantid}` stands for the tenant that the token names itself (`tid`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    before: String,
    after: String,
}

impl Template {
    /// The template in `issuer`, if it is one.
    pub(crate) fn of(issuer: &str) -> Option<Self> {
        let (before, after) = issuer.split_once(TENANT)?;
        let (before, after) = (before.to_owned(), after.to_owned());
        Some(Self { before, after })
    }

    /// The tenant in an `iss`.
    pub(crate) fn tenant_of<'n>(&self, name: &'n str) -> Option<&'n str> {
        let tenant = name.strip_prefix(&*self.before)?;
        let tenant = tenant.strip_suffix(&*self.after)?;
        (guid(tenant)? == tenant).then_some(tenant)
    }

    /// `iss` and `tid` name the same tenant, and the key signs for it.
    pub(crate) fn ensure_coherent(&self, claims: Claims<'_>, key: &Key) -> Result<(), Kind> {
        let issuer = claims.required_text("iss")?;
        let tenant = self.tenant_of(&issuer).ok_or(Kind::WrongTenant)?;
        let named = claims.required_text("tid")? == tenant;
        let owner = key.issuer().map(|owner| substituted(owner, tenant));
        match named && owner.is_some_and(|owner| owner == issuer) {
            true => Ok(()),
            false => Err(Kind::WrongTenant),
        }
    }
}

/// A key's issuer with the tenant in the place that says `{tenantid}`.
pub(super) fn substituted(owner: &str, tenant: &str) -> String {
    match owner.to_ascii_lowercase().find(TENANT) {
        Some(at) => [&owner[..at], tenant, &owner[at + TENANT.len()..]].concat(),
        None => owner.to_owned(),
    }
}

/// Where the tenant stands.
pub(crate) const TENANT: &str = "{tenantid}";
