//! [`Roles`]: what an issuer granted to the bearer of a token.

use std::borrow::Cow;
use std::fmt;

use crate::claims::Claims;
use crate::issuer::{Habit, Policy};
use crate::json::Json;
use crate::rejection::RejectionKind as Kind;

/// The roles of a caller, each a whole word. Only a [`Verified`](crate::Verified) gives them.
///
/// Most issuers list them in `roles` (another place: [`Issuer::with_roles_from`](crate::Issuer::with_roles_from)),
/// and they are called what they are called there. Keycloak's are kept apart: `realm:x`, and `client:y:x` for the role `x`
/// of the client `y`. No role of one kind looks like one of another: a client whose name is a URL is spelled with `%3A` for
/// each colon (and `%25` for a percent sign), and so is a role of another issuer that begins like Keycloak's.
///
/// Who granted them is another question: with several issuers, a role of the partner is called what the house's own is
/// called. [`Rule::issuer`](crate::Rule::issuer) asks for both.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Roles(Vec<Box<str>>);

impl Roles {
    /// Whether the caller has this role, byte for byte.
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
        let mut roles: Vec<Box<str>> = Vec::new();
        each(policy, claims, |place, role| {
            roles.push(match place {
                Place::Plain => plain(role).into(),
                Place::Realm => ["realm:", role].concat().into(),
                Place::Client(client) => ["client:", &spelled(client), ":", role].concat().into(),
            });
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

/// A role that no one takes for one of Keycloak's, whatever it is called.
fn plain(role: &str) -> Cow<'_, str> {
    let rest = ["realm", "client"]
        .iter()
        .find_map(|start| role.strip_prefix(start));
    match rest.is_some_and(|rest| rest.starts_with([':', '%'])) {
        true => spelled(role),
        false => Cow::Borrowed(role),
    }
}

/// Where a role stands.
enum Place<'a> {
    Plain,
    Realm,
    Client(&'a str),
}

/// Goes through the roles. An empty one is none. One that is no string, or a string where a list belongs, spoils
/// them all: nobody knows what was meant.
fn each(
    policy: &Policy,
    claims: Claims<'_>,
    mut found: impl FnMut(Place<'_>, &str),
) -> Result<(), Kind> {
    let mut found = |place: Place<'_>, role: &str| {
        if !role.is_empty() {
            found(place, role);
        }
    };
    let outcome = match &policy.habit {
        _ if !policy.role_claims.is_empty() => policy
            .role_claims
            .iter()
            .try_for_each(|claim| claim.each(claims, |role| found(Place::Plain, &role))),
        Habit::Keycloak => keycloak(claims, &mut found),
        habit => match claims.get("roles").filter(|roles| !roles.is_null()) {
            None => Some(()),
            Some(roles) => match roles
                .written_list()
                .filter(|_| habit.writes_lists_as_text())
            {
                Some(list) => {
                    list.iter().for_each(|role| found(Place::Plain, role));
                    Some(())
                }
                None => roles.each_text(|role| found(Place::Plain, &role)),
            },
        },
    };
    outcome.ok_or(Kind::BadClaim)
}

fn keycloak(claims: Claims<'_>, found: &mut impl FnMut(Place<'_>, &str)) -> Option<()> {
    let said = |value: &Json<'_>| !value.is_null();
    if let Some(realm) = claims.get("realm_access").filter(said) {
        realm.each_member(|name, list| match &*name {
            "roles" if said(&list) => list.each_text(|role| found(Place::Realm, &role)),
            _ => Some(()),
        })?;
    }
    let Some(resources) = claims.get("resource_access").filter(said) else {
        return Some(());
    };
    resources.each_member(|client, block| {
        block.each_member(|name, list| match &*name {
            "roles" if said(&list) => list.each_text(|role| found(Place::Client(&client), &role)),
            _ => Some(()),
        })
    })
}
