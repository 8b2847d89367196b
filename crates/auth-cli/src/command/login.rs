//! `auth login`: a person logs in, and the login is kept.

use auth_core::{Error, Result};

use crate::args::LoginArgs;
use crate::config::Profile;
use crate::context::Context;
use crate::exit::Failure;
use crate::interrupt;
use crate::new_login::NewLogin;
use crate::output::message;
use crate::profile::{self, person};
use crate::store::Place;

pub(super) async fn run(context: &Context, args: &LoginArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    let place = place(context, &profile)?;
    let new = NewLogin::of_person(context, &profile, &args.way).await?;
    place.ensure_room(new.session()).await?;
    interrupt::settling(&new.source, async {
        let outcome = new.finished(&args.way).await;
        new.keep(outcome, &*place.store).await?;
        say(&new, "logged in", &profile).await?;
        if !profile::mirrors(&profile, &context.io(&profile))?.is_empty() {
            context.login(&profile).await?.write_mirrors().await?;
        }
        Ok(())
    })
    .await
}

/// Where the login of a person is kept.
///
/// # Errors
/// `Config` if nobody logs in for the profile, or where nothing is kept.
pub(super) fn place(context: &Context, profile: &Profile) -> Result<Place> {
    let name = &profile.name;
    if !person::is_asked(profile) {
        let error = Error::config(format!("nobody logs in for profile `{name}`"));
        return Err(error.with_advice(format!(
            "its tokens come from its own secrets: run `auth token {name}`"
        )));
    }
    let place = context.store();
    if place.directory.is_none() {
        return Err(Error::config("a login is of no use where nothing is kept")
            .with_advice("leave --no-store out, or name a directory with --store"));
    }
    Ok(place)
}

pub(super) async fn say(new: &NewLogin, what: &str, profile: &Profile) -> Result<()> {
    let login = new.login().await?;
    let (who, name) = (new.who().await?, &profile.name);
    message::note(&format!(
        "{what} as {who}; `auth token {name}` has a token now"
    ));
    if login.refresh_fingerprint().is_none() {
        message::warn("the server gave no refresh token: the login ends with its first token");
    }
    Ok(())
}
