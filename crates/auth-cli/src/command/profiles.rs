//! `auth profiles`: what can be used, and what is missing to use it.

pub(super) mod add;
mod remove;

use auth_core::Error;
use serde::Serialize;

use crate::args::{Globals, ProfilesArgs, ProfilesCommand};
use crate::command::config;
use crate::config::{Kind, Preset, Profile, Settings};
use crate::context::{self, Context};
use crate::failure::Failure;
use crate::output::table::{NOTHING, table};
use crate::output::{self, message};
use crate::profile::{self, person};

/// What scripts read: fields are added, never renamed or removed.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    kind: Option<String>,
    /// The login that was chosen with `auth switch`.
    account: Option<String>,
    /// `built-in`, `file`, or both.
    defined: Vec<&'static str>,
    api: Option<String>,
    ready: bool,
    /// Whether a person's login is kept; `null` where nobody logs in.
    logged_in: Option<bool>,
    missing: Vec<String>,
    problem: Option<String>,
}

pub(super) async fn run(globals: Globals, args: &ProfilesArgs) -> Result<(), Failure> {
    match &args.command {
        None => list(&Context::new(globals)?, args.json).await,
        Some(ProfilesCommand::Add(args)) => add::run(&Context::to_change(globals)?, args).await,
        Some(ProfilesCommand::Show(args)) => config::show(&Context::new(globals)?, args),
        Some(ProfilesCommand::Remove(args)) => remove::run(&Context::new(globals)?, args).await,
    }
}

async fn list(context: &Context, json: bool) -> Result<(), Failure> {
    let names = context.config.names();
    let mut rows = Vec::new();
    for name in names {
        rows.push(row(context, name).await);
    }
    if json {
        return output::print_json(&rows);
    }
    let cells = rows.iter().map(|row| {
        [
            match &row.account {
                Some(account) => format!("{} ({account})", row.name),
                None => row.name.clone(),
            },
            row.kind.clone().unwrap_or_else(|| "?".into()),
            row.defined.join(", "),
            row.api.clone().unwrap_or_else(|| NOTHING.into()),
            row.state().into(),
        ]
    });
    let heads = ["profile", "kind", "defined", "API", "state"];
    let mut text = table(heads, &cells.collect::<Vec<_>>());
    for row in rows.iter().filter(|row| !row.missing.is_empty()) {
        text.push_str(&format!(
            "\n{} needs {}\n",
            row.name,
            row.missing.join(", ")
        ));
    }
    output::print(text.as_bytes())?;
    for problem in rows.iter().filter_map(|row| row.problem.as_deref()) {
        message::warn(problem);
    }
    for problem in context.config.files().problems() {
        message::warn(&problem.to_string());
    }
    match context.config.files().paths().first() {
        Some(path) => message::note(&format!("the file is {}", path.display())),
        None => message::note("there is no configuration file; `auth init` writes a first profile"),
    }
    Ok(())
}

impl Row {
    fn state(&self) -> &'static str {
        match (self.ready, self.logged_in) {
            (true, _) => "ready",
            (false, Some(false)) if self.missing.is_empty() && self.problem.is_none() => "log in",
            _ => "not ready",
        }
    }
}

/// Whether somebody is logged in, where somebody has to be.
async fn logged_in(context: &Context, profile: &Profile) -> Option<bool> {
    if profile.kind == Kind::TokenExchange {
        let mut all = None;
        for party in profile.parties() {
            let one = Box::pin(logged_in(context, party)).await;
            all = all.into_iter().chain(one).min();
        }
        return all;
    }
    // A configured password logs in by itself.
    let is_asked = person::is_asked(profile) && profile.settings.secret("password").is_none();
    if !is_asked || profile.kind == Kind::Chain {
        return None;
    }
    let store = context.store().store;
    for session in context.sessions(profile).await.unwrap_or_default() {
        if store.holds(&session).await.unwrap_or_default() {
            return Some(true);
        }
    }
    Some(false)
}

async fn row(context: &Context, name: &str) -> Row {
    let profile = context.config.profile(name, Settings::default());
    let (missing, problem) = match &profile {
        Ok(profile) => state(context, profile).await,
        Err(error) => (Vec::new(), Some(error.clone())),
    };
    let problem = problem.map(|error| error.to_string());
    let profile = profile.ok();
    let logged_in = match &profile {
        Some(profile) => logged_in(context, profile).await,
        None => None,
    };
    let api = match &profile {
        Some(profile) => {
            let api = context::api(profile).await.ok().flatten();
            api.or_else(|| profile.settings.url("api").cloned())
        }
        None => None,
    };
    let built_in = Preset::named(name).map(|_| "built-in");
    let in_file = context.config.is_in_file(name).then_some("file");
    Row {
        name: name.to_owned(),
        account: context.config.chosen(name),
        kind: profile.as_ref().map(|profile| profile.kind.to_string()),
        defined: built_in.into_iter().chain(in_file).collect(),
        api: api.as_ref().map(auth_core::http::shown),
        ready: missing.is_empty() && problem.is_none() && logged_in != Some(false),
        logged_in,
        missing,
        problem,
    }
}

/// What is missing, and if nothing is, what would fail all the same.
async fn state(context: &Context, profile: &Profile) -> (Vec<String>, Option<Error>) {
    match profile::missing(profile).await {
        Ok(missing) if missing.is_empty() => {
            let io = context.io(profile);
            let found = profile::find_problem(profile, &io, &context.secrets).await;
            (missing, found.err())
        }
        Ok(missing) => (missing, None),
        Err(error) => (Vec::new(), Some(error)),
    }
}
