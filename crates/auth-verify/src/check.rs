//! [`TokenCheck`] by a verifier: a source hands out only what would be let in.

mod advice;

use auth_core::session::{TokenCheck, TokenSet};
use auth_core::{BoxFuture, Error, Result};
use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::bearer::Bearer;
use crate::rejection::{Rejection, RejectionKind as Kind};
use crate::verified::Verified;
use crate::verifier::Verifier;

/// Checks the access token.
impl TokenCheck for Verifier {
    fn check<'a>(&'a self, tokens: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let bearer = Bearer::new(tokens.access().expose_secret());
            self.verify(bearer)
                .await
                .map(drop)
                .map_err(|why| failed("access", bearer, why))
        })
    }
}

/// Checks the ID token that came with an access token, if one did, and that it was issued beside it
/// (`at_hash`; OpenID Connect Core §3.1.3.8). An ID token speaks of the moment it was issued at, so it may have
/// ended since, each is checked once, and the store remembers which have passed.
///
/// The verifier is one for ID tokens: [`Issuer::id_tokens`](crate::Issuer::id_tokens).
#[derive(Clone, Debug)]
pub struct IdTokenCheck(Verifier);

impl IdTokenCheck {
    /// Checks with `verifier`.
    pub fn new(verifier: Verifier) -> Self {
        Self(verifier)
    }
}

impl TokenCheck for IdTokenCheck {
    fn check<'a>(&'a self, tokens: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Some(id) = tokens.new_id() else {
                return Ok(());
            };
            let bearer = Bearer::new(id.expose_secret());
            let asked_at = tokens.access().obtained_at();
            let verified = self.0.verify_issued(bearer, asked_at).await;
            let verified = verified.map_err(|why| failed("ID", bearer, why))?;
            let access = tokens.access().expose_secret();
            // Where the ID token is what is handed out, nobody gets the access token that it names.
            match access == id.expose_secret() || names(&verified, access) {
                true => Ok(()),
                false => {
                    let why = Rejection::new(Kind::BadClaim)
                        .with_detail("it belongs to another access token (at_hash)");
                    Err(failed("ID", bearer, why))
                }
            }
        })
    }

    fn once(&self) -> Option<&str> {
        // The session that it is remembered in says which issuer and which client.
        Some("id_token")
    }
}

/// Whether the `at_hash` of an ID token, if there is one, is that of `access`: the left half of a hash
/// as long as the one in the signature, which only the three SHA-2 can be.
fn names(id: &Verified, access: &str) -> bool {
    let Some(hash) = id.view().get("at_hash") else {
        return true;
    };
    let hashes = [&SHA256, &SHA384, &SHA512];
    let mut halves = hashes.map(|hash| {
        let hash = digest(hash, access.as_bytes());
        URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
    });
    hash.text()
        .is_some_and(|named| halves.iter_mut().any(|half| *half == *named))
}

fn failed(what: &str, token: Bearer<'_>, why: Rejection) -> Error {
    match (why.retry_after(), why.kind()) {
        (Some(pause), _) => Error::unavailable(format!(
            "the {what} token that came can't be checked: {why}"
        ))
        .with_retry_after(pause),
        (None, Kind::Misconfigured) => Error::config(format!(
            "the {what} token that came can't be checked: {why}"
        )),
        (None, kind) => {
            // The hint is for whoever runs a service; who asked for a token is told what to do about that.
            let said = why.unhinted();
            Error::protocol(format!(
                "the {what} token that came is not in order: {said}"
            ))
            .with_advice(advice::of(kind, what, token.text()))
        }
    }
    .with_source(why)
}
