//! `auth emulator`: the demonstration's server, kept running, with a configuration that leads to it.

mod stop;

use std::path::{Path, PathBuf};

use auth_azure::preset::pectus::{CLIENT_VARIABLE, TENANT_VARIABLE};
use auth_core::shared_file::{Replacement, patiently};
use auth_core::{Error, Result};
use auth_keycloak::preset::provena::OFFLINE_TOKEN_VARIABLE;

use crate::args::{EmulatorArgs, Shell};
use crate::failure::Failure;
use crate::interrupt;
use crate::output::{self, message};
use crate::stage::{ADA, PASSWORD, Part, Stage};

pub(super) async fn run(args: EmulatorArgs) -> Result<(), Failure> {
    if args.stop {
        return stop::run(args.shell);
    }
    let stage = Stage::open(args.port, args.https).await?;
    // Dropping it removes the directory.
    let mut temporary = None;
    let directory = match args.dir {
        Some(directory) => made(&directory)?,
        None => {
            let made = tempfile::Builder::new().prefix("auth-emulator-").tempdir();
            let made = made.map_err(|error| {
                Error::config(format!("no temporary directory can be made: {error}"))
                    .with_advice("name one with --dir")
            })?;
            temporary.insert(made).path().to_owned()
        }
    };
    // Whoever reads what is printed may end us at once: this listens before.
    let mut ended = std::pin::pin!(interrupt::requested());
    let is_ended = tokio::select! {
        biased;
        () = &mut ended => true,
        () = std::future::ready(()) => false,
    };
    let exports = write_down(&stage, &directory, args.shell)?;
    output::print(exports.as_bytes())?;
    let url = stage.listening.url("/");
    let shown = directory.display();
    message::note(&format!(
        "listening on {url}, configuration in {shown}; Ctrl-C ends it"
    ));
    message::note(&format!(
        "at a login page, as after `auth login provena-person` or `auth login destiny-azure`, the user is {ADA}, the password {PASSWORD}"
    ));
    release_stdout();
    if !is_ended {
        tokio::select! {
            () = ended => {}
            () = stop::asked(&directory) => {}
        }
    }
    stop::forget(&directory);
    drop(temporary);
    Ok(())
}

/// Writes the profiles, their secrets and the CA, and returns the lines that lead a shell to them.
fn write_down(stage: &Stage, directory: &Path, chosen: Shell) -> Result<String> {
    let mut parts = stage.parts();
    let job = stage.provena_job(&stage.offline_token()?);
    parts.extend([stage.provena_person(), job, stage.destiny()]);
    let ca = stage.listening.ca_pem();
    if let Some(pem) = ca {
        write(directory, "ca.pem", pem)?;
    }
    let mut config = String::from("# Written by `auth emulator`, for as long as it runs.\n");
    for part in &parts {
        for (name, secret) in part.expose_secrets() {
            write(directory, &secret_file(part, name), secret)?;
        }
        config.push_str(&profile(part, ca.is_some()));
    }
    write(directory, "config.toml", &config)?;
    let variables = variables(&parts, directory)?;
    let exports = |shell: Shell| -> Result<String> {
        let lines = variables.iter();
        lines
            .map(|(name, value)| shell.assignment(name, value))
            .collect()
    };
    for (shell, ending) in Shell::ALL {
        // One that can't be told of the directory, for its name, may not be the one that is used.
        if let Ok(lines) = exports(shell) {
            let lines = match shell {
                // It shows each line of a file that does not begin so.
                Shell::Cmd => lines.lines().map(|line| format!("@{line}\n")).collect(),
                _ => lines,
            };
            write(directory, &format!("env{ending}"), &lines)?;
        }
    }
    let exports = exports(chosen)?;
    write(directory, stop::MARK, &std::process::id().to_string())?;
    Ok(exports)
}

fn profile(part: &Part, https: bool) -> String {
    let mut text = format!("\n[profile.{}]\n", part.profile);
    for (key, value) in &part.settings {
        // Our own names and loopback URLs: nothing in them needs escaping.
        text.push_str(&format!("{key} = \"{value}\"\n"));
    }
    for (key, _) in &part.secrets {
        let file = secret_file(part, key);
        text.push_str(&format!("{key} = {{ file = \"{file}\" }}\n"));
    }
    if https {
        text.push_str("ca-file = \"ca.pem\"\n");
    }
    text
}

/// What leads a shell to the emulator.
fn variables(parts: &[Part], directory: &Path) -> Result<Vec<(&'static str, String)>> {
    let path = |name: &str| directory.join(name).display().to_string();
    let mut variables = vec![
        ("AUTH_CONFIG", path("config.toml")),
        ("AUTH_STORE", path("store")),
        ("AUTH_EMULATOR_PID", std::process::id().to_string()),
    ];
    // The vendor's own programs find the emulator through the names that they know.
    let disruptive = parts.iter().find(|part| part.profile == "disruptive");
    if let Some((part, (_, secret))) =
        disruptive.and_then(|part| Some((part, part.expose_secrets().next()?)))
    {
        let json = serde_json::json!({ "serviceAccount": {
            "keyId": part.setting("key-id"),
            "secret": secret,
            "email": part.setting("email"),
            "algorithm": part.setting("algorithm"),
            "tokenEndpoint": part.setting("token-url"),
        }});
        write(directory, "disruptive.json", &json.to_string())?;
        variables.extend([
            ("DT_CREDENTIALS_FILE", path("disruptive.json")),
            ("DT_SERVICE_ACCOUNT_KEY_ID", part.setting("key-id").into()),
            ("DT_SERVICE_ACCOUNT_SECRET", secret.into()),
            ("DT_SERVICE_ACCOUNT_EMAIL", part.setting("email").into()),
        ]);
    }
    let pectus = parts.iter().find(|part| part.profile == "pectus");
    if let Some((part, (_, secret))) =
        pectus.and_then(|part| Some((part, part.expose_secrets().next()?)))
    {
        variables.extend([
            (TENANT_VARIABLE, part.setting("tenant").into()),
            (CLIENT_VARIABLE, part.setting("client-id").into()),
            ("AZURE_CLIENT_SECRET", secret.into()),
        ]);
    }
    let provena = parts.iter().find(|part| part.profile == "provena");
    if let Some((_, token)) = provena.and_then(|part| part.expose_secrets().next()) {
        variables.push((OFFLINE_TOKEN_VARIABLE, token.into()));
    }
    Ok(variables)
}

fn secret_file(part: &Part, name: &str) -> String {
    format!("{}.{name}", part.profile)
}

/// The directory, absolute, ours alone if we make it.
fn made(directory: &Path) -> Result<PathBuf> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .recursive(true)
        .create(directory)
        .and_then(|()| std::path::absolute(directory))
        .map_err(|error| {
            let shown = directory.display();
            Error::config(format!("the directory {shown} can't be made: {error}"))
                .with_advice("name another one with --dir")
        })
}

/// A file that is ours alone from its birth, in place of whatever had its name.
fn write(directory: &Path, name: &str, text: &str) -> Result<()> {
    let path = directory.join(name);
    let write = || {
        let mut file = Replacement::beside(&path)?;
        file.write(text.as_bytes())?;
        patiently(&path, || file.take_place(&path))
    };
    write().map_err(|error: std::io::Error| {
        Error::config(format!("{} can't be written: {error}", path.display()))
            .with_advice("name another directory with --dir")
    })
}

/// Lets go of stdout, so that a shell that reads it does not wait for us.
fn release_stdout() {
    #[cfg(unix)]
    if let Ok(null) = std::fs::File::options().write(true).open("/dev/null") {
        // At worst the shell waits.
        let _ = rustix::stdio::dup2_stdout(&null);
    }
}
