//! Logins by what is kept, whether or not a profile knows them.

use auth_core::endpoint::LoggedOut;
use auth_core::session::Login;
use auth_core::store::{SessionKey, TokenStore};
use auth_core::{ClientAuth, Error, Provider, Result, TokenEndpoint};

use super::{Profile, end, notices};
use crate::config::Settings;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::message;

/// Ends the login with that key, or all of them. One that can't be ended keeps no other.
pub(super) async fn log_out(context: &Context, key: Option<&str>) -> Result<(), Failure> {
    let store = context.store().store;
    let mut sessions = store.list().await?;
    if let Some(key) = key {
        let fits = |session: &SessionKey| !key.is_empty() && session.digest().starts_with(key);
        sessions.retain(|session| fits(session) && !session.is_account());
        if sessions.len() != 1 {
            return Err(Error::config(match sessions.len() {
                0 => format!("no login with the key {key} is kept"),
                _ => format!("several logins have keys that begin with {key}"),
            })
            .with_advice("see the keys with `auth status --json`")
            .into());
        }
    }
    if sessions.is_empty() {
        message::note("no login is kept");
    }
    let profiles = profiles(context).await;
    for session in sessions.iter().filter(|session| !session.is_account()) {
        // The end of another one may have taken it along.
        if !store.holds(session).await? {
            continue;
        }
        let profile = profiles.iter().find(|(_, known)| known.contains(session));
        let outcome = match profile {
            Some((profile, _)) => end(context, profile, &store, false).await,
            None => end_unknown(context, &*store, session).await.map(Some),
        };
        if let Some(outcome) = outcome.transpose() {
            say(session, profile.map(|(profile, _)| &*profile.name), outcome);
        }
    }
    if key.is_none() {
        // What servers remember of a person, who has no login any more.
        for session in store.list().await? {
            if session.is_account() {
                let lock = notices::locked_to_remove(&*store, &session).await?;
                store.remove(&lock).await?;
            }
        }
    }
    Ok(())
}

/// The profiles whose logins can be told without asking anybody.
async fn profiles(context: &Context) -> Vec<(Profile, Vec<SessionKey>)> {
    let mut all = Vec::new();
    for name in context.config.names() {
        let Ok(profile) = context.config.profile(name, Settings::default()) else {
            continue;
        };
        if !profile.is_on_stdin()
            && let Ok(sessions) = context.sessions(&profile).await
        {
            all.push((profile, sessions));
        }
    }
    all
}

/// Ends a login of no profile: as a public client's, since nobody knows a secret of it.
async fn end_unknown(
    context: &Context,
    store: &dyn TokenStore,
    session: &SessionKey,
) -> Result<LoggedOut> {
    let has_refresh = |login: Login| login.refresh_fingerprint().is_some();
    let login = Login::load(store, session).await.ok().flatten();
    let provider = Provider::new(session.issuer(), context.plain_io());
    if let Ok(provider) = provider
        && login.is_some_and(has_refresh)
    {
        let client = ClientAuth::public(session.client());
        let endpoint = TokenEndpoint::discovered(provider, client);
        return endpoint.log_out(store, session, &[]).await;
    }
    let lock = notices::locked_to_remove(store, session).await?;
    store.remove(&lock).await?;
    Ok(LoggedOut::Forgotten)
}

fn say(session: &SessionKey, profile: Option<&str>, outcome: Result<LoggedOut>) {
    let whose = match profile {
        Some(profile) => format!("the login {session} of profile `{profile}`"),
        None => format!("the login {session}"),
    };
    match outcome {
        Ok(LoggedOut::Revoked) => message::note(&format!("{whose} was revoked and is forgotten")),
        Ok(LoggedOut::NotRevoked(error)) => message::warn(&format!(
            "{whose} is forgotten here, but not revoked at the server: {}",
            error.message()
        )),
        Ok(_) => message::note(&format!(
            "{whose} is forgotten; there was nothing to revoke"
        )),
        Err(error) => message::warn(&format!("{whose} is still kept: {error}")),
    }
}
