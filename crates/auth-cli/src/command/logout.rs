//! `auth logout`: the login is revoked where that can be done, and forgotten in any case.

use auth_core::Result;
use auth_core::endpoint::LoggedOut;
use auth_core::store::{SessionKey, TokenStore};

use crate::args::LogoutArgs;
use crate::config::Profile;
use crate::context::Context;
use crate::exit::Failure;
use crate::notices;
use crate::output::message;
use crate::profile::{self, Fetched, When};

pub(super) async fn run(context: &Context, args: &LogoutArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    let source = context.source(&profile, When::Never).await?;
    let store = context.store().store;
    let outcome = log_out(context, &profile, &*store, source.key().session()).await?;
    say(&profile, &outcome);
    Ok(())
}

/// Ends a login, also where its server can't be told.
async fn log_out(
    context: &Context,
    profile: &Profile,
    store: &dyn TokenStore,
    session: &SessionKey,
) -> Result<LoggedOut> {
    if store.load(session).await?.is_none() {
        return Ok(LoggedOut::NoLogin);
    }
    let fetched = profile::fetch(profile, &context.secrets, &Fetched::default()).await;
    let endpoint =
        fetched.and_then(|fetched| profile::endpoint(profile, &context.io(profile), &fetched));
    match endpoint {
        Ok(endpoint) => endpoint.log_out(store, session, &[]).await,
        Err(error) => {
            let lock = notices::locked(store, session).await?;
            store.remove(&lock).await?;
            Ok(LoggedOut::NotRevoked(error))
        }
    }
}

fn say(profile: &Profile, outcome: &LoggedOut) {
    match outcome {
        LoggedOut::NoLogin => {
            message::note(&format!("no login of profile `{}` is kept", profile.name));
        }
        LoggedOut::Revoked => {
            message::note("the login was revoked at the server and is forgotten here");
        }
        LoggedOut::NotRevoked(error) => message::warn(&format!(
            "the login is forgotten here, but not revoked at the server: {}",
            error.message()
        )),
        _ => message::note("the tokens are forgotten here; there was nothing to revoke"),
    }
}
