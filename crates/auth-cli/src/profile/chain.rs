//! A chain: the first of the places that a program in Azure may have a token from, as Microsoft's libraries try them.

mod az;

use auth_azure::{Application, AzureCli, Identity};
use auth_core::store::SessionKey;
use auth_core::{CachedSource, Chain, Error, ErrorKind, Grant, Io, Result};

use crate::config::Profile;
use crate::profile::labelled::Labelled;
use crate::profile::{Kept, entra, labelled, managed_identity};
use crate::secret::Secrets;
use crate::variables::secret as variable;

/// The profile's chain: what the variables say, a federated assertion, the identity of the machine, the login of `az`, and
/// if the profile names a client, the person who logged in to that.
///
/// # Errors
/// `Config` if the profile does not say what its tokens are for. What is wrong with one place is an error in its place.
pub(crate) fn of(profile: &Profile, io: &Io, secrets: &Secrets, kept: &Kept) -> Result<Chain> {
    let resource = entra::scopes(profile)?.join(" ");
    let cached = |grant: Result<Box<dyn Grant>>| grant.map(|grant| source(grant, io, kept));
    let application = |found: Result<Application>| -> Result<Box<dyn Grant>> {
        Ok(Box::new(found?.grant(&resource)?))
    };
    let chain = Chain::new()
        .with(
            "environment",
            cached(application(Application::from_environment(
                variable,
                io.clone(),
            ))),
        )
        .with(
            "workload identity",
            cached(application(Application::from_workload(
                variable,
                io.clone(),
            ))),
        )
        .with("managed identity", cached(machine(profile)))
        .with("az", az_login(profile, &resource, io, secrets));
    Ok(match has_person(profile) {
        true => chain.with("person", login(profile, io, kept)),
        false => chain,
    })
}

/// Whether a person's login is the last place.
pub(crate) fn has_person(profile: &Profile) -> bool {
    profile.settings.get("client-id").is_some()
}

/// The first place that is set up wrong, as far as that can be told without asking it.
///
/// # Errors
/// What is wrong with it.
pub(super) fn ensure_sound(chain: &Chain) -> Result<()> {
    let wrong = chain.sources().find_map(|(name, source)| match source {
        Err(error) if error.kind() != ErrorKind::Absent => Some(error.clone().context(name)),
        _ => None,
    });
    wrong.map_or(Ok(()), Err)
}

fn source(grant: impl Grant + 'static, io: &Io, kept: &Kept) -> CachedSource {
    CachedSource::new(grant, io.clone())
        .with_store(kept.store.clone())
        .with_observer(kept.observer.clone())
}

/// The identity of the machine, chosen as Microsoft's libraries choose it.
fn machine(profile: &Profile) -> Result<Box<dyn Grant>> {
    let settings = &profile.settings;
    let identity = match (settings.text("object-id"), settings.text("resource-id")) {
        (Some(id), _) => Identity::ObjectId(id.to_owned()),
        (None, Some(id)) => Identity::ResourceId(id.to_owned()),
        (None, None) => assigned().map_or(Identity::System, Identity::ClientId),
    };
    Ok(Box::new(managed_identity::of(identity, profile)?))
}

/// The identity that the variables name. Cloud Shell has no other than that of the person in front of it.
fn assigned() -> Option<String> {
    let is_cloud_shell = crate::variables::os("MSI_ENDPOINT").is_some();
    let named = crate::variables::text("AZURE_CLIENT_ID").ok();
    named.filter(|id| !id.is_empty() && !is_cloud_shell)
}

/// `az` keeps its login and its tokens itself.
fn az_login(profile: &Profile, resource: &str, io: &Io, secrets: &Secrets) -> Result<CachedSource> {
    let az = AzureCli::new(az::runner(secrets.hidden()), io.clone());
    let az = match profile.settings.text("tenant") {
        Some(tenant) if !tenant.contains("://") => az.with_tenant(tenant),
        _ => az,
    };
    az.source(resource)
}

fn login(profile: &Profile, io: &Io, kept: &Kept) -> Result<CachedSource> {
    let grant = entra::kept(profile, io, &kept.store)?;
    let grant = Labelled::new(labelled(grant.key(), profile), grant);
    entra::checked(source(grant, io, kept), profile, io)
}

/// The error where one grant is wanted of a chain, which has several.
pub(super) fn has_no_grant(profile: &Profile) -> Error {
    Error::config(format!(
        "profile `{}` is a chain of several sources",
        profile.name
    ))
    .with_advice("name the one that is meant by a profile of its own kind")
}

/// The sessions in which its sources keep tokens.
pub(crate) fn sessions(chain: &Chain) -> Vec<SessionKey> {
    let sources = chain.sources().filter_map(|(_, source)| source.ok());
    sources
        .filter_map(|source| source.session().cloned())
        .collect()
}
