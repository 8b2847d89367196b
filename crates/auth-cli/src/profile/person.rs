//! A person's login: the grant that asks them, and the one that lives on what they left behind.

use std::sync::Arc;
use std::time::Duration;

use auth_core::error::{Challenge, Untrusted};
use auth_core::prompt::NoPrompt;
use auth_core::session::{Held, TokenSet};
use auth_core::store::StoreKey;
use auth_core::{
    AuthorizationCode, BoxFuture, DeviceCode, Error, ErrorKind, Grant, Io, Prompt, RedirectUri,
    Refreshing, Result, TokenEndpoint,
};

use crate::config::{Kind, Origin, Profile};
use crate::profile::{chain, client, entra, realm};
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
        Kind::Entra => !entra::is_application(profile),
        Kind::Chain => chain::has_person(profile),
        Kind::ClientCredentials | Kind::JwtBearer | Kind::Refresh | Kind::ManagedIdentity => false,
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
    Ok(match way {
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
            let login = match prompt_of(profile) {
                Some(prompt) => login.with_parameter("prompt", prompt),
                None => login,
            };
            Box::new(login.with_scopes(scopes).with_key(key))
        }
        Way::DeviceCode => {
            let login = DeviceCode::new(endpoint, prompt);
            Box::new(login.with_scopes(scopes).with_key(key))
        }
    })
}

/// What the login page asks in any case. OpenID Connect Core §11 has an offline login ask for consent, and some servers
/// give no refresh token otherwise; others would then ask everybody anew, so it is asked of providers of kind `oidc` alone.
fn prompt_of(profile: &Profile) -> Option<&str> {
    let offline = profile
        .settings
        .list("scope")
        .iter()
        .any(|scope| scope == "offline_access");
    match profile.settings.text("prompt") {
        None => (offline && profile.kind == Kind::Oidc).then_some("consent"),
        said => said,
    }
}

/// The grant that renews what a login left behind, and asks nobody.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(super) fn kept(profile: &Profile, io: &Io, secrets: &Secrets) -> Result<Box<dyn Grant>> {
    let (endpoint, key) = place(profile, io, secrets)?;
    let command = command(profile);
    Ok(Box::new(Refreshing::new(
        endpoint,
        LoginNeeded {
            key,
            name: profile.name.clone(),
            command,
        },
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
    if is_of_entra(profile) {
        let grant = entra::kept(profile, io)?;
        return Ok((entra::person_endpoint(profile, io)?, grant.key()));
    }
    let endpoint = client::endpoint(profile, io, secrets)?;
    let session = endpoint.session("default");
    let session = session.with_scopes(profile.settings.list("scope"));
    Ok((endpoint, StoreKey::new(session)))
}

/// Whether a person of the profile logs in at Entra ID.
fn is_of_entra(profile: &Profile) -> bool {
    matches!(profile.kind, Kind::Entra | Kind::Chain)
}

/// The address that the browser comes back to, spelled as it is registered.
///
/// # Errors
/// `Config` if it is none.
pub(super) fn redirect_or(profile: &Profile, usual: &str) -> Result<RedirectUri> {
    let registered = profile.settings.text("redirect-uri");
    RedirectUri::new(registered.unwrap_or(usual))
        .map_err(|error| error.context(profile.settings.origin("redirect-uri")))
}

/// Any free port of the loopback interface: what RFC 8252 §7.3 asks servers to allow.
const REDIRECT: &str = "http://127.0.0.1/callback";

/// Stands where a person would have to be asked.
#[derive(Debug)]
struct LoginNeeded {
    key: StoreKey,
    name: String,
    command: String,
}

impl LoginNeeded {
    /// Somebody is logged in, and it is not enough for this, or no more.
    fn instead_of(&self, account: &str) -> BoxFuture<'_, Result<TokenSet>> {
        let who = Untrusted::new(account).with_limit(100);
        let error = Error::interaction(format!(
            "the login of {who} for profile `{}` does not suffice",
            self.name
        ));
        let error = error.with_advice(format!("run `{}`", self.command));
        Box::pin(async move { Err(error) })
    }
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
        let advice = format!("run `{}`", self.command);
        Box::pin(async move { Err(Error::interaction(said).with_advice(advice)) })
    }
}

/// The command by which a person logs in, for what was asked for here.
fn command(profile: &Profile) -> String {
    let settings = &profile.settings;
    let asked = |name| matches!(settings.origin(name), Origin::Flag(_));
    let mut command = format!("auth login {}", profile.name);
    if let Some(account) = settings.text("account").filter(|_| asked("account")) {
        command.push_str(&format!(" --account {account}"));
    }
    if asked("scope") {
        let scopes = settings.list("scope").iter();
        scopes.for_each(|scope| command.push_str(&format!(" --scope {scope}")));
    }
    command
}

/// A person's login that lives on what is left of it: nobody is asked, and nothing is sent where somebody would have to
/// be.
#[derive(Debug)]
pub(super) struct Unattended {
    grant: Box<dyn Grant>,
    needed: LoginNeeded,
}

impl Unattended {
    /// `grant` without its person.
    pub(super) fn new(grant: Box<dyn Grant>, profile: &Profile) -> Self {
        Self {
            needed: LoginNeeded {
                key: grant.key(),
                name: profile.name.clone(),
                command: command(profile),
            },
            grant,
        }
    }
}

#[warn(clippy::missing_trait_methods)]
impl Grant for Unattended {
    fn key(&self) -> StoreKey {
        self.grant.key()
    }

    fn is_user(&self, configured: &str, account: &str) -> bool {
        self.grant.is_user(configured, account)
    }

    fn origin(&self) -> BoxFuture<'_, Option<String>> {
        self.grant.origin()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        let wants_login = held.challenge().is_some_and(Challenge::wants_login);
        if wants_login || held.refresh().is_none() {
            return match held.account().filter(|_| !wants_login) {
                Some(account) => self.needed.instead_of(account),
                None => self.needed.exchange(held),
            };
        }
        Box::pin(async move {
            let outcome = self.grant.exchange(held).await;
            outcome.map_err(|error| match error.kind() {
                // The server wants to see the person for this API, whose login goes on elsewhere.
                ErrorKind::Interaction => {
                    let run = format!("run `{}`", self.needed.command);
                    let advice = match error.advice() {
                        Some(why) => format!("{run} ({why})"),
                        None => run,
                    };
                    error.with_advice(advice)
                }
                _ => error,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Settings, Value};

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
