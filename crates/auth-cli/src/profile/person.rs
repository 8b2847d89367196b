//! A person's login: the grant that asks them, and the one that lives on what they left behind.

use std::sync::Arc;
use std::time::Duration;

use auth_core::prompt::NoPrompt;
use auth_core::session::{Held, TokenSet};
use auth_core::store::StoreKey;
use auth_core::{
    AuthorizationCode, BoxFuture, DeviceCode, Error, Grant, Io, Prompt, RedirectUri, Refreshing,
    Result, TokenEndpoint,
};

use crate::config::{Kind, Profile};
use crate::profile::{client, realm};
use crate::secret::Secrets;

/// How a person logs in.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// With the browser of this machine, which comes back to a page of ours (RFC 8252).
    Browser {
        port: Option<u16>,
        deadline: Duration,
    },
    /// With any browser, and a code (RFC 8628).
    DeviceCode,
}

/// Whether a profile's tokens come from a person's login.
pub(crate) fn is_asked(profile: &Profile) -> bool {
    let has = |name: &str| profile.settings.get(name).is_some();
    match profile.kind {
        Kind::Oidc => true,
        Kind::Desp => profile.logs_in_to_desp(),
        Kind::Keycloak => !has("client-secret") && !has("key") && !realm::is_offline(profile),
        Kind::ClientCredentials | Kind::JwtBearer | Kind::Refresh => false,
    }
}

/// The error for what only a person's login can give.
pub(crate) fn none(profile: &Profile) -> Error {
    Error::config(format!(
        "profile `{}` is {}, where no person logs in",
        profile.name,
        profile.nature()
    ))
    .with_advice("use a profile of kind keycloak, oidc or desp")
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
    let scopes = profile.settings.list("scope");
    Ok(match way {
        Way::Browser { port, deadline } => {
            let redirect = redirect(profile)?;
            let redirect = match port {
                Some(port) => redirect.with_port(port),
                None => redirect,
            };
            let login = AuthorizationCode::new(endpoint, prompt, redirect).with_deadline(deadline);
            let login = match profile.settings.text("response-mode") {
                Some("form_post") => login.with_form_post(),
                _ => login,
            };
            Box::new(login.with_scopes(scopes).with_key(key))
        }
        Way::DeviceCode => {
            let login = DeviceCode::new(endpoint, prompt);
            Box::new(login.with_scopes(scopes).with_key(key))
        }
    })
}

/// The grant that renews what a login left behind, and asks nobody.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(super) fn kept(profile: &Profile, io: &Io, secrets: &Secrets) -> Result<Box<dyn Grant>> {
    let (endpoint, key) = place(profile, io, secrets)?;
    let name = profile.name.clone();
    Ok(Box::new(Refreshing::new(
        endpoint,
        LoginNeeded { key, name },
    )))
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
        return Ok((realm.endpoint(client), StoreKey::new(session)));
    }
    let endpoint = client::endpoint(profile, io, secrets)?;
    let session = endpoint.session("default");
    let session = session.with_scopes(profile.settings.list("scope"));
    Ok((endpoint, StoreKey::new(session)))
}

/// The address that the browser comes back to, spelled as it is registered.
fn redirect(profile: &Profile) -> Result<RedirectUri> {
    let registered = profile.settings.text("redirect-uri");
    RedirectUri::new(registered.unwrap_or(REDIRECT))
        .map_err(|error| error.context(profile.settings.origin("redirect-uri")))
}

/// Any free port of the loopback interface: what RFC 8252 §7.3 asks servers to allow.
const REDIRECT: &str = "http://127.0.0.1/callback";

/// Stands where a person would have to be asked.
#[derive(Debug)]
struct LoginNeeded {
    key: StoreKey,
    name: String,
}

impl Grant for LoginNeeded {
    fn key(&self) -> StoreKey {
        self.key.clone()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        let name = &self.name;
        let said = match held.challenge().filter(|asked| asked.wants_login()) {
            Some(_) => format!("the API asks for another login than that of profile `{name}`"),
            None => format!("nobody is logged in for profile `{name}`"),
        };
        let advice = format!("run `auth login {name}`");
        Box::pin(async move { Err(Error::interaction(said).with_advice(advice)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let profile = Profile {
            name: "person".to_owned(),
            kind: Kind::Oidc,
            preset: None,
            settings,
        };
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
