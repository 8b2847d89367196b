//! What to do about a token that a server issued just now and that is not in order.

use auth_core::error::Untrusted;
use serde_json::Value;

use crate::Unverified;
use crate::rejection::RejectionKind as Kind;

/// For a `token` that is refused as `kind`: what it says that it should not, and where to look.
pub(super) fn of(kind: Kind, what: &str, token: &str) -> String {
    let seen = Unverified::peek(token).ok();
    let says = |name: &str| {
        let value = seen.as_ref().map(|seen| &seen.claims()[name]);
        value.map_or_else(|| "something else".to_owned(), shown)
    };
    match kind {
        Kind::NotYetValid | Kind::Expired | Kind::TooOld => {
            "set this machine's clock (NTP): the token was issued just now, and the clocks differ".to_owned()
        }
        Kind::WrongAudience if what == "ID" => format!(
            "compare the configured client with the one that the token is for, {}",
            says("aud")
        ),
        Kind::WrongAudience => format!(
            "the token is for {}: ask for the audience or scope of the API that is meant, or change what is verified",
            says("aud")
        ),
        Kind::UnknownIssuer => format!(
            "compare the configured issuer, letter by letter, with {}",
            says("iss")
        ),
        Kind::WrongClient => format!(
            "the token was given to the client {}: compare it with the configured one",
            says("azp")
        ),
        Kind::UnknownKey | Kind::AmbiguousKey | Kind::BadSignature => {
            "log in again; if it stays, whoever runs the server must publish the keys that it signs with".to_owned()
        }
        Kind::AlgorithmNotAllowed if what == "ID" => {
            "let the server sign this client's ID tokens with RS256 or ES256; one that is neither, with a public key, is \
             allowed in `id-token-algorithms`"
                .to_owned()
        }
        Kind::AlgorithmNotAllowed => {
            "let the server sign this client's tokens with RS256 or ES256, or its keys name the algorithm".to_owned()
        }
        Kind::WrongType | Kind::NotAnIdToken if what == "ID" => {
            "report it to whoever runs the server: what it gave as ID token is another one".to_owned()
        }
        Kind::WrongType | Kind::NotAnAccessToken => {
            "report it to whoever runs the server: what it gave as access token is another one".to_owned()
        }
        Kind::BadClaim | Kind::BadJson | Kind::BadHeader | Kind::BadEncoding => {
            "report it to whoever runs the server: the token breaks the standard".to_owned()
        }
        _ => "compare the issuer and the client that are configured with the server's".to_owned(),
    }
}

/// A claim, safe to show.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => return "nobody".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(all) => {
            let texts = all.iter().map(|one| one.as_str().unwrap_or("?"));
            texts.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    format!("`{}`", Untrusted::new(&text).with_limit(100))
}
