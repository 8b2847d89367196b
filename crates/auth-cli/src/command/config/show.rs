//! `auth config show`: what a profile says, and where each value comes from. Never a secret.

use serde::Serialize;

use crate::args::ConfigShowArgs;
use crate::config::{Kind, Profile};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, table::table};
use crate::profile::person;

/// What scripts read: fields are added, never renamed or removed.
#[derive(Debug, Serialize)]
struct Row {
    key: &'static str,
    /// Of a secret where it is.
    value: String,
    /// A line of a file, a variable, a flag, `auth switch`, `built-in profiles`, or `default`.
    from: String,
}

pub(in crate::command) fn run(context: &Context, args: &ConfigShowArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    let settings = profile.settings.iter();
    let said = settings.map(|(key, setting)| Row {
        key,
        value: setting.value.to_string(),
        from: setting.origin.to_string(),
    });
    let mut rows: Vec<Row> = said.chain(defaults(&profile)).collect();
    rows.sort_by_key(|row| row.key);
    if args.json {
        return output::print_json(&rows);
    }
    let cells = rows
        .into_iter()
        .map(|row| [row.key.to_owned(), row.value, row.from]);
    let text = table(["key", "value", "from"], &cells.collect::<Vec<_>>());
    output::print(text.as_bytes())
}

/// What holds where nobody says anything.
fn defaults(profile: &Profile) -> Vec<Row> {
    let unsaid = |key: &str| profile.settings.get(key).is_none();
    let scheme = match unsaid("header") {
        true => "Bearer",
        false => "none",
    };
    let mut defaults = vec![
        ("header", "Authorization"),
        ("scheme", scheme),
        ("timeout", "5m"),
    ];
    if person::is_asked(profile) && matches!(profile.kind, Kind::Keycloak | Kind::Oidc) {
        defaults.push(("account", "default"));
        defaults.push(("redirect-uri", person::REDIRECT));
    }
    let rows = defaults.into_iter().filter(|(key, _)| unsaid(key));
    let row = |(key, value): (&'static str, &str)| Row {
        key,
        value: value.to_owned(),
        from: "default".to_owned(),
    };
    rows.map(row).collect()
}
