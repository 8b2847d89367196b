//! Assertions by which an application proves to Entra ID who it is (RFC 7523 §2.2).

use jsonwebtoken::dangerous::insecure_decode;
use serde_json::Value;

use super::Elsewhere;
use super::application::{EntraApplication, Validity};
use super::place::Place;
use super::refusal::Refusal;
use super::tenant::EntraTenant;
use crate::assertion::{is_for, signed};
use crate::record::Received;
use crate::token::seconds;

/// Whether an assertion proves `application`: one that it signed itself, or a token of an issuer that it trusts.
pub(super) fn check(
    place: &Place,
    application: &EntraApplication,
    text: &str,
    request: &Received,
    elsewhere: Elsewhere<'_>,
) -> Result<(), Refusal> {
    let no = |code, text: String| Refusal::new("invalid_client", code, text);
    let claims = match insecure_decode::<Value>(text) {
        Ok(data) => data.claims,
        Err(_) => return Err(no(50_027, "JWT token is invalid or malformed.".to_owned())),
    };
    let is_own = claims["iss"].as_str() == Some(&application.id);
    let claims = match is_own {
        true => check_signature(application, text)?,
        false => check_federation(application, &claims, text, elsewhere)?,
    };
    if is_own && claims["sub"] != claims["iss"] {
        let text = "Client assertion application identifier doesn't match 'client_id' parameter.";
        return Err(no(700_021, text.to_owned()));
    }
    if is_own && !is_for(&claims, &audiences(place, request)) {
        let text = "Client assertion audience claim does not match Realm issuer.";
        return Err(no(700_023, text.to_owned()));
    }
    let now = seconds(request.at()) as f64;
    let (from, until) = (claims["nbf"].as_f64(), claims["exp"].as_f64());
    let is_early = from.is_some_and(|from| from > now + SKEW);
    if is_early || until.is_none_or(|until| until + SKEW <= now) {
        let text = format!(
            "Client assertion is not within its valid time range. Current time: {now}, assertion valid \
             from {}, expiry time of assertion {}.",
            from.unwrap_or_default(),
            until.unwrap_or_default()
        );
        return Err(no(700_024, text));
    }
    Ok(())
}

/// What an application says in an assertion that it signed itself.
fn check_signature(application: &EntraApplication, text: &str) -> Result<Value, Refusal> {
    let no = |reason: &str| {
        let text = format!("Client assertion contains an invalid signature. [Reason - {reason}]");
        Refusal::new("invalid_client", 700_027, text)
    };
    let header = jsonwebtoken::decode_header(text).map_err(|_| no("The header can't be read."))?;
    let mut known = application.certificates.iter();
    let (certificate, validity) = known
        .find(|(certificate, _)| certificate.is_named(&header))
        .ok_or_else(|| no("The key was not found."))?;
    if *validity == Validity::Expired {
        return Err(no("The key used is expired."));
    }
    signed(text, &certificate.keys).ok_or_else(|| {
        no("The provided signature value did not match the expected signature value.")
    })
}

/// What another issuer says about a workload.
fn check_federation(
    application: &EntraApplication,
    claims: &Value,
    text: &str,
    elsewhere: Elsewhere<'_>,
) -> Result<Value, Refusal> {
    let get = |name: &str| claims[name].as_str().unwrap_or_default();
    let (issuer, subject) = (get("iss"), get("sub"));
    let no = |code, what: &str, value: &str| {
        let text = format!(
            "No matching federated identity record found for presented assertion {what} '{value}'. \
             Check your federated identity credential Subject, Audience and Issuer against the presented \
             assertion."
        );
        Refusal::new("invalid_client", code, text)
    };
    let mut known = application.federated.iter();
    if !known.any(|(one, _)| one == issuer) {
        return Err(no(700_211, "issuer", issuer));
    }
    if !is_for(claims, &[EXCHANGE.to_owned()]) {
        return Err(no(700_212, "audience", &claims["aud"].to_string()));
    }
    let mut known = application.federated.iter();
    if !known.any(|known| (known.0.as_str(), known.1.as_str()) == (issuer, subject)) {
        return Err(no(700_213, "subject", subject));
    }
    elsewhere(text).ok_or_else(|| {
        let text = "Assertion failed signature validation. [Reason - The key was not found.]";
        Refusal::new("invalid_client", 50_013, text)
    })
}

/// What an assertion may call this server.
fn audiences(place: &Place, request: &Received) -> Vec<String> {
    let (origin, endpoint) = (request.origin(), request.endpoint());
    let of = |tenant: &EntraTenant| {
        let id = &tenant.id;
        [
            format!("{origin}/{id}/v2.0"),
            format!("{origin}/{id}/oauth2/v2.0/token"),
        ]
    };
    let names = place.tenants().iter().flat_map(of);
    names.chain([endpoint]).collect()
}

/// For whom the token of a workload must be.
const EXCHANGE: &str = "api://AzureADTokenExchange";
/// Seconds by which an assertion's times may be off.
const SKEW: f64 = 300.0;
