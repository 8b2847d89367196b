//! `auth init`: walks a newcomer through a first profile. Nothing is written before all of it is known.

mod asker;
mod system;
mod trial;
mod wanted;

use auth_core::{Error, Result};

use self::asker::Asker;
use self::system::{Answer, SYSTEMS};
use self::wanted::Wanted;
use crate::args::{Globals, InitArgs, LoginArgs, Question};
use crate::command::login;
use crate::command::profiles::add::place;
use crate::config::{Draft, Settings};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::message;
use crate::profile::{invocation, person};
use crate::{interrupt, prompt};

pub(super) async fn run(globals: Globals, args: InitArgs) -> Result<(), Failure> {
    if !prompt::can_ask() {
        let error = prompt::nobody_answers("Which system is it?");
        let advice = "run `auth init` in a terminal, or write the profile with `auth profiles add`";
        return Err(error.with_advice(advice).into());
    }
    let context = Context::to_change(globals.clone())?;
    // Before anybody types anything.
    drop(Draft::open(place(&context)?).await?);
    let mut wanted = tokio::select! {
        biased;
        () = interrupt::requested() => {
            prompt::restore_terminal();
            return Err(Failure::Interrupted);
        }
        wanted = asked(&context) => wanted?,
    };
    let profile = match wanted.is_built_in() {
        true => context.config.profile(&wanted.name, Settings::default())?,
        false => wanted.write(place(&context)?).await?,
    };
    if !person::is_asked(&profile) {
        let command = invocation::of("token", &profile);
        message::note(&match wanted.is_tried {
            true => format!("`{command}` has a token now"),
            false => format!("try `{command}` later"),
        });
        return Ok(());
    }
    let login = LoginArgs {
        question: Question::about(&Some(profile.name)),
        way: args.way,
        otp_stdin: false,
        polytope_file: None,
        page_copy: None,
    };
    login::run(&Context::new(globals)?, &login).await
}

/// Asks for all of it, and tries what can be tried.
async fn asked(context: &Context) -> Result<Wanted> {
    let (asker, place) = (Asker, place(context)?);
    message::note(&format!(
        "a profile is written into {} at the end; Ctrl-C leaves everything as it is",
        place.path.display()
    ));
    let titles = SYSTEMS.map(|system| system.title);
    let system = &SYSTEMS[asker.choice("Which system is it?", &titles).await?];
    let usual = match system.choices {
        [] => system.name,
        choices => choices[asker.choice("Which one?", choices).await?],
    };
    let mut wanted = Wanted::of(system, usual);
    for ask in system.asks {
        wanted
            .answers
            .extend(trial::answer(context, &asker, ask).await?);
    }
    if wanted.is_built_in() {
        return Ok(wanted);
    }
    wanted.name = name(context, &asker, usual).await?;
    if system.is_built_in && wanted.name != usual {
        let preset = Answer::Text(usual.to_owned());
        wanted.answers.insert(0, ("preset", preset));
    }
    wanted.is_tried = trial::whole(context, &asker, &wanted).await?;
    Ok(wanted)
}

/// What the profile is to be called.
async fn name(context: &Context, asker: &Asker, usual: &str) -> Result<String> {
    loop {
        let name = asker.text("Name of the profile", Some(usual)).await?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if !name.chars().all(plain) {
            message::warn("use letters, digits, dots, dashes and underscores");
        } else if context.config.is_in_file(&name) {
            message::warn(&format!("there is a profile `{name}`: choose another name"));
        } else {
            return Ok(name);
        }
    }
}

/// The error for a person who would rather not.
fn given_up() -> Error {
    Error::interaction("nothing was written").with_advice("run `auth init` again")
}
