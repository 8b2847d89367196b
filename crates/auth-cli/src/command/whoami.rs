//! `auth whoami`: what the provider says about the person who logged in, or a program's token about the program.

use std::sync::Arc;

use auth_core::token::IdToken;
use auth_core::{Error, ErrorKind, TokenSource};
use auth_verify::Unverified;
use serde_json::{Map, Value};

use crate::args::WhoamiArgs;
use crate::config::{Kind, Profile};
use crate::context::Context;
use crate::failure::Failure;
use crate::interrupt;
use crate::output::{self, message, table};
use crate::profile::{self, person};

pub(super) async fn run(context: &Context, args: &WhoamiArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    let is_somebodys = match profile.kind {
        Kind::Keycloak | Kind::Oidc | Kind::Refresh => !is_service(&profile),
        Kind::Desp | Kind::Entra => person::is_asked(&profile),
        Kind::ClientCredentials
        | Kind::JwtBearer
        | Kind::ManagedIdentity
        | Kind::Chain
        | Kind::TokenExchange => false,
    };
    if !is_somebodys {
        return service(context, &profile, args.json).await;
    }
    let provider = profile::provider(&profile, &context.io(&profile))?;
    let source = context.login(&profile).await?;
    interrupt::settling(&source, true, async {
        source.token().await?;
        let Some(login) = source.id_token().await? else {
            // A job's token came without one.
            if !person::is_asked(&profile) {
                return service(context, &profile, args.json).await;
            }
            return Err(Error::config(format!(
                "the login of profile `{}` does not say who it is: it has no ID token",
                profile.name
            ))
            .with_advice("add `openid` to the profile's scope and log in again")
            .into());
        };
        if profile.kind == Kind::Entra {
            // There is no userinfo endpoint but Graph's, and that takes Graph's tokens alone.
            return show(&claims_of(&login)?, args.json);
        }
        let holder: Arc<dyn TokenSource> = Arc::new(source.clone());
        match provider.user_info(holder, &login).await {
            Ok(person) => show(person.claims(), args.json),
            // The ID token was checked when it came.
            Err(error) if is_no_answer(error.kind()) => {
                message::warn(&format!(
                    "this is what the ID token said at the login: {error}"
                ));
                show(&claims_of(&login)?, args.json)
            }
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// Whether a realm's client asks for itself.
fn is_service(profile: &Profile) -> bool {
    !person::is_asked(profile) && profile.settings.get("refresh-token").is_none()
}

/// What the token itself says, where no userinfo endpoint knows anybody: a program's, a machine's, a traded one.
async fn service(context: &Context, profile: &Profile, json: bool) -> Result<(), Failure> {
    let source = context.source(profile).await?;
    interrupt::settling(&*source, profile::spends(profile), async {
        let token = source.token().await?;
        let claims = Unverified::peek(token.expose_secret()).map_err(|_| {
            Error::config(format!(
                "the token of profile `{}` does not say whose it is: it is no JSON Web Token",
                profile.name
            ))
            .with_advice(format!(
                "ask the issuer about it: `auth token {0} | auth verify --profile {0} --introspect`",
                profile.name
            ))
        })?;
        message::note("this is what the token says of itself; nobody was asked");
        show(&members(&claims), json)
    })
    .await
}

/// Whether the provider has nothing to say about the person, or not to this login.
fn is_no_answer(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Config | ErrorKind::Refused | ErrorKind::Interaction
    )
}

fn claims_of(login: &IdToken) -> Result<Map<String, Value>, Error> {
    let seen = Unverified::peek(login.expose_secret());
    let seen = seen.map_err(|why| Error::protocol(format!("the ID token: {why}")))?;
    Ok(members(&seen))
}

fn members(seen: &Unverified) -> Map<String, Value> {
    seen.claims().as_object().cloned().unwrap_or_default()
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
