//! Where a program runs, told by variables.

use std::path::{Path, PathBuf};

use auth_core::{Error, Result};
use url::Url;

use super::host::{self, Host};
use super::imds;
use crate::variables::Variables;

pub(super) fn host(variables: Variables<'_>, exists: &dyn Fn(&Path) -> bool) -> Result<Host> {
    let is_set = |name| variables.has(name);
    let (endpoint, header) = (is_set(ENDPOINT), variables.secret(HEADER));
    if endpoint && header.is_some() && is_set("IDENTITY_SERVER_THUMBPRINT") {
        return Err(unsupported("Service Fabric"));
    }
    if let (true, Some(header)) = (endpoint, header) {
        let endpoint = url(ENDPOINT, variables)?;
        return Ok(Host::App { endpoint, header });
    }
    if is_set(MSI_ENDPOINT) && is_set("MSI_SECRET") {
        return Err(unsupported("Azure Machine Learning"));
    }
    if endpoint && is_set("IMDS_ENDPOINT") {
        let (endpoint, keys) = (url(ENDPOINT, variables)?, keys(variables));
        return Ok(Host::Arc { endpoint, keys });
    }
    if exists(&agent(variables)) {
        let endpoint = Url::parse(AGENT).expect("a published URL is a URL");
        let keys = keys(variables);
        return Ok(Host::Arc { endpoint, keys });
    }
    if is_set(MSI_ENDPOINT) {
        return Ok(Host::CloudShell(url(MSI_ENDPOINT, variables)?));
    }
    for (name, others) in [
        (
            ENDPOINT,
            "neither IDENTITY_HEADER, as in App Service, nor IMDS_ENDPOINT, as with Azure Arc",
        ),
        (HEADER, "no IDENTITY_ENDPOINT"),
        ("MSI_SECRET", "no MSI_ENDPOINT"),
    ] {
        if is_set(name) {
            return Err(Error::config(format!(
                "the managed identity is only half configured: {name} is set, but {others}"
            ))
            .with_advice("set both as Azure sets them, or none"));
        }
    }
    let is_guess = !is_set(AUTHORITY);
    let endpoint = match is_guess {
        true => imds::published(),
        false => {
            let mut endpoint = url(AUTHORITY, variables)?;
            let path = format!("{}{}", endpoint.path().trim_end_matches('/'), imds::PATH);
            endpoint.set_path(&path);
            endpoint
        }
    };
    Ok(Host::Imds { endpoint, is_guess })
}

/// The address in a variable, which may be sent what is secret.
fn url(name: &str, variables: Variables<'_>) -> Result<Url> {
    let value = variables.text(name).unwrap_or_default();
    let url = Url::parse(value.trim()).map_err(|_| {
        Error::config(format!("{name} is not a URL")).with_advice("correct or unset it")
    })?;
    host::checked(url).map_err(|error| error.context(name))
}

fn unsupported(host: &str) -> Error {
    Error::config(format!("the managed identity of {host} is not supported")).with_advice(
        "log in as an application there, with a certificate, a secret or a federated token",
    )
}

/// The program of Azure Arc's agent, which is there where the agent is.
fn agent(variables: Variables<'_>) -> PathBuf {
    below("ProgramFiles", variables).map_or_else(
        || PathBuf::from("/opt/azcmagent/bin/himds"),
        |folder| folder.join("AzureConnectedMachineAgent").join("himds.exe"),
    )
}

/// The folder where its keys are.
fn keys(variables: Variables<'_>) -> PathBuf {
    below("ProgramData", variables).map_or_else(
        || PathBuf::from("/var/opt/azcmagent/tokens"),
        |folder| folder.join("AzureConnectedMachineAgent").join("Tokens"),
    )
}

/// A folder that Windows names in a variable.
fn below(name: &str, variables: Variables<'_>) -> Option<PathBuf> {
    let value = variables.text(name).filter(|_| cfg!(windows))?;
    Some(PathBuf::from(value))
}

const ENDPOINT: &str = "IDENTITY_ENDPOINT";
const HEADER: &str = "IDENTITY_HEADER";
const MSI_ENDPOINT: &str = "MSI_ENDPOINT";
const AUTHORITY: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

/// Where the agent listens unless variables say otherwise.
const AGENT: &str = "http://localhost:40342/metadata/identity/oauth2/token";
