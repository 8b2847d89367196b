//! `auth logout`: the login is revoked where that can be done, and forgotten in any case.

use std::sync::Arc;

use auth_core::endpoint::LoggedOut;
use auth_core::session::Login;
use auth_core::store::{SessionKey, TokenStore};
use auth_core::{Grant, Result};

use crate::args::LogoutArgs;
use crate::config::{Kind, Profile};
use crate::context::Context;
use crate::failure::Failure;
use crate::notices;
use crate::output::message;
use crate::profile::{self, Desp};

pub(super) async fn run(context: &Context, args: &LogoutArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    let store = context.store().store;
    let outcome = match profile.kind {
        _ if profile.logs_in_to_desp() => log_out_of_desp(context, &profile, &store).await?,
        Kind::Chain | Kind::ManagedIdentity => forget(context, &profile, &*store).await?,
        _ => {
            let grant = context.grant(&profile).await?;
            log_out(context, &profile, &*store, grant.key().session()).await?
        }
    };
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
    if !store.holds(session).await? {
        return Ok(LoggedOut::NoLogin);
    }
    match profile::endpoint(profile, &context.io(profile), &context.secrets) {
        Ok(endpoint) => {
            let login = Login::load(store, session).await.ok().flatten();
            let others = context.beside(&login.unwrap_or_default(), session).await;
            let outcome = endpoint.log_out(store, session, &[]).await?;
            if matches!(outcome, LoggedOut::Revoked) {
                notices::say_ended_with_it(&others);
            }
            Ok(outcome)
        }
        Err(error) => {
            let lock = notices::locked_to_remove(store, session).await?;
            store.remove(&lock).await?;
            Ok(LoggedOut::NotRevoked(error))
        }
    }
}

/// Forgets what servers have no end for.
async fn forget(context: &Context, profile: &Profile, store: &dyn TokenStore) -> Result<LoggedOut> {
    let mut outcome = LoggedOut::NoLogin;
    for session in context.sessions(profile).await? {
        if store.holds(&session).await? {
            let lock = notices::locked_to_remove(store, &session).await?;
            store.remove(&lock).await?;
            outcome = LoggedOut::Forgotten;
        }
    }
    Ok(outcome)
}

/// Ends a service's login with all that belongs to it, and forgets what the person's logins share: the next one asks
/// for the password. Which codes were sent stays known as long as one could be sent again.
async fn log_out_of_desp(
    context: &Context,
    profile: &Profile,
    store: &Arc<dyn TokenStore>,
) -> Result<LoggedOut> {
    let io = context.io(profile);
    let desp = Desp::kept(profile, &io, &context.secrets, store)?;
    let mirrors = profile::mirrors(profile, &io)?;
    let mut outcome = LoggedOut::NoLogin;
    for (session, endpoint) in desp.sessions()? {
        if !store.holds(&session).await? {
            continue;
        }
        outcome = both(
            outcome,
            endpoint.log_out(&**store, &session, &mirrors).await?,
        );
    }
    let account = desp.person.account().session();
    if store.holds(account).await? {
        let lock = notices::locked_to_remove(&**store, account).await?;
        let is_forgotten = desp.person.forget(&lock).await?;
        if is_forgotten && matches!(outcome, LoggedOut::NoLogin) {
            outcome = LoggedOut::Forgotten;
        }
    }
    Ok(outcome)
}

/// What is said of two logins that belong together: the worse, and else what was done.
fn both(one: LoggedOut, other: LoggedOut) -> LoggedOut {
    match (one, other) {
        (one @ LoggedOut::NotRevoked(_), _) | (_, one @ LoggedOut::NotRevoked(_)) => one,
        (one @ LoggedOut::Revoked, _) | (_, one @ LoggedOut::Revoked) => one,
        (LoggedOut::NoLogin, other) => other,
        (one, _) => one,
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

#[cfg(test)]
mod tests {
    use auth_core::Error;

    use super::*;

    #[test]
    fn of_logins_that_belong_together_the_worse_is_said_and_else_what_was_done() {
        use LoggedOut::{Forgotten, NoLogin, NotRevoked, Revoked};
        let failed = || NotRevoked(Error::unavailable("no"));
        for (one, other, said) in [
            (NoLogin, NoLogin, "NoLogin"),
            (NoLogin, Forgotten, "Forgotten"),
            (Revoked, Forgotten, "Revoked"),
            (Forgotten, failed(), "NotRevoked"),
            (failed(), Revoked, "NotRevoked"),
        ] {
            for both in [both(one.clone(), other.clone()), both(other, one)] {
                assert!(format!("{both:?}").starts_with(said), "{both:?}");
            }
        }
    }
}
