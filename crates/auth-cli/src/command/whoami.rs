//! `auth whoami`: what the provider says about the person who logged in.

use std::sync::Arc;

use auth_core::{Error, TokenSource};
use auth_verify::Unverified;
use serde_json::{Map, Value};

use crate::args::WhoamiArgs;
use crate::config::Kind;
use crate::context::Context;
use crate::failure::Failure;
use crate::interrupt;
use crate::output::{self, table};
use crate::profile::{self, person};

pub(super) async fn run(context: &Context, args: &WhoamiArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    let has_no_person = match profile.kind {
        Kind::ClientCredentials | Kind::JwtBearer | Kind::ManagedIdentity | Kind::Chain => true,
        Kind::Desp | Kind::Entra => !person::is_asked(&profile),
        Kind::Keycloak | Kind::Oidc | Kind::Refresh => false,
    };
    if has_no_person {
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
        if profile.kind == Kind::Entra {
            // There is no userinfo endpoint but Graph's, and that takes Graph's tokens alone.
            let seen = Unverified::peek(login.expose_secret());
            let seen = seen.map_err(|why| Error::protocol(format!("the ID token: {why}")))?;
            let claims = seen.claims().as_object().cloned().unwrap_or_default();
            return show(&claims, args.json);
        }
        let holder: Arc<dyn TokenSource> = Arc::new(source.clone());
        let person = provider.user_info(holder, &login).await?;
        show(person.claims(), args.json)
    })
    .await
}

/// A claim a line, `sub` first.
fn show(claims: &Map<String, Value>, json: bool) -> Result<(), Failure> {
    if json {
        return output::print_json(claims);
    }
    let (first, rest): (Vec<_>, Vec<_>) = claims.iter().partition(|(name, _)| *name == "sub");
    let rows = first.into_iter().chain(rest);
    let rows: Vec<_> = rows
        .map(|(name, value)| [name.clone(), text(value)])
        .collect();
    output::print(table::table(["CLAIM", "VALUE"], &rows).as_bytes())
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
