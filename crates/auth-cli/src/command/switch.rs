//! `auth switch`: which login of a profile is meant where nobody says.

use auth_core::Error;
use auth_core::error::Untrusted;
use auth_core::session::Login;
use auth_core::store::SessionKey;
use serde::Serialize;

use crate::args::{Question, SwitchArgs};
use crate::command::login;
use crate::config::{Profile, Settings};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::table::{NOTHING, table};
use crate::output::{self, message};

/// What scripts read: fields are added, never renamed or removed.
#[derive(Debug, Serialize)]
struct Row {
    label: String,
    /// Who logged in, where that is known.
    person: Option<String>,
    /// Whether it is the one that is meant where nobody says.
    chosen: bool,
}

pub(super) async fn run(context: &Context, args: &SwitchArgs) -> Result<(), Failure> {
    let profile = context.profile(&Question::about(&args.profile))?;
    login::place(context, &profile)?;
    let Some(label) = &args.label else {
        return list(context, &profile, args.json).await;
    };
    let name = &profile.name;
    if label == UNCHOSEN {
        context.choices().forget(name)?;
        let profile = context.config.profile(name, Settings::default())?;
        let session = session_of(context, &profile).await?;
        message::note(&format!(
            "profile `{name}` uses its login `{}`",
            session.account()
        ));
        return Ok(());
    }
    if label.is_empty() || label.chars().count() > LONGEST {
        return Err(Error::config(format!(
            "`NAME`, as which a login is kept, has 1 to {LONGEST} characters"
        ))
        .into());
    }
    let kept = kept(context, &profile).await?;
    let shown = Untrusted::new(label).with_limit(100).to_string();
    let Some((_, person)) = kept.iter().find(|(kept, _)| kept == label) else {
        let names: Vec<String> = kept
            .iter()
            .map(|(label, _)| format!("`{}`", Untrusted::new(label).with_limit(100)))
            .collect();
        let kept = match &names[..] {
            [] => "none is".to_owned(),
            names => names.join(", "),
        };
        return Err(
            Error::config(format!("no login of profile `{name}` is kept as `{shown}`"))
                .with_advice(format!(
                    "kept: {kept}; a new one is made by `auth login {name} --account NAME`"
                ))
                .into(),
        );
    };
    context.choices().choose(name, label)?;
    let who = person
        .as_ref()
        .map(|person| format!(" ({})", Untrusted::new(person).with_limit(100)));
    message::note(&format!(
        "profile `{name}` uses its login `{shown}`{} from now on",
        who.unwrap_or_default()
    ));
    if let Ok(profile) = context.config.profile(name, Settings::default())
        && profile
            .settings
            .text("account")
            .is_some_and(|account| account != label)
    {
        let origin = profile.settings.origin("account");
        message::warn(&format!("{origin} is set, and wins over that choice"));
    }
    Ok(())
}

async fn list(context: &Context, profile: &Profile, json: bool) -> Result<(), Failure> {
    let own = session_of(context, profile).await?;
    let kept = kept(context, profile).await?;
    let rows: Vec<Row> = kept
        .into_iter()
        .map(|(label, person)| Row {
            chosen: label == own.account(),
            label,
            person,
        })
        .collect();
    if json {
        return output::print_json(&rows);
    }
    if rows.is_empty() {
        message::note(&format!("no login of profile `{}` is kept", profile.name));
        return Ok(());
    }
    let cells: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let chosen = if row.chosen { "chosen" } else { NOTHING };
            [
                row.label,
                row.person.unwrap_or_else(|| NOTHING.into()),
                chosen.into(),
            ]
        })
        .collect();
    output::print(table(["account", "person", ""], &cells).as_bytes())
}

/// The logins of the profile that are kept, each under its name, and who logged in.
async fn kept(
    context: &Context,
    profile: &Profile,
) -> Result<Vec<(String, Option<String>)>, Failure> {
    let own = session_of(context, profile).await?;
    let all = Login::all(&*context.store().store).await?.into_iter();
    let its = all.filter(|(session, _)| *session == own.clone().with_account(session.account()));
    let mut kept: Vec<_> = its
        .map(|(session, login)| {
            let person = login
                .ok()
                .and_then(|login| login.account().map(str::to_owned));
            (session.account().to_owned(), person)
        })
        .collect();
    kept.sort_unstable();
    Ok(kept)
}

/// The session of the login itself, whatever it is traded for.
async fn session_of(context: &Context, profile: &Profile) -> Result<SessionKey, Failure> {
    let last = context.sessions(profile).await?.pop();
    Ok(last.ok_or_else(|| Error::config(format!("profile `{}` has no login", profile.name)))?)
}

/// Names no login, but that none is chosen.
const UNCHOSEN: &str = "default";

/// No name is longer.
const LONGEST: usize = 1000;
