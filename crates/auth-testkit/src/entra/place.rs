//! [`Place`]: where in Entra ID a request arrives.

use super::application::EntraApplication;
use super::tenant::EntraTenant;
use crate::user::User;

/// One tenant, or all of them, as `common` and `organizations` mean.
pub(super) struct Place {
    name: String,
    tenants: Vec<EntraTenant>,
    is_one: bool,
}

impl Place {
    pub(super) fn named(tenants: &[EntraTenant], name: &str) -> Option<Self> {
        if matches!(name, "common" | "organizations" | "consumers") {
            return Some(Self {
                name: name.to_owned(),
                ..Self::of_all(tenants)
            });
        }
        let tenant = tenants.iter().find(|tenant| tenant.is_called(name))?;
        Some(Self {
            name: tenant.id.clone(),
            tenants: vec![tenant.clone()],
            is_one: true,
        })
    }

    pub(super) fn of_all(tenants: &[EntraTenant]) -> Self {
        Self {
            name: "common".to_owned(),
            tenants: tenants.to_vec(),
            is_one: false,
        }
    }

    /// How paths name it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// How issuers name it: a tenant's id, or the place for one.
    pub(super) fn id(&self) -> &str {
        match self.is_one {
            true => &self.name,
            false => "{tenantid}",
        }
    }

    pub(super) fn tenants(&self) -> &[EntraTenant] {
        &self.tenants
    }

    pub(super) fn application(&self, id: &str) -> Option<&EntraApplication> {
        let mut tenants = self.tenants.iter();
        tenants.find_map(|tenant| tenant.application(id))
    }

    /// The tenant of an application, which is where it asks for itself.
    pub(super) fn home(&self, application: &str) -> Option<&EntraTenant> {
        let mut tenants = self.tenants.iter();
        tenants.find(|tenant| tenant.application(application).is_some())
    }

    /// The person with that name, UPN or object id, and their tenant.
    pub(super) fn user(&self, name: &str) -> Option<(&EntraTenant, &User)> {
        let mut tenants = self.tenants.iter();
        tenants.find_map(|tenant| Some((tenant, tenant.user(name)?)))
    }
}
