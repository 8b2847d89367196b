//! How a client proves at the token endpoint who it is.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use url::form_urlencoded;

use crate::answer::Refusal;
use crate::client::Client;
use crate::record::Received;
use crate::token::seconds;

/// What a request says about the client.
enum Credential {
    Assertion(String),
    Nothing(String),
    Secret(String, String),
}

/// The identifiers of assertions that were used, until they end.
pub(crate) type Used = HashMap<String, u64>;

/// The client behind `request`. `audiences` are the names of the server that an assertion may bear.
pub(crate) fn authenticate<'a>(
    clients: &'a BTreeMap<String, Client>,
    used: &mut Used,
    request: &Received,
    audiences: &[String],
) -> Result<&'a Client, Refusal> {
    let unknown = || Refusal::new("invalid_client", "This client is not known.");
    match presented(request)? {
        Credential::Nothing(id) => match clients.get(&id).ok_or_else(unknown)? {
            client if client.is_public() => Ok(client),
            _ => Err(Refusal::new(
                "invalid_client",
                "This client must authenticate.",
            )),
        },
        Credential::Secret(id, secret) => match clients.get(&id).ok_or_else(unknown)? {
            client if client.secret.as_ref() == Some(&secret) => Ok(client),
            _ => Err(Refusal::new("invalid_client", "The secret is wrong.")),
        },
        Credential::Assertion(text) => {
            let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(&text)
                .map_err(|_| Refusal::new("invalid_client", "The assertion is not a JWT."))?
                .claims;
            let id = claims["iss"].as_str().unwrap_or_default();
            let client = clients.get(id).ok_or_else(unknown)?;
            if request.field("client_id").is_some_and(|named| named != id) {
                return Err(Refusal::new(
                    "invalid_client",
                    "The client_id is not the assertion's issuer.",
                ));
            }
            check(client, used, &text, &claims, audiences, request.at())?;
            Ok(client)
        }
    }
}

fn presented(request: &Received) -> Result<Credential, Refusal> {
    let field = |name| request.field(name).filter(|value| !value.is_empty());
    let basic = match request.header("authorization") {
        Some(header) => Some(basic(header)?),
        None => None,
    };
    let typed = field("client_assertion_type");
    let one = match (basic, field("client_secret"), field("client_assertion")) {
        (Some((id, secret)), None, None) => Some(Credential::Secret(id, secret)),
        (None, Some(secret), None) => field("client_id").map(|id| Credential::Secret(id, secret)),
        (None, None, Some(text)) if typed.as_deref() == Some(JWT_BEARER) => {
            Some(Credential::Assertion(text))
        }
        (None, None, None) => field("client_id").map(Credential::Nothing),
        (None, None, Some(_)) => {
            return Err(Refusal::new(
                "invalid_request",
                "The client_assertion_type is not known.",
            ));
        }
        _ => {
            return Err(Refusal::new(
                "invalid_request",
                "The client authenticates in more than one way.",
            ));
        }
    };
    one.ok_or_else(|| Refusal::new("invalid_client", "The request names no client."))
}

fn basic(header: &str) -> Result<(String, String), Refusal> {
    let malformed = || {
        Refusal::new(
            "invalid_request",
            "The client id and secret are not properly encoded.",
        )
    };
    let (scheme, value) = header.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed());
    }
    let pair = STANDARD.decode(value.trim()).map_err(|_| malformed())?;
    let pair = String::from_utf8(pair).map_err(|_| malformed())?;
    let (id, secret) = pair.split_once(':').ok_or_else(malformed)?;
    decoded(id).zip(decoded(secret)).ok_or_else(malformed)
}

/// The meaning of form-encoded text; `None` if it holds a character that had to be encoded.
fn decoded(text: &str) -> Option<String> {
    let encoded = |byte: u8| byte.is_ascii_alphanumeric() || b"*-._~+%".contains(&byte);
    if !text.bytes().all(encoded) {
        return None;
    }
    let whole = |part: &str| part.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if !text.split('%').skip(1).all(whole) {
        return None;
    }
    let pair = format!("={text}");
    form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
}

fn check(
    client: &Client,
    used: &mut Used,
    assertion: &str,
    claims: &Value,
    audiences: &[String],
    now: SystemTime,
) -> Result<(), Refusal> {
    let no = |why| Err(Refusal::new("invalid_client", why));
    if !is_signed_by(client, assertion) {
        return no("The signature of the assertion is wrong.");
    }
    if claims["sub"] != claims["iss"] {
        return no("The subject of the assertion is not the client.");
    }
    let is_ours = |aud: &Value| audiences.iter().any(|name| aud == name.as_str());
    let listed = claims["aud"]
        .as_array()
        .is_some_and(|all| all.iter().any(is_ours));
    if !listed && !is_ours(&claims["aud"]) {
        return no("The audience of the assertion is not this server.");
    }
    let now = seconds(now);
    let Some(end) = claims["exp"].as_u64().filter(|end| *end > now) else {
        return no("The assertion has expired, or says nothing about it.");
    };
    let Some(jti) = claims["jti"].as_str() else {
        return no("The assertion has no identifier.");
    };
    used.retain(|_, end| *end > now);
    match used.insert(format!("{} {jti}", client.id), end) {
        Some(_) => no("The assertion was used before."),
        None => Ok(()),
    }
}

fn is_signed_by(client: &Client, assertion: &str) -> bool {
    let secret = client.secret.as_ref();
    let secret = secret.map(|secret| DecodingKey::from_secret(secret.as_bytes()));
    let by_secret = secret.map(|key| (Algorithm::HS256, key));
    by_secret
        .iter()
        .chain(&client.keys)
        .any(|(algorithm, key)| {
            let mut rule = Validation::new(*algorithm);
            rule.validate_exp = false; // the server's own clock decides
            rule.validate_aud = false;
            rule.required_spec_claims.clear();
            jsonwebtoken::decode::<Value>(assertion, key, &rule).is_ok()
        })
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn text_that_had_to_be_encoded_and_was_not_is_seen() {
        assert_eq!(decoded("a%2Bb+c%3A").as_deref(), Some("a+b c:"));
        for raw in ["a:b", "a&b", "a/b", "100%", "%4", "é", "a b"] {
            assert_eq!(decoded(raw), None, "{raw}");
        }
    }
}
