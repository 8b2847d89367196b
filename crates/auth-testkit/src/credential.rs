//! How a client proves at the token endpoint who it is.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use url::form_urlencoded;

use crate::answer::Refusal;
use crate::assertion::{self, Assertions};
use crate::client::Client;
use crate::record::Received;

/// What a request says about the client.
enum Credential {
    Assertion(String),
    Nothing(String),
    Secret(String, String),
}

/// The client behind `request`. `audiences` are the names of the server that an assertion may bear.
pub(crate) fn authenticate<'a>(
    clients: &'a BTreeMap<String, Client>,
    assertions: &mut Assertions,
    request: &Received,
    audiences: &[String],
) -> Result<&'a Client, Refusal> {
    let unknown = || Refusal::new("invalid_client", "This client is not known.").keycloak(UNPROVEN);
    let unproven = |why: &'static str| {
        let no = Refusal::new("invalid_client", why);
        no.keycloak_as(StatusCode::UNAUTHORIZED, "unauthorized_client", UNPROVEN)
    };
    let misjudged = |why: &'static str| {
        let no = Refusal::new("invalid_client", why);
        no.keycloak_as(StatusCode::BAD_REQUEST, "invalid_client", why)
    };
    match presented(request)? {
        Credential::Nothing(id) => match clients.get(&id).ok_or_else(unknown)? {
            client if client.is_public() => Ok(client),
            _ => Err(unproven("This client must authenticate.")),
        },
        Credential::Secret(id, secret) => match clients.get(&id).ok_or_else(unknown)? {
            client if client.secret.as_ref() == Some(&secret) => Ok(client),
            _ => Err(unproven("The secret is wrong.")),
        },
        Credential::Assertion(text) => {
            let client = assertion::client(clients, &text).map_err(|why| match why {
                assertion::UNKNOWN => unknown(),
                why => misjudged(why),
            })?;
            let is_other = |named: String| named != client.id;
            if request.field("client_id").is_some_and(is_other) {
                return Err(misjudged("The client_id is not the assertion's issuer."));
            }
            assertions
                .prove(client, &text, audiences, request.at())
                .map_err(misjudged)?;
            Ok(client)
        }
    }
}

/// Whether `request` says more about the client than its name.
pub(crate) fn is_presented(request: &Received) -> bool {
    request.header("authorization").is_some()
        || request.field("client_secret").is_some()
        || request.field("client_assertion").is_some()
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
    one.ok_or_else(|| {
        Refusal::new("invalid_client", "The request names no client.").keycloak(UNPROVEN)
    })
}

/// The id and the secret in a header of the scheme `Basic`.
pub(crate) fn basic(header: &str) -> Result<(String, String), Refusal> {
    let malformed = || {
        Refusal::new(
            "invalid_request",
            "The client id and secret are not properly encoded.",
        )
        .keycloak_as(
            StatusCode::BAD_REQUEST,
            "unauthorized_client",
            "Unexpected error when authenticating client",
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

/// What Keycloak says of every client that it does not believe.
const UNPROVEN: &str = "Invalid client or Invalid client credentials";

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
