//! Proof keys (RFC 7636): the one method that hides the verifier.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::answer::Refusal;
use crate::record::Received;

/// The challenge among `get`'s parameters, which must be of method S256.
pub(crate) fn challenge(
    get: impl Fn(&str) -> Option<String>,
) -> Result<Option<String>, &'static str> {
    match (get("code_challenge"), get("code_challenge_method")) {
        (None, _) => Ok(None),
        (Some(text), Some(method)) if method == "S256" && text.len() == 43 => Ok(Some(text)),
        _ => Err("The code challenge is not of the method S256."),
    }
}

/// Whether `request` has the verifier of `challenge`.
pub(crate) fn prove(request: &Received, challenge: Option<&str>) -> Result<(), Refusal> {
    let verifier = request.field("code_verifier");
    let hash = verifier.map(|text| {
        let hash = digest::digest(&digest::SHA256, text.as_bytes());
        URL_SAFE_NO_PAD.encode(hash)
    });
    let is_short = verifier_is_short(request);
    let keycloak = match (hash.as_deref(), challenge) {
        (hash, challenge) if hash == challenge => return Ok(()),
        (None, _) => "PKCE code verifier not specified",
        (_, None) => "PKCE code verifier specified but challenge not present in authorization",
        _ if is_short => "PKCE verification failed: Invalid code verifier",
        _ => "PKCE verification failed: Code mismatch",
    };
    let why = "The code verifier is not that of the challenge.";
    Err(Refusal::new("invalid_grant", why).keycloak(keycloak))
}

/// Whether the verifier has not the 43 characters that it must have (RFC 7636 §4.1).
fn verifier_is_short(request: &Received) -> bool {
    let verifier = request.field("code_verifier");
    verifier.is_some_and(|text| text.len() < 43)
}
