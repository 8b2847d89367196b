//! `auth whoami`: what the provider says about the person who logged in.

use std::sync::Arc;

use auth_core::provider::UserInfo;
use auth_core::{Error, TokenSource};
use serde_json::Value;

use crate::args::WhoamiArgs;
use crate::config::Kind;
use crate::context::Context;
use crate::exit::Failure;
use crate::interrupt;
use crate::output::{self, table};
use crate::profile::{self, person};

pub(super) async fn run(context: &Context, args: &WhoamiArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    let is_a_programs = matches!(profile.kind, Kind::ClientCredentials | Kind::JwtBearer)
        || profile.kind == Kind::Desp && !profile.logs_in_to_desp();
    if is_a_programs {
        return Err(person::none(&profile).into());
    }
    let provider = profile::provider(&profile, &context.io(&profile))?;
    let source = context.login(&profile).await?;
    interrupt::settling(&source, async {
        source.token().await?;
        let login = source.id_token().await?.ok_or_else(|| {
            Error::config(format!(
                "the login of profile `{}` does not say who it is: it has no ID token",
                profile.name
            ))
            .with_advice("add `openid` to the profile's scope and log in again")
        })?;
        let holder: Arc<dyn TokenSource> = Arc::new(source.clone());
        let person = provider.user_info(holder, &login).await?;
        if args.json {
            return output::print_json(person.claims());
        }
        output::print(shown(&person).as_bytes())
    })
    .await
}

/// A claim a line, `sub` first.
fn shown(person: &UserInfo) -> String {
    let rest = person.claims().iter().filter(|(name, _)| *name != "sub");
    let rows = rest.map(|(name, value)| [name.clone(), text(value)]);
    let first = ["sub".to_owned(), person.subject().to_owned()];
    let rows: Vec<_> = std::iter::once(first).chain(rows).collect();
    table::table(["CLAIM", "VALUE"], &rows)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if !items.iter().any(|item| item.is_object() || item.is_array()) => {
            items.iter().map(text).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
