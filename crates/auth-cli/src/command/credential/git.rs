//! `auth git-credential`: git's credential helper (gitcredentials(7), git-credential(1)).

mod description;

use auth_core::session::Need;
use auth_core::{AccessToken, Result};

use self::description::Description;
use super::hosts::Hosts;
use super::{replace, user};
use crate::args::HelperArgs;
use crate::command::token;
use crate::config::Profile;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;

pub(in crate::command) async fn run(context: &Context, args: &HelperArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    match &*args.action {
        "get" => get(context, &profile).await,
        "erase" => erase(context, &profile).await,
        // What is stored is kept here anyway.
        "store" => Ok(said(context).map(drop)?),
        "capability" => output::print(b"version 0\ncapability authtype\n"),
        // Later versions of git may ask for more, and want silence of those who do not know it.
        _ => Ok(()),
    }
}

/// What git says on stdin.
fn said(context: &Context) -> Result<Description> {
    context.secrets.take_stdin()?;
    Description::read()
}

async fn get(context: &Context, profile: &Profile) -> Result<(), Failure> {
    let asked = said(context)?;
    if !is_ours(profile, &asked).await? {
        return Ok(());
    }
    let user = asked
        .username
        .as_deref()
        .map_or_else(|| user(profile), Ok)?;
    let token = token::get(context, profile, Need::new()).await?;
    output::print(answer(&asked, user, &token).as_bytes())
}

/// Whether the token may go there: over https, and to a host that it is for.
async fn is_ours(profile: &Profile, asked: &Description) -> Result<bool> {
    let hosts = Hosts::of(profile).await?;
    Ok(asked.protocol.as_deref() == Some("https")
        && asked.host.as_deref().is_some_and(|host| hosts.has(host)))
}

/// The token as a bearer token where git and the server know those, or else as a password.
fn answer(asked: &Description, user: &str, token: &AccessToken) -> String {
    let secret = token.expose_secret();
    let epoch = std::time::SystemTime::UNIX_EPOCH;
    let end = token
        .expires_at()
        .duration_since(epoch)
        .unwrap_or_default()
        .as_secs();
    let credential = match asked.takes_bearer() {
        true => {
            format!("capability[]=authtype\nauthtype=Bearer\ncredential={secret}\nephemeral=1\n")
        }
        false => format!("username={user}\npassword={secret}\n"),
    };
    format!("{credential}password_expiry_utc={end}\n")
}

/// The server refused a token: if it is the one that we would hand out, nobody has it from now on.
async fn erase(context: &Context, profile: &Profile) -> Result<(), Failure> {
    let refused = said(context)?;
    // Who serves no host gave nothing away, and `get` said why.
    let is_ours = is_ours(profile, &refused).await.unwrap_or(false);
    match refused.secret().filter(|_| is_ours) {
        Some(secret) => replace(context, profile, |token| token.expose_secret() == secret).await,
        None => Ok(()),
    }
}
