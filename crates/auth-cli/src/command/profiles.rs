//! `auth profiles`: what can be used, and what is missing to use it.

use serde::Serialize;

use crate::args::ProfilesArgs;
use crate::config::{Preset, Settings};
use crate::context::{self, Context};
use crate::exit::Failure;
use crate::output::{self, message, table::table};
use crate::profile;

/// What scripts read: fields are added, never renamed or removed.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    kind: Option<String>,
    /// `built-in`, `file`, or both.
    defined: Vec<&'static str>,
    api: Option<String>,
    ready: bool,
    missing: Vec<String>,
    problem: Option<String>,
}

pub(super) fn run(context: &Context, args: &ProfilesArgs) -> Result<(), Failure> {
    let names = context.config.names();
    let rows: Vec<Row> = names.iter().map(|name| row(context, name)).collect();
    if args.json {
        return output::print_json(&rows);
    }
    let cells = rows.iter().map(|row| {
        [
            row.name.clone(),
            row.kind.clone().unwrap_or_else(|| "?".into()),
            row.defined.join(", "),
            row.api.clone().unwrap_or_else(|| "–".into()),
            if row.ready { "ready" } else { "not ready" }.into(),
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
    match context.config.file() {
        Some(path) => message::note(&format!("the file is {}", path.display())),
        None => message::note("there is no configuration file"),
    }
    Ok(())
}

fn row(context: &Context, name: &str) -> Row {
    let profile = context.config.profile(name, Settings::default());
    let missing = profile.as_ref().map_err(Clone::clone);
    let (missing, problem) = match missing.and_then(profile::missing) {
        Ok(missing) => (missing, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let profile = profile.ok();
    let api = profile.as_ref().and_then(|profile| {
        let api = context::api(profile).ok().flatten();
        api.or_else(|| profile.settings.url("api").cloned())
    });
    let built_in = Preset::named(name).map(|_| "built-in");
    let in_file = context.config.is_in_file(name).then_some("file");
    Row {
        name: name.to_owned(),
        kind: profile.as_ref().map(|profile| profile.kind.to_string()),
        defined: built_in.into_iter().chain(in_file).collect(),
        api: api.map(String::from),
        ready: missing.is_empty() && problem.is_none(),
        missing,
        problem,
    }
}
