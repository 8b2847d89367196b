//! [`Roles`]: what an issuer granted to the bearer of a token.

use std::borrow::Cow;
use std::fmt;

use crate::claims::Claims;
use crate::issuer::{Habit, Policy};
use crate::rejection::RejectionKind as Kind;

/// The roles of a caller, each a whole word. Only a [`Verified`](crate::Verified) gives them.
///
/// Most issuers list them in `roles`, and they are called what they are called there. Keycloak's are
/// kept apart: `realm:x`, and `client:y:x` for the role `x` of the client `y`. A client whose name is a URL is
/// spelled with `%3A` for each colon (and `%25` for a percent sign), so that no role of one client can look
/// like a role of another.
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

    /// Reads them the way `policy` has them written.
    pub(crate) fn read(policy: &Policy, claims: Claims<'_>) -> Result<Self, Kind> {
        let mut roles = Vec::new();
        each(policy, claims, |place, role| {
            let role = match place {
                Place::Plain => Box::from(role),
                Place::Realm => ["realm:", role].concat().into(),
                Place::Client(client) => ["client:", &spelled(client), ":", role].concat().into(),
            };
            roles.push(role);
        })?;
        if let Some(role) = &policy.application_role
            && claims.text("idtyp")?.is_some_and(|kind| kind == "app")
            && !roles.iter().any(|own| **own == **role)
        {
            roles.push(role.as_str().into());
        }
        Ok(Self(roles))
    }

    /// Whether they can be read, and whether there is one.
    pub(crate) fn exist(policy: &Policy, claims: Claims<'_>) -> Result<bool, Kind> {
        let mut found = false;
        each(policy, claims, |_, _| found = true)?;
        Ok(found)
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

/// The name of a client, without a colon.
fn spelled(client: &str) -> Cow<'_, str> {
    match client.contains([':', '%']) {
        false => Cow::Borrowed(client),
        true => Cow::Owned(client.replace('%', "%25").replace(':', "%3A")),
    }
}

/// Where a role stands.
enum Place<'a> {
    Plain,
    Realm,
    Client(&'a str),
}

/// Goes through the roles. One that is no string, or a string where a list belongs, spoils the token:
/// nobody knows what was meant.
fn each(
    policy: &Policy,
    claims: Claims<'_>,
    mut found: impl FnMut(Place<'_>, &str),
) -> Result<(), Kind> {
    let outcome = match policy.habit {
        Habit::Keycloak => keycloak(claims, &mut found),
        _ => match claims.get("roles") {
            None => Some(()),
            Some(roles) => roles.each_text(|role| found(Place::Plain, &role)),
        },
    };
    outcome.ok_or(Kind::BadClaim)
}

fn keycloak(claims: Claims<'_>, found: &mut impl FnMut(Place<'_>, &str)) -> Option<()> {
    if let Some(realm) = claims.get("realm_access") {
        realm.each_member(|name, list| match &*name {
            "roles" => list.each_text(|role| found(Place::Realm, &role)),
            _ => Some(()),
        })?;
    }
    let Some(resources) = claims.get("resource_access") else {
        return Some(());
    };
    resources.each_member(|client, block| {
        block.each_member(|name, list| match &*name {
            "roles" => list.each_text(|role| found(Place::Client(&client), &role)),
            _ => Some(()),
        })
    })
}
