//! How an application proves to Entra ID who it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::dangerous::insecure_decode;
use serde_json::Value;
use url::form_urlencoded;

use super::Elsewhere;
use super::application::{EntraApplication, Validity};
use super::place::Place;
use super::refusal::Refusal;
use crate::assertion::{is_for, signed};
use crate::record::Received;
use crate::token::seconds;

/// How it was proved, as tokens say it in `azpacr` and `appidacr`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    Nothing,
    Secret,
    Assertion,
}

impl Proof {
    pub(super) fn acr(self) -> &'static str {
        match self {
            Self::Nothing => "0",
            Self::Secret => "1",
            Self::Assertion => "2",
        }
    }
}

/// The application that `request` names, which nobody has proved yet.
pub(super) fn named(place: &Place, id: Option<&str>) -> Result<EntraApplication, Refusal> {
    let id = id.filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Refusal::missing("client_id"))?;
    place.application(id).cloned().ok_or_else(|| {
        let text = format!(
            "Application with identifier '{id}' was not found in the directory '{}'. This can happen \
             if the application has not been installed by the administrator of the tenant or consented \
             to by any user in the tenant.",
            place.name()
        );
        Refusal::new("unauthorized_client", 700_016, text)
    })
}

/// The application behind `request`, and how it proved that.
pub(super) fn authenticate(
    place: &Place,
    request: &Received,
    elsewhere: Elsewhere<'_>,
) -> Result<(EntraApplication, Proof), Refusal> {
    let field = |name| request.field(name).filter(|value| !value.is_empty());
    let basic = request.header("authorization").and_then(basic);
    let (id, secret) = match basic {
        Some((id, secret)) => (Some(id), Some(secret)),
        None => (field("client_id"), field("client_secret")),
    };
    let application = named(place, id.as_deref())?;
    let assertion = field("client_assertion");
    let asks_for_itself = field("grant_type").as_deref() == Some("client_credentials");
    if application.is_public() {
        return match secret.is_some() || assertion.is_some() {
            true => Err(Refusal::new(
                "invalid_client",
                700_025,
                "Client is public so neither 'client_assertion' nor 'client_secret' should be \
                 presented.",
            )),
            false => Ok((application, Proof::Nothing)),
        };
    }
    let proof = match (secret, assertion) {
        (Some(secret), None) => {
            check_secret(&application, &secret)?;
            Proof::Secret
        }
        (None, Some(text)) => {
            if field("client_assertion_type").as_deref() != Some(JWT_BEARER) {
                return Err(Refusal::missing("client_assertion_type"));
            }
            check_assertion(place, &application, &text, request, elsewhere)?;
            Proof::Assertion
        }
        (None, None) if application.public_flows && !asks_for_itself => Proof::Nothing,
        (None, None) => {
            return Err(Refusal::new(
                "invalid_client",
                7_000_218,
                "The request body must contain the following parameter: 'client_assertion' or \
                 'client_secret'.",
            ));
        }
        (Some(_), Some(_)) => {
            let text = "The request has both 'client_secret' and 'client_assertion'.";
            return Err(Refusal::new("invalid_request", 9_002_313, text));
        }
    };
    Ok((application, proof))
}

fn check_secret(application: &EntraApplication, secret: &str) -> Result<(), Refusal> {
    let mut known = application.secrets.iter();
    let id = &application.id;
    match known.find(|(value, _)| value == secret) {
        Some((_, Validity::Current)) => Ok(()),
        Some((_, Validity::Expired)) => {
            let text = format!("The provided client secret keys for app '{id}' are expired.");
            Err(Refusal::new("invalid_client", 7_000_222, text))
        }
        None => {
            let text = format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the \
                 client secret value, not the client secret ID, for a secret added to app '{id}'."
            );
            Err(Refusal::new("invalid_client", 7_000_215, text))
        }
    }
}

fn check_assertion(
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
    let of = |tenant: &super::EntraTenant| {
        let id = &tenant.id;
        [
            format!("{origin}/{id}/v2.0"),
            format!("{origin}/{id}/oauth2/v2.0/token"),
        ]
    };
    let names = place.tenants().iter().flat_map(of);
    names.chain([endpoint]).collect()
}

fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, value) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let plain = |text: &str| {
        let pair = format!("={text}");
        let mut all = form_urlencoded::parse(pair.as_bytes());
        all.next().map(|(_, value)| value.into_owned())
    };
    plain(id).zip(plain(secret))
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// For whom the token of a workload must be.
const EXCHANGE: &str = "api://AzureADTokenExchange";
/// Seconds by which an assertion's times may be off.
const SKEW: f64 = 300.0;
