//! `auth import`: the login of another program goes on here.

use auth_core::error::Untrusted;
use auth_core::{Error, Result};
use auth_keycloak::preset::provena::{SavedLogin, Stage};

use crate::args::ImportArgs;
use crate::command::login;
use crate::config::Profile;
use crate::context::{self, Context};
use crate::failure::Failure;
use crate::new_login::NewLogin;

pub(super) async fn run(context: &Context, args: &ImportArgs) -> Result<(), Failure> {
    let args = &settled(context, args);
    let profile = context.profile(&args.question)?;
    let place = login::place(context, &profile)?;
    let text = context.text_from(args.file.as_deref(), "the login").await?;
    let logins = SavedLogin::from_json(&text).map_err(|error| match &args.file {
        Some(path) if path.as_os_str() != "-" => error.context(path.display()),
        _ => error.context("stdin"),
    })?;
    let stage = args.stage.as_deref().map(str::parse::<Stage>).transpose()?;
    let saved = chosen(logins, stage)?;
    ensure_ours(&saved, &profile)?;
    let new = NewLogin::of_token(context, &profile, saved.refresh())?;
    new.ensure_room(&place).await?;
    new.settling(&*place.store, async {
        let outcome = new.redeemed().await;
        new.keep(outcome, &*place.store).await?;
        login::say(&new, "the login is here now,", &profile).await?;
        Ok(())
    })
    .await
}

/// Where the environment names a profile, a word that is none is the file.
fn settled(context: &Context, args: &ImportArgs) -> ImportArgs {
    let mut args = args.clone();
    let is_profile = |name: &str| context.config.names().contains(&name);
    if args.file.is_none()
        && context::default_profile().is_some()
        && let Some(word) = args.question.profile.take_if(|word| !is_profile(word))
    {
        args.file = Some(word.into());
    }
    args
}

/// The login of `stage`, or the only one.
fn chosen(logins: Vec<SavedLogin>, stage: Option<Stage>) -> Result<SavedLogin> {
    let names: Vec<String> = logins
        .iter()
        .filter_map(|login| Some(login.stage()?.to_string()))
        .collect();
    let mut fitting = logins
        .into_iter()
        .filter(|login| stage.is_none() || login.stage().is_none() || login.stage() == stage);
    match (fitting.next(), fitting.next()) {
        (Some(login), None) => Ok(login),
        (None, _) if names.is_empty() => Err(Error::config("there is no login in the file")
            .with_advice("name the .tokens.json of somebody who is logged in")),
        (None, _) => Err(Error::config("the file has no login of that stage")
            .with_advice(format!("it has {}: choose with --stage", names.join(", ")))),
        (Some(_), Some(_)) => Err(Error::config("the file has several logins")
            .with_advice(format!("choose with --stage: {}", names.join(", ")))),
    }
}

/// A token of another server or client would only be refused, and perhaps be lost with that.
fn ensure_ours(saved: &SavedLogin, profile: &Profile) -> Result<()> {
    let claims = saved.claims();
    for (field, named) in [("issuer", claims.issuer()), ("client-id", claims.client())] {
        let ours = profile.need_text(field)?;
        if let Some(named) =
            named.filter(|named| named.trim_end_matches('/') != ours.trim_end_matches('/'))
        {
            return Err(Error::config(format!(
                "the login is one of another {field}: {}",
                Untrusted::new(named)
            ))
            .with_advice(format!(
                "choose a profile with that {field}, or change `{field}` of `{}`",
                profile.name
            )));
        }
    }
    Ok(())
}
