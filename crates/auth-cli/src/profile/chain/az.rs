//! Microsoft's `az`, run for the login that it has.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Stdio;

use auth_azure::AzOutput;
use auth_core::{BoxFuture, Error, Result};
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::child;

/// What runs `az` with the arguments that it is given. It gets none of the variables in `hidden`, and ends when nobody
/// waits for it any more.
pub(super) fn runner(
    hidden: Vec<String>,
) -> impl Fn(Vec<String>) -> BoxFuture<'static, Result<AzOutput>> + Send + Sync + 'static {
    move |arguments| Box::pin(run(arguments, hidden.clone()))
}

async fn run(arguments: Vec<String>, hidden: Vec<String>) -> Result<AzOutput> {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(folder());
    command.env("AZURE_CORE_NO_COLOR", "true");
    for variable in hidden {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => Error::absent("az is not installed"),
        _ => Error::config(format!("az can't be run: {error}")),
    };
    let mut child = child::start(command).await.map_err(failed)?;
    let (stdout, stderr) = tokio::join!(read(child.stdout.take()), read(child.stderr.take()));
    let status = child.wait().await.map_err(failed)?;
    Ok(AzOutput::new(
        status.success(),
        SecretString::from(stdout),
        stderr,
    ))
}

/// All that it says, up to a length that no answer of its has.
async fn read(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let mut said = Vec::new();
    if let Some(pipe) = pipe {
        // What could be read is judged by whoever wanted it.
        let _ = pipe.take(LIMIT).read_to_end(&mut said).await;
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// A folder that only the system writes to, so that nobody slips in a module of their own.
fn folder() -> PathBuf {
    match cfg!(windows) {
        true => crate::variables::os("SystemRoot").map_or_else(|| "C:\\".into(), PathBuf::from),
        false => "/".into(),
    }
}

const PROGRAM: &str = if cfg!(windows) { "az.cmd" } else { "az" };
const LIMIT: u64 = 1 << 20;
