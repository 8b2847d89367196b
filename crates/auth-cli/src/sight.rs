//! What a token looks like to somebody who has seen many. Nothing here is checked.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::output::time;

/// What kind of token says this of itself.
pub(crate) fn kind(header: &Value, claims: &Value) -> String {
    let text = |object: &Value, name: &str| object[name].as_str().unwrap_or_default().to_owned();
    let (issuer, typ) = (
        text(claims, "iss"),
        text(header, "typ").to_ascii_lowercase(),
    );
    if is_for_graph(header, claims) {
        return "an access token for Microsoft Graph".into();
    }
    if let Some(version) = entra(&issuer) {
        return entra_kind(version, claims);
    }
    match typ.trim_start_matches("application/") {
        "at+jwt" => return "an access token (RFC 9068)".into(),
        "logout+jwt" => return "a logout token (OpenID Connect Back-Channel Logout)".into(),
        "dpop+jwt" => return "a DPoP proof (RFC 9449)".into(),
        "secevent+jwt" => return "a security event (RFC 8417)".into(),
        _ => {}
    }
    match claims["typ"].as_str() {
        Some("Bearer" | "DPoP") => return "an access token of Keycloak".into(),
        Some("ID") => return "an ID token of Keycloak".into(),
        Some("Refresh") => return "a refresh token of Keycloak".into(),
        Some("Offline") => return "an offline token of Keycloak".into(),
        Some("Logout") => return "a logout token of Keycloak".into(),
        _ => {}
    }
    if issuer.ends_with(".serviceaccount.d21s.com") {
        return "an assertion of a service account of Disruptive Technologies (RFC 7523)".into();
    }
    let has = |name: &str| !claims[name].is_null();
    if has("at_hash") || has("c_hash") || has("nonce") {
        return "an ID token (OpenID Connect)".into();
    }
    if has("scope") || has("scp") || has("client_id") || has("azp") {
        return "an access token".into();
    }
    if !issuer.is_empty() && claims["iss"] == claims["sub"] {
        return "a client's assertion (RFC 7523)".into();
    }
    "a signed token (JWT)".into()
}

/// The time that a claim names.
pub(crate) fn time_in(claims: &Value, name: &str) -> Option<SystemTime> {
    let seconds = claims[name]
        .as_f64()
        .filter(|seconds| (0.0..1e11).contains(seconds))?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs_f64(seconds))
}

/// What somebody who looks at it should know.
pub(crate) fn remarks(header: &Value, claims: &Value, now: SystemTime) -> Vec<String> {
    let mut remarks = Vec::new();
    if is_for_graph(header, claims) {
        remarks.push(
            "no other API can check it: let the client ask for a scope of that API instead".into(),
        );
    }
    let at = |name| time_in(claims, name);
    match at("exp") {
        Some(end) => remarks.push(match end.duration_since(now) {
            Ok(left) => format!("it ends in {}, at {}", time::span(left), time::rfc3339(end)),
            Err(past) => {
                let ago = time::span(past.duration());
                format!("it ended {ago} ago, at {}", time::rfc3339(end))
            }
        }),
        None => remarks.push("it names no end (`exp`)".into()),
    }
    if at("nbf").is_some_and(|start| start > now) {
        remarks.push("it is not valid yet (`nbf`)".into());
    }
    match header["alg"].as_str() {
        Some(alg) if alg.eq_ignore_ascii_case("none") => {
            remarks.push("it is not signed (`alg` is none): nobody should accept it".into());
        }
        Some(alg) if alg.starts_with("HS") => {
            remarks.push(format!("only who shares the secret can check it ({alg})"));
        }
        _ => {}
    }
    remarks
}

/// What something that is no JWT may be.
pub(crate) fn opaque(token: &str) -> String {
    let hexadecimal = token.bytes().all(|byte| byte.is_ascii_hexdigit());
    match (token.split('.').count(), token.len()) {
        (5, _) => "an encrypted token (JWE)".into(),
        (3, length) => format!("a text of {length} characters in three parts"),
        (_, 32) if hexadecimal => {
            "an opaque token of 32 hexadecimal digits, as Disruptive Technologies gives".into()
        }
        (_, length) if is_cut(token) => format!("a token that was cut after {length} characters"),
        (_, length) => format!("an opaque token of {length} characters"),
    }
}

/// Whether it begins as a JWT does, and has not all its parts.
pub(crate) fn is_cut(token: &str) -> bool {
    token.starts_with("eyJ") && token.split('.').count() < 3
}

/// Graph's tokens have a nonce in the header, which other issuers use as they like, and a signature that only Graph can check.
fn is_for_graph(header: &Value, claims: &Value) -> bool {
    const GRAPH: [&str; 3] = [
        "00000003-0000-0000-c000-000000000000",
        "https://graph.microsoft.com",
        "https://graph.microsoft.com/",
    ];
    let audience = claims["aud"].as_str().unwrap_or_default();
    let issuer = claims["iss"].as_str().unwrap_or_default();
    let is_microsofts = MICROSOFTS.iter().any(|start| issuer.starts_with(start));
    is_microsofts && !header["nonce"].is_null() || GRAPH.contains(&audience)
}

/// How the issuers of Entra ID begin, in all clouds.
const MICROSOFTS: [&str; 5] = [
    "https://sts.windows.net/",
    "https://login.microsoftonline.com/",
    "https://login.microsoftonline.us/",
    "https://login.partner.microsoftonline.cn/",
    "https://sts.chinacloudapi.cn/",
];

/// The version of Entra's format, by the issuer.
fn entra(issuer: &str) -> Option<u8> {
    if issuer.starts_with("https://sts.windows.net/") {
        return Some(1);
    }
    let rest = issuer.strip_prefix("https://login.microsoftonline.com/")?;
    rest.ends_with("/v2.0").then_some(2)
}

fn entra_kind(version: u8, claims: &Value) -> String {
    let has = |name: &str| !claims[name].is_null();
    if !has("azp") && !has("appid") {
        return format!("an ID token of Entra ID, version {version}");
    }
    let whose = if has("scp") {
        "a person"
    } else {
        "an application"
    };
    format!("an access token of Entra ID for {whose}, version {version}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_of_token_is_known_by_sight() {
        let v1 = "https://sts.windows.net/t/";
        let v2 = "https://login.microsoftonline.com/t/v2.0";
        for (header, claims, expected) in [
            (
                json!({"typ": "at+jwt"}),
                json!({}),
                "an access token (RFC 9068)",
            ),
            (
                json!({"typ": "JWT"}),
                json!({"typ": "Offline"}),
                "an offline token of Keycloak",
            ),
            (
                json!({}),
                json!({"typ": "Bearer"}),
                "an access token of Keycloak",
            ),
            (
                json!({}),
                json!({"iss": v1, "appid": "x"}),
                "of Entra ID for an application, version 1",
            ),
            (
                json!({}),
                json!({"iss": v2, "azp": "x", "scp": "y"}),
                "for a person, version 2",
            ),
            (
                json!({}),
                json!({"iss": v2, "nonce": "x"}),
                "an ID token of Entra ID, version 2",
            ),
            (
                json!({"nonce": "x"}),
                json!({"iss": v1}),
                "for Microsoft Graph",
            ),
            (
                json!({}),
                json!({"aud": "https://graph.microsoft.com"}),
                "for Microsoft Graph",
            ),
            (
                json!({}),
                json!({"iss": "a@b.serviceaccount.d21s.com"}),
                "Disruptive Technologies",
            ),
            (
                json!({"nonce": "x"}),
                json!({"iss": "c", "sub": "c"}),
                "a client's assertion",
            ),
            (
                json!({}),
                json!({"iss": "i", "nonce": "n"}),
                "an ID token (OpenID Connect)",
            ),
            (json!({}), json!({"scope": "read"}), "an access token"),
            (json!({}), json!({}), "a signed token (JWT)"),
        ] {
            let kind = kind(&header, &claims);
            assert!(kind.contains(expected), "{kind}: {expected}");
        }
        assert!(opaque("a.b.c.d.e").contains("JWE"));
        assert!(opaque("d663e83546294b158fea2574a1945319").contains("Disruptive"));
    }
}
