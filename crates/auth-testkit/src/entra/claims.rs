//! What Entra ID's tokens say.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::application::{EntraApplication, Version};
use super::grant::Grant;
use super::scope::Wish;
use super::tenant::{EntraTenant, upn};
use crate::random;
use crate::record::Received;
use crate::token::seconds;
use crate::user::User;

/// What the access token of a grant says to the API that it is for.
pub(super) fn access(request: &Received, grant: &Grant<'_>, wish: &Wish) -> Value {
    let api = &wish.api;
    let mut claims = common(request, grant.tenant);
    let (audience, ver, client, acr) = match api.version {
        Version::V1 => (&wish.resource, "1.0", "appid", "appidacr"),
        Version::V2 => (&api.id, "2.0", "azp", "azpacr"),
    };
    claims["aud"] = audience.as_str().into();
    claims["ver"] = ver.into();
    claims[client] = grant.client.id.as_str().into();
    claims[acr] = grant.proof.acr().into();
    if api.version == Version::V1 {
        claims["iss"] = format!("https://sts.windows.net/{}/", grant.tenant.id).into();
        claims["xms_ftd"] = random::hex(16).into();
    }
    match &grant.person {
        Some((user, session)) => {
            describe(&mut claims, user, api);
            claims["sid"] = session.as_str().into();
            claims["scp"] = wish.permissions.join(" ").into();
            match api.version {
                Version::V2 => claims["preferred_username"] = upn(user).into(),
                Version::V1 => {
                    claims["upn"] = upn(user).into();
                    claims["unique_name"] = upn(user).into();
                    claims["given_name"] = user.first_name.as_str().into();
                    claims["family_name"] = user.last_name.as_str().into();
                    claims["acr"] = "1".into();
                    claims["amr"] = json!(["pwd"]);
                    claims["ipaddr"] = "127.0.0.1".into();
                }
            }
        }
        None => {
            let principal = principal(grant.tenant, grant.client);
            claims["oid"] = principal.as_str().into();
            claims["sub"] = principal.into();
            let of = |(client, role): &(String, String)| {
                (*client == grant.client.id).then(|| role.clone())
            };
            let roles: Vec<_> = api.roles.iter().filter_map(of).collect();
            if !roles.is_empty() {
                claims["roles"] = json!(roles);
            }
            if api.says_idtyp {
                claims["idtyp"] = "app".into();
            }
            if api.version == Version::V1 {
                claims["idp"] = claims["iss"].clone();
            }
        }
    }
    if grant.is_evaluated_continuously() {
        claims["xms_cc"] = json!(["cp1"]);
    }
    claims
}

/// Who logged in (OpenID Connect Core §2).
pub(super) fn identity(
    request: &Received,
    grant: &Grant<'_>,
    user: &User,
    nonce: Option<&str>,
) -> Value {
    let mut claims = common(request, grant.tenant);
    describe(&mut claims, user, grant.client);
    claims["aud"] = grant.client.id.as_str().into();
    claims["preferred_username"] = upn(user).into();
    claims["email"] = user.email.as_str().into();
    claims["ver"] = "2.0".into();
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    claims
}

fn common(request: &Received, tenant: &EntraTenant) -> Value {
    let now = seconds(request.at());
    json!({
        "iss": format!("{}/{}/v2.0", request.origin(), tenant.id),
        "iat": now - SINCE,
        "nbf": now - SINCE,
        "exp": now + tenant.policy.token_life.as_secs(),
        "tid": tenant.id,
        "aio": random::hex(24),
        "uti": URL_SAFE_NO_PAD.encode(&random::hex(11)[..16]),
        "rh": format!("1.{}.", random::hex(20)),
    })
}

/// A person, as `application` knows them: `sub` is another one for each.
fn describe(claims: &mut Value, user: &User, application: &EntraApplication) {
    let pair = format!("{} {}", user.id, application.id);
    let subject = digest(&SHA256, pair.as_bytes());
    claims["oid"] = user.id.as_str().into();
    claims["sub"] = URL_SAFE_NO_PAD.encode(subject).into();
    claims["name"] = format!("{} {}", user.first_name, user.last_name).into();
    if !user.roles.is_empty() {
        claims["roles"] = json!(user.roles);
    }
}

/// The object id of an application in a tenant.
fn principal(tenant: &EntraTenant, application: &EntraApplication) -> String {
    let pair = format!("{} {}", tenant.id, application.id);
    let hash = digest(&SHA256, pair.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    random::uuid_of(bytes)
}

/// Seconds by which a token was good before it was given.
const SINCE: u64 = 300;
