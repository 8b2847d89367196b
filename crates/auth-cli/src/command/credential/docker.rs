//! `auth docker-credential`: the protocol of docker-credential-helpers.

use std::collections::BTreeMap;

use auth_core::error::Untrusted;
use auth_core::session::Need;
use auth_core::{Error, Result};
use serde_json::json;

use super::hosts::{Hosts, address};
use super::{replace, user};
use crate::args::{Globals, HelperArgs};
use crate::command::token;
use crate::config::Profile;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;

/// What goes wrong is said on stdout too: docker shows that, and nothing of stderr.
pub(in crate::command) async fn run(globals: Globals, args: &HelperArgs) -> Result<(), Failure> {
    let outcome = answered(globals, args).await;
    if let Err(Failure::Failed(error)) = &outcome {
        let text = error.to_string();
        let text = Untrusted::new(&text).with_limit(4096);
        output::print(format!("{text}\n").as_bytes())?;
    }
    outcome
}

async fn answered(globals: Globals, args: &HelperArgs) -> Result<(), Failure> {
    let context = &Context::new(globals)?;
    let profile = context.profile(&args.question)?;
    match &*args.action {
        "get" => get(context, &profile).await,
        "list" => list(&profile).await,
        "erase" => erase(context, &profile).await,
        "version" => output::print(format!("auth {}\n", env!("CARGO_PKG_VERSION")).as_bytes()),
        "store" => Err(Error::config(format!(
            "nothing is stored here: the tokens come from profile `{}`",
            profile.name
        ))
        .with_advice("leave `docker login` out for this registry, or take it out of `credHelpers`")
        .into()),
        _ => Err(
            Error::config("there is no such action of a credential helper of docker")
                .with_advice("use get, list, store, erase or version")
                .into(),
        ),
    }
}

async fn get(context: &Context, profile: &Profile) -> Result<(), Failure> {
    let asked = asked(context).await?;
    if asked.is_empty() {
        return say(NO_SERVER);
    }
    if !is_for(&Hosts::of(profile).await?, &asked) {
        return say(NOT_FOUND);
    }
    let user = user(profile)?;
    let token = token::get(context, profile, Need::new()).await?;
    output::print_json(&json!({
        "ServerURL": asked,
        "Username": user,
        "Secret": token.expose_secret(),
    }))
}

/// Whoever logs out of a registry gets no token again that they had. The login is the profile's: `auth logout` ends it.
async fn erase(context: &Context, profile: &Profile) -> Result<(), Failure> {
    let asked = asked(context).await?;
    let hosts = Hosts::of(profile).await;
    match hosts.is_ok_and(|hosts| is_for(&hosts, &asked)) {
        true => replace(context, profile, |_| true).await,
        false => Ok(()),
    }
}

async fn list(profile: &Profile) -> Result<(), Failure> {
    let hosts = Hosts::of(profile).await?;
    let user = user(profile)?;
    let all: BTreeMap<&str, &str> = hosts.iter().map(|host| (host, user)).collect();
    output::print_json(&all)
}

/// The server that docker asks about.
async fn asked(context: &Context) -> Result<String, Failure> {
    let text = context.secrets.stdin().await?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    match text.contains(char::is_control) {
        true => Err(Error::config(
            "the server's name has a line break or another control character",
        )
        .with_advice("write one name, such as registry.example.org")
        .into()),
        false => Ok(text.to_owned()),
    }
}

/// Whether the token is for `server`: a host, with or without a path, or an address of it with https.
fn is_for(hosts: &Hosts, server: &str) -> bool {
    match server.contains("://") {
        true => address(server).is_some_and(|url| url.scheme() == "https" && hosts.has_url(&url)),
        false => hosts.has(server.split('/').next().unwrap_or_default()),
    }
}

/// What clients know by its words, with the exit code of the protocol.
fn say(words: &str) -> Result<(), Failure> {
    output::print(format!("{words}\n").as_bytes())?;
    Err(Failure::Told(1))
}

const NOT_FOUND: &str = "credentials not found in native keychain";
const NO_SERVER: &str = "no credentials server URL";
