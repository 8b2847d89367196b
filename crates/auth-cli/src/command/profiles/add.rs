//! `auth profiles add`: a new profile in the person's own file.

use auth_core::{Error, Result};
use toml_edit::{Array, InlineTable, Value};

use crate::args::AddArgs;
use crate::config::{Config, Draft, Field, Place, Profile, Settings, Shape};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::message;
use crate::profile::{self, person};

pub(super) async fn run(context: &Context, args: &AddArgs) -> Result<(), Failure> {
    let mut keys = Vec::new();
    for (field, said) in &args.keys.0 {
        keys.push((field.name, value(field, said)?));
    }
    let profile = write(place(context)?, &args.name, keys).await?;
    let missing = profile::missing(&profile).await?;
    if !missing.is_empty() {
        message::note(&format!("it needs {} here", missing.join(", ")));
    }
    let next = match person::is_asked(&profile) {
        true => "login",
        false => "token",
    };
    message::note(&format!("try it: auth {next} {}", profile.name));
    Ok(())
}

/// The person's own file.
///
/// # Errors
/// `Config` where there is no place for one.
pub(in crate::command) fn place(context: &Context) -> Result<&Place> {
    context.config.files().place().ok_or_else(|| {
        Error::config("there is no home directory for a configuration file")
            .with_advice("set HOME, or name a file with --config")
    })
}

/// Writes a profile, unless it does not add up. What it is then.
///
/// # Errors
/// `Config` if it does not, or can't be written; nothing is changed then.
pub(in crate::command) async fn write(
    place: &Place,
    name: &str,
    keys: Vec<(&str, Value)>,
) -> Result<Profile> {
    let mut draft = Draft::open(place).await?;
    draft.add(name, keys)?;
    let would_be = Config::if_it_said(place.clone(), &draft.text());
    let refused = |error: Error| error.context("nothing was written");
    let profile = would_be
        .profile(name, Settings::default())
        .map_err(refused)?;
    let path = draft.write()?;
    message::note(&format!("profile `{name}` is in {}", path.display()));
    Ok(profile)
}

/// What was said of a key, as the file has it.
fn value(field: &Field, said: &[String]) -> Result<Value> {
    if field.shape == Shape::List {
        let words = said.iter().flat_map(|text| text.split_whitespace());
        return Ok(Value::from(Array::from_iter(words)));
    }
    if field.shape == Shape::Texts && said.len() > 1 {
        return Ok(Value::from(Array::from_iter(said)));
    }
    let [text] = said else {
        return Err(
            Error::config(format!("--{} is given twice", field.name)).with_advice("give it once")
        );
    };
    Ok(match field.shape {
        Shape::Secret => secret(field, text)?,
        Shape::Switch => Value::from(text == "true"),
        _ => Value::from(text),
    })
}

/// Where a secret is. What is none of the ways to say that may be the secret itself, so it is not repeated.
fn secret(field: &Field, text: &str) -> Result<Value> {
    let mut table = InlineTable::new();
    match text.split_once(':') {
        Some((key @ ("env" | "prompt"), rest)) if !rest.is_empty() => {
            table.insert(key, rest.into())
        }
        Some((key @ "file", rest)) if !rest.is_empty() => table.insert(key, whole(rest).into()),
        Some((key @ "command", rest)) if !rest.trim().is_empty() => {
            table.insert(key, Value::from(Array::from_iter(rest.split_whitespace())))
        }
        None if ["stdin", "github"].contains(&text) => table.insert(text, true.into()),
        _ => {
            return Err(Error::config(format!(
                "--{} says where the secret is, never the secret; what was given is not used",
                field.name
            ))
            .with_advice(
                "write env:NAME, file:PATH, command:PROGRAM ARGUMENT, prompt:QUESTION or stdin; if it was the secret, \
                 others may have seen it on the command line",
            ));
        }
    };
    Ok(Value::from(table))
}

/// A path that means the same from everywhere: one in the file starts beside the file, and one that is typed here.
pub(in crate::command) fn whole(path: &str) -> String {
    match std::path::absolute(path) {
        Ok(whole) if !path.starts_with("~/") => whole.to_str().unwrap_or(path).to_owned(),
        _ => path.to_owned(),
    }
}
