//! RFC 7523: a service account signs an assertion and trades it for a token.

mod assertion;
mod client;
mod grant;
mod key;
mod preset;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// The header or the claims of a compact JWS, unchecked.
fn part(token: &SecretString, index: usize) -> Value {
    let part = token.expose_secret().split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn claims(token: &SecretString) -> Value {
    part(token, 1)
}
