//! `auth login`: a person logs in, and the login is kept.

use std::io::IsTerminal;

use auth_core::{Error, ErrorKind, Result, TokenSource};

use crate::args::{LoginArgs, WayArgs};
use crate::config::{Kind, Origin, Profile, Value};
use crate::context::Context;
use crate::failure::Failure;
use crate::mirrored;
use crate::new_login::NewLogin;
use crate::output::message;
use crate::profile::{self, invocation, person};
use crate::secret::SecretSource;
use crate::store::Place;

pub(super) async fn run(context: &Context, args: &LoginArgs) -> Result<(), Failure> {
    let mut profile = context.profile(&args.question)?;
    for (flag, is_set) in [
        ("--otp-stdin", args.otp_stdin),
        ("--polytope-file", args.polytope_file.is_some()),
        ("--page-copy", args.page_copy.is_some()),
    ] {
        if is_set && !profile.logs_in_to_desp() {
            let name = &profile.name;
            let what = format!("{flag} is for services of Destination Earth, and `{name}` is none");
            return Err(Error::config(what).with_advice("leave it out").into());
        }
    }
    if args.otp_stdin {
        take_code_from_stdin(&mut profile)?;
    }
    let place = place(context, &profile)?;
    let new = NewLogin::of_person(context, &profile, &args.way, args.page_copy.as_deref()).await?;
    new.ensure_room(&place).await?;
    new.settling(&*place.store, async {
        // Whoever logs in a second time has lost sight of the first.
        let _turn = new.turn_at_once(&*place.store, &args.way).await;
        let outcome = new.finished(&args.way).await;
        new.keep(outcome, &*place.store).await?;
        say(&new, "logged in", &profile).await?;
        if profile::mirrors(&profile, &context.io(&profile))?.is_empty() {
            return Ok(());
        }
        let login = context.login(&profile).await?;
        login.write_mirrors().await?;
        if args.polytope_file.is_some() || mirrored::is_for_polytope(&profile) {
            let file = mirrored::polytope(&login, args.polytope_file.as_deref()).await?;
            message::note(&format!(
                "Polytope's client finds its key in {}",
                file.display()
            ));
        }
        Ok(())
    })
    .await
}

/// A login in the middle of something else, which goes on with it. Of many that want it at once, one asks the person.
///
/// # Errors
/// As [`run`].
pub(super) async fn straight(
    context: &Context,
    profile: &Profile,
    way: &WayArgs,
) -> Result<(), Failure> {
    let place = place(context, profile)?;
    let new = NewLogin::of_person(context, profile, way, None).await?;
    new.ensure_room(&place).await?;
    new.settling(&*place.store, async {
        let _turn = new.turn(&*place.store, way).await?;
        match context.source(profile).await?.token().await {
            Err(error) if error.kind() == ErrorKind::Interaction => {}
            // Whoever had the turn before has logged in for all.
            outcome => return Ok(outcome.map(drop)?),
        }
        let outcome = new.finished(way).await;
        new.keep(outcome, &*place.store).await?;
        message::note(&format!("logged in as {}", new.who().await?));
        Ok(())
    })
    .await
}

fn take_code_from_stdin(profile: &mut Profile) -> Result<()> {
    if std::io::stdin().is_terminal() {
        return Err(
            Error::config("the one-time code is read from stdin, which is a terminal")
                .with_advice("pipe it in, or leave --otp-stdin out and be asked for it"),
        );
    }
    profile.settings.remove("totp");
    let stdin = Value::Secret(SecretSource::Stdin);
    profile
        .settings
        .set("otp", stdin, Origin::Flag("--otp-stdin"));
    Ok(())
}

/// Where the login of a person is kept.
///
/// # Errors
/// `Config` if nobody logs in for the profile, or where nothing is kept.
pub(super) fn place(context: &Context, profile: &Profile) -> Result<Place> {
    let name = &profile.name;
    if !person::is_asked(profile) {
        let error = Error::config(format!("nobody logs in for profile `{name}`"));
        if let Some(party) = profile.parties().find(|party| person::is_asked(party)) {
            return Err(error.with_advice(format!(
                "it trades the tokens of another profile: run `{}`",
                invocation::of("login", party)
            )));
        }
        let lives_on =
            profile.kind == Kind::Keycloak && profile.settings.secret("refresh-token").is_some();
        return Err(error.with_advice(match lives_on {
            true => format!(
                "it lives on an offline token, which a person makes once: run `auth offline-token {name} --output FILE`"
            ),
            false => format!("its tokens come from its own secrets: run `auth token {name}`"),
        }));
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
    let who = new.who().await?;
    message::note(&format!(
        "{what} as {who}; `{}` has a token now",
        invocation::of("token", profile)
    ));
    if login.refresh_fingerprint().is_none() {
        let advice = match profile.kind {
            Kind::Oidc => {
                "; where it gives one, the scope `offline_access` asks for it, with `prompt = \"consent\"`"
            }
            _ => "",
        };
        message::warn(&format!(
            "the server gave no refresh token: the login ends with its first token{advice}"
        ));
    }
    Ok(())
}
