//! The token endpoint of a profile, and how the client proves who it is there.

use std::sync::Arc;

use auth_core::assertion::{Algorithm, Assertion, SigningKey};
use auth_core::{ClientAuth, Error, Io, Result, TokenEndpoint};

use crate::config::{Kind, Profile, Settings};
use crate::profile::signing_key::signing_key;
use crate::profile::{assertion, issuer, neither, secret as of_profile, subject};
use crate::secret::Secrets;

/// The endpoint that `token-url` names, or that `issuer` leads to.
pub(super) fn endpoint(profile: &Profile, io: &Io, secrets: &Secrets) -> Result<TokenEndpoint> {
    let client = authentication(profile, io, secrets)?;
    let settings = &profile.settings;
    let endpoint = match (settings.url("token-url"), settings.text("issuer")) {
        (Some(url), _) => TokenEndpoint::new(url.clone(), client, io.clone())
            .with_place(settings.origin("token-url").to_string()),
        (None, Some(_)) => TokenEndpoint::discovered(issuer::provider(profile, io)?, client),
        (None, None) => return Err(neither(profile, "token-url", "issuer")),
    };
    // What a session is for is asked of each token of it (RFC 8707 §2.2).
    let names: &[&'static str] = match profile.kind {
        Kind::Refresh => &["audience", "resource"],
        Kind::Oidc => &["resource"],
        _ => &[],
    };
    Ok(with_each(endpoint, settings, names))
}

/// `endpoint`, which sends the texts of these keys with every request for tokens.
pub(super) fn with_each(
    endpoint: TokenEndpoint,
    settings: &Settings,
    names: &[&'static str],
) -> TokenEndpoint {
    let each = settings.each(names);
    each.fold(endpoint, |endpoint, (name, value)| {
        endpoint.with_parameter(name, value)
    })
}

/// The key of the secret that the client proves itself with, if it does.
pub(super) fn secret(profile: &Profile) -> Option<&'static str> {
    match method(profile) {
        "basic" | "body" | "secret" | "client-secret-jwt" => Some("client-secret"),
        "private-key-jwt" => Some("key"),
        GIVEN => Some(GIVEN),
        _ => None,
    }
}

/// The way that the profile names, or the one that its secrets suggest.
fn method(profile: &Profile) -> &str {
    let settings = &profile.settings;
    match settings.text("client-auth") {
        Some(method) => method,
        None if settings.get(GIVEN).is_some() => GIVEN,
        None if settings.get("client-secret").is_some() => "secret",
        None if settings.get("key").is_some() && profile.kind != Kind::JwtBearer => {
            "private-key-jwt"
        }
        None if profile.kind == Kind::ClientCredentials => "secret",
        None => "none",
    }
}

pub(super) fn authentication(profile: &Profile, io: &Io, secrets: &Secrets) -> Result<ClientAuth> {
    let id = match profile.kind {
        // RFC 7523 §3.1, RFC 8693 §2.1: another token says who asks, so a client is optional.
        Kind::JwtBearer | Kind::TokenExchange => match profile.settings.text("client-id") {
            Some(id) => id,
            None if method(profile) == "none" => return Ok(ClientAuth::anonymous()),
            None => profile.need_text("client-id")?,
        },
        _ => profile.need_text("client-id")?,
    };
    match method(profile) {
        "basic" => {
            let secret = of_profile(profile, secrets, "client-secret")?;
            Ok(ClientAuth::basic(id, secret))
        }
        "body" => {
            let secret = of_profile(profile, secrets, "client-secret")?;
            Ok(ClientAuth::body(id, secret))
        }
        "secret" => {
            let secret = of_profile(profile, secrets, "client-secret")?;
            Ok(ClientAuth::secret(id, secret))
        }
        "none" => Ok(ClientAuth::public(id)),
        "client-secret-jwt" => {
            let secret = of_profile(profile, secrets, "client-secret")?;
            let key = SigningKey::new(secret).with_algorithm(Algorithm::Hs256);
            let key = key.with_name(subject(profile, "client-secret"));
            asserted(profile, io, id, key)
        }
        GIVEN => {
            let given = assertion::assertion(profile, io, secrets, GIVEN)?;
            Ok(ClientAuth::assertion(id, Arc::new(given)))
        }
        "private-key-jwt" => asserted(profile, io, id, signing_key(profile, secrets)?),
        other => Err(Error::config(format!("`client-auth` can't be `{other}`"))),
    }
}

/// A client that signs what it says about itself, for the token endpoint or, if the profile says so, its issuer.
fn asserted(profile: &Profile, io: &Io, id: &str, key: SigningKey) -> Result<ClientAuth> {
    let assertion = Assertion::new(id, key).with_clock(io.clock().clone());
    let assertion = match profile.settings.text("assertion-audience") {
        Some("issuer") => assertion.with_audience(profile.need_text("issuer")?),
        _ => assertion,
    };
    Ok(ClientAuth::assertion(id, Arc::new(assertion)))
}

/// The key of an assertion that somebody else has signed.
const GIVEN: &str = "client-assertion";
