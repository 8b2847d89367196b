//! [`AzureCli`]: the login that `az` has.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::clock::bound;
use auth_core::error::Untrusted;
use auth_core::session::{Held, TokenSet};
use auth_core::store::{SessionKey, StoreKey};
use auth_core::{AccessToken, BoxFuture, CachedSource, Error, Grant, Io, Result};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use crate::managed_identity::resource;

/// The login of the person at Microsoft's `az`, on a developer's machine. This library starts no program: it says with
/// which arguments `az` is to run, and reads what it says.
///
/// `az` keeps the login and its tokens itself, so a store of ours that outlives the process has no business here:
/// somebody may log in to `az` as somebody else.
#[derive(Clone)]
pub struct AzureCli {
    command: Arc<Command>,
    tenant: Option<String>,
    io: Io,
}

/// Runs `az` with these arguments and hands back what it said.
type Command = dyn Fn(Vec<String>) -> BoxFuture<'static, Result<AzOutput>> + Send + Sync;

/// What `az` said before it ended.
#[derive(Clone, Debug)]
pub struct AzOutput {
    succeeded: bool,
    stdout: SecretString,
    stderr: String,
}

impl AzOutput {
    /// Both of its outputs, and whether it ended with success.
    pub fn new(succeeded: bool, stdout: SecretString, stderr: impl Into<String>) -> Self {
        let stderr = stderr.into();
        Self {
            succeeded,
            stdout,
            stderr,
        }
    }
}

impl AzureCli {
    /// `command` runs `az`, wherever it is, from a folder that nobody else can write to. It answers `Absent` where `az` is
    /// not installed, and is dropped when it takes longer than 30 s.
    pub fn new(
        command: impl Fn(Vec<String>) -> BoxFuture<'static, Result<AzOutput>> + Send + Sync + 'static,
        io: Io,
    ) -> Self {
        Self {
            command: Arc::new(command),
            tenant: None,
            io,
        }
    }

    /// In this tenant, by id or domain, instead of the one that `az` has chosen.
    #[must_use]
    pub fn with_tenant(self, tenant: impl Into<String>) -> Self {
        let tenant = Some(tenant.into());
        Self { tenant, ..self }
    }

    /// Tokens for the API that is called `resource`, such as `https://vault.azure.net` or `api://<id>`. The scope
    /// `<resource>/.default` means the same.
    ///
    /// # Errors
    /// `Config` where the resource is empty or several.
    pub fn source(&self, resource: &str) -> Result<CachedSource> {
        let grant = Asked {
            az: self.clone(),
            resource: self::resource(resource)?.to_owned(),
        };
        Ok(CachedSource::new(grant, self.io.clone()))
    }

    fn arguments(&self, resource: &str) -> Vec<String> {
        let fixed = "account get-access-token --output json --resource".split(' ');
        let tenant = self.tenant.iter().flat_map(|tenant| ["--tenant", tenant]);
        let all = fixed.chain([resource]).chain(tenant);
        all.map(str::to_owned).collect()
    }
}

impl fmt::Debug for AzureCli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureCli")
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Asked {
    az: AzureCli,
    resource: String,
}

impl Asked {
    async fn token(&self) -> Result<TokenSet> {
        let clock = self.az.io.clock();
        let asked_at = clock.now().wall;
        let said = tokio::select! {
            biased;
            said = (self.az.command)(self.az.arguments(&self.resource)) => said?,
            () = clock.sleep(PATIENCE) => {
                let late = format!("az did not answer within {} s", PATIENCE.as_secs());
                return Err(Error::unavailable(late).with_advice("see what `az account show` does"));
            }
        };
        match said.succeeded {
            true => token(&said.stdout, asked_at),
            false => Err(failed(&said.stderr)),
        }
    }
}

impl Grant for Asked {
    fn key(&self) -> StoreKey {
        let tenant = self.az.tenant.as_deref().unwrap_or_default();
        let session = SessionKey::new("az", "", "default").with("tenant", tenant);
        StoreKey::new(session).with("resource", &self.resource)
    }

    fn exchange<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(self.token())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    access_token: Option<SecretString>,
    #[serde(rename = "expires_on")]
    expires_on: Option<Value>,
}

fn token(stdout: &SecretString, asked_at: SystemTime) -> Result<TokenSet> {
    let answer: Answer = serde_json::from_str(stdout.expose_secret()).map_err(|_| {
        Error::protocol("az answered with something that is no JSON")
            .with_advice("see what `az account get-access-token --output json` prints")
    })?;
    let token = answer.access_token.ok_or_else(|| {
        Error::protocol("az answered without a token").with_advice("update az: az upgrade")
    })?;
    let end = match &answer.expires_on {
        Some(Value::Number(seconds)) => seconds.as_u64(),
        Some(Value::String(seconds)) => seconds.parse().ok(),
        _ => None,
    };
    // Before 2.54 it told the time in the time zone of the machine, and no more.
    let end = end.ok_or_else(|| {
        Error::protocol("az does not say when its token ends")
            .with_advice("update az to 2.54 or later: az upgrade")
    })?;
    let end = bound::since_epoch(end);
    if end <= asked_at {
        return Err(
            Error::protocol("az answered with a token that has already ended")
                .with_advice("check the clock of this machine, or run `az login` again"),
        );
    }
    Ok(TokenSet::new(AccessToken::new(token, asked_at, end)?))
}

/// It always ends with 1: whether somebody is logged in is in its words alone, and what Entra refused has a code there.
fn failed(stderr: &str) -> Error {
    let line = stderr.lines().map(str::trim).find(|line| !line.is_empty());
    let line = line.unwrap_or("it gave no reason");
    let line = line.strip_prefix("ERROR:").unwrap_or(line).trim();
    let shown = Untrusted::new(line.trim_end_matches('.'));
    if stderr.contains("az login") && !stderr.contains("AADSTS") {
        return Error::absent(format!("az has no login: {shown}")).with_advice("run `az login`");
    }
    Error::refused(format!("az got no token: {shown}")).with_advice("run `az login` again")
}

/// It is a Python program that may have to ask Entra.
const PATIENCE: Duration = Duration::from_secs(30);
