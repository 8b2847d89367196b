//! Whether what is answered can be right, as far as the server says so at once.

use std::sync::Arc;

use auth_core::provider::Metadata;
use auth_core::{Provider, Result};
use auth_keycloak::Realm;
use toml_edit::{Array, InlineTable};

use super::asker::Asker;
use super::given_up;
use super::system::{Answer, Ask, What};
use super::wanted::Wanted;
use crate::command::profiles::add::{place, whole as whole_path};
use crate::config::{Kind, Profile, ensure_fits};
use crate::context::Context;
use crate::output::message;
use crate::profile::{person, probe};

/// Asks the question. The keys that the answer is.
///
/// # Errors
/// `Interaction` if nobody answers.
pub(super) async fn answer(
    context: &Context,
    asker: &Asker,
    ask: &Ask,
) -> Result<Vec<(&'static str, Answer)>> {
    let one = |answer| vec![(ask.key, answer)];
    Ok(match ask.what {
        What::Text => one(Answer::Text(asker.text(ask.question, None).await?)),
        What::Words(usual) => {
            let text = asker.text(ask.question, Some(usual)).await?;
            one(words(&text))
        }
        What::Optional => match fitting(asker, ask).await? {
            Some(text) if ask.key == "scope" => one(words(&text)),
            Some(text) => one(Answer::Text(text)),
            None => Vec::new(),
        },
        What::Issuer | What::Realm => one(Answer::Text(issuer(context, asker, ask).await?)),
        What::Secret => one(secret(asker, ask.question).await?),
        What::SecretIfAny => {
            let choices = ["no, it is public", "yes"];
            match asker
                .choice("Does the client have a secret?", &choices)
                .await?
            {
                0 => vec![("client-auth", Answer::Text("none".to_owned()))],
                _ => one(secret(asker, ask.question).await?),
            }
        }
    })
}

/// A text that the key can have, or nothing.
async fn fitting(asker: &Asker, ask: &Ask) -> Result<Option<String>> {
    loop {
        let typed = asker.optional(ask.question).await?;
        match typed
            .as_deref()
            .map_or(Ok(()), |text| ensure_fits(ask.key, text))
        {
            Ok(()) => return Ok(typed),
            Err(why) => message::warn(&format!("this {why}")),
        }
    }
}

fn words(text: &str) -> Answer {
    Answer::Words(text.split_whitespace().map(str::to_owned).collect())
}

/// An issuer that answers; or one that was typed twice, which may answer another time.
async fn issuer(context: &Context, asker: &Asker, ask: &Ask) -> Result<String> {
    let mut before = None;
    loop {
        let typed = asker.text(ask.question, before.as_deref()).await?;
        match said(context, &typed, ask.what).await {
            Ok(metadata) => {
                message::note(&ways(&metadata));
                return Ok(typed);
            }
            Err(_) if before.as_ref() == Some(&typed) => return Ok(typed),
            Err(error) => {
                message::warn(&format!("{error}; give it again to keep it all the same"));
                before = Some(typed);
            }
        }
    }
}

async fn said(context: &Context, issuer: &str, what: What) -> Result<Arc<Metadata>> {
    if let What::Realm = what {
        Realm::from_issuer(issuer, context.plain_io())?;
    }
    let provider = Provider::new(issuer, context.plain_io())?;
    provider.metadata().await
}

/// How people and programs get tokens there.
pub(super) fn ways(metadata: &Metadata) -> String {
    let ways = [
        ("a browser", metadata.authorization_endpoint.is_some()),
        ("a code", metadata.device_authorization_endpoint.is_some()),
    ];
    let ways: Vec<&str> = ways
        .iter()
        .filter(|(_, has)| *has)
        .map(|(way, _)| *way)
        .collect();
    match ways.is_empty() {
        true => "the server answers; it names no page where people log in".to_owned(),
        false => format!(
            "the server answers; people log in there with {}",
            ways.join(" or ")
        ),
    }
}

/// Where the secret is, or the secret itself.
async fn secret(asker: &Asker, question: &str) -> Result<Answer> {
    let choices = [
        "I type it now: it is kept in a file for me alone",
        "in a file",
        "in an environment variable",
        "a program prints it, such as that of a password manager",
    ];
    let mut place = InlineTable::new();
    match asker
        .choice(&format!("{question}: where is it?"), &choices)
        .await?
    {
        0 => return Ok(Answer::Typed(asker.secret(question).await?)),
        1 => {
            let path = asker.text("The file", None).await?;
            place.insert("file", whole_path(&path).into());
        }
        2 => {
            let name = asker.text("The variable's name", None).await?;
            place.insert("env", name.into());
        }
        _ => {
            let line = asker.text("The program and its arguments", None).await?;
            let words = Array::from_iter(line.split_whitespace());
            place.insert("command", words.into());
        }
    }
    Ok(Answer::Place(place))
}

/// Tries the whole: a program's token is asked for, and of a person's client whether the server knows it. Whether that went
/// well.
///
/// # Errors
/// `Config` if it does not add up; `Interaction` if the person would rather not write what failed.
pub(super) async fn whole(context: &Context, asker: &Asker, wanted: &Wanted) -> Result<bool> {
    let profile = wanted.profile(place(context)?).await?;
    let tried = match person::is_asked(&profile) {
        true => client(context, &profile).await,
        false => token(context, &profile).await,
    };
    let Err(error) = tried else {
        return Ok(true);
    };
    message::warn(&error.to_string());
    let choices = ["no", "yes, it may work later"];
    match asker
        .choice("Write the profile all the same?", &choices)
        .await?
    {
        0 => Err(given_up()),
        _ => Ok(false),
    }
}

async fn client(context: &Context, profile: &Profile) -> Result<()> {
    if profile.kind == Kind::Desp {
        // Its login is typed here, and is tried next.
        return Ok(());
    }
    let io = context.io(profile);
    if let Some(metadata) = probe::metadata(profile, &io).await?
        && probe::client(profile, &io, &context.secrets, &metadata)
            .await?
            .is_some()
    {
        message::note("the server knows the client");
    }
    Ok(())
}

async fn token(context: &Context, profile: &Profile) -> Result<()> {
    let source = context.source(profile).await?;
    source.token().await?;
    message::note("the server gave a token");
    Ok(())
}
