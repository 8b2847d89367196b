//! Which tokens of the platform, and of the realm where they are traded, are handed out.

use std::sync::Arc;

use auth_core::session::{Checked, TokenCheck};
use auth_core::{Error, Io, Result};
use auth_desp::Service;
use auth_verify::{IdTokenCheck, Issuer, Keycloak, Keys, Verifier};
use url::Url;

use crate::config::Profile;
use crate::profile::checks::Checks;

/// Whether the profile wants its tokens checked.
pub(super) fn is_checked(profile: &Profile) -> bool {
    profile.settings.is_on("verify") != Some(false)
}

/// The tokens are checked by the keys of the issuer that is configured, unless the profile says otherwise.
pub(super) fn checked(profile: &Profile, service: &Service, io: &Io) -> Checked {
    if !is_checked(profile) {
        return Checked::No;
    }
    let io = io.clone();
    let audience = profile.settings.text("verify-audience").map(str::to_owned);
    let last = service
        .exchange()
        .map(|exchange| exchange.client_id().to_owned());
    Checked::by(move |issuer, client| {
        let is_last = last.as_deref().is_none_or(|last| last == client);
        let audience = audience.as_deref().filter(|_| is_last);
        let check: Arc<dyn TokenCheck> = Arc::new(checks(issuer, client, audience, &io)?);
        Ok(check)
    })
}

pub(super) fn checks(
    issuer: &str,
    client: &str,
    audience: Option<&str>,
    io: &Io,
) -> Result<Checks> {
    let certificates = format!("{issuer}/protocol/openid-connect/certs");
    let certificates = Url::parse(&certificates)
        .map_err(|_| Error::config("the issuer of the tokens is no URL"))?;
    let keys = Keys::at(certificates, io.clone())?;
    let verifier = |issuer: Issuer| Verifier::new(issuer).with_clock(io.clock().clone());
    let realm = match audience {
        Some(audience) => Keycloak::new(issuer, audience),
        None => Keycloak::issued_to(issuer, client),
    };
    let access = realm
        .with_keys(keys.clone())
        .issuer(io.clone())?
        .with_clients([client])?;
    let id = Issuer::id_tokens(issuer, client, keys)?;
    let name = match audience {
        Some(audience) => format!("access_token, id_token for {audience}"),
        None => "access_token, id_token".to_owned(),
    };
    Ok(Checks {
        all: vec![
            Box::new(verifier(access)),
            Box::new(IdTokenCheck::new(verifier(id))),
        ],
        name,
    })
}
