//! What can be told of this machine without a server.

use std::io::Write;
use std::path::{Path, PathBuf};

use auth_core::{Error, Result};
use url::Url;

use super::Finding;
use crate::command::status::permissions;
use crate::command::version::Version;
use crate::context::Context;
use crate::new_login::has_browser;
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
        let mut above = directory.ancestors();
        let there = above.find(|path| path.is_dir());
        let locks = writable(there.unwrap_or_else(|| Path::new(".")))?;
        if there != Some(directory) {
            return Ok(format!("{shown}, which is made at the first login{locks}"));
        }
        let mode = permissions(directory).map(|mode| format!(", mode {mode}"));
        Ok(format!(
            "{shown}{}, logins: {logins}{locks}",
            mode.unwrap_or_default()
        ))
    };
    let outcome = outcome.await;
    match directory.is_relative() && outcome.is_ok() {
        true => Finding::warning(
            "store",
            format!("{shown} is another directory wherever else this is run"),
            "write the whole path into AUTH_STORE or --store",
        ),
        false => Finding::of("store", outcome),
    }
}

/// Whether a file can be written and locked there.
fn writable(directory: &Path) -> Result<&'static str> {
    let failed = |error: std::io::Error| {
        Error::store(format!("{} can't be written: {error}", directory.display()))
            .with_advice("make room, or name another directory with --store or AUTH_STORE")
    };
    let mut file = tempfile::tempfile_in(directory).map_err(failed)?;
    // A full disk makes files, and takes nothing into them.
    file.write_all(&[0; ROOM]).map_err(failed)?;
    Ok(match file.try_lock() {
        Ok(()) => "",
        Err(_) => "; this file system has no locks, so two processes may renew a login at once",
    })
}

/// What the environment says about proxies; none of it is asked.
fn proxies() -> Vec<Finding> {
    // Windows makes no difference between the two ways to write one.
    let is_another = |name: &&&str| !cfg!(windows) || name.starts_with(char::is_uppercase);
    let said = PROXIES.iter().filter(is_another).filter_map(|name| {
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
            // A list of hosts, in which a password is a mistake all the same.
            _ if name.eq_ignore_ascii_case("NO_PROXY") && !value.contains('@') => {
                Finding::ok("proxy", format!("{name} is {value}"))
            }
            _ if name.eq_ignore_ascii_case("NO_PROXY") => Finding::warning(
                "proxy",
                format!("{name} has an address with a user in it"),
                "write hosts alone, with commas between them",
            ),
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
    let said = SYSTEMS.iter().filter_map(|name| {
        let path = variables::os(name).filter(|path| !path.is_empty())?;
        Some((*name, PathBuf::from(path)))
    });
    let said: Vec<_> = said.collect();
    let trusted = || {
        let mut all = "those of the system".to_owned();
        if let Some((name, path)) = said.first() {
            all = format!("those of {} ({name})", path.display());
        }
        for (name, path) in &said {
            path.metadata().map_err(|error| {
                unreadable(path, &error).with_advice(format!("unset {name}, or correct it"))
            })?;
        }
        if let Some(own) = context.trust().file() {
            let bytes = std::fs::read(own).map_err(|error| unreadable(own, &error))?;
            if !bytes.windows(MARK.len()).any(|piece| piece == MARK) && !bytes.starts_with(DER) {
                let what = format!("{} holds no certificate", own.display());
                let advice = "name a PEM file with the certificates to trust";
                return Err(Error::config(what).with_advice(advice));
            }
            all = format!("{all}, and {}", own.display());
        }
        Ok(all)
    };
    Finding::of("certificates", trusted())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::config(format!(
        "{} can't be read: {}",
        path.display(),
        error.kind()
    ))
    .with_advice("check the path that --ca-file or the variable names")
}

/// Whether somebody can be asked, and how they would log in.
fn person() -> Finding {
    let terminal = match prompt::can_ask() {
        true => "questions are asked at the terminal",
        false => "no question can be asked: no terminal, CI, or --no-interaction",
    };
    if let Some(program) = prompt::missing_browser() {
        return Finding::warning(
            "login",
            format!("{terminal}; BROWSER names {program}, which is not found"),
            "correct it, or unset it: then the system's browser is opened, or a code is shown",
        );
    }
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

/// As much as a login takes.
const ROOM: usize = 16 << 10;

/// How a certificate begins, in PEM and in DER.
const MARK: &[u8] = b"CERTIFICATE-----";
const DER: &[u8] = &[0x30, 0x82];

/// The variables that take the place of the system's own certificates.
const SYSTEMS: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

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
