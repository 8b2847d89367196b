//! `auth profiles remove`: takes a profile out of the person's own file.

use auth_core::Error;

use super::add::place;
use crate::args::RemoveArgs;
use crate::config::{Draft, Preset, Settings};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::message;

pub(super) async fn run(context: &Context, args: &RemoveArgs) -> Result<(), Failure> {
    let (name, config) = (&args.name, &context.config);
    // Which login is its own can be told as long as it is there.
    let keys = kept(context, name).await;
    let mut draft = Draft::open(place(context)?).await?;
    if !draft.remove(name) {
        let named = config.profile(name, Settings::default())?;
        let (what, advice) = match Preset::named(name) {
            Some(_) if !config.is_in_file(name) => (
                "is built in".to_owned(),
                "leave it: it costs nothing".to_owned(),
            ),
            _ => (
                format!("stands elsewhere: {}", named.settings.origin("kind")),
                "remove it there".to_owned(),
            ),
        };
        return Err(Error::config(format!("profile `{name}` {what}"))
            .with_advice(advice)
            .into());
    }
    let path = draft.write()?;
    message::note(&format!(
        "profile `{name}` is taken out of {}",
        path.display()
    ));
    for key in keys {
        message::note(&format!(
            "its login is kept on: `auth logout --key {key}` ends it"
        ));
    }
    context.choices().forget(name)?;
    Ok(())
}

/// The keys of the logins of the profile that are kept, unless another profile has them too.
async fn kept(context: &Context, name: &str) -> Vec<String> {
    let Ok(profile) = context.config.profile(name, Settings::default()) else {
        return Vec::new();
    };
    let store = context.store().store;
    let mut keys = Vec::new();
    for session in context.sessions(&profile).await.unwrap_or_default() {
        if store.holds(&session).await.unwrap_or_default() {
            keys.push(session.digest());
        }
    }
    keys
}
