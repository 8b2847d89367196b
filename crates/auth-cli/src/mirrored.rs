//! Files in which other programs look for the refresh token of a login.

use std::path::{Path, PathBuf};

use auth_core::{CachedSource, Error, Result};
use auth_desp::netrc::NetrcFile;
use auth_desp::polytope::PolytopeFile;

use crate::config::{Preset, Profile};

/// Whether a token of the profile's login in a netrc file is of use.
///
/// # Errors
/// `Config`, with the reason why not.
pub(crate) fn ensure_netrc_is_of_use(profile: &Profile) -> Result<()> {
    let name = &profile.name;
    if !profile.logs_in_to_desp() {
        return Err(Error::config(format!(
            "profile `{name}` is {}, and no netrc file has a token for one of those",
            profile.nature()
        ))
        .with_advice("use a service of Destination Earth, such as cacheb"));
    }
    if profile.settings.get("exchange-url").is_some() {
        return Err(Error::config(format!(
            "`{name}` takes tokens that the platform's are traded for: one in a netrc file would be refused"
        ))
        .with_advice(format!("run `auth token {name}` where the token is needed")));
    }
    Ok(())
}

/// Lists `file`, or else the netrc file in which the person's programs look, in the `login`, and writes it.
///
/// # Errors
/// Those of the login.
pub(crate) async fn netrc(login: &CachedSource, file: Option<&Path>) -> Result<PathBuf> {
    let usual = || {
        let variable = crate::variables::os("NETRC");
        Ok(NetrcFile::of_person(variable.as_deref(), &home()?)
            .path()
            .to_owned())
    };
    mirror(
        login,
        "netrc",
        file.map_or_else(usual, |file| Ok(file.to_owned()))?,
    )
    .await
}

/// Whether Polytope's client is to find the login.
pub(crate) fn is_for_polytope(profile: &Profile) -> bool {
    let polytope = Preset::Desp(auth_desp::preset::Published::Polytope);
    profile.logs_in_to_desp()
        && (profile.preset == Some(polytope) || profile.name == polytope.name())
}

/// Lists `file`, or else the one in which Polytope's client looks, in the `login`, and writes it.
///
/// # Errors
/// Those of the login.
pub(crate) async fn polytope(login: &CachedSource, file: Option<&Path>) -> Result<PathBuf> {
    let usual = || match crate::variables::os("POLYTOPE_KEY_PATH") {
        Some(path) if !path.is_empty() => Ok(PathBuf::from(path)),
        _ => Ok(PolytopeFile::of_person(&home()?).path().to_owned()),
    };
    mirror(
        login,
        "polytope",
        file.map_or_else(usual, |file| Ok(file.to_owned()))?,
    )
    .await
}

/// Another process finds the file wherever it runs.
async fn mirror(login: &CachedSource, kind: &str, file: PathBuf) -> Result<PathBuf> {
    let file = std::path::absolute(&file)
        .map_err(|error| Error::config(format!("{} is no usable path: {error}", file.display())))?;
    login.mirror_to(kind, &file).await?;
    Ok(file)
}

fn home() -> Result<PathBuf> {
    etcetera::home_dir().map_err(|_| {
        Error::config("nothing says where the home directory is")
            .with_advice("set HOME, or name the file")
    })
}
