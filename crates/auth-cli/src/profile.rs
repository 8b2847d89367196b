//! From a profile to a source of tokens. The one place that knows every provider: a new one is an arm
//! of the `match` in [`grant`].

mod client;
mod fetched;
mod openid;
pub(crate) mod person;
mod realm;
mod service_account;

use auth_core::grant::{FileRefreshToken, GivenRefreshToken};
use auth_core::store::StoreKey;
use auth_core::token_file::RefreshTokenFile;
use auth_core::{
    ClientCredentials, Error, ErrorKind, Grant, Io, Refreshing, Result, TokenEndpoint,
};

use crate::config::{self, Kind, Preset, Profile};
use crate::deferred::{Deferred, Recipe};
use crate::secret::{SecretSource, Secrets};

pub(crate) use fetched::Fetched;
pub(crate) use openid::{checked, provider};
pub(crate) use service_account::credentials_in_environment;

/// When the secrets of a profile are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// When a token must be asked for.
    Needed,
    /// Now: somebody wants a new token.
    Now,
    /// Never: only what is at hand may be looked at.
    Never,
}

/// The profile's grant.
///
/// # Errors
/// `Config` if the profile lacks something, or a secret is not where it should be; `Absent` if nothing
/// is configured at all; `Interaction` where a person would be needed.
pub(crate) async fn open(
    profile: &Profile,
    io: &Io,
    secrets: &Secrets,
    when: When,
) -> Result<Deferred> {
    if let Some(grant) = service_account::of_preset(profile, io)? {
        let key = labelled(grant.key(), profile);
        return Ok(Deferred::made(key, grant));
    }
    let mut known = Fetched::default();
    let key = grant(profile, io, &Fetched::placeholders())?.key();
    let key = match profile.kind {
        Kind::Refresh | Kind::Keycloak if starts_from_token(profile) => {
            let source = profile.need_secret("refresh-token")?;
            let token = match when {
                When::Never => secrets.at_hand(source)?,
                _ => {
                    secrets
                        .fetch(&subject(profile, "refresh-token"), source)
                        .await?
                }
            };
            known.insert("refresh-token", token);
            let label = match token_file(profile) {
                Some(_) => key.session().account().to_owned(),
                None => known.refresh_token().fingerprint().to_string(),
            };
            of_given_token(key, profile, label)
        }
        _ => labelled(key, profile),
    };
    let recipe = Recipe {
        profile: profile.clone(),
        io: io.clone(),
        secrets: secrets.clone(),
        known,
    };
    let deferred = Deferred::later(key, recipe);
    if when == When::Now {
        deferred.prepare().await?;
    }
    Ok(deferred)
}

/// The grant itself, made from secrets that were fetched.
pub(crate) fn grant(profile: &Profile, io: &Io, fetched: &Fetched) -> Result<Box<dyn Grant>> {
    let scopes = profile.settings.list("scope");
    Ok(match profile.kind {
        Kind::ClientCredentials => {
            let grant = ClientCredentials::new(client::endpoint(profile, io, fetched)?);
            let grant = grant.with_scopes(scopes);
            Box::new(match profile.settings.text("audience") {
                Some(audience) => grant.with_parameter("audience", audience),
                None => grant,
            })
        }
        Kind::Refresh => {
            let endpoint = client::endpoint(profile, io, fetched)?;
            match token_file(profile) {
                Some(file) => Box::new(FileRefreshToken::new(endpoint, file).with_scopes(scopes)),
                None => {
                    let given = GivenRefreshToken::new(endpoint.clone(), fetched.refresh_token());
                    let given = given.with_scopes(scopes);
                    Box::new(Refreshing::new(endpoint, given).with_scopes(scopes))
                }
            }
        }
        Kind::JwtBearer => service_account::grant(profile, io, fetched)?,
        Kind::Keycloak => realm::grant(profile, io, fetched)?,
        Kind::Oidc => person::kept(profile, io, fetched)?,
    })
}

/// The secrets that the profile's grant is made from, and where they are.
///
/// # Errors
/// `Config` if the profile does not say where one is.
pub(crate) fn needed(profile: &Profile) -> Result<Vec<(&'static str, &SecretSource)>> {
    let mut names = Vec::new();
    match profile.kind {
        Kind::ClientCredentials | Kind::Oidc => {}
        Kind::Keycloak | Kind::Refresh if !starts_from_token(profile) => {}
        Kind::Keycloak | Kind::Refresh => names.push("refresh-token"),
        Kind::JwtBearer => names.push("key"),
    }
    names.extend(client::secret(profile).filter(|name| !names.contains(name)));
    let sources = names
        .into_iter()
        .map(|name| Ok((name, profile.need_secret(name)?)));
    sources.collect()
}

/// The variables and files without which the profile can't be used; none if it can be tried.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(crate) fn missing(profile: &Profile) -> Result<Vec<String>> {
    match credentials_in_environment(profile) {
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
        Kind::JwtBearer => vec!["email", "key"],
        Kind::ClientCredentials => vec!["client-id"],
        Kind::Keycloak | Kind::Oidc => vec!["issuer", "client-id"],
        Kind::Refresh => vec!["client-id", "refresh-token"],
    };
    if settings.get("issuer").is_none() && !matches!(profile.kind, Kind::Keycloak | Kind::Oidc) {
        fields.insert(0, "token-url");
    }
    if profile.kind == Kind::Keycloak && realm::is_offline(profile) {
        fields.push("refresh-token");
    }
    fields.extend(client::secret(profile).filter(|name| !fields.contains(name)));
    let variables = fields.iter().filter(|name| lacks(name));
    let mut missing: Vec<String> = variables
        .map(|name| config::variable(&profile.name, name))
        .collect();
    let sources = fields.iter().filter_map(|name| settings.secret(name));
    missing.extend(sources.filter_map(SecretSource::lacks));
    Ok(missing)
}

/// All the secrets that [`needed`] names.
///
/// # Errors
/// As [`Secrets::fetch`].
pub(crate) async fn fetch(
    profile: &Profile,
    secrets: &Secrets,
    known: &Fetched,
) -> Result<Fetched> {
    let mut fetched = known.clone();
    for (field, source) in needed(profile)? {
        if !fetched.has(field) {
            fetched.insert(
                field,
                secrets.fetch(&subject(profile, field), source).await?,
            );
        }
    }
    Ok(fetched)
}

/// Whether the session is known by a token that was given from outside.
fn starts_from_token(profile: &Profile) -> bool {
    profile.kind == Kind::Refresh || realm::is_offline(profile)
}

/// The token endpoint of a profile, and whose logins it can end.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(crate) fn endpoint(profile: &Profile, io: &Io, fetched: &Fetched) -> Result<TokenEndpoint> {
    match profile.kind {
        Kind::Keycloak => {
            let client = client::authentication(profile, io, fetched)?;
            Ok(realm::of(profile, io)?.endpoint(client))
        }
        _ => client::endpoint(profile, io, fetched),
    }
}

/// How messages call one of the profile's secrets.
pub(crate) fn subject(profile: &Profile, field: &str) -> String {
    format!("`{field}` of profile `{}`", profile.name)
}

/// The key under the name that the person wants to keep the login under.
pub(crate) fn labelled(key: StoreKey, profile: &Profile) -> StoreKey {
    let Some(account) = profile.settings.text("account") else {
        return key;
    };
    let session = key.session().clone().with_account(account);
    key.with_session(session)
}

/// The key of a session that starts from a given token: another token, or another file with one, is
/// another session, whatever name it is kept under.
fn of_given_token(key: StoreKey, profile: &Profile, label: String) -> StoreKey {
    let session = key.session().clone();
    let session = match profile.settings.text("account") {
        Some(account) => session.with_account(account).with("given token", label),
        None => session.with_account(label),
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
