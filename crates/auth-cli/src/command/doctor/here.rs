//! What can be told of this machine without a server.

use std::path::Path;

use auth_core::{Error, Result};
use url::Url;

use super::Finding;
use crate::command::status::permissions;
use crate::command::version::Version;
use crate::context::Context;
use crate::new_login::has_browser;
use crate::output::cause;
use crate::{prompt, variables};

/// Which build this is.
pub(super) fn version() -> Finding {
    Finding::ok("version", Version::of_this().line())
}

/// The configuration, the store, the way to the network, and whether somebody can be asked.
pub(super) async fn all(context: &Context) -> Vec<Finding> {
    let mut findings = configuration(context);
    findings.push(store(context).await);
    findings.extend(proxies());
    findings.push(certificates(context));
    findings.push(person());
    findings
}

fn configuration(context: &Context) -> Vec<Finding> {
    let files = context.config.files();
    let mut wrong: Vec<Error> = files.problems().to_vec();
    for name in context.config.names() {
        wrong.extend(context.config.mistakes(name));
    }
    if let Some(first) = wrong.first() {
        let first = match wrong.len() {
            1 => first.clone(),
            many => first
                .clone()
                .context(format!("the first of {many} mistakes")),
        };
        return vec![Finding::failed("configuration", &first)];
    }
    let paths: Vec<String> = files
        .paths()
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let said = match (&paths[..], files.place()) {
        ([], Some(place)) => format!(
            "there is no {}: built-in profiles only",
            place.path.display()
        ),
        ([], None) => "there is no home directory: built-in profiles only".to_owned(),
        (paths, _) => paths.join(", "),
    };
    vec![Finding::ok("configuration", said)]
}

async fn store(context: &Context) -> Finding {
    let place = context.store();
    let Some(directory) = &place.directory else {
        return Finding::warning(
            "store",
            "tokens are kept in memory only, and end with each run",
            "leave --no-store out, or name a directory with --store or AUTH_STORE",
        );
    };
    let shown = directory.display();
    let outcome = async {
        let logins = place.store.list().await?;
        let logins = logins
            .iter()
            .filter(|session| !session.is_account())
            .count();
        if !directory.exists() {
            return Ok(format!("{shown}, which is made at the first login"));
        }
        let locks = writable(directory)?;
        let mode = permissions(directory).map(|mode| format!(", mode {mode}"));
        Ok(format!(
            "{shown}{}, logins: {logins}{locks}",
            mode.unwrap_or_default()
        ))
    };
    Finding::of("store", outcome.await)
}

/// Whether a file can be written and locked there.
fn writable(directory: &Path) -> Result<&'static str> {
    let failed = |error: std::io::Error| {
        Error::store(format!(
            "{} can't be written: {}",
            directory.display(),
            cause(&error)
        ))
        .with_advice("make room, or name another directory with --store or AUTH_STORE")
    };
    let file = tempfile::Builder::new()
        .prefix(".doctor-")
        .tempfile_in(directory)
        .map_err(failed)?;
    Ok(match file.as_file().try_lock() {
        Ok(()) => "",
        Err(_) => "; this file system has no locks, so two processes may renew a login at once",
    })
}

/// What the environment says about proxies; none of it is asked.
fn proxies() -> Vec<Finding> {
    let said = PROXIES.iter().filter_map(|name| {
        let value = variables::text(name)
            .ok()
            .filter(|value| !value.is_empty())?;
        Some((*name, value))
    });
    let said: Vec<(&str, String)> = said.collect();
    if said.is_empty() {
        return vec![Finding::ok("proxy", "no variable names one")];
    }
    said.iter()
        .map(|(name, value)| match Url::parse(value) {
            _ if name.eq_ignore_ascii_case("NO_PROXY") => {
                Finding::ok("proxy", format!("{name} is {value}"))
            }
            Ok(url) if url.has_host() => Finding::ok(
                "proxy",
                format!("{name} is {}", auth_core::http::shown(&url)),
            ),
            // It may have a password in it. What is right without a scheme is the client's to know.
            _ => Finding::warning(
                "proxy",
                format!("{name} is no whole address"),
                "write it as http://host:port",
            ),
        })
        .collect()
}

fn certificates(context: &Context) -> Finding {
    let own = context.trust().file().map(Path::to_owned);
    let Some(path) = own else {
        return Finding::ok("certificates", "those of the system");
    };
    let read = std::fs::metadata(&path).map_err(|error| {
        Error::config(format!(
            "{} can't be read: {}",
            path.display(),
            error.kind()
        ))
        .with_advice("check the path that --ca-file or the variable names")
    });
    Finding::of(
        "certificates",
        read.map(|_| format!("those of the system, and {}", path.display())),
    )
}

/// Whether somebody can be asked, and how they would log in.
fn person() -> Finding {
    let terminal = match prompt::can_ask() {
        true => "questions are asked at the terminal",
        false => "no question can be asked: no terminal, CI, or --no-interaction",
    };
    let browser = match (has_browser(), variables::text("BROWSER")) {
        (true, Ok(browser)) if !browser.is_empty() => format!("a login opens {browser} (BROWSER)"),
        (true, _) => "a login opens the system's browser".to_owned(),
        (false, _) => {
            "a login shows a code, since no browser can open here (SSH, a container, CI, or no display)"
                .to_owned()
        }
    };
    Finding::ok("login", format!("{terminal}; {browser}"))
}

const PROXIES: [&str; 8] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];
