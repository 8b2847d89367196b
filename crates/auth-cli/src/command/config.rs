//! `auth config show`: what a profile says, and where each value comes from. Never a secret.

use auth_core::Result;
use serde::Serialize;

use crate::args::{ConfigArgs, ConfigCommand};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, table::table};

/// What scripts read: fields are added, never renamed or removed.
#[derive(Debug, Serialize)]
struct Row {
    key: &'static str,
    /// Of a secret where it is.
    value: String,
    from: String,
}

pub(super) fn run(context: &Context, args: &ConfigArgs) -> Result<(), Failure> {
    let ConfigCommand::Show(args) = &args.command;
    let profile = context.profile(&args.question)?;
    let settings = profile.settings.iter();
    let rows: Vec<Row> = settings
        .map(|(key, setting)| Row {
            key,
            value: setting.value.to_string(),
            from: setting.origin.to_string(),
        })
        .collect();
    if args.json {
        return output::print_json(&rows);
    }
    let cells = rows
        .into_iter()
        .map(|row| [row.key.to_owned(), row.value, row.from]);
    let text = table(["key", "value", "from"], &cells.collect::<Vec<_>>());
    output::print(text.as_bytes())
}
