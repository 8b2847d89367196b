//! The other side of the demonstration: a service checks a token, and a forged one.

use auth_core::{AccessToken, Error, Io, Result};
use auth_verify::preset::open_pectus::User;
use auth_verify::{Bearer, Issuer, Verifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::profile;
use crate::stage::{Part, Stage};

/// What a service would make of `token`, and of the same token with another subject.
pub(super) async fn tell(stage: &Stage, token: &AccessToken) -> Result<String> {
    let issuer = Issuer::discovered(&stage.listening.issuer(), "api", Io::new())?;
    let verifier = Verifier::new(issuer);
    let caller = verifier.verify(Bearer::new(token.expose_secret())).await;
    let caller = caller.map_err(|rejection| {
        Error::protocol(format!(
            "the demonstration's own token is refused: {rejection}"
        ))
    })?;
    let forged = forged(token).ok_or_else(|| Error::protocol("the token is no JWT"))?;
    let Err(rejection) = verifier.verify(Bearer::new(&forged)).await else {
        return Err(Error::protocol("a forged token was accepted"));
    };
    Ok(format!(
        "A service checks the token {}: accepted, it is {}.\n\
         The same with another name in it, under the old signature: refused ({}).",
        token.fingerprint(),
        caller.subject().unwrap_or_default(),
        rejection.kind()
    ))
}

/// What the server of Open Pectus would make of a program's token, in the words of its own.
pub(super) async fn tell_pectus(part: &Part, token: &AccessToken) -> Result<String> {
    let profile = part.to_profile()?;
    let verifier = profile::pectus_verifier(&profile, &Io::new())?;
    let caller = verifier.verify(Bearer::new(token.expose_secret())).await;
    let caller = caller.map_err(|rejection| {
        Error::protocol(format!("the token for Open Pectus is refused: {rejection}"))
    })?;
    Ok(format!(
        "The server of Open Pectus checks the token {}: accepted, its user is {}.",
        token.fingerprint(),
        User::of(&caller).name
    ))
}

/// The token with another subject, under the old signature.
fn forged(token: &AccessToken) -> Option<String> {
    let (rest, signature) = token.expose_secret().rsplit_once('.')?;
    let (header, claims) = rest.split_once('.')?;
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    claims["sub"] = "mallory".into();
    Some(format!(
        "{header}.{}.{signature}",
        URL_SAFE_NO_PAD.encode(claims.to_string())
    ))
}
