//! [`EntraIssuers`]: whether issuer, version, tenant and key of a token belong together.

use super::cloud::Cloud;
use super::place::Place;
use super::template::substituted;
use super::tenants::{Tenants, guid};
use crate::claims::Claims;
use crate::keys::Key;
use crate::rejection::RejectionKind as Kind;

#[derive(Clone, Debug)]
pub(crate) struct EntraIssuers {
    pub(crate) place: Place,
    pub(crate) tenants: Tenants,
    /// The only version that is taken, if there is but one.
    pub(crate) version: Option<&'static str>,
}

impl EntraIssuers {
    /// The tenant in an `iss`, if the form is one of ours and the tenant is let in.
    pub(crate) fn tenant_of<'n>(&self, name: &'n str) -> Option<&'n str> {
        // Entra spells GUIDs in lower case, and the comparison is byte for byte.
        let is_guid = |part: &&str| guid(part).is_some_and(|spelled| spelled == *part);
        let tenant = name.split('/').find(is_guid)?;
        let versions = ["1.0", "2.0"].into_iter();
        let mut taken = versions.filter(|version| self.takes(version));
        let spelled = taken.any(|version| {
            let issuers = self.place.issuers(version, tenant);
            issuers.iter().any(|one| one == name)
        });
        (spelled && self.tenants.admit(tenant)).then_some(tenant)
    }

    /// Whether a tenant that `later` lets in is spelled in a way that is taken here. Who lets in any tenant may come
    /// after who lets in some.
    pub(crate) fn hide(&self, later: &Self) -> bool {
        let Some(tenant) = self.tenants.shared_with(&later.tenants) else {
            return false;
        };
        let names = |of: &Self| -> Vec<String> {
            let versions = ["1.0", "2.0"].into_iter();
            let taken = versions.filter(|version| of.takes(version));
            taken
                .flat_map(|version| of.place.issuers(version, tenant))
                .collect()
        };
        let own = names(self);
        names(later).iter().any(|name| own.contains(name))
    }

    /// `ver`, `iss`, `tid` and the key's issuer must agree, and each must come once.
    pub(crate) fn ensure_coherent(&self, claims: Claims<'_>, key: &Key) -> Result<(), Kind> {
        ensure_single(claims)?;
        let issuer = claims.required_text("iss")?;
        let tenant = self.tenant_of(&issuer).ok_or(Kind::WrongTenant)?;
        self.ensure_tenant(claims, tenant)?;
        match &*claims.required_text("ver")? {
            version @ ("1.0" | "2.0") if self.takes(version) => {
                let issuers = self.place.issuers(version, tenant);
                let agree = issuers.iter().any(|one| *one == issuer);
                agree.then_some(()).ok_or(Kind::WrongTenant)?;
            }
            "1.0" | "2.0" => return Err(Kind::WrongTenant),
            _ => return Err(Kind::BadClaim),
        }
        let v2 = format!("{}/{tenant}/v2.0", self.login());
        match key.issuer() {
            // The older document of keys does not say, but it is one tenant's own.
            None if self.tenants.single().is_some() => Ok(()),
            None => Err(Kind::WrongTenant),
            Some(owner) if substituted(owner, tenant) == v2 => Ok(()),
            Some(owner) if self.place.spells(tenant, &substituted(owner, tenant)) => Ok(()),
            Some(_) => Err(Kind::WrongTenant),
        }
    }

    fn takes(&self, version: &str) -> bool {
        self.version.is_none_or(|only| only == version)
    }

    /// `tid` is the tenant in the issuer. B2C need not say it, and says with what people logged in.
    fn ensure_tenant(&self, claims: Claims<'_>, tenant: &str) -> Result<(), Kind> {
        let named = match &self.place {
            Place::B2c { .. } => claims.text("tid")?,
            _ => Some(claims.required_text("tid")?),
        };
        if named.is_some_and(|named| named != tenant) {
            return Err(Kind::WrongTenant);
        }
        let Some(flow) = self.place.flow() else {
            return Ok(());
        };
        let used = match claims.text("tfp")? {
            Some(used) => Some(used),
            None => claims.text("acr")?,
        };
        match used.is_some_and(|used| used.eq_ignore_ascii_case(flow)) {
            true => Ok(()),
            false => Err(Kind::WrongTenant),
        }
    }

    fn login(&self) -> &'static str {
        match self.place {
            Place::Cloud(cloud) => cloud.login(),
            Place::External(_) | Place::B2c { .. } => Cloud::Global.login(),
        }
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

const WATCHED: [&str; 10] = [
    "tid", "iss", "aud", "oid", "ver", "idtyp", "appid", "azp", "roles", "tfp",
];
