//! [`Roles`]: what an issuer granted to the bearer of a token.

use std::fmt;

use crate::claims::Claims;
use crate::issuer::Habit;
use crate::rejection::RejectionKind as Kind;

/// The roles of a caller, each a whole word. Only a [`Verified`](crate::Verified) gives them.
///
/// Most issuers list them in `roles`, and they are called what they are called there. Keycloak's are
/// kept apart: `realm:x`, and `client:y:x` for the role `x` of the client `y`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Roles(Vec<Box<str>>);

impl Roles {
    /// Whether the caller has this role.
    pub fn has(&self, role: &str) -> bool {
        self.0.iter().any(|own| **own == *role)
    }

    /// All roles.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|role| &**role)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn add(&mut self, role: &str) {
        if !self.has(role) {
            self.0.push(role.into());
        }
    }

    /// Reads them the way `habit` writes them. A role that is no string, or a string where a list
    /// belongs, spoils the token: nobody knows what was meant.
    pub(crate) fn read(habit: &Habit, claims: Claims<'_>) -> Result<Self, Kind> {
        match habit {
            Habit::Keycloak => keycloak(claims),
            _ => {
                let roles = claims.texts("roles")?;
                Ok(Self(roles.into_iter().map(Into::into).collect()))
            }
        }
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

fn keycloak(claims: Claims<'_>) -> Result<Roles, Kind> {
    let mut roles = Roles::default();
    if let Some(realm) = claims.get("realm_access") {
        let members = realm.object().ok_or(Kind::BadClaim)?;
        collect(&mut roles, "realm:", &members)?;
    }
    if let Some(resources) = claims.get("resource_access") {
        for (client, block) in resources.object().ok_or(Kind::BadClaim)? {
            let members = block.object().ok_or(Kind::BadClaim)?;
            collect(&mut roles, &format!("client:{client}:"), &members)?;
        }
    }
    Ok(roles)
}

type Members<'a> = Vec<(std::borrow::Cow<'a, str>, crate::json::Json<'a>)>;

fn collect(roles: &mut Roles, prefix: &str, members: &Members<'_>) -> Result<(), Kind> {
    let Some((_, list)) = members.iter().find(|(name, _)| name == "roles") else {
        return Ok(());
    };
    for role in list.texts().ok_or(Kind::BadClaim)? {
        roles.0.push(format!("{prefix}{role}").into());
    }
    Ok(())
}
