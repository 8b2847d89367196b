//! A person's login: the grant that asks them, and the one that lives on what they left behind.

use std::sync::Arc;

use auth_core::prompt::NoPrompt;
use auth_core::store::{StoreKey, TokenStore};
use auth_core::{
    AuthorizationCode, DeviceCode, Error, Grant, Io, Prompt, Refreshing, Result, TokenEndpoint,
};

use crate::config::{Kind, LOGIN_PARAMETERS, Profile};
use crate::profile::unattended::LoginNeeded;
use crate::profile::way::{Way, redirect_or};
use crate::profile::{chain, client, entra, identifying, realm};
use crate::secret::Secrets;

/// Whether a profile's tokens come from a person's login.
pub(crate) fn is_asked(profile: &Profile) -> bool {
    let has = |name: &str| profile.settings.get(name).is_some();
    match profile.kind {
        Kind::Oidc => true,
        Kind::Desp => profile.logs_in_to_desp(),
        Kind::Keycloak => {
            let proofs = ["client-secret", "key", "client-assertion"];
            !proofs.iter().any(|name| has(name)) && !realm::is_offline(profile)
        }
        Kind::Entra => !entra::is_application(profile),
        Kind::Chain => chain::has_person(profile),
        Kind::ClientCredentials
        | Kind::JwtBearer
        | Kind::Refresh
        | Kind::ManagedIdentity
        | Kind::TokenExchange => false,
    }
}

/// The error for what only a person's login can give.
pub(crate) fn none(profile: &Profile) -> Error {
    Error::config(format!(
        "profile `{}` is {}, where no person logs in",
        profile.name,
        profile.nature()
    ))
    .with_advice("use a profile of kind keycloak, oidc, desp or entra")
}

/// The grant that asks a person, at the [`place`] of the login.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(crate) fn asking(
    profile: &Profile,
    (endpoint, key): (TokenEndpoint, StoreKey),
    prompt: Arc<dyn Prompt>,
    way: Way,
) -> Result<Box<dyn Grant>> {
    if is_of_entra(profile) {
        return entra::asking(profile, endpoint.io(), prompt, way);
    }
    let scopes = profile.settings.list("scope");
    let login: Box<dyn Grant> = match way {
        Way::Browser { port, deadline } => {
            let redirect = redirect_or(profile, REDIRECT)?;
            let redirect = match port {
                Some(port) => redirect.with_port(port),
                None => redirect,
            };
            let login = AuthorizationCode::new(endpoint, prompt, redirect).with_deadline(deadline);
            let login = match profile.settings.text("response-mode") {
                Some("form_post") => login.with_form_post(),
                _ => login,
            };
            let login = parameters(profile).fold(login, |login, (name, value)| {
                login.with_parameter(name, value)
            });
            let login = match usual_prompt(profile) {
                Some(prompt) => login.with_parameter("prompt", prompt),
                None => login,
            };
            Box::new(login.with_scopes(scopes).with_key(key))
        }
        Way::DeviceCode => {
            let login = DeviceCode::new(endpoint, prompt);
            // The others are for a page that a browser is sent to.
            let login = parameters(profile)
                .filter(|(name, _)| ["audience", "resource"].contains(name))
                .fold(login, |login, (name, value)| {
                    login.with_parameter(name, value)
                });
            Box::new(login.with_scopes(scopes).with_key(key))
        }
    };
    Ok(identifying(login, profile))
}

/// The parameters of a login that the profile names, as the login page calls them.
fn parameters(profile: &Profile) -> impl Iterator<Item = (&'static str, &str)> {
    let named = LOGIN_PARAMETERS.iter();
    named.flat_map(|(key, name)| {
        let texts = profile.settings.texts(key).iter();
        texts.map(|text| (*name, text.as_str()))
    })
}

/// What the login page asks where the profile does not say. OpenID Connect Core §11 has an offline login ask for consent, and
/// some servers give no refresh token otherwise; others would then ask everybody anew, so it is asked of providers of kind
/// `oidc` alone.
fn usual_prompt(profile: &Profile) -> Option<&'static str> {
    let mut scopes = profile.settings.list("scope").iter();
    let is_usual = profile.kind == Kind::Oidc && profile.settings.get("prompt").is_none();
    (is_usual && scopes.any(|scope| scope == "offline_access")).then_some("consent")
}

/// The grant that renews what a login left behind, and asks nobody.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(super) fn kept(
    profile: &Profile,
    io: &Io,
    secrets: &Secrets,
    store: &Arc<dyn TokenStore>,
) -> Result<Box<dyn Grant>> {
    let (endpoint, key) = place(profile, io, secrets)?;
    let needed = LoginNeeded::new(key, profile, store);
    Ok(Box::new(Refreshing::new(endpoint, needed)))
}

/// The endpoint of the login, and the key that it is kept under.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(crate) fn place(
    profile: &Profile,
    io: &Io,
    secrets: &Secrets,
) -> Result<(TokenEndpoint, StoreKey)> {
    if profile.kind == Kind::Keycloak {
        let client = client::authentication(profile, io, secrets)?;
        let realm = realm::of(profile, io)?;
        let session = realm
            .person(client.clone(), Arc::new(NoPrompt::new()))
            .session();
        let endpoint = realm::endpoint(profile, io, client)?;
        return Ok((endpoint, StoreKey::new(session)));
    }
    if is_of_entra(profile) {
        return Ok((
            entra::person_endpoint(profile, io)?,
            entra::key(profile, io)?,
        ));
    }
    let (endpoint, settings) = (client::endpoint(profile, io, secrets)?, &profile.settings);
    // What a login was for, a refresh can't change.
    let session = client::with_each(endpoint.clone(), settings, &["audience"]).session("default");
    let session = session.with_scopes(settings.list("scope"));
    Ok((endpoint, StoreKey::new(session)))
}

/// Whether a person of the profile logs in at Entra ID.
fn is_of_entra(profile: &Profile) -> bool {
    matches!(profile.kind, Kind::Entra | Kind::Chain)
}

/// Any free port of the loopback interface: what RFC 8252 §7.3 asks servers to allow.
pub(crate) const REDIRECT: &str = "http://127.0.0.1/callback";

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use crate::config::{Origin, Settings, Value};

    #[test]
    fn a_login_in_the_browser_has_all_the_time_that_was_given() {
        let mut settings = Settings::default();
        for (name, value) in [
            ("issuer", "https://id.example.org"),
            ("client-id", "desktop"),
        ] {
            settings.set(name, Value::Text(value.to_owned()), Origin::Flag("--test"));
        }
        let profile = Profile::plain("person", Kind::Oidc, settings);
        let way = Way::Browser {
            port: None,
            deadline: Duration::from_secs(601),
        };
        let prompt = Arc::new(NoPrompt::new());
        let secrets = Secrets::new(prompt.clone(), Vec::new());
        let place = place(&profile, &Io::new(), &secrets).unwrap();
        let grant = asking(&profile, place, prompt, way).unwrap();
        assert!(format!("{grant:?}").contains("deadline: 601s"), "{grant:?}");
    }
}
