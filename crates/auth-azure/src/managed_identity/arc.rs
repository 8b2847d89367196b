//! The challenge of Azure Arc's agent: whoever can read a file of its may have a token.

use std::path::{Path, PathBuf};

use auth_core::clock::Clock;
use auth_core::error::Untrusted;
use auth_core::session::{FileSecret, Held};
use auth_core::{Error, Result};
use bytes::Bytes;
use http::Response;
use http::header::WWW_AUTHENTICATE;
use secrecy::{ExposeSecret, SecretString};

/// The key that the agent put into the file which its challenge names, in the folder `keys`.
///
/// # Errors
/// `Protocol` for a challenge that names another kind of file, or one elsewhere; `Config` where it can't be read.
pub(super) async fn key(
    answer: &Response<Bytes>,
    keys: &Path,
    held: &Held,
    clock: &dyn Clock,
) -> Result<SecretString> {
    let challenge = answer.headers().get(WWW_AUTHENTICATE);
    let challenge = challenge.and_then(|value| value.to_str().ok());
    let path = file(challenge.unwrap_or_default(), keys)?;
    let key = held.reveal(&FileSecret::new(path), clock).await.map_err(|error| {
        error
            .context("the agent of Azure Arc wants to see its key")
            .with_advice("let this account read it: add it to the group himds, on Windows to the administrators")
    })?;
    if key.expose_secret().len() > LONGEST {
        return Err(Error::protocol(format!(
            "the key of Azure Arc's agent is longer than {LONGEST} bytes"
        ))
        .with_advice("see what put that file into the agent's folder"));
    }
    Ok(key)
}

/// The file that `challenge` names, which is one of the agent's own: `Basic realm=<folder>/<name>.key`.
fn file(challenge: &str, keys: &Path) -> Result<PathBuf> {
    let strange = |what: &str| {
        Error::protocol(format!("the agent of Azure Arc {what}"))
            .with_advice("see whether something else answers in its place, and bring it up to date")
    };
    let named =
        realm(challenge).ok_or_else(|| strange("does not say which key it wants to see"))?;
    let folder = keys.to_string_lossy();
    let windows = folder.contains('\\');
    let is_separator = |character| character == '/' || (windows && character == '\\');
    let (place, name) = named.rsplit_once(is_separator).unwrap_or(("", named));
    let folder = folder.trim_end_matches(is_separator);
    let elsewhere = match windows {
        true => !place.eq_ignore_ascii_case(folder),
        false => place != folder,
    };
    let stem = name.strip_suffix(".key").unwrap_or_default();
    let odd = |byte: u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if elsewhere || stem.is_empty() || stem.bytes().any(odd) {
        return Err(strange(&format!(
            "wants to see {}, which is not one of its keys in {folder}",
            Untrusted::new(named).with_limit(200)
        )));
    }
    Ok(keys.join(name))
}

/// The agent quotes nothing, so that a path breaks the grammar of RFC 9110 §11.2.
fn realm(challenge: &str) -> Option<&str> {
    let (scheme, rest) = challenge.trim().split_once(' ')?;
    let (name, value) = rest.trim_start().split_once('=')?;
    let is_basic =
        scheme.eq_ignore_ascii_case("basic") && name.trim().eq_ignore_ascii_case("realm");
    is_basic.then(|| value.trim().trim_matches('"'))
}

/// The longest key.
const LONGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_in_the_agents_own_folder_is_read() {
        let linux = |challenge: &str| file(challenge, Path::new("/var/opt/azcmagent/tokens"));
        for challenge in [
            "Basic realm=/var/opt/azcmagent/tokens/ab-1.key",
            "basic Realm=\"/var/opt/azcmagent/tokens/ab-1.key\"",
        ] {
            let path = linux(challenge).unwrap();
            assert_eq!(path, Path::new("/var/opt/azcmagent/tokens/ab-1.key"));
        }
        for challenge in [
            "",
            "Basic",
            "Basic realm=",
            "Digest realm=/var/opt/azcmagent/tokens/a.key",
            "Basic realm=/etc/passwd",
            "Basic realm=/etc/a.key",
            "Basic realm=a.key",
            "Basic realm=/var/opt/azcmagent/tokens/.key",
            "Basic realm=/var/opt/azcmagent/tokens/a.txt",
            "Basic realm=/var/opt/azcmagent/tokens/../tokens/a.key",
            "Basic realm=/var/opt/azcmagent/tokens/b/a.key",
            "Basic realm=/VAR/opt/azcmagent/tokens/a.key",
            "Basic realm=/var/opt/azcmagent/tokens/a b.key",
            "Basic realm=/var/opt/azcmagent/tokens/a\\b.key",
        ] {
            let error = linux(challenge).unwrap_err();
            assert_eq!(error.kind(), auth_core::ErrorKind::Protocol, "{challenge}");
        }
    }

    #[test]
    fn on_windows_the_folder_is_compared_without_case() {
        let keys = Path::new(r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\");
        let windows = |challenge: &str| file(challenge, keys);
        let path = windows(r"Basic realm=c:\programdata\AzureConnectedMachineAgent\Tokens\a.key");
        assert!(path.unwrap().ends_with("a.key"));
        for challenge in [
            r"Basic realm=C:\ProgramData\AzureConnectedMachineAgent\a.key",
            r"Basic realm=C:\ProgramData\AzureConnectedMachineAgent\Tokens\..\Tokens\a.key",
            r"Basic realm=\\host\AzureConnectedMachineAgent\Tokens\a.key",
            r"Basic realm=C:\ProgramData\AzureConnectedMachineAgent\Tokens\a.key:b",
        ] {
            assert!(windows(challenge).is_err(), "{challenge}");
        }
    }
}
