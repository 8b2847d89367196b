//! [`Tenants`]: the directories whose users and applications are let in.

use auth_core::error::Untrusted;
use auth_core::{Error, Result};

/// Directories (tenants), by their GUID.
#[derive(Clone, Debug)]
pub struct Tenants(Option<Vec<String>>);

impl Tenants {
    /// One tenant.
    ///
    /// # Errors
    /// `Config` if it is no GUID.
    pub fn one(tenant: &str) -> Result<Self> {
        Self::list([tenant])
    }

    /// Some tenants.
    ///
    /// # Errors
    /// `Config` if there is none, or if one is no GUID.
    pub fn list<'a>(tenants: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let tenants: Vec<_> = tenants
            .into_iter()
            .map(|tenant| guid(tenant).ok_or_else(|| bad(tenant)))
            .collect::<Result<_>>()?;
        match tenants.is_empty() {
            false => Ok(Self(Some(tenants))),
            true => Err(Error::config("no tenant is let in").with_advice("name at least one")),
        }
    }

    /// Every tenant there is: anybody can make one. Decide by `tid` and roles what it may do.
    pub fn any() -> Self {
        Self(None)
    }

    /// The one tenant, if there is one.
    pub(crate) fn single(&self) -> Option<&str> {
        match self.0.as_deref() {
            Some([only]) => Some(only),
            _ => None,
        }
    }

    /// A tenant that `later` names and that is let in here; anybody's where all are let in here.
    pub(crate) fn shared_with<'t>(&self, later: &'t Self) -> Option<&'t str> {
        match (&self.0, &later.0) {
            (None, None) => Some(NOBODYS),
            (Some(_), None) => None,
            (_, Some(named)) => named
                .iter()
                .map(String::as_str)
                .find(|tenant| self.admit(tenant)),
        }
    }

    pub(crate) fn admit(&self, tenant: &str) -> bool {
        match &self.0 {
            Some(tenants) => tenants.iter().any(|one| one == tenant),
            None => true,
        }
    }
}

/// A GUID that is no tenant's, in the place of one.
pub(crate) const NOBODYS: &str = "00000000-0000-0000-0000-000000000000";

/// `text` in lower case, if it is a GUID.
pub(crate) fn guid(text: &str) -> Option<String> {
    let groups: Vec<_> = text.split('-').collect();
    let lengths = groups.iter().map(|group| group.len());
    let hex = text
        .bytes()
        .all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    (hex && lengths.eq([8, 4, 4, 4, 12])).then(|| text.to_ascii_lowercase())
}

fn bad(tenant: &str) -> Error {
    let shown = Untrusted::new(tenant).with_limit(64);
    Error::config(format!("the tenant `{shown}` is no GUID"))
        .with_advice("copy the directory (tenant) ID from the overview of Entra ID")
}
