//! RFC 7523: a service account signs an assertion and trades it for a token.

mod assertion;
mod client;
mod grant;
mod key;
mod preset;
mod secret;

use auth_core::Result;
use auth_core::assertion::{Algorithm, Assertion, SigningKey};
use auth_core::clock::SystemClock;
use auth_core::session::Held;
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

/// A secret that both sides know, not yet looked at.
fn shared(secret: &str) -> SigningKey {
    SigningKey::new(SecretString::from(secret)).with_algorithm(Algorithm::Hs256)
}

/// The key that this text is.
async fn read(key: SigningKey) -> Result<SigningKey> {
    key.revealed(&Held::new(), &SystemClock::new()).await
}

/// With its key at hand.
async fn ready(assertion: Assertion) -> Assertion {
    assertion.revealed(&Held::new()).await.unwrap()
}
