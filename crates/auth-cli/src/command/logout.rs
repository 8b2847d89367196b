//! `auth logout`: the login is revoked where that can be done, and forgotten in any case.

use auth_core::{Error, ErrorKind, Result};

use crate::args::LogoutArgs;
use crate::context::Context;
use crate::exit::Failure;
use crate::output::message;
use crate::profile::{self, Fetched, When};
use crate::store;

pub(super) async fn run(context: &Context, args: &LogoutArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    let source = context.source(&profile, When::Never).await?;
    let session = source.key().session().clone();
    let store = context.store().store;
    let lock = store::lock(&*store, &session).await?;
    if store.load(&session).await?.is_none() {
        message::note(&format!("no login of profile `{}` is kept", profile.name));
        return Ok(());
    }
    let revoked = match source.refresh_token().await? {
        Some(token) => {
            let fetched = profile::fetch(&profile, &context.secrets, &Fetched::default()).await?;
            match profile::endpoint(&profile, &context.io(&profile), &fetched) {
                Ok(endpoint) => Some(endpoint.revoke(&token).await),
                Err(error) => Some(Err(error)),
            }
        }
        None => None,
    };
    store.remove(&lock).await?;
    match revoked {
        Some(Ok(())) => message::note("the login was revoked at the server and is forgotten here"),
        Some(Err(error)) => message::warn(&told(&error)),
        None => message::note("the tokens are forgotten here; there was nothing to revoke"),
    }
    Ok(())
}

fn told(error: &Error) -> String {
    let why = match error.kind() {
        ErrorKind::Config => "the server has no place to revoke it".to_owned(),
        _ => error.message().to_owned(),
    };
    format!("the login is forgotten here, but not revoked at the server: {why}")
}
