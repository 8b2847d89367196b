//! `auth logout`: the login is revoked where that can be done, and forgotten in any case.

mod chosen;
mod kept;
mod provider;

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
    log_out_as_asked(context, args).await?;
    Ok(chosen::forget(context).await?)
}

async fn log_out_as_asked(context: &Context, args: &LogoutArgs) -> Result<(), Failure> {
    let Some(question) = args.question() else {
        return kept::log_out(context, args.key.as_deref()).await;
    };
    let profile = context.profile(&question)?;
    let store = context.store().store;
    let login = login_of(context, &profile, &*store).await;
    let Some(outcome) = end(context, &profile, &store, args.revoke).await? else {
        return Ok(());
    };
    say(context, &profile, &outcome).await?;
    if args.revoke
        && matches!(outcome, LoggedOut::NoLogin)
        && profile.settings.get("refresh-token").is_some()
    {
        message::warn(&format!(
            "the refresh token that the profile names was not revoked: `auth offline-token {} --revoke` ends it",
            profile.name
        ));
    }
    let lives_on = !matches!(outcome, LoggedOut::NoLogin | LoggedOut::Revoked);
    if args.browser || (lives_on && profile::person::is_asked(&profile)) {
        provider::log_out(context, &profile, login.as_ref(), args).await?;
    }
    Ok(())
}

/// Ends the login of a profile, with all that belongs to it. A refresh token in a file, which is a job's, only if
/// `revokes`: else `None`, and that is said.
async fn end(
    context: &Context,
    profile: &Profile,
    store: &Arc<dyn TokenStore>,
    revokes: bool,
) -> Result<Option<LoggedOut>> {
    let outcome = match profile.kind {
        _ if profile.logs_in_to_desp() => log_out_of_desp(context, profile, store).await?,
        Kind::Chain | Kind::ManagedIdentity => forget(context, profile, &**store).await?,
        _ if !revokes && is_in_file(context, profile, &**store).await? => {
            forget(context, profile, &**store).await?;
            if let Some(file) = profile::token_file(profile) {
                message::note(&format!(
                    "the tokens are forgotten here; the refresh token in {} is left alone: `auth offline-token {} --revoke` ends it",
                    file.path().display(),
                    profile.name
                ));
            }
            return Ok(None);
        }
        _ => {
            let grant = context.grant(profile).await?;
            log_out(context, profile, &**store, grant.key().session()).await?
        }
    };
    Ok(Some(outcome))
}

/// Whether the refresh token that is kept for the profile is that of a file, so that whoever reads the file lives on it.
async fn is_in_file(context: &Context, profile: &Profile, store: &dyn TokenStore) -> Result<bool> {
    let Some(file) = profile::token_file(profile) else {
        return Ok(false);
    };
    let grant = context.grant(profile).await?;
    let login = Login::load(store, grant.key().session())
        .await
        .ok()
        .flatten();
    let Some(kept) = login.and_then(|login| login.refresh_fingerprint()) else {
        return Ok(true);
    };
    // A file that could not be rewritten has another one, and then this is the only copy.
    Ok(file
        .read()
        .await
        .is_ok_and(|there| there.fingerprint() == kept))
}

/// The profile's login, as far as it can be read.
async fn login_of(context: &Context, profile: &Profile, store: &dyn TokenStore) -> Option<Login> {
    let sessions = match profile::person::is_asked(profile) {
        true => context.sessions(profile).await.ok()?,
        false => return None,
    };
    Login::load(store, sessions.last()?).await.ok().flatten()
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
            let ended: Vec<_> = login.iter().filter_map(Login::server_session).collect();
            let others = context.beside(&ended, session).await;
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
    let account = desp.person.account();
    if account.is_kept().await? || account.of_everybody().is_kept().await? {
        let lock = notices::locked_to_remove(&**store, account.session()).await?;
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

async fn say(context: &Context, profile: &Profile, outcome: &LoggedOut) -> Result<()> {
    match outcome {
        LoggedOut::NoLogin => {
            let mut labels = Vec::new();
            if let Some(session) = context.sessions(profile).await?.last() {
                labels = profile::labels_beside(&*context.store().store, session).await;
            }
            let name = match labels.is_empty() {
                true => "",
                false => " under this name",
            };
            let said = format!("no login of profile `{}` is kept{name}", profile.name);
            message::note(&profile::say_kept(said, &labels));
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
    Ok(())
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
