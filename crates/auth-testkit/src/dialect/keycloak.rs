//! What Keycloak writes into tokens.

use std::time::SystemTime;

use serde_json::{Value, json};

use crate::random;
use crate::token::{Purpose, seconds};
use crate::user::User;

/// An access token's claims.
pub(crate) fn access(
    issuer: &str,
    purpose: &Purpose,
    user: Option<&User>,
    now: SystemTime,
    end: SystemTime,
) -> Value {
    let mut claims = json!({
        "exp": seconds(end), "iat": seconds(now),
        "iss": issuer,
        "sub": user.map_or(&purpose.subject, |user| &user.id),
        "scope": scope(purpose),
    });
    describe(&mut claims, purpose, user, "Bearer");
    let has_roles = purpose.has_scope("roles");
    if has_roles || !purpose.audience.is(ACCOUNT) {
        claims["aud"] = purpose.audience.claim();
    }
    if has_roles {
        let given = user.map_or(&[][..], |user| &user.roles);
        let mut roles = vec!["offline_access", "uma_authorization"];
        roles.extend(given.iter().map(String::as_str));
        claims["realm_access"] = json!({ "roles": roles });
        claims["resource_access"] =
            json!({ ACCOUNT: { "roles": ["manage-account", "view-profile"] } });
    }
    if let Some(session) = &purpose.session {
        claims["sid"] = session.as_str().into();
    }
    claims
}

/// A refresh token's claims, which are for the server itself.
pub(crate) fn refresh(
    issuer: &str,
    purpose: &Purpose,
    subject: &str,
    now: SystemTime,
    end: Option<SystemTime>,
) -> Value {
    let kind = if purpose.offline {
        "Offline"
    } else {
        "Refresh"
    };
    let mut claims = json!({
        "iat": seconds(now), "jti": random::uuid(), "iss": issuer, "aud": issuer,
        "sub": subject, "typ": kind, "azp": purpose.client,
        "sid": purpose.session, "scope": purpose.scopes.join(" "),
    });
    if let Some(end) = end {
        claims["exp"] = seconds(end).into();
    }
    claims
}

/// Adds who logged in, and how.
pub(crate) fn describe(claims: &mut Value, purpose: &Purpose, user: Option<&User>, kind: &str) {
    let origin = purpose.session.as_ref().map_or("trrtcc", |_| "onrtac");
    claims["jti"] = format!("{origin}:{}", random::uuid()).into();
    claims["typ"] = kind.into();
    claims["azp"] = purpose.client.as_str().into();
    claims["acr"] = "1".into();
    if let Some(since) = purpose.since {
        claims["auth_time"] = seconds(since).into();
    }
    let Some(user) = user else {
        claims["preferred_username"] = format!("service-account-{}", purpose.client).into();
        return;
    };
    if purpose.has_scope("email") {
        claims["email"] = user.email.as_str().into();
        claims["email_verified"] = true.into();
    }
    if purpose.has_scope("profile") {
        claims["name"] = format!("{} {}", user.first_name, user.last_name).into();
        claims["preferred_username"] = user.name.as_str().into();
        claims["given_name"] = user.first_name.as_str().into();
        claims["family_name"] = user.last_name.as_str().into();
    }
}

/// The scope that answers and access tokens name: not every scope wants to be seen.
pub(crate) fn scope(purpose: &Purpose) -> String {
    let mut shown = purpose.scopes.clone();
    shown.retain(|scope| scope != "roles");
    shown.join(" ")
}

/// What userinfo says, from the claims of an access token.
pub(crate) fn profile(claims: &Value) -> Value {
    let mut profile = json!({});
    for name in SHOWN {
        if !claims[name].is_null() {
            profile[name] = claims[name].clone();
        }
    }
    profile
}

const SHOWN: [&str; 7] = [
    "sub",
    "email_verified",
    "name",
    "preferred_username",
    "given_name",
    "family_name",
    "email",
];

/// Keycloak's own API, where people manage their accounts.
pub(crate) const ACCOUNT: &str = "account";
