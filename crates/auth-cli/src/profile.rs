//! From a profile to a source of tokens. The one place that knows every provider: a new one is an arm
//! of the `match` in [`grant`].

mod assertion;
pub(crate) mod chain;
mod checks;
mod client;
mod desp;
mod entra;
pub(crate) mod exchange;
mod given;
pub(crate) mod invocation;
mod issuer;
mod labelled;
mod managed_identity;
mod openid;
pub(crate) mod person;
pub(crate) mod probe;
mod problem;
mod realm;
mod service_account;
mod signing_key;
mod unattended;
pub(crate) mod way;

use std::sync::Arc;

use auth_core::grant::Identifying;
use auth_core::session::{Mirror, Observer};
use auth_core::store::{MemoryStore, StoreKey, TokenStore};
use auth_core::token_file::RefreshTokenFile;
use auth_core::{ClientCredentials, Error, ErrorKind, Grant, Io, Result, TokenEndpoint};

use crate::config::{self, Kind, Preset, Profile};
use crate::notices::Notices;
use crate::secret::{ProfileSecret, SecretSource, Secrets};

pub(crate) use desp::Desp;
#[cfg(feature = "demo")]
pub(crate) use entra::pectus_verifier;
pub(crate) use entra::{api_of, token_issuer};
pub(crate) use given::token as given_token;
pub(crate) use labelled::{Labelled, labels_beside, say_kept};
pub(crate) use openid::{checked, provider};
pub(crate) use problem::find as find_problem;
pub(crate) use service_account::credentials_in_environment;

/// The profile's grant, under the name that the person wants. Nothing is fetched but what decides which
/// login is meant and costs nothing: a refresh token on stdin or in a variable, and the variables and the
/// file of a preset.
///
/// # Errors
/// `Config` if the profile lacks something, or what decides is not where it should be; `Absent` if nothing
/// is configured at all.
pub(crate) async fn open(
    profile: &Profile,
    io: &Io,
    secrets: &Secrets,
    kept: &Kept,
) -> Result<Labelled> {
    let grant = grant(profile, io, secrets, kept).await?;
    let grant = identifying(grant, profile);
    Ok(Labelled::new(labelled(grant.key(), profile), grant))
}

/// Where tokens are kept, and who is told of what happens to them.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) store: Arc<dyn TokenStore>,
    pub(crate) observer: Arc<dyn Observer>,
}

impl Kept {
    /// Nowhere, and nobody is: for a look that gets no token.
    pub(crate) fn nowhere() -> Self {
        Self {
            store: Arc::new(MemoryStore::new()),
            observer: Arc::new(Notices::new(true, None)),
        }
    }
}

async fn grant(
    profile: &Profile,
    io: &Io,
    secrets: &Secrets,
    kept: &Kept,
) -> Result<Box<dyn Grant>> {
    Ok(match profile.kind {
        Kind::ClientCredentials => {
            let grant = ClientCredentials::new(client::endpoint(profile, io, secrets)?);
            let grant = grant.with_scopes(profile.settings.list("scope"));
            let said = profile.settings.each(&["audience", "resource"]);
            Box::new(said.fold(grant, |grant, (name, value)| {
                grant.with_parameter(name, value)
            }))
        }
        Kind::JwtBearer => match service_account::of_preset(profile, io).await? {
            Some(grant) => grant,
            None => service_account::grant(profile, io, secrets)?,
        },
        Kind::Keycloak if person::is_asked(profile) => {
            person::kept(profile, io, secrets, &kept.store)?
        }
        Kind::Keycloak if !realm::is_offline(profile) => realm::service(profile, io, secrets)?,
        Kind::Keycloak | Kind::Refresh => given::grant(profile, io, secrets).await?,
        Kind::Oidc => person::kept(profile, io, secrets, &kept.store)?,
        Kind::Desp if !profile.logs_in_to_desp() => desp::account(profile, io, secrets)?,
        Kind::Desp => Desp::kept(profile, io, secrets, &kept.store)?.grant(&kept.observer)?,
        Kind::Entra if entra::is_application(profile) => entra::application(profile, io, secrets)?,
        Kind::Entra => entra::kept(profile, io, &kept.store)?,
        Kind::ManagedIdentity => Box::new(managed_identity::grant(profile)?),
        Kind::Chain => return Err(chain::has_no_grant(profile)),
        Kind::TokenExchange => return Err(exchange::has_no_grant(profile)),
    })
}

/// `grant`, which hands out the ID token where the profile says so. Entra ID has a way of its own.
fn identifying(grant: Box<dyn Grant>, profile: &Profile) -> Box<dyn Grant> {
    match profile.kind != Kind::Entra && hands_out_id(profile) {
        true => Box::new(Identifying::new(grant)),
        false => grant,
    }
}

/// Whether the profile hands out the ID token of a login.
fn hands_out_id(profile: &Profile) -> bool {
    profile.settings.text("token") == Some("id")
}

/// The keys of the secrets that the profile's grant needs.
fn secrets_of(profile: &Profile) -> Vec<&'static str> {
    let is_there = |name: &&'static str| profile.settings.get(name).is_some();
    let own = match profile.kind {
        Kind::JwtBearer if is_there(&"assertion") => vec!["assertion"],
        Kind::JwtBearer => vec!["key"],
        Kind::Entra => return entra::secret_fields(profile),
        Kind::TokenExchange => exchange::GIVEN.into_iter().filter(is_there).collect(),
        _ if starts_from_token(profile) => vec!["refresh-token"],
        _ => Vec::new(),
    };
    let client = client::secret(profile).filter(|name| !own.contains(name));
    own.iter().copied().chain(client).collect()
}

/// The variables and files without which the profile can't be used; none if it can be tried.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(crate) async fn missing(profile: &Profile) -> Result<Vec<String>> {
    match credentials_in_environment(profile).await {
        Ok(Some(_)) => return Ok(Vec::new()),
        Ok(None) => {}
        Err(error) if error.kind() == ErrorKind::Absent => {
            let names = profile.preset.map(Preset::variables).unwrap_or_default();
            return Ok(names.iter().map(|name| (*name).to_owned()).collect());
        }
        Err(error) => return Err(error),
    }
    let settings = &profile.settings;
    let lacks = |name: &&str| settings.get(name).is_none();
    let mut fields = match profile.kind {
        Kind::JwtBearer if settings.get("assertion").is_some() => Vec::new(),
        Kind::JwtBearer => vec!["email"],
        Kind::ClientCredentials | Kind::Refresh => vec!["client-id"],
        Kind::Keycloak | Kind::Oidc => vec!["issuer", "client-id"],
        Kind::Desp if profile.logs_in_to_desp() => vec!["client-id", "redirect-uri"],
        Kind::Desp => vec!["client-id"],
        Kind::Entra if settings.get("issuer").is_some() => vec!["client-id"],
        Kind::Entra => vec!["tenant", "client-id"],
        Kind::ManagedIdentity | Kind::Chain | Kind::TokenExchange => Vec::new(),
    };
    if settings.get("issuer").is_none()
        && matches!(
            profile.kind,
            Kind::JwtBearer | Kind::ClientCredentials | Kind::Refresh | Kind::TokenExchange
        )
    {
        fields.insert(0, "token-url");
    }
    fields.extend(secrets_of(profile));
    let variables = fields.iter().filter(|name| lacks(name));
    let mut missing: Vec<String> = variables.map(|name| variable(profile, name)).collect();
    for source in fields.iter().filter_map(|name| settings.secret(name)) {
        missing.extend(source.lacks().await);
    }
    for party in profile.parties() {
        missing.extend(Box::pin(self::missing(party)).await?);
    }
    Ok(missing)
}

/// The variable that says what `key` of the profile does not.
fn variable(profile: &Profile, key: &str) -> String {
    let own = profile.preset.and_then(|preset| preset.variable_of(key));
    own.map_or_else(|| config::variable(&profile.name, key), str::to_owned)
}

/// Whether the session is known by a token that was given from outside.
fn starts_from_token(profile: &Profile) -> bool {
    profile.kind == Kind::Refresh || realm::is_offline(profile)
}

/// Whether its renewals spend what nobody could get again without a person: a refresh token, a one-time code.
pub(crate) fn spends(profile: &Profile) -> bool {
    person::is_asked(profile) || starts_from_token(profile) || profile.kind == Kind::TokenExchange
}

/// The token endpoint of a profile, and whose logins it can end.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(crate) fn endpoint(profile: &Profile, io: &Io, secrets: &Secrets) -> Result<TokenEndpoint> {
    match profile.kind {
        Kind::Keycloak => {
            let client = client::authentication(profile, io, secrets)?;
            realm::endpoint(profile, io, client)
        }
        Kind::Entra => entra::endpoint(profile, io, secrets),
        Kind::Desp => {
            let client = client::authentication(profile, io, secrets)?;
            Ok(desp::platform(profile, io)?.endpoint(client))
        }
        _ => client::endpoint(profile, io, secrets),
    }
}

/// One of the profile's secrets. Nothing is fetched yet.
///
/// # Errors
/// `Config` if the profile does not say where it is.
fn secret(profile: &Profile, secrets: &Secrets, field: &'static str) -> Result<ProfileSecret> {
    let source = profile.need_secret(field)?;
    Ok(secrets.secret(subject(profile, field), source))
}

/// How messages call one of the profile's secrets.
pub(crate) fn subject(profile: &Profile, field: &str) -> String {
    format!("`{field}` of profile `{}`", profile.name)
}

/// The key under the name that the person wants to keep the login under. Where the session starts from a
/// given token, another token, or another place of one, is another session all the same.
pub(crate) fn labelled(key: StoreKey, profile: &Profile) -> StoreKey {
    let Some(account) = profile.settings.text("account") else {
        return key;
    };
    let session = key.session().clone().with_account(account);
    let session = match starts_from_token(profile) {
        true => session.with("given token", key.session().account()),
        false => session,
    };
    key.with_session(session)
}

/// The file that the profile's session takes its refresh token from, and keeps it in.
pub(crate) fn token_file(profile: &Profile) -> Option<RefreshTokenFile> {
    match profile.settings.secret("refresh-token")? {
        SecretSource::File(path) if starts_from_token(profile) => Some(RefreshTokenFile::new(path)),
        _ => None,
    }
}

/// What writes files of other programs that hold the refresh token of the profile's login.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(crate) fn mirrors(profile: &Profile, io: &Io) -> Result<Vec<Arc<dyn Mirror>>> {
    match profile.kind {
        Kind::Desp if profile.logs_in_to_desp() => desp::mirrors_of(profile, io),
        _ => Ok(Vec::new()),
    }
}

/// The error for two settings of which one is needed.
fn neither(profile: &Profile, one: &'static str, other: &'static str) -> Error {
    let name = &profile.name;
    let origin = profile.settings.origin(one);
    let variable = config::variable(name, one);
    Error::config(format!(
        "{origin}: profile `{name}` has neither `{one}` nor `{other}`"
    ))
    .with_advice(format!("add one of them to the profile or set {variable}"))
}
